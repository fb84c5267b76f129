import type { Catalog } from "../catalog/catalog.ts";
import type { ToolListing } from "../catalog/tool-listing.ts";
import { isSameName } from "../closest.ts";
import type { ExecuteInput } from "../discovery/tool-definitions.ts";
import { OrchestratorError, type PublicError, toPublicError } from "../errors.ts";
import type { Tool } from "../mcp/tool.ts";
import type { Upstream } from "../mcp/upstream.ts";
import type { EntrySignature, SignatureWanted } from "../program/entry-signature.ts";
import type { Program } from "../program/program.ts";
import { knownServer, Mentions } from "../program/read-request.ts";
import { type ProgramReader, type Reading, type ReadRequest, type ReadyProgram, RefusedProgram } from "../program/reader.ts";
import { readSources, type Sources } from "../program/sources.ts";
import { createStackPositions, type StackPositions } from "../program/stack-positions.ts";
import { isSavedPrograms } from "../registry/allow-list.ts";
import { toIdentifier } from "../registry/identifiers.ts";
import type { ServerEntry } from "../registry/registry.ts";
import type { RunOptions } from "./run-options.ts";
import { unlessAborted } from "./run-time.ts";

export interface PrepareParts {
  servers: readonly ServerEntry[];
  catalog: Catalog;
  reader: ProgramReader;
  upstream: Upstream;
}

/** A program that may run, with the tools that it was checked against. */
export interface Prepared {
  program: Program;
  /** Whether running it can yield a value. */
  hasResult: boolean;
  /** What it declares and never uses, if it has no result. */
  idle: string | undefined;
  /** Whether its text says that it does not want all answers. */
  letsCallsGo: boolean;
  /** Whether it was read for an earlier run. */
  isReadBefore: boolean;
  positions: StackPositions;
  /** The servers that it uses. */
  servers: readonly ServerEntry[];
  /**
   * The tools of a server as they were when the program was linked.
   * @throws OrchestratorError when they could not be listed
   */
  toolsOf(server: ServerEntry): readonly Tool[] | undefined;
  /** Whether the server's tool of that name is another one by now, or gone. */
  hasChanged(server: ServerEntry, tool: Tool): boolean;
  /** What it takes and returns, if that was wanted. */
  signature: EntrySignature | undefined;
  /** The tools that its text mentions, of the servers that it uses and whose tools are known. Found when they are asked for. */
  used: readonly { id: string; tools: readonly Tool[] }[];
}

interface ToPrepare {
  input: ExecuteInput;
  allowed: readonly ServerEntry[];
  options: Pick<RunOptions, "signal" | "onProgress">;
  signature?: SignatureWanted;
  /** False: servers whose tools are not known are not listed, and any call of them is accepted. */
  connects?: boolean;
}

/**
 * Has the program read, with the tools of the servers that it imports. Those that are not known are listed first, and of no other
 * servers.
 * @throws OrchestratorError `invalid_input` see readSources; when the program cannot be read; when a server that it needs cannot be
 * listed; `cancelled`. RefusedProgram
 */
export async function prepare(
  parts: PrepareParts,
  { input, allowed, options, signature, connects = true }: ToPrepare,
): Promise<Prepared> {
  const { signal, onProgress } = options;
  const sources = readSources(input);
  const mentions = new Mentions(sources.sources.values());
  const known = knownListings(parts.catalog, { allowed, mentions });
  const read = (listings: Listings) =>
    unlessAborted(parts.reader.read(requestOf({ parts, input, allowed, sources, mentions, listings, signature }), signal), {
      signal,
      onAbort: wasCancelled,
    });
  const first = await read({ listed: known, failures: new Map() });
  if (first.kind !== "needs")
    return preparedOf(first, { parts, allowed, sources, mentions, listings: { listed: known, failures: new Map() } });
  if (!connects) {
    const unknown = new OrchestratorError("server_unavailable", "Its tools are not known yet.");
    const listings = { listed: known, failures: new Map(first.servers.map((id) => [id, unknown])) };
    return preparedOf(await read(listings), { parts, allowed, sources, mentions, listings });
  }
  const loading = loadListings(parts.catalog, { needs: first, allowed, known, onProgress });
  const listings = await unlessAborted(loading, { signal, onAbort: wasCancelled });
  return preparedOf(await read(listings), { parts, allowed, sources, mentions, listings });
}

interface Known {
  parts: PrepareParts;
  allowed: readonly ServerEntry[];
  sources: Sources;
  mentions: Mentions;
  listings: Listings;
}

function preparedOf(reading: Reading, { parts, allowed, sources, mentions, listings }: Known): Prepared {
  switch (reading.kind) {
    case "refused":
      throw new RefusedProgram(
        reading.errors.map((error, at) => {
          return withToolMeant(withWhyAbsent(error, { ...parts, mentions }), at < namesLookedUpMax ? allowed : [], parts.catalog);
        }),
      );
    case "needs":
      throw new Error(`the reader asks twice for the tools of ${reading.servers.join(", ")}`);
    case "ready":
      return {
        program: reading.program,
        hasResult: reading.hasResult,
        idle: reading.idle,
        letsCallsGo: [...sources.sources.values()].some((text) => letsCallsGo.test(text)),
        isReadBefore: reading.isKept === true,
        servers: parts.servers.filter(({ id }) => reading.servers.includes(id)),
        positions: createStackPositions({ positions: reading.positions, sources: sources.sources }),
        ...toolsOf(reading, parts.catalog, listings),
        signature: reading.signature,
        get used() {
          return reading.servers.flatMap((id) => {
            const listing = listings.listed.get(id);
            return listing ? [{ id, tools: knownServer(id, listing.tools, mentions).mentioned }] : [];
          });
        },
      };
  }
}

/** The first answer is enough, a value is thrown away, or the failure of what nothing awaits is caught. */
const letsCallsGo = /\bPromise\s*\.\s*(?:race|any)\s*\(|\bvoid[ \t]+[A-Za-z_$(]|^(?!.*\bawait\b)[ \t]*[\w$.]+\(.*\)\s*\.catch\(/m;

/** Whoever reads programs knows only the tools that can be called. */
function withWhyAbsent(error: PublicError, { servers, upstream, mentions }: PrepareParts & { mentions: Mentions }): PublicError {
  const { code, tool, suggestions: _closest, ...rest } = error;
  const server = servers.find(({ id }) => id === error.server);
  if (code !== "tool_unknown" || tool === undefined || server === undefined) return error;
  const message = upstream.whyAbsent?.(server, tool);
  if (message !== undefined) return { ...rest, code, tool, message };
  const mayBeSaved = isSavedPrograms(server) && mentions.has("tool_create");
  return mayBeSaved ? { ...error, message: `${error.message} What a program saves can be called from the next run on.` } : error;
}

/** A name that nothing declares may be that of a tool: its server is told, if its tools are known. */
function withToolMeant(error: PublicError, servers: readonly ServerEntry[], catalog: Catalog): PublicError {
  const { tool, ...rest } = error;
  if (tool === undefined || error.server !== undefined) return error;
  // A server is meant, and only written otherwise.
  if (error.suggestions?.some((name) => isSameName(name, tool))) return rest;
  const forms = servers.flatMap((server) => {
    const meant = catalog.cached(server)?.tools.filter(({ name }) => isSameName(name, tool)) ?? [];
    return meant.map(({ name }) => `${toIdentifier(server.id)}.${toIdentifier(name)}({ … })`);
  });
  if (forms.length === 0) return rest;
  const suggestions = forms.slice(0, toolsMeantMax);
  return { ...rest, message: `"${tool}" is a tool, and a function of its server: ${suggestions.join(" or ")}.`, suggestions };
}

/** There may be tens of thousands of tools. */
const namesLookedUpMax = 2;
const toolsMeantMax = 3;

function toolsOf(
  { servers }: ReadyProgram,
  catalog: Catalog,
  { listed, failures }: Listings,
): Pick<Prepared, "toolsOf" | "hasChanged"> {
  const used = new Set(servers);
  return {
    toolsOf(server) {
      const failure = failures.get(server.id);
      if (failure) throw failure;
      const linked = used.has(server.id) ? listed.get(server.id) : undefined;
      return (linked ?? catalog.cached(server))?.tools;
    },
    hasChanged: (server, tool) => used.has(server.id) && listed.has(server.id) && catalog.hasChanged(server, tool),
  };
}

const wasCancelled = () => new OrchestratorError("cancelled", "The request was cancelled.");

/** By server id: what could be listed, and why the rest could not. */
interface Listings {
  listed: ReadonlyMap<string, ToolListing>;
  failures: ReadonlyMap<string, OrchestratorError>;
}

/** The listings that are known already, of the servers that the program's text mentions. It need not import all of them. */
function knownListings(
  catalog: Catalog,
  { allowed, mentions }: { allowed: readonly ServerEntry[]; mentions: Mentions },
): Map<string, ToolListing> {
  const known = new Map<string, ToolListing>();
  for (const server of allowed) {
    const listing = mentions.has(server.id) ? catalog.fresh(server) : undefined;
    if (listing) known.set(server.id, listing);
  }
  return known;
}

interface Requested {
  parts: PrepareParts;
  input: ExecuteInput;
  allowed: readonly ServerEntry[];
  sources: Sources;
  mentions: Mentions;
  listings: Listings;
  signature: SignatureWanted | undefined;
}

function requestOf({ parts, input, allowed, sources, mentions, listings, signature }: Requested): ReadRequest {
  return {
    ...(signature && { signature }),
    entry: sources.entry,
    sources: Object.fromEntries(sources.sources),
    language: input.language,
    allowed: allowed.map(({ id }) => id),
    registered: parts.servers.map(({ id, visibility, sensitivity }) => ({ id, visibility, sensitivity })),
    listings: [
      ...[...listings.listed].map(([id, { tools }]) => knownServer(id, tools, mentions)),
      ...[...listings.failures.keys()].map((id) => knownServer(id, undefined, mentions)),
    ],
  };
}

interface ToLoad {
  needs: Extract<Reading, { kind: "needs" }>;
  allowed: readonly ServerEntry[];
  known: ReadonlyMap<string, ToolListing>;
  onProgress: RunOptions["onProgress"];
}

/** @throws OrchestratorError when a server that the program imports by name cannot be listed */
async function loadListings(catalog: Catalog, { needs, allowed, known, onProgress }: ToLoad): Promise<Listings> {
  const entries = new Map(allowed.map((server) => [server.id, server]));
  const servers = needs.servers.map((id) => entries.get(id)).filter((server) => server !== undefined);
  const results = await Promise.allSettled(
    servers.map((server) => catalog.load(server, ({ message = "" }) => onProgress({ message }))),
  );
  const listed = new Map(known);
  const failures = new Map<string, OrchestratorError>();
  for (const [index, result] of results.entries()) {
    const server = servers[index];
    if (server === undefined) continue;
    if (result.status === "fulfilled") listed.set(server.id, result.value);
    else if (needs.optional.includes(server.id)) failures.set(server.id, loadFailure(server, result.reason));
    else throw loadFailure(server, result.reason);
  }
  return { listed, failures };
}

/** Nothing was called, because the program did not start: the phase says so. */
function loadFailure(server: ServerEntry, reason: unknown): OrchestratorError {
  const { code, message, retryable, suggestions, url } = toPublicError(reason);
  // A server's own refusal says what it is about only to whoever knows that its tools were asked for.
  const told = code === "tool_error" ? `${server.id} did not list its tools, so nothing can be called. ${message}` : message;
  return new OrchestratorError(code, told, {
    phase: "load",
    retryable,
    server: server.id,
    cause: reason,
    ...(suggestions ? { suggestions } : {}),
    ...(url === undefined ? {} : { url }),
  });
}
