import type { ToolListing } from "../catalog/tool-listing.ts";
import type { Clock } from "../clock.ts";
import type { Tool } from "../mcp/tool.ts";
import type { ServerEntry } from "../registry/registry.ts";
import { inTurns } from "../turns.ts";
import { type Answer, find, type Helped, rankTools } from "./find.ts";
import { SearchIndex } from "./index.ts";

export interface Search {
  /**
   * The `eligible` servers that match a query, with `toolsMax` tools in all; a server with none of them shows its best. Those that `helped`
   * come a little higher.
   */
  find(query: string, eligible: readonly ServerEntry[], toolsMax: number, helped?: Helped): Answer;
  /** The tools of one server that match a query, best first; empty if none does. */
  rankTools(query: string, server: ServerEntry): Tool[];
}

interface ToolCache {
  /** The cached tools of a server. */
  cached(server: ServerEntry): ToolListing | undefined;
  /** Increases with every change of the cache. */
  version(): number;
}

/** The search over the tools cached now. A server is indexed when it is first needed, and again only after its tools changed. */
export function createCurrentSearch(servers: readonly ServerEntry[], { cached, version }: ToolCache) {
  const index = new SearchIndex(servers);
  /** The version of the tools that are indexed, and the one that a search is content with: tools may change while they are indexed. */
  let indexed: number | undefined;
  let enough: number | undefined;
  let work: Generator<number, void> | undefined;
  let preparing: Promise<void> | undefined;

  function* indexAll(): Generator<number, void> {
    const read = version();
    try {
      for (const [at, server] of servers.entries()) {
        const tools = cached(server)?.tools ?? [];
        yield tools.length;
        if (!index.isCurrent(at, tools)) yield* index.update(at, tools);
      }
      indexed = read;
      enough = version();
    } finally {
      work = undefined;
    }
  }

  /** The steps that are left: those begun before go on, whoever takes them. */
  function* steps(): Generator<number, void> {
    work ??= indexAll();
    const begun = work;
    for (let next = begun.next(); next.done !== true; next = begun.next()) yield next.value;
  }

  /** Indexes whatever is missing in short turns: of tools that a hostile server makes up, two thousand take seconds. */
  function prepare(clock: Clock): Promise<void> {
    if (version() === indexed) return Promise.resolve();
    preparing ??= inTurns(steps(), clock).finally(() => {
      preparing = undefined;
    });
    return preparing;
  }

  const search: Search = {
    find: (query, eligible, toolsMax, helped = new Map()) => find(index, { query, eligible, toolsMax, helped }),
    rankTools: (query, server) => rankTools(index, query, server),
  };
  /** The search over everything that is cached; what was not prepared is indexed at once. */
  function current(): Search {
    while (version() !== enough) for (const _cost of steps());
    return search;
  }
  return { current, prepare };
}

/** A search over the registry and the tools cached now, without updates. */
export function createSearch(servers: readonly ServerEntry[], cached: (server: ServerEntry) => ToolListing | undefined): Search {
  return createCurrentSearch(servers, { cached, version: () => 0 }).current();
}
