import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseEnv } from "node:util";
import type { Environment } from "../../core/registry/interpolation.ts";
import { homeOf } from "../home.ts";
import { envFileBeside } from "./env-file.ts";

/**
 * The files with the Worker's secrets on this machine: those of the project, and the .env beside the registry. Where two set a name,
 * the later file wins.
 */
export function secretFilesOf(projectRoot: string, registryPath: string): string[] {
  const own = [".env", ".dev.vars"].map((name) => join(projectRoot, name));
  return [...new Set([...own, envFileBeside(registryPath)])].filter((path) => existsSync(path));
}

export async function readSecrets(files: readonly string[]): Promise<NodeJS.Dict<string>> {
  const texts = await Promise.all(files.map((path) => readFile(path, "utf8")));
  return Object.assign({}, ...texts.map((text) => parseEnv(text)));
}

/** Resolves the references of remote servers' entries on this machine: the Worker's secrets first, then this process's environment. */
export async function remoteEnvironment(
  own: { projectRoot: string; environment: Environment },
  { absolutePath }: { absolutePath: string },
): Promise<Environment> {
  const secrets = await readSecrets(secretFilesOf(homeOf(own).folder, absolutePath));
  return (name) => secrets[name] || own.environment(name);
}
