import { mkdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import type { BuildOptions, OutputFile } from "esbuild";
import { z } from "zod";

/** What a build read and wrote, each path relative to the project, with the file's size and time of modification. */
const Record = z.object({ read: z.record(z.string(), z.string()), written: z.array(z.string()) });
type Record = z.infer<typeof Record>;

interface Build {
  root: string;
  /** The folder of the output, which also holds the record of the last build. */
  folder: string;
  /** The bundles of one step are built side by side, after those of the step before. */
  steps: readonly (readonly BuildOptions[])[];
  /** Files that the output depends on and esbuild does not read. */
  alsoReads: readonly string[];
}

/** Builds everything, unless all output is there and nothing that the last build read has changed. */
export async function buildUnlessFresh({ root, folder, steps, alsoReads }: Build): Promise<void> {
  const recordFile = join(root, folder, "build.json");
  if (await isFresh(root, recordFile)) return;
  // Only here: importing it takes longer than finding that there is nothing to build.
  const { build } = await import("esbuild");
  const read = new Set(alsoReads);
  const written: string[] = [];
  for (const bundles of steps) {
    const results = await Promise.all(
      bundles.map((options) => build({ ...options, absWorkingDir: root, metafile: true, write: false, logLevel: "error" })),
    );
    for (const { metafile, outputFiles } of results) {
      for (const input of Object.keys(metafile.inputs)) read.add(withoutNamespace(root, input));
      for (const file of outputFiles) {
        await writeIfChanged(file);
        written.push(relative(root, file.path));
      }
    }
  }
  const record: Record = { read: {}, written };
  for (const path of [...read].sort()) {
    const version = await versionOf(join(root, path));
    // What a plugin made up is no file.
    if (version !== undefined) record.read[path] = version;
  }
  await writeWhole(recordFile, JSON.stringify(record, null, 1));
}

async function isFresh(root: string, recordFile: string): Promise<boolean> {
  const record = await readRecord(recordFile);
  if (record === undefined) return false;
  const unchanged = Object.entries(record.read).map(async ([path, version]) => (await versionOf(join(root, path))) === version);
  const present = record.written.map(async (path) => (await versionOf(join(root, path))) !== undefined);
  return (await Promise.all([...unchanged, ...present])).every(Boolean);
}

async function readRecord(path: string): Promise<Record | undefined> {
  try {
    return Record.safeParse(JSON.parse(await readFile(path, "utf8"))).data;
  } catch {
    // Never built, or interrupted: built anew.
    return undefined;
  }
}

/** A plugin's files are listed as `<namespace>:<path>`. */
function withoutNamespace(root: string, input: string): string {
  const path = input.replace(/^[a-z-]+:/, "");
  return path.startsWith("/") ? relative(root, path) : path;
}

/** Changes whenever the file does; undefined if there is none. */
async function versionOf(path: string): Promise<string | undefined> {
  try {
    const { size, mtimeMs } = await stat(path);
    return `${size} ${mtimeMs}`;
  } catch {
    return undefined;
  }
}

async function writeIfChanged({ path, contents }: OutputFile): Promise<void> {
  const present = await readFile(path).catch(() => undefined);
  if (present === undefined || !present.equals(contents)) await writeWhole(path, contents);
}

/** Whoever reads the file meanwhile reads the old one or the new one, and never a part. */
async function writeWhole(path: string, contents: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const unfinished = `${path}.${process.pid}`;
  await writeFile(unfinished, contents);
  await rename(unfinished, path);
}
