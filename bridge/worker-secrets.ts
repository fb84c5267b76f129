import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseEnv } from "node:util";

/** The files that hold the Worker's secrets on this machine: of two values the later file's counts. */
export function secretFilesOf(projectRoot: string): string[] {
  return [".env", ".dev.vars"].map((name) => join(projectRoot, name)).filter((path) => existsSync(path));
}

export async function readSecrets(files: readonly string[]): Promise<NodeJS.Dict<string>> {
  const texts = await Promise.all(files.map((path) => readFile(path, "utf8")));
  return Object.assign({}, ...texts.map((text) => parseEnv(text)));
}
