import type { Catalogue } from "./catalog.ts";
import { limits } from "./limits.ts";
import type { ServerEntry } from "./registry.ts";
import { createSearchIndex, type Field, type Term } from "./search-index.ts";
import type { Tool } from "./tool.ts";

export interface Match {
  server: ServerEntry;
  /** The server's tools that fit the query, best first. */
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

/** The search over what is cached now: built when it is first asked for, and again only after a change of the catalogue. */
export function createCurrentSearch(
  servers: readonly ServerEntry[],
  catalog: { cached: (server: ServerEntry) => Catalogue | undefined; version: () => number },
): () => Search {
  let built: { search: Search; version: number } | undefined;
  return () => {
    if (built?.version !== catalog.version()) {
      built = { search: createSearch(servers, catalog.cached), version: catalog.version() };
    }
    return built.search;
  };
}

/** Priority only separates equals: ten steps of it weigh less than the least of words. */
const priorityStep = 0.0001;
/** A word of the query that a tool does not have, and its server does, counts this much for the tool. */
const serverShare = 0.7;
/** Servers, and tools of one, that reach less than this part of the best are noise. */
const cut = 0.45;
/** How many servers a query gets that fits none. */
const nearestMax = 5;

/** The index holds the servers first, then the tools of each. */
interface Room {
  server: ServerEntry;
  tools: readonly Tool[];
  /** Number of its first tool in the index. */
  from: number;
}

/** Over the registry and what is cached of the servers' tools. Build one per change of either. */
export function createSearch(servers: readonly ServerEntry[], cached: (server: ServerEntry) => Catalogue | undefined): Search {
  const rooms = roomsOf(servers, cached);
  const roomOfTool = rooms.flatMap(({ tools }, at) => tools.map(() => at));
  const index = createSearchIndex({
    documents: [...servers.map(fieldsOfServer), ...rooms.flatMap(({ tools }) => tools.map(fieldsOfTool))],
    groupOf: (document) => roomOfTool[document - servers.length] ?? document,
    groups: servers.length,
  });
  const documents = servers.length + roomOfTool.length;

  /** A word rare among servers tells which server is meant; one rare among tools, which tool. */
  function score(words: readonly Term[][], rarity: "rarity" | "groupRarity"): Scores {
    const scores = { own: new Float64Array(documents), total: new Float64Array(documents) };
    const word = new Float64Array(documents);
    for (const terms of words) {
      fillWord(word, terms, rarity);
      addWord(scores, word, rooms);
    }
    return scores;
  }

  function rankAll(query: string): Ranked[] {
    const words = index.termsOf(query);
    const { total: asServers } = score(words, "groupRarity");
    const asTools = score(words, "rarity");
    return rooms.flatMap((room, at) => {
      const best = room.tools.reduce((most, _tool, tool) => Math.max(most, asServers[room.from + tool] ?? 0), asServers[at] ?? 0);
      return best > 0 ? [{ room, value: best + priorityStep * room.server.priority, tools: () => bestTools(room, asTools) }] : [];
    });
  }

  return {
    rank(query, eligible) {
      const wanted = new Set(eligible);
      const ranked = rankAll(query)
        .filter(({ room }) => wanted.has(room.server))
        .sort((a, b) => b.value - a.value || (a.room.server.id < b.room.server.id ? -1 : 1));
      const most = ranked[0]?.value ?? 0;
      if (most === 0) {
        const nearest = byPriority(eligible).slice(0, nearestMax);
        return nearest.map((server) => ({ server, tools: [], isWeak: true }));
      }
      return ranked
        .filter(({ value }) => value >= cut * most)
        .map(({ room, tools }, place) => ({
          server: room.server,
          tools: tools().slice(0, limits.listTools[Math.min(place, limits.listTools.length - 1)]),
          isWeak: false,
        }));
    },
    rankTools(query, server) {
      const room = rooms.find((candidate) => candidate.server.id === server.id);
      if (room === undefined) return [];
      const { own } = score(index.termsOf(query), "rarity");
      return bestTools(room, { own, total: own });
    },
  };
}

interface Ranked {
  room: Room;
  value: number;
  /** Ranked when they are needed: most servers are not shown. */
  tools: () => Tool[];
}

/** By document: what its own text gets, and what it gets with its server's. */
interface Scores {
  own: Float64Array;
  total: Float64Array;
}

function roomsOf(servers: readonly ServerEntry[], cached: (server: ServerEntry) => Catalogue | undefined): Room[] {
  let from = servers.length;
  return servers.map((server) => {
    const room = { server, tools: cached(server)?.tools ?? [], from };
    from += room.tools.length;
    return room;
  });
}

/** What each document has of one word: of the word itself, its synonyms and its spellings, whichever counts most. */
function fillWord(word: Float64Array, terms: readonly Term[], rarity: "rarity" | "groupRarity"): void {
  word.fill(0);
  for (const { posting, share } of terms) {
    const worth = share * posting[rarity];
    for (const [at, document] of posting.documents.entries()) {
      word[document] = Math.max(word[document] ?? 0, worth * (posting.scores[at] ?? 0));
    }
  }
}

/** A word counts for a tool where it counts most: in the tool's own text or in its server's. */
function addWord({ own, total }: Scores, word: Float64Array, rooms: readonly Room[]): void {
  for (const [at, { tools, from }] of rooms.entries()) {
    const theirs = word[at] ?? 0;
    total[at] = (total[at] ?? 0) + theirs;
    for (let document = from; document < from + tools.length; document++) {
      const ours = word[document] ?? 0;
      own[document] = (own[document] ?? 0) + ours;
      total[document] = (total[document] ?? 0) + Math.max(ours, serverShare * theirs);
    }
  }
}

/** The tools whose own text has something of the query, best first, without those that are far from the best. */
function bestTools({ tools, from }: Room, { own, total }: Scores): Tool[] {
  const found = tools
    .map((tool, at) => ({ tool, own: own[from + at] ?? 0, value: total[from + at] ?? 0 }))
    .filter((candidate) => candidate.own > 0)
    .sort((a, b) => b.value - a.value);
  const most = found[0]?.value ?? 0;
  return found.filter(({ value }) => value >= cut * most).map(({ tool }) => tool);
}

/** The order of servers when nothing is asked: the owner's priority, then the name. */
export function byPriority(servers: readonly ServerEntry[]): ServerEntry[] {
  return [...servers].sort((a, b) => b.priority - a.priority || (a.id < b.id ? -1 : 1));
}

/** What the owner wrote: names beat descriptions. */
function fieldsOfServer(server: ServerEntry): Field[] {
  return [
    { name: "id", text: server.id, weight: 5, lengthShare },
    { name: "title", text: server.title, weight: 4, lengthShare },
    { name: "tags", text: server.tags.join(" "), weight: 3, lengthShare },
    { name: "domains", text: server.domains.join(" "), weight: 2.5, lengthShare },
    { name: "examples", text: server.examples.join(" "), weight: 2, lengthShare },
    { name: "summary", text: server.summary, weight: 2, lengthShare },
  ];
}

/** What a stranger wrote. Of a long description the beginning says what the tool does; a long name says something special. */
function fieldsOfTool({ name, title = "", description = "", inputSchema }: Tool): Field[] {
  const { properties } = inputSchema;
  const parameters = typeof properties === "object" && properties !== null ? Object.keys(properties) : [];
  return [
    { name: "tool", text: `${name} ${title.slice(0, limits.namedCharsMax)}`, weight: 5, lengthShare: 0.8 },
    { name: "beginning", text: description.slice(0, beginningChars), weight: 1.5, lengthShare },
    { name: "description", text: description.slice(beginningChars, limits.searchedCharsMax), weight: 0.3, lengthShare },
    { name: "parameters", text: parameters.join(" ").slice(0, limits.searchedCharsMax), weight: 0.5, lengthShare },
  ];
}

const lengthShare = 0.6;
const beginningChars = 160;
