import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { OrchestratorError } from "../../core/errors.ts";
import { parseRegistry, type Registry, registryPath } from "../../core/registry/registry.ts";
import { UsageError } from "../usage-error.ts";
import { type Self, selfReferenceIn } from "./self-reference.ts";

export interface RegistryFile extends Registry {
  /** As messages name it. */
  path: string;
  absolutePath: string;
}

export interface RegistryFileOptions extends Self {
  /** Where a relative `file` starts: the folder the user stands in. */
  workingDirectory: string;
  /** Another file than the project's own. */
  file?: string | undefined;
  /** Ids to keep; everything when left out. */
  only?: readonly string[] | undefined;
}

/**
 * Reads the registry. Broken entries, and those that are the orchestrator itself, are in `problems`, and the others work; a file
 * that cannot be read is an OrchestratorError `invalid_input`, and an id in `only` that the file does not have is a UsageError.
 */
export async function readRegistryFile(options: RegistryFileOptions): Promise<RegistryFile> {
  const registry = await readWholeRegistry(options);
  refuseUnknown(registry.servers, options.only);
  return keepOnly(registry, options.only);
}

/**
 * Reads a registry that was read before and may be in the middle of an edit: undefined when it cannot be read as a whole, with
 * what is wrong told to `onProblem`. An id in `only` that has gone is no mistake.
 */
export async function rereadRegistryFile(
  options: RegistryFileOptions,
  onProblem: (problem: { path: string; message: string }) => void,
): Promise<RegistryFile | undefined> {
  let registry: RegistryFile;
  try {
    registry = await readWholeRegistry(options);
  } catch (error) {
    // An editor that replaces the file leaves a moment without one.
    onProblem({ path: options.file ?? registryPath, message: error instanceof Error ? error.message : String(error) });
    return undefined;
  }
  registry.problems.forEach(onProblem);
  const isWhole = registry.problems.every(({ path }) => path.startsWith("servers["));
  return isWhole ? keepOnly(registry, options.only) : undefined;
}

async function readWholeRegistry(options: RegistryFileOptions): Promise<RegistryFile> {
  const { projectRoot, workingDirectory, file } = options;
  const path = file ?? registryPath;
  const absolutePath = resolve(file === undefined ? projectRoot : workingDirectory, path);
  const { servers, problems, warnings } = parseRegistry(await readText(absolutePath));
  const loops = servers.flatMap((server) => {
    const why = selfReferenceIn(server, options);
    return why === undefined ? [] : [{ id: server.id, message: `is left out: ${why}. Remove the entry.` }];
  });
  return {
    path,
    absolutePath,
    servers: servers.filter(({ id }) => !loops.some((loop) => loop.id === id)),
    problems: [...problems, ...loops.map(({ id, message }) => ({ path: `servers[${id}]`, message }))],
    warnings,
  };
}

async function readText(absolutePath: string): Promise<string> {
  try {
    return await readFile(absolutePath, "utf8");
  } catch (cause) {
    throw new OrchestratorError(
      "invalid_input",
      `Cannot read the registry ${absolutePath}. Create it, or name another with --registry <file>.`,
      { cause },
    );
  }
}

function refuseUnknown(servers: Registry["servers"], only: readonly string[] | undefined): void {
  const known = servers.map((server) => server.id);
  const unknown = only?.filter((id) => !known.includes(id)) ?? [];
  if (unknown.length > 0)
    throw new UsageError(`--only names ${unknown.join(", ")}, which the registry does not have. It has: ${known.join(", ")}.`);
}

function keepOnly(registry: RegistryFile, only: readonly string[] | undefined): RegistryFile {
  if (only === undefined) return registry;
  return { ...registry, servers: registry.servers.filter((server) => only.includes(server.id)) };
}
