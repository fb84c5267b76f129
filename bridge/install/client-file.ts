import { mkdir, readFile, realpath, rename, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

/** A configuration file of another program, which may not be there yet. */
export interface ClientFile {
  /** The file itself, where the given path is a link to it. */
  path: string;
  text: string;
  exists: boolean;
}

export async function readClientFile(path: string): Promise<ClientFile> {
  try {
    const target = await realpath(path);
    return { path: target, text: await readFile(target, "utf8"), exists: true };
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return { path, text: "", exists: false };
    throw error;
  }
}

/**
 * Replaces the file in one step, so that the program that watches it reads the old text or the new one. Resolves with the path of a copy
 * of the file as it was, which has the same mode: it may hold secrets.
 */
export async function replaceClientFile(
  { path, text, exists }: ClientFile,
  next: string,
  now: Date,
): Promise<string | undefined> {
  await mkdir(dirname(path), { recursive: true });
  const mode = exists ? (await stat(path)).mode & 0o777 : 0o600;
  const backup = `${path}.${now.toISOString().replaceAll(":", "-").slice(0, -1)}.bak`;
  if (exists) await writeFile(backup, text, { mode, flag: "wx" });
  const draft = `${path}.${process.pid}.tmp`;
  await writeFile(draft, next, { mode });
  await rename(draft, path);
  return exists ? backup : undefined;
}
