import type { ToolListing } from "../catalog/tool-listing.ts";
import type { Clock } from "../clock.ts";
import { limits } from "../limits.ts";
import type { Tool } from "../mcp/tool.ts";
import type { ServerEntry } from "../registry/registry.ts";
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
  let readVersion: number | undefined;
  let next = 0;

  /** Indexes servers in order, until about `documents` servers and tools have been indexed. */
  function indexMore(documents: number): void {
    if (readVersion !== version()) next = 0;
    readVersion = version();
    for (let left = documents; left > 0 && next < servers.length; next++) {
      const server = servers[next];
      const tools = server && (cached(server)?.tools ?? []);
      if (tools && index.update(next, tools)) left -= 1 + tools.length;
    }
  }

  /** Indexes in short turns. Otherwise the first search would do it at once, which for 20,000 tools takes a quarter of a second. */
  function prepare(clock: Clock): void {
    indexMore(limits.searchTurnDocuments);
    if (next < servers.length) clock.after(0, () => prepare(clock));
  }

  const search: Search = {
    find: (query, eligible, toolsMax, helped = new Map()) => find(index, { query, eligible, toolsMax, helped }),
    rankTools: (query, server) => rankTools(index, query, server),
  };
  /** The search over everything that is cached, after indexing whatever is missing. */
  function current(): Search {
    indexMore(Number.POSITIVE_INFINITY);
    return search;
  }
  return { current, prepare };
}

/** A search over the registry and the tools cached now, without updates. */
export function createSearch(servers: readonly ServerEntry[], cached: (server: ServerEntry) => ToolListing | undefined): Search {
  return createCurrentSearch(servers, { cached, version: () => 0 }).current();
}
