import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { OrchestratorError } from "../../core/errors.ts";
import { fileRefusal } from "../../core/file-refusal.ts";
import { createProblemPlaces, type ProblemPlace } from "../../core/registry/problem-place.ts";
import {
  type FileEntry,
  parseRegistry,
  type Registry,
  type RegistryProblem,
  registryPath,
} from "../../core/registry/registry.ts";
import { isWholeRegistry } from "../../core/registry/whole-registry.ts";
import { UsageError } from "../usage-error.ts";
import { type Self, selfReferenceIn } from "./self-reference.ts";

export interface RegistryFile extends Registry<FileEntry> {
  /** The path as messages show it. */
  path: string;
  absolutePath: string;
  /** Whether all of it could be read, broken entries and comments aside. */
  isWhole: boolean;
  /** Where one of its problems or warnings is. */
  placeOf: (path: string) => ProblemPlace;
}

export interface RegistryFileOptions extends Self {
  /** The folder that a relative `file` is resolved against: the user's current one. */
  workingDirectory: string;
  /** A file in place of the project's own. */
  file?: string | undefined;
  /** The only ids to serve; all when left out. */
  only?: readonly string[] | undefined;
}

/**
 * Reads the registry file. Broken entries, and entries that would start or call this orchestrator itself, are reported in
 * `problems`; all others work.
 *
 * @throws OrchestratorError `invalid_input` when the file cannot be read
 * @throws UsageError when `only` has an id that the file does not have
 */
export async function readRegistryFile(options: RegistryFileOptions): Promise<RegistryFile> {
  const registry = await readWholeRegistry(options);
  refuseUnknown(registry.servers, options.only);
  return keepOnly(registry, options.only);
}

/**
 * Reads a registry file again that has changed and may be half-written. Undefined when it cannot be read as a whole; problems are
 * passed to `onProblem`. An id in `only` that the file no longer has is not an error here.
 */
export async function rereadRegistryFile(
  options: RegistryFileOptions,
  onProblem: (problem: RegistryProblem & ProblemPlace) => void,
): Promise<RegistryFile | undefined> {
  let registry: RegistryFile;
  try {
    registry = await readWholeRegistry(options);
  } catch (error) {
    // Editors that replace a file leave a moment in which there is none.
    onProblem({ path: options.file ?? registryPath, message: error instanceof Error ? error.message : String(error) });
    return undefined;
  }
  for (const problem of registry.problems) onProblem({ ...problem, ...registry.placeOf(problem.path) });
  return registry.isWhole ? keepOnly(registry, options.only) : undefined;
}

async function readWholeRegistry(options: RegistryFileOptions): Promise<RegistryFile> {
  const { projectRoot, workingDirectory, file } = options;
  const path = file ?? registryPath;
  const absolutePath = resolve(file === undefined ? projectRoot : workingDirectory, path);
  const text = await readText(absolutePath);
  const { servers, problems, warnings } = parseRegistry(text);
  const loops = servers.flatMap((server) => {
    const why = selfReferenceIn(server, options);
    return why === undefined ? [] : [{ id: server.id, message: `is left out: ${why}. Remove the entry.` }];
  });
  return {
    path,
    absolutePath,
    isWhole: isWholeRegistry(text),
    servers: servers.filter(({ id }) => !loops.some((loop) => loop.id === id)),
    problems: [...problems, ...loops.map(({ id, message }) => ({ path: `servers[${id}]`, message }))],
    warnings,
    ...(file !== undefined && { source: absolutePath }),
    placeOf: createProblemPlaces(text),
  };
}

async function readText(absolutePath: string): Promise<string> {
  try {
    return await readFile(absolutePath, "utf8");
  } catch (cause) {
    throw new OrchestratorError(
      "invalid_input",
      fileRefusal(cause, absolutePath) ??
        `Cannot read the registry ${absolutePath}. Create it, or name another with --registry <file>.`,
      { cause },
    );
  }
}

function refuseUnknown(servers: readonly FileEntry[], only: readonly string[] | undefined): void {
  const known = servers.map((server) => server.id);
  const unknown = only?.filter((id) => !known.includes(id)) ?? [];
  if (unknown.length > 0)
    throw new UsageError(`--only names ${unknown.join(", ")}, which the registry does not have. It has: ${known.join(", ")}.`);
}

function keepOnly(registry: RegistryFile, only: readonly string[] | undefined): RegistryFile {
  if (only === undefined) return registry;
  return { ...registry, servers: registry.servers.filter((server) => only.includes(server.id)) };
}
