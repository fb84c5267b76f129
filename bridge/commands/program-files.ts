import { readFile } from "node:fs/promises";
import { dirname, relative, resolve, sep } from "node:path";
import { OrchestratorError } from "../../core/errors.ts";
import { limits } from "../../core/limits.ts";
import { ownFileCandidates } from "../../core/program/resolve-file.ts";

/** A program as execute_mcp_code takes it, gathered from files of this machine. */
export interface ProgramFiles {
  files: Record<string, string>;
  entrypoint: string;
  /** The folder that the paths of `files` start at. */
  root: string;
}

/**
 * A file with everything it imports by a relative path, and what that imports. An import of a file that is not there is left to
 * the orchestrator, which shows the line it stands on.
 *
 * @throws OrchestratorError `invalid_input` when the file itself cannot be read
 */
export async function gatherProgram(path: string, workingDirectory: string): Promise<ProgramFiles> {
  const entry = toPosix(resolve(workingDirectory, path));
  const source = await readIfThere(entry);
  if (source === undefined)
    throw new OrchestratorError("invalid_input", `Cannot read the program ${resolve(workingDirectory, path)}.`);
  const sources = new Map([[entry, source]]);
  // Grows while it is walked. One file too many is enough for the orchestrator to say that it is too many.
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

/** Of types too, which the type-check wants. One that only stands in a comment costs a file more. */
function relativeImports(text: string): string[] {
  return [...text.matchAll(/\b(?:from|import)\s*\(?\s*["'](\.{1,2}\/[^"'\n]+)["']/g)].flatMap(([, specifier]) => specifier ?? []);
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch {
    // Not there, a folder, or not ours to read: the next candidate may be what is meant.
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
