import { readFile } from "node:fs/promises";
import { dirname, relative, resolve, sep } from "node:path";
import { OrchestratorError } from "../../core/errors.ts";
import { limits } from "../../core/limits.ts";
import { ownFileCandidates, relativeImports } from "../../core/program/resolve-file.ts";

/** A program as execute_mcp_code takes it, read from files on this machine. */
export interface ProgramFiles {
  files: Record<string, string>;
  entrypoint: string;
  /** The folder that the paths in `files` are relative to. */
  root: string;
}

/**
 * Reads a file and, transitively, every file that it imports by a relative path. A missing import is left to the orchestrator,
 * whose error shows the import's line.
 *
 * @throws OrchestratorError `invalid_input` when the entry file cannot be read
 */
export async function gatherProgram(path: string, workingDirectory: string): Promise<ProgramFiles> {
  const entry = toPosix(resolve(workingDirectory, path));
  const source = await readIfThere(entry);
  if (source === undefined)
    throw new OrchestratorError("invalid_input", `Cannot read the program ${resolve(workingDirectory, path)}.`);
  const sources = new Map([[entry, source]]);
  // The map grows during the loop. One file over the limit is enough for the orchestrator to refuse the program.
  for (const [importer, text] of sources) {
    for (const specifier of relativeImports(text)) {
      if (sources.size <= limits.filesMax) await addImported(sources, importer, specifier);
    }
  }
  const root = commonFolder([...sources.keys()]);
  const files = Object.fromEntries([...sources].map(([file, text]) => [pathBelow(root, file), text]));
  return { files, entrypoint: pathBelow(root, entry), root };
}

async function addImported(sources: Map<string, string>, importer: string, specifier: string): Promise<void> {
  const candidates = ownFileCandidates(importer, specifier);
  if (candidates.some((candidate) => sources.has(candidate))) return;
  for (const candidate of candidates) {
    const text = await readIfThere(candidate);
    if (text === undefined) continue;
    sources.set(candidate, text);
    return;
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch {
    // Missing, a folder, or not readable: the next candidate path may be the imported file.
    return undefined;
  }
}

function commonFolder(paths: readonly string[]): string {
  const [first = "", ...others] = paths.map((path) => dirname(path));
  return others.reduce((common, folder) => {
    let shared = common;
    while (!`${folder}/`.startsWith(`${shared}/`)) shared = dirname(shared);
    return shared;
  }, first);
}

function pathBelow(root: string, path: string): string {
  return toPosix(relative(root, path));
}

function toPosix(path: string): string {
  return sep === "/" ? path : path.split(sep).join("/");
}
