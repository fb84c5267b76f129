import type { ToolListing } from "../catalog/catalog.ts";
import type { Clock } from "../clock.ts";
import { limits } from "../limits.ts";
import type { Tool } from "../mcp/tool.ts";
import type { ServerEntry } from "../registry/registry.ts";
import { createSearchIndex, type SearchIndex } from "./index.ts";
import { type Scores, scoreAll } from "./score.ts";
import type { Room } from "./server-index.ts";

export interface Match {
  server: ServerEntry;
  /** The server's tools to show for the query, best first. */
  tools: Tool[];
  /** Nothing fits the query; this is only the nearest there is. */
  isWeak: boolean;
}

export interface Search {
  /** Servers for a query among `eligible`, best first; never empty while `eligible` is not. */
  rank(query: string, eligible: readonly ServerEntry[]): Match[];
  /** One server's tools for a query, best first; empty when none fits. */
  rankTools(query: string, server: ServerEntry): Tool[];
}

interface Known {
  /** What is cached of a server's tools. */
  cached(server: ServerEntry): ToolListing | undefined;
  /** Grows whenever anything cached changes. */
  version(): number;
}

/**
 * The search over what is cached now. A server is read when it is first needed, and again only after its tools changed.
 */
export function createCurrentSearch(servers: readonly ServerEntry[], { cached, version }: Known) {
  const index = createSearchIndex(servers);
  let readVersion: number | undefined;
  let next = 0;

  /** Reads servers, in their order, until some `documents` of them, tools or the servers themselves, are read. */
  function readOn(documents: number): void {
    if (readVersion !== version()) next = 0;
    readVersion = version();
    for (let left = documents; left > 0 && next < servers.length; next++) {
      const server = servers[next];
      const tools = server && (cached(server)?.tools ?? []);
      if (tools && index.put(next, tools)) left -= 1 + tools.length;
    }
  }

  function prepare(clock: Clock): void {
    readOn(limits.searchTurnDocuments);
    if (next < servers.length) clock.after(0, () => prepare(clock));
  }

  const search: Search = {
    rank: (query, eligible) => rank(index, query, eligible),
    rankTools(query, server) {
      const at = index.rooms.findIndex((room) => room.server.id === server.id);
      const room = index.rooms[at];
      if (room === undefined) return [];
      const scores = scoreAll(index, index.read(query), { withServers: false });
      return rankedTools(room, at, scores).map(({ tool }) => tool);
    },
  };
  return {
    /** Up to date, whatever that takes. */
    current(): Search {
      readOn(Number.POSITIVE_INFINITY);
      return search;
    },
    /** Reads in short turns what a search would else read at once: of 20,000 tools, a quarter of a second. */
    prepare,
  };
}

/** Priority only separates equals: ten steps of it weigh less than the least of words. */
const priorityStep = 0.0001;
/** Servers, and tools of one, that reach less than this part of the best are noise. */
const cut = 0.45;
/** How many servers a query gets that fits none. */
const nearestMax = 5;

/** A search over the registry and what is cached of the servers' tools, as they are now. */
export function createSearch(servers: readonly ServerEntry[], cached: (server: ServerEntry) => ToolListing | undefined): Search {
  return createCurrentSearch(servers, { cached, version: () => 0 }).current();
}

interface Ranked {
  room: Room;
  at: number;
  /** Of its best tool, or of the server itself. */
  value: number;
}

interface RankedTool {
  tool: Tool;
  value: number;
}

function rank(index: SearchIndex, query: string, eligible: readonly ServerEntry[]): Match[] {
  const scores = scoreAll(index, index.read(query), { withServers: true });
  const ranked = rankRooms(index, scores, eligible);
  const most = ranked[0]?.value ?? 0;
  if (most === 0) {
    const nearest = byPriority(eligible).slice(0, nearestMax);
    return nearest.map((server) => ({ server, tools: [], isWeak: true }));
  }
  const fitting = ranked
    .filter(({ value }) => value >= cut * most)
    .map(({ room, at }) => ({ server: room.server, tools: rankedTools(room, at, scores) }));
  const shown = bestOverall(fitting);
  return fitting.map(({ server, tools }) => ({
    server,
    tools: tools.filter((ranked, place) => place === 0 || shown.has(ranked)).map(({ tool }) => tool),
    isWeak: false,
  }));
}

/** Rooms that are worth anything to the query, best first. */
function rankRooms({ rooms }: SearchIndex, { starts, values, isOwn }: Scores, eligible: readonly ServerEntry[]): Ranked[] {
  const wanted = new Set(eligible.map(({ id }) => id));
  return rooms
    .flatMap((room, at): Ranked[] => {
      if (!wanted.has(room.server.id)) return [];
      const start = starts[at] ?? 0;
      let value = values[start] ?? 0;
      for (let document = start + 1; document <= start + room.tools.length; document++) {
        if (isOwn[document] === 1) value = Math.max(value, values[document] ?? 0);
      }
      return value > 0 ? [{ room, at, value: value + priorityStep * room.server.priority }] : [];
    })
    .sort((a, b) => b.value - a.value || (a.room.server.id < b.room.server.id ? -1 : 1));
}

/** The best few of all tools, whichever servers they belong to: a model pays for each that is shown. */
function bestOverall(ranked: readonly { tools: readonly RankedTool[] }[]): Set<RankedTool> {
  const all = ranked.flatMap(({ tools }) => tools.slice(0, limits.listTools));
  return new Set(all.sort((a, b) => b.value - a.value).slice(0, limits.listTools));
}

/** A room's tools whose own text has something of the query, best first, without those that are far from the best. */
function rankedTools({ tools }: Room, at: number, { starts, values, isOwn }: Scores): RankedTool[] {
  const start = (starts[at] ?? 0) + 1;
  const found = tools
    .flatMap((tool, own) => (isOwn[start + own] === 1 ? [{ tool, value: values[start + own] ?? 0 }] : []))
    .sort((a, b) => b.value - a.value);
  const most = found[0]?.value ?? 0;
  return found.filter(({ value }) => value >= cut * most);
}

/** The order of servers when nothing is asked: the owner's priority, then the name. */
export function byPriority(servers: readonly ServerEntry[]): ServerEntry[] {
  return [...servers].sort((a, b) => b.priority - a.priority || (a.id < b.id ? -1 : 1));
}
