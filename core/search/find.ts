import { limits } from "../limits.ts";
import type { Tool } from "../mcp/tool.ts";
import { isSavedPrograms } from "../registry/allow-list.ts";
import type { ServerEntry } from "../registry/registry.ts";
import { actionOfQuery } from "./actions.ts";
import type { IndexedServer, SearchIndex } from "./index.ts";
import { type ParsedQuery, parseQuery } from "./query.ts";
import { type Scores, scoreAll } from "./score.ts";
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

/** Servers that are shown although others match far better. */
const surePlaces = 5;
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
  const wishes = query
    .slice(0, limits.queryCharsMax)
    .split(joints)
    .slice(0, partsMax)
    .filter((part) => {
      const words = wordsOf(part);
      const [begins, ...others] = words.filter(({ isStop }) => !isStop);
      return (
        begins?.action !== undefined && others.length + 1 >= wordsMin && actionOfQuery([words], (word) => word) !== undefined
      );
    });
  return wishes.length > 1 ? wishes : [];
}

interface RankedServer {
  server: IndexedServer;
  /** The score of its best tool, or of the server itself if higher, and its number. */
  value: number;
  best: number;
}

interface RankedTool {
  tool: Tool;
  /** Of its document. */
  number: number;
  value: number;
}

function findOne(index: SearchIndex, { query, eligible, toolsMax, helped }: Wish): Answer {
  const parsed = parseQuery(query, index);
  const scores = scoreAll(index, parsed, { withServers: true });
  favour(index, scores, helped);
  const all = rankServers(index, scores, eligible);
  const found = isKeptFor(index, parsed, all) ? all.slice(0, 1) : all;
  const ranked = found.filter(({ server }) => !isLast(server.entry));
  const first = ranked[0] ?? found[0];
  const { unknown, unknownServices } = parsed;
  if (first === undefined) {
    const nearest = byPriority(eligible).slice(0, nearestMax);
    return { matches: nearest.map((server) => ({ server, tools: [], isWeak: true })), unknown };
  }
  const isWeak = (scores.fits[first.best] ?? 0) < weights.fit;
  const fitting = ranked
    .filter(({ value }, place) => value >= (place < surePlaces ? weights.cut : weights.farCut) * first.value)
    .slice(0, isWeak ? nearestMax : undefined)
    .map(({ server }) => ({ server, tools: rankedTools(server, scores) }));
  const last = found.filter(({ server, value }) => isLast(server.entry) && value >= weights.cut * first.value);
  const shown = bestOverall(fitting, isWeak ? Math.min(weakToolsMax, toolsMax) : toolsMax);
  const matchOf = (server: IndexedServer, tools: readonly RankedTool[]): Match => {
    return { server: server.entry, tools: tools.map(({ tool }) => tool), isWeak };
  };
  const matches = [
    ...fitting.map(({ server, tools }) =>
      matchOf(
        server,
        tools.filter((ranked, place) => place === 0 || shown.has(ranked)),
      ),
    ),
    ...last.map(({ server }) => matchOf(server, rankedTools(server, scores).slice(0, fitting.length === 0 ? toolsMax : 1))),
  ];
  // Most names of a request are in no description: that they are missing says something only if nothing fits.
  return { matches, unknown: isWeak ? unknown : unknownServices };
}

/** Raises tools that helped before. One that does not match by its own words is not raised: what is learnt finds nothing, it only sorts. */
function favour(index: SearchIndex, { values, isOwn }: Scores, helped: Helped): void {
  for (const [path, { share }] of helped) {
    const server = index.servers.find(({ entry }) => path.startsWith(`${entry.id}/`));
    const tool = server?.tools.findIndex(({ name }) => path === `${server.entry.id}/${name}`) ?? -1;
    const number = server?.documents[1 + tool] ?? 0;
    if (tool >= 0 && isOwn[number] === 1) values[number] = (values[number] ?? 0) * (1 + weights.helped * share);
  }
}

/**
 * Whether the first is a program that was saved for just what is asked: by what the tools say of themselves, no other comes near it, and
 * the list shows it alone. A stale one is not enough, because it has to be written anew with the tools of others.
 */
function isKeptFor(index: SearchIndex, query: ParsedQuery, [first, ...others]: readonly RankedServer[]): boolean {
  if (first === undefined || !isSavedPrograms(first.server.entry)) return false;
  const scores = scoreAll(index, query, { withServers: false });
  const bestOf = ({ server }: RankedServer) => rankedTools(server, scores)[0];
  const best = bestOf(first);
  if (best === undefined || best.value < weights.keptFit * scores.whole) return false;
  if (index.document(best.number).isDiscouraged) return false;
  return others.every((other) => (bestOf(other)?.value ?? 0) < weights.keptLead * best.value);
}

/** A server of priority 0 is for the use of the others: whatever its words match, they come first. */
function isLast({ priority }: ServerEntry): boolean {
  return priority <= 0;
}

/** Priority decides only between equal scores: ten steps of it weigh less than the weakest match of a word. */
const priorityStep = 0.0001;

/** The eligible servers that match the query, best first. */
function rankServers({ servers }: SearchIndex, scores: Scores, eligible: readonly ServerEntry[]): RankedServer[] {
  const wanted = new Set(eligible.map(({ id }) => id));
  return servers
    .filter(({ entry }) => wanted.has(entry.id))
    .map((server) => {
      const best = bestDocument(server, scores);
      return { server, best, value: scores.values[best] ?? 0 };
    })
    .filter(({ value }) => value > 0)
    .map((ranked) => ({ ...ranked, value: ranked.value + priorityStep * ranked.server.entry.priority }))
    .sort((a, b) => b.value - a.value || (a.server.entry.id < b.server.entry.id ? -1 : 1));
}

/** The server itself, or the best tool whose own text matches. */
function bestDocument({ documents }: IndexedServer, { values, isOwn }: Scores): number {
  let best = documents[0] ?? 0;
  for (const number of documents) if (isOwn[number] === 1 && (values[number] ?? 0) > (values[best] ?? 0)) best = number;
  return best;
}

/** The best few tools of all servers: each tool shown costs the model tokens. */
function bestOverall(ranked: readonly { tools: readonly RankedTool[] }[], toolsMax: number): Set<RankedTool> {
  const all = ranked.flatMap(({ tools }) => tools.slice(0, toolsMax));
  return new Set(all.sort((a, b) => b.value - a.value).slice(0, toolsMax));
}

/** A server's tools whose own text matches the query, best first, without those far below the best. */
function rankedTools({ tools, documents }: IndexedServer, { values, isOwn }: Scores): RankedTool[] {
  const found = tools
    .map((tool, at) => ({ tool, number: documents[at + 1] ?? 0 }))
    .flatMap(({ tool, number }) => (isOwn[number] === 1 ? [{ tool, number, value: values[number] ?? 0 }] : []))
    .sort((a, b) => b.value - a.value);
  const most = found[0]?.value ?? 0;
  return found.filter(({ value }) => value >= weights.cut * most);
}

/** The order of servers without a query: by the owner's priority, then by id. */
export function byPriority(servers: readonly ServerEntry[]): ServerEntry[] {
  return [...servers].sort((a, b) => b.priority - a.priority || (a.id < b.id ? -1 : 1));
}
