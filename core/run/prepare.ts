import type { Catalog } from "../catalog/catalog.ts";
import type { ToolListing } from "../catalog/tool-listing.ts";
import type { ExecuteInput } from "../discovery/tool-definitions.ts";
import { OrchestratorError, toPublicError } from "../errors.ts";
import type { Tool } from "../mcp/tool.ts";
import { type Draft, draftProgram } from "../program/draft.ts";
import { linkProgram, type Program } from "../program/program.ts";
import type { TypeCheck } from "../program/type-check.ts";
import type { Lower } from "../program/typescript-fallback.ts";
import type { ServerEntry } from "../registry/registry.ts";
import type { RunOptions } from "./run-options.ts";
import { unlessAborted } from "./run-time.ts";

export interface PrepareParts {
  servers: readonly ServerEntry[];
  catalog: Catalog;
  typeCheck: TypeCheck;
  lower: Lower;
}

/** A program that may run, with the tools that it was checked against. */
export interface Prepared {
  program: Program;
  /**
   * The tools of a server as they were when the program was linked.
   * @throws OrchestratorError when they could not be listed
   */
  toolsOf(server: ServerEntry): readonly Tool[] | undefined;
  /** Whether the server's tool of that name is another one by now, or gone. */
  hasChanged(server: ServerEntry, tool: Tool): boolean;
}

/**
 * Parses the program and resolves its imports, before any server is asked for its tools.
 * @throws OrchestratorError see draftProgram; `cancelled`
 */
export function draft(
  { servers, lower }: PrepareParts,
  { input, allowed, signal }: { input: ExecuteInput; allowed: readonly ServerEntry[]; signal: AbortSignal },
): Promise<Draft> {
  return unlessAborted(draftProgram(input, { allowed, registered: servers, lower }), { signal, onAbort: wasCancelled });
}

/**
 * Lists the tools of the servers that a program imports, links their clients and checks the types.
 * @throws OrchestratorError when a server that the program needs cannot be listed; TypeErrors; `cancelled`
 */
export async function prepare(
  { catalog, typeCheck }: PrepareParts,
  drafted: Draft,
  { signal, onProgress }: Pick<RunOptions, "signal" | "onProgress">,
): Promise<Prepared> {
  const loading = loadListings(catalog, drafted, onProgress);
  const { listings, failures } = await unlessAborted(loading, { signal, onAbort: wasCancelled });
  const listed = (server: ServerEntry) => listings.get(server.id)?.tools;
  const program = linkProgram(drafted, (server) => listed(server) ?? []);
  await unlessAborted(typeCheck.check(drafted, program, listed), { signal, onAbort: wasCancelled });
  return {
    program,
    toolsOf(server) {
      const failure = failures.get(server.id);
      if (failure) throw failure;
      return (listings.get(server.id) ?? catalog.cached(server))?.tools;
    },
    hasChanged: (server, tool) => listings.has(server.id) && catalog.hasChanged(server, tool),
  };
}

const wasCancelled = () => new OrchestratorError("cancelled", "The request was cancelled.");

/** What could be listed, and why the rest could not. */
interface Loaded {
  listings: Map<string, ToolListing>;
  failures: Map<string, OrchestratorError>;
}

/** @throws OrchestratorError when a server that the program imports by name cannot be listed */
async function loadListings(
  catalog: Catalog,
  { servers, optional }: Draft,
  onProgress: RunOptions["onProgress"],
): Promise<Loaded> {
  const results = await Promise.allSettled(
    servers.map((server) => catalog.load(server, ({ message = "" }) => onProgress({ message }))),
  );
  const loaded: Loaded = { listings: new Map(), failures: new Map() };
  for (const [index, result] of results.entries()) {
    const server = servers[index];
    if (server === undefined) continue;
    if (result.status === "fulfilled") loaded.listings.set(server.id, result.value);
    else if (optional.has(server)) loaded.failures.set(server.id, loadFailure(server, result.reason));
    else throw loadFailure(server, result.reason);
  }
  return loaded;
}

/** Nothing was called, because the program did not start: the phase says so. */
function loadFailure(server: ServerEntry, reason: unknown): OrchestratorError {
  const { code, message, retryable, suggestions, url } = toPublicError(reason);
  return new OrchestratorError(code, message, {
    phase: "load",
    retryable,
    server: server.id,
    cause: reason,
    ...(suggestions ? { suggestions } : {}),
    ...(url === undefined ? {} : { url }),
  });
}
