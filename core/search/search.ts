import type { ToolListing } from "../catalog/tool-listing.ts";
import type { Clock } from "../clock.ts";
import { limits } from "../limits.ts";
import type { Tool } from "../mcp/tool.ts";
import type { ServerEntry } from "../registry/registry.ts";
import { SearchIndex } from "./index.ts";
import { type Scores, scoreAll } from "./score.ts";
import type { ServerIndex } from "./server-index.ts";

export interface Match {
  server: ServerEntry;
  /** The server's tools to show for the query, best first. */
  tools: Tool[];
  /** Nothing matches the query: the server is only one of the nearest. */
  isWeak: boolean;
}

export interface Search {
  /** The `eligible` servers that match a query, best first; never empty unless `eligible` is. */
  rank(query: string, eligible: readonly ServerEntry[]): Match[];
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

  function prepare(clock: Clock): void {
    indexMore(limits.searchTurnDocuments);
    if (next < servers.length) clock.after(0, () => prepare(clock));
  }

  const search: Search = {
    rank: (query, eligible) => rank(index, query, eligible),
    rankTools(query, server) {
      const at = index.servers.findIndex((indexed) => indexed.server.id === server.id);
      const indexed = index.servers[at];
      if (indexed === undefined) return [];
      const scores = scoreAll(index, index.parse(query), { withServers: false });
      return rankedTools(indexed, at, scores).map(({ tool }) => tool);
    },
  };
  return {
    /** The search over everything that is cached, after indexing whatever is missing. */
    current(): Search {
      indexMore(Number.POSITIVE_INFINITY);
      return search;
    },
    /**
     * Indexes in short turns. Otherwise the first search would do it at once, which for 20,000 tools takes a quarter of a second.
     */
    prepare,
  };
}

/** Priority decides only between equal scores: ten steps of it weigh less than the weakest match of a word. */
const priorityStep = 0.0001;
/** Servers with less than this share of the best score are dropped, and likewise the tools of one server. */
const cut = 0.45;
/** Servers returned for a query that matches none. */
const nearestMax = 5;

/** A search over the registry and the tools cached now, without updates. */
export function createSearch(servers: readonly ServerEntry[], cached: (server: ServerEntry) => ToolListing | undefined): Search {
  return createCurrentSearch(servers, { cached, version: () => 0 }).current();
}

interface RankedServer {
  indexed: ServerIndex;
  at: number;
  /** The score of its best tool, or of the server itself if higher. */
  value: number;
}

interface RankedTool {
  tool: Tool;
  value: number;
}

function rank(index: SearchIndex, query: string, eligible: readonly ServerEntry[]): Match[] {
  const scores = scoreAll(index, index.parse(query), { withServers: true });
  const ranked = rankServers(index, scores, eligible);
  const most = ranked[0]?.value ?? 0;
  if (most === 0) {
    const nearest = byPriority(eligible).slice(0, nearestMax);
    return nearest.map((server) => ({ server, tools: [], isWeak: true }));
  }
  const fitting = ranked
    .filter(({ value }) => value >= cut * most)
    .map(({ indexed, at }) => ({ server: indexed.server, tools: rankedTools(indexed, at, scores) }));
  const shown = bestOverall(fitting);
  return fitting.map(({ server, tools }) => ({
    server,
    tools: tools.filter((ranked, place) => place === 0 || shown.has(ranked)).map(({ tool }) => tool),
    isWeak: false,
  }));
}

/** The eligible servers that match the query, best first. */
function rankServers(
  { servers }: SearchIndex,
  { starts, values, isOwn }: Scores,
  eligible: readonly ServerEntry[],
): RankedServer[] {
  const wanted = new Set(eligible.map(({ id }) => id));
  return servers
    .flatMap((indexed, at): RankedServer[] => {
      if (!wanted.has(indexed.server.id)) return [];
      const start = starts[at] ?? 0;
      let value = values[start] ?? 0;
      for (let document = start + 1; document <= start + indexed.tools.length; document++) {
        if (isOwn[document] === 1) value = Math.max(value, values[document] ?? 0);
      }
      return value > 0 ? [{ indexed, at, value: value + priorityStep * indexed.server.priority }] : [];
    })
    .sort((a, b) => b.value - a.value || (a.indexed.server.id < b.indexed.server.id ? -1 : 1));
}

/** The best few tools of all servers: each tool shown costs the model tokens. */
function bestOverall(ranked: readonly { tools: readonly RankedTool[] }[]): Set<RankedTool> {
  const all = ranked.flatMap(({ tools }) => tools.slice(0, limits.listTools));
  return new Set(all.sort((a, b) => b.value - a.value).slice(0, limits.listTools));
}

/** A server's tools whose own text matches the query, best first, without those far below the best. */
function rankedTools({ tools }: ServerIndex, at: number, { starts, values, isOwn }: Scores): RankedTool[] {
  const start = (starts[at] ?? 0) + 1;
  const found = tools
    .flatMap((tool, own) => (isOwn[start + own] === 1 ? [{ tool, value: values[start + own] ?? 0 }] : []))
    .sort((a, b) => b.value - a.value);
  const most = found[0]?.value ?? 0;
  return found.filter(({ value }) => value >= cut * most);
}

/** The order of servers without a query: by the owner's priority, then by id. */
export function byPriority(servers: readonly ServerEntry[]): ServerEntry[] {
  return [...servers].sort((a, b) => b.priority - a.priority || (a.id < b.id ? -1 : 1));
}
