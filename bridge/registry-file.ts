import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { OrchestratorError } from "../core/errors.ts";
import { parseRegistry, type Registry, registryPath } from "../core/registry.ts";
import { UsageError } from "./usage-error.ts";

export interface RegistryFile extends Registry {
  /** As messages name it. */
  path: string;
}

export interface RegistryFileOptions {
  projectRoot: string;
  /** Where a relative `file` starts: the folder the user stands in. */
  workingDirectory: string;
  /** Another file than the project's own. */
  file?: string | undefined;
  /** Ids to keep; everything when left out. */
  only?: readonly string[] | undefined;
}

/**
 * Reads the registry. Broken entries are in `problems`, and the others work; a file that cannot be read is an
 * OrchestratorError `invalid_input`, and an id in `only` that the file does not have is a UsageError.
 */
export async function readRegistryFile(options: RegistryFileOptions): Promise<RegistryFile> {
  const { projectRoot, workingDirectory, file, only } = options;
  const path = file ?? registryPath;
  const text = await readText(path, file === undefined ? projectRoot : workingDirectory);
  const registry = parseRegistry(text);
  return { ...registry, path, servers: keepOnly(registry.servers, only) };
}

async function readText(path: string, folder: string): Promise<string> {
  const absolute = resolve(folder, path);
  try {
    return await readFile(absolute, "utf8");
  } catch (cause) {
    throw new OrchestratorError(
      "invalid_input",
      `Cannot read the registry ${absolute}. Create it, or name another with --registry <file>.`,
      { cause },
    );
  }
}

function keepOnly(servers: Registry["servers"], only: readonly string[] | undefined): Registry["servers"] {
  if (only === undefined) return servers;
  const known = servers.map((server) => server.id);
  const unknown = only.filter((id) => !known.includes(id));
  if (unknown.length > 0)
    throw new UsageError(`--only names ${unknown.join(", ")}, which the registry does not have. It has: ${known.join(", ")}.`);
  return servers.filter((server) => only.includes(server.id));
}
