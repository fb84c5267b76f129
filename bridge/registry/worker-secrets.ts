import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseEnv } from "node:util";
import type { Environment } from "../../core/registry/interpolation.ts";

/** The files that hold the Worker's secrets on this machine: of two values the later file's counts. */
export function secretFilesOf(projectRoot: string): string[] {
  return [".env", ".dev.vars"].map((name) => join(projectRoot, name)).filter((path) => existsSync(path));
}

export async function readSecrets(files: readonly string[]): Promise<NodeJS.Dict<string>> {
  const texts = await Promise.all(files.map((path) => readFile(path, "utf8")));
  return Object.assign({}, ...texts.map((text) => parseEnv(text)));
}

/** What the entries of remote servers refer to, on this machine: the Worker's secrets, and this process's own variables. */
export async function remoteEnvironment(own: { projectRoot: string; environment: Environment }): Promise<Environment> {
  const secrets = await readSecrets(secretFilesOf(own.projectRoot));
  return (name) => secrets[name] || own.environment(name);
}
