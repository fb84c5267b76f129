import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseEnv } from "node:util";
import type { Environment } from "../../core/registry/interpolation.ts";

/** The file whose variables the entries of a registry file may refer to, besides the environment. */
export function envFileBeside(registryPath: string): string {
  return join(dirname(registryPath), ".env");
}

/**
 * The environment, and for what is not set there, the .env files; a later file overrides an earlier one. They are read at each
 * lookup, which happens when a server starts, so that a variable that was missing helps without a restart.
 */
export function withEnvFiles(environment: Environment, files: readonly string[]): Environment {
  return (name) => environment(name) || files.map((file) => readVariables(file)[name]).findLast((value) => value);
}

function readVariables(file: string): NodeJS.Dict<string> {
  try {
    return parseEnv(readFileSync(file, "utf8"));
  } catch {
    // Nobody has to have one; a variable that is then missing is reported with the file's name.
    return {};
  }
}
