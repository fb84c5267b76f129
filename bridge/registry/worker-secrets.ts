import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseEnv } from "node:util";
import type { Environment } from "../../core/registry/interpolation.ts";

/** The files with the Worker's secrets on this machine. Where both set a name, the later file wins. */
export function secretFilesOf(projectRoot: string): string[] {
  return [".env", ".dev.vars"].map((name) => join(projectRoot, name)).filter((path) => existsSync(path));
}

export async function readSecrets(files: readonly string[]): Promise<NodeJS.Dict<string>> {
  const texts = await Promise.all(files.map((path) => readFile(path, "utf8")));
  return Object.assign({}, ...texts.map((text) => parseEnv(text)));
}

/** Resolves the references of remote servers' entries on this machine: the Worker's secrets first, then this process's environment. */
export async function remoteEnvironment(own: { projectRoot: string; environment: Environment }): Promise<Environment> {
  const secrets = await readSecrets(secretFilesOf(own.projectRoot));
  return (name) => secrets[name] || own.environment(name);
}
