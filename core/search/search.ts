import type { ToolListing } from "../catalog/tool-listing.ts";
import type { Clock } from "../clock.ts";
import { limits } from "../limits.ts";
import type { Tool } from "../mcp/tool.ts";
import { isSavedPrograms } from "../registry/allow-list.ts";
import type { ServerEntry } from "../registry/registry.ts";
import { favour, type Helped } from "./helped.ts";
import { SearchIndex } from "./index.ts";
import type { ParsedQuery } from "./query.ts";
import { type Scores, scoreAll } from "./score.ts";
import type { ServerIndex } from "./server-index.ts";
import { weights } from "./weights.ts";
import { partsOfWish } from "./wish-parts.ts";

export interface Match {
  server: ServerEntry;
  /** The server's tools to show for the query, best first. */
  tools: Tool[];
  /** Nothing matches the query: the server is only one of the nearest. */
  isWeak: boolean;
}

export interface Answer {
  /** The servers that match, best first; if none does, the nearest, which are weak. */
  matches: Match[];
  /** Words of the query that no server and no tool mentions in any form. */
  unknown: string[];
}

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

  function prepare(clock: Clock): void {
    indexMore(limits.searchTurnDocuments);
    if (next < servers.length) clock.after(0, () => prepare(clock));
  }

  const search: Search = {
    find: (query, eligible, toolsMax, helped = new Map()) => find(index, { query, eligible, toolsMax, helped }),
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
/** Servers that are shown although others match far better. */
const surePlaces = 5;
/** Servers returned for a query that matches none. */
const nearestMax = 3;
/** Tools of these: enough to see that the right one may be there after all. */
const weakToolsMax = 5;

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

interface Wish {
  query: string;
  eligible: readonly ServerEntry[];
  toolsMax: number;
  helped: Helped;
}

/** A sentence with several wishes shows the best tools of each of them. */
function find(index: SearchIndex, wish: Wish): Answer {
  const whole = findOne(index, wish);
  if (whole.matches[0]?.isWeak !== false) return whole;
  const matches = [...whole.matches];
  for (const query of partsOfWish(wish.query)) {
    const [best] = findOne(index, { ...wish, query, toolsMax: toolsPerPart }).matches;
    if (best === undefined || best.isWeak) continue;
    const at = matches.findIndex(({ server }) => server === best.server);
    const before = matches[at];
    if (before) matches[at] = { ...before, tools: [...new Set([...before.tools, ...best.tools])] };
    // Behind the first, which fits the whole sentence.
    else matches.splice(1, 0, best);
  }
  return { ...whole, matches };
}

const toolsPerPart = 2;

function findOne(index: SearchIndex, { query, eligible, toolsMax, helped }: Wish): Answer {
  const parsed = index.parse(query);
  const scores = scoreAll(index, parsed, { withServers: true });
  favour(index.servers, scores, helped);
  const all = rankServers(index, scores, eligible);
  const found = isKeptFor(index, parsed, all) ? all.slice(0, 1) : all;
  const ranked = found.filter(({ indexed }) => !isLast(indexed.server));
  const most = (ranked[0] ?? found[0])?.value ?? 0;
  const { unknown, unknownServices } = parsed;
  if (most === 0) {
    const nearest = byPriority(eligible).slice(0, nearestMax);
    return { matches: nearest.map((server) => ({ server, tools: [], isWeak: true })), unknown };
  }
  const isWeak = fitOf(scores, ranked[0] ?? found[0]) < weights.fit;
  const fitting = ranked
    .filter(({ value }, place) => value >= (place < surePlaces ? weights.cut : weights.farCut) * most)
    .slice(0, isWeak ? nearestMax : undefined)
    .map(({ indexed, at }) => ({ server: indexed.server, tools: rankedTools(indexed, at, scores) }));
  const last = found.filter(({ indexed, value }) => isLast(indexed.server) && value >= weights.cut * most);
  const shown = bestOverall(fitting, isWeak ? Math.min(weakToolsMax, toolsMax) : toolsMax);
  const matches = [
    ...fitting.map(({ server, tools }) => ({
      server,
      tools: tools.filter((ranked, place) => place === 0 || shown.has(ranked)).map(({ tool }) => tool),
      isWeak,
    })),
    ...last.map(({ indexed, at }) => ({
      server: indexed.server,
      tools: rankedTools(indexed, at, scores)
        .slice(0, fitting.length === 0 ? toolsMax : 1)
        .map(({ tool }) => tool),
      isWeak,
    })),
  ];
  // Most names of a request are in no description: that they are missing says something only if nothing fits.
  return { matches, unknown: isWeak ? unknown : unknownServices };
}

/** How much of the query the best document of the best server has. */
function fitOf({ starts, values, fits }: Scores, best: RankedServer | undefined): number {
  if (best === undefined) return 0;
  const end = starts[best.at + 1] ?? 0;
  let found = starts[best.at] ?? 0;
  for (let document = found + 1; document < end; document++) if ((values[document] ?? 0) > (values[found] ?? 0)) found = document;
  return fits[found] ?? 0;
}

/**
 * Whether the first is a program that was saved for just what is asked: by what the tools say of themselves, no other comes near it, and
 * the list shows it alone. A stale one is not enough, because it has to be written anew with the tools of others.
 */
function isKeptFor(index: SearchIndex, query: ParsedQuery, [first, ...others]: readonly RankedServer[]): boolean {
  if (first === undefined || !isSavedPrograms(first.indexed.server)) return false;
  const scores = scoreAll(index, query, { withServers: false });
  const [best] = rankedTools(first.indexed, first.at, scores);
  if (best === undefined || best.value < weights.keptFit * scores.whole) return false;
  if (first.indexed.isDiscouraged[1 + first.indexed.tools.indexOf(best.tool)] === true) return false;
  return others.every(({ indexed, at }) => (rankedTools(indexed, at, scores)[0]?.value ?? 0) < weights.keptLead * best.value);
}

/** A server of priority 0 is for the use of the others: whatever its words match, they come first. */
function isLast({ priority }: ServerEntry): boolean {
  return priority <= 0;
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
function bestOverall(ranked: readonly { tools: readonly RankedTool[] }[], toolsMax: number): Set<RankedTool> {
  const all = ranked.flatMap(({ tools }) => tools.slice(0, toolsMax));
  return new Set(all.sort((a, b) => b.value - a.value).slice(0, toolsMax));
}

/** A server's tools whose own text matches the query, best first, without those far below the best. */
function rankedTools({ tools }: ServerIndex, at: number, { starts, values, isOwn }: Scores): RankedTool[] {
  const start = (starts[at] ?? 0) + 1;
  const found = tools
    .flatMap((tool, own) => (isOwn[start + own] === 1 ? [{ tool, value: values[start + own] ?? 0 }] : []))
    .sort((a, b) => b.value - a.value);
  const most = found[0]?.value ?? 0;
  return found.filter(({ value }) => value >= weights.cut * most);
}

/** The order of servers without a query: by the owner's priority, then by id. */
export function byPriority(servers: readonly ServerEntry[]): ServerEntry[] {
  return [...servers].sort((a, b) => b.priority - a.priority || (a.id < b.id ? -1 : 1));
}
