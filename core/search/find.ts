import { limits } from "../limits.ts";
import type { Tool } from "../mcp/tool.ts";
import { isSavedPrograms } from "../registry/allow-list.ts";
import type { ServerEntry } from "../registry/registry.ts";
import { fitOf } from "./fit.ts";
import type { IndexedServer, SearchIndex } from "./index.ts";
import { type ParsedQuery, parseQuery } from "./query.ts";
import { scoreAll } from "./score.ts";
import { weights } from "./weights.ts";
import { wordsOf } from "./words.ts";

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

/** Tools that helped with similar wishes, as `server/tool`: from 0 to 1 how much they did, and the words that the wishes share. */
export type Helped = ReadonlyMap<string, { share: number; words: readonly string[] }>;

interface Wish {
  query: string;
  eligible: readonly ServerEntry[];
  toolsMax: number;
  helped: Helped;
}

/** Servers returned for a query that matches none, and tools of them: enough to see that the right one may be there after all. */
const nearestMax = 3;
const weakToolsMax = 5;
const toolsPerPart = 2;

/** A sentence with several wishes shows the best tools of each of them. */
export function find(index: SearchIndex, wish: Wish): Answer {
  const whole = findOne(index, wish);
  if (whole.matches[0]?.isWeak !== false) return whole;
  const matches = [...whole.matches];
  for (const query of partsOf(wish.query)) {
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

/** The tools of one server that match a query, best first. */
export function rankTools(index: SearchIndex, query: string, { id }: ServerEntry): Tool[] {
  const server = index.servers.find(({ entry }) => entry.id === id);
  const scores = scoreAll(index, parseQuery(query, index), { withServers: false });
  return server === undefined ? [] : rankedTools(server, scores).map(({ tool }) => tool);
}

const joints = /\s+(?:and then|and|then|after that|und dann|und|et puis|et|y)\s+|[;,.]\s+/i;
const partsMax = 3;
const wordsMin = 2;

/** The wishes of a sentence that asks for several things, each of which begins with a verb; empty for one that asks for one thing. */
function partsOf(query: string): string[] {
  const parts = query.slice(0, limits.queryCharsMax).split(joints).slice(0, partsMax);
  const wishes = parts.filter((part) => {
    const words = wordsOf(part).filter(({ isStop }) => !isStop);
    return words[0]?.action !== undefined && words.length >= wordsMin;
  });
  return wishes.length > 1 ? wishes : [];
}

function findOne(index: SearchIndex, { query, eligible, toolsMax, helped }: Wish): Answer {
  const parsed = parseQuery(query, index);
  const values = scoreAll(index, parsed, { withServers: true });
  favour(index, values, helped);
  const all = rankServers(index, values, eligible);
  const kept = keptFor(index, parsed, all);
  const found = kept === undefined ? all : [kept];
  const [first] = found;
  if (first === undefined) {
    const nearest = byPriority(eligible).slice(0, nearestMax);
    return { matches: nearest.map((server) => ({ server, tools: [], isWeak: true })), unknown: parsed.unknown };
  }
  const { isWeak, unknown } = fitOf(index, parsed, { value: values[first.number] ?? 0, best: first.number });
  const least = weights.cut * first.value;
  const near = found.filter(({ value }) => value >= least).slice(0, isWeak ? nearestMax : undefined);
  const ranked = near.map(({ server }, place) => {
    const tools = rankedTools(server, values);
    // Where no tool's own text matches, but the server's does, any of its tools may be meant: they take what room is left.
    const isAny = tools.length === 0 && place === 0 && !isWeak;
    return { entry: server.entry, tools: isAny ? server.tools.map((tool) => ({ tool, value: least })) : tools };
  });
  // A server for the use of the others shows more than its best tool only where there are no others.
  const foremost = isLast(first.server.entry) ? ranked : ranked.filter(({ entry }) => !isLast(entry));
  const best = foremost.flatMap(({ tools }) => tools.filter(({ value }) => value >= least)).sort(byValue);
  const shown = new Set(best.slice(0, isWeak ? Math.min(weakToolsMax, toolsMax) : toolsMax));
  const matches = ranked.map(({ entry, tools }) => {
    const kept = tools.filter((tool, place) => place === 0 || shown.has(tool));
    return { server: entry, tools: kept.map(({ tool }) => tool), isWeak };
  });
  return { matches, unknown };
}

const byValue = (a: { value: number }, b: { value: number }) => b.value - a.value;

/** Raises tools that helped before. One that does not match by its own words is not raised: what is learnt finds nothing, it only sorts. */
function favour(index: SearchIndex, values: Float32Array, helped: Helped): void {
  for (const { entry, tools, documents } of helped.size === 0 ? [] : index.servers) {
    for (const [at, { name }] of tools.entries()) {
      const number = documents[at + 1] ?? 0;
      const share = helped.get(`${entry.id}/${name}`)?.share ?? 0;
      values[number] = (values[number] ?? 0) * (1 + weights.helped * share);
    }
  }
}

/**
 * The programs that were saved, where one of them does just what is asked: by what the tools say of themselves, no other comes near it, and
 * the list shows it alone. A stale one is not enough, because it has to be written anew with the tools of others.
 */
function keptFor(index: SearchIndex, query: ParsedQuery, ranked: readonly RankedServer[]): RankedServer | undefined {
  const saved = ranked.find(({ server }) => isSavedPrograms(server.entry));
  if (saved === undefined) return undefined;
  const values = scoreAll(index, query, { withServers: false });
  const bestOf = ({ server }: RankedServer) => rankedTools(server, values)[0];
  const best = bestOf(saved);
  const worths = [...query.words.map(({ worth }) => worth), ...query.unknown.map(() => index.rarity(0))];
  const rarest = worths.sort((a, b) => b - a).slice(0, weights.keptWords);
  const whole = rarest.reduce((sum, worth) => sum + worth, 0);
  if (best === undefined || best.value < weights.keptFit * whole || index.document(best.number).isDiscouraged) return undefined;
  const isFar = (other: RankedServer) => other === saved || (bestOf(other)?.value ?? 0) < weights.keptLead * best.value;
  return ranked.every(isFar) ? saved : undefined;
}

/** A server of priority 0 is for the use of the others: whatever its words match, they come first. */
function isLast({ priority }: ServerEntry): boolean {
  return priority <= 0;
}

interface RankedServer {
  server: IndexedServer;
  /** The score of its best document, the server itself or a tool whose own text matches, and its number. */
  value: number;
  number: number;
}

/** The eligible servers that match the query, best first. */
function rankServers({ servers }: SearchIndex, values: Float32Array, eligible: readonly ServerEntry[]): RankedServer[] {
  const wanted = new Set(eligible.map(({ id }) => id));
  const ranked = servers.flatMap((server) => {
    if (!wanted.has(server.entry.id)) return [];
    let number = server.documents[0] ?? 0;
    for (const other of server.documents) if ((values[other] ?? 0) > (values[number] ?? 0)) number = other;
    const value = values[number] ?? 0;
    return value > 0 ? [{ server, number, value: value + weights.priorityStep * server.entry.priority }] : [];
  });
  const place = ({ server: { entry } }: RankedServer) => Number(isLast(entry));
  return ranked.sort((a, b) => place(a) - place(b) || b.value - a.value || (a.server.entry.id < b.server.entry.id ? -1 : 1));
}

/** A server's tools whose own text matches the query, with their documents, best first, without those far below the best. */
function rankedTools({ tools, documents }: IndexedServer, values: Float32Array) {
  const found = tools
    .map((tool, at) => ({ tool, number: documents[at + 1] ?? 0, value: values[documents[at + 1] ?? 0] ?? 0 }))
    .filter(({ value }) => value > 0)
    .sort(byValue);
  return found.filter(({ value }) => value >= weights.cut * (found[0]?.value ?? 0));
}

/** The order of servers without a query: by the owner's priority, then by id. */
export function byPriority(servers: readonly ServerEntry[]): ServerEntry[] {
  return [...servers].sort((a, b) => b.priority - a.priority || (a.id < b.id ? -1 : 1));
}
