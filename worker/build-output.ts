import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import type { BuildOptions, OutputFile } from "esbuild";
import { type BuildRecord, isFresh, lastRecord, recordFile, versionOf } from "./build-record.js";

interface Build {
  root: string;
  /** The bundles of one step are built side by side, after those of the step before. */
  steps: readonly (readonly BuildOptions[])[];
  /** Files that the output depends on and esbuild does not read. */
  alsoReads: readonly string[];
}

/** Builds everything, unless all output is there and nothing that the last build read has changed. */
export async function buildUnlessFresh({ root, steps, alsoReads }: Build): Promise<void> {
  if (isFresh(root)) return;
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
      // A part has the hash of its content in its name, so that what is new comes before what imports it.
      for (const file of outputFiles.sort((a, b) => Number(existsSync(a.path)) - Number(existsSync(b.path)))) {
        await writeIfChanged(file);
        written.push(relative(root, file.path));
      }
    }
  }
  // Parts of the last build: whoever takes a folder whole would take them too.
  for (const path of lastRecord(root)?.written ?? []) if (!written.includes(path)) await rm(join(root, path), { force: true });
  const record: BuildRecord = { read: {}, written };
  for (const path of [...read].sort()) {
    const version = versionOf(join(root, path));
    // What a plugin made up is no file.
    if (version !== undefined) record.read[path] = version;
  }
  await writeWhole(recordFile(root), JSON.stringify(record, null, 1));
}

/** A plugin's files are listed as `<namespace>:<path>`. */
function withoutNamespace(root: string, input: string): string {
  const path = input.replace(/^[a-z-]+:/, "");
  return path.startsWith("/") ? relative(root, path) : path;
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
