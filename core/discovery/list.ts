import type { Catalog } from "../catalog/catalog.ts";
import { named } from "../closest.ts";
import { oneLine } from "../codegen/jsdoc.ts";
import { signatureOf } from "../codegen/signature.ts";
import { limits } from "../limits.ts";
import type { Tool } from "../mcp/tool.ts";
import type { Reachability, Upstream } from "../mcp/upstream.ts";
import { isSavedPrograms } from "../registry/allow-list.ts";
import { nameTools } from "../registry/identifiers.ts";
import { isBuiltIn, type Registry, type ServerEntry, Visibility } from "../registry/registry.ts";
import { byPriority, type Answer as Found, type Helped, type Match } from "../search/find.ts";
import type { Search } from "../search/search.ts";
import { cutText, withoutInvisible } from "../text.ts";
import { discoveryLimits } from "./discovery-limits.ts";
import { emptyMessage, excludedMessage, fitMessage, leftOutMessage, missingFilters, problemsMessage } from "./list-messages.ts";
import type { SearchMemory } from "./search-memory.ts";
import type { ListInput } from "./tool-definitions.ts";
import { type ToolText, textsOf } from "./tool-text.ts";

export type ServerStatus = "ready" | "not_connected" | "bridge_offline" | "auth_required" | "unavailable";

/** A server as `list_mcp_capabilities` shows it. Empty fields are left out, because the model pays for each. */
export interface ListedServer {
  id: string;
  title: string;
  summary?: string;
  visibility?: string;
  sensitivity?: string;
  status: ServerStatus;
  reason?: string;
  url?: string;
  /** Number of its tools, if they are known and not all of them are shown. */
  toolCount?: number;
  tools?: ListedTool[];
  weak?: true;
}

export interface ListedTool {
  name: string;
  /** The call in one line of TypeScript; only for the best tools of the best server. Often all that is needed to call them. */
  signature?: string;
  description?: string;
  /** Set where it stands higher because it helped before. */
  why?: string;
}

export interface Listing {
  servers: ListedServer[];
  total: number;
  /** How many servers each domain has, where not all servers are shown. */
  domains?: Record<string, number>;
  message?: string;
}

interface ListingParts {
  registry: Registry;
  catalog: Catalog;
  upstream: Upstream;
  search: () => Search;
  memory: Pick<SearchMemory, "helpedWith">;
}

/** Answers `list_mcp_capabilities` from the registry and the cache, without connecting to a server. */
export function createListing({ registry, search, memory, ...parts }: ListingParts) {
  /** All servers, by priority. Where there are more than are shown, the domains say what the others are for. */
  function overview(eligible: readonly ServerEntry[], { limit, detail }: ListInput): Listing {
    const areAll = eligible.length <= limit;
    const shown = byPriority(eligible)
      .slice(0, limit)
      .map((server) => showServer(parts, { server, tools: [], isWeak: false }, { detail, place: undefined, helped: nothing }));
    const domains = areAll ? {} : countDomains(eligible);
    const servers = withinOverview(shown, overviewCharsMax(domains));
    return { servers, total: eligible.length, ...(Object.keys(domains).length === 0 ? {} : { domains }) };
  }

  function answer(wishes: readonly string[], choice: Choice, { limit, detail }: ListInput): Listing {
    const toolsMax = wishes.length === 1 ? discoveryLimits.listTools : discoveryLimits.listToolsPerWish;
    const asked = wishes.map((wish) => ({ wish, helped: memory.helpedWith(wish) }));
    const found = asked.map(({ wish, helped }) => ({
      wish,
      ...findAmong(choice, (servers) => search().find(wish, servers, toolsMax, helped)),
    }));
    const helped: Helped = new Map(asked.flatMap((one) => [...one.helped]));
    const matches = mergeMatches(found.map(({ matches }) => matches));
    const servers = matches.slice(0, limit).map((match, place) => showServer(parts, match, { detail, place, helped }));
    const better = leftOutMessage([...new Set(found.flatMap((one) => one.better ?? []))]);
    const message = [better, fitMessage(found)].filter(Boolean).join(" ");
    return { servers, total: matches.length, ...(message === "" ? {} : { message }) };
  }

  /** A server of our own without a tool offers nothing yet. */
  function isEmpty(server: ServerEntry): boolean {
    const tools = parts.catalog.cached(server)?.tools;
    return isBuiltIn(server) && (tools === undefined ? server.id === "saved" : tools.length === 0);
  }

  /** Programs that were saved are worth listing even where no server is registered. */
  function isFilled(server: ServerEntry): boolean {
    return isSavedPrograms(server) && !isEmpty(server);
  }

  return (input: ListInput, among: readonly ServerEntry[] = registry.servers): Listing => {
    if (registry.servers.every((server) => isBuiltIn(server) && !isFilled(server)))
      return { servers: [], total: 0, message: emptyMessage(registry) };
    const eligible = among.filter((server) => isEligible(server, input) && !isEmpty(server));
    const missing = missingFilters(input, among);
    if (eligible.length === 0) return { servers: [], total: 0, message: excludedMessage(missing) };
    const wishes = [input.query ?? ""].flat().filter((wish) => wish.trim() !== "");
    const everything = { ...input, visibility: Visibility.options };
    const hidden = among.filter((server) => isEligible(server, everything) && !isEligible(server, input) && !isEmpty(server));
    const listing = wishes.length === 0 ? overview(eligible, input) : answer(wishes, { eligible, hidden }, input);
    const message = [missing, listing.message ?? problemsMessage(registry)].filter(Boolean).join(" ");
    return { ...listing, ...(message === "" ? {} : { message }) };
  };
}

interface Choice {
  eligible: readonly ServerEntry[];
  /** Servers that only their visibility leaves out. */
  hidden: readonly ServerEntry[];
}

/** What is found among the eligible servers, and the hidden one that fits better than all of them. Most searches find no hidden one. */
function findAmong(
  { eligible, hidden }: Choice,
  find: (servers: readonly ServerEntry[]) => Found,
): Found & { better?: ServerEntry } {
  const found = find([...eligible, ...hidden]);
  if (!found.matches.some(({ server }) => hidden.includes(server))) return found;
  const [best] = found.matches;
  const isBetter = best !== undefined && !best.isWeak && hidden.includes(best.server);
  return { ...find(eligible), ...(isBetter ? { better: best.server } : {}) };
}

/** @param place among the servers that a query found; undefined without a query */
function showServer(
  { catalog, upstream }: Pick<ListingParts, "catalog" | "upstream">,
  { server, tools, isWeak }: Match,
  { detail, place, helped }: { detail: ListInput["detail"]; place: number | undefined; helped: Helped },
): ListedServer {
  const isBest = place === 0;
  const all = catalog.cached(server)?.tools;
  const names = isBest && !isWeak && all ? nameTools(all) : undefined;
  const shown = tools.map((tool, at) =>
    showTool(tool, {
      identifier: at < discoveryLimits.listSignatures ? names?.get(tool.name) : undefined,
      textOf: textsOf(all ?? []),
      helped: helped.get(`${server.id}/${tool.name}`)?.words,
    }),
  );
  // Behind the best server, and for one of our own, the tools say enough: each other word would cost one of them its place.
  const isToldByTools = (isBuiltIn(server) || (place !== undefined && !isBest)) && shown.length > 0;
  return {
    id: server.id,
    title: server.title,
    ...(detail === "summary" && !isToldByTools
      ? { summary: place === undefined ? server.summary : shortSummary(server, isBest) }
      : {}),
    ...(server.visibility === "default" ? {} : { visibility: server.visibility }),
    ...(server.sensitivity === "high" ? { sensitivity: server.sensitivity } : {}),
    ...statusOf(server, { catalog, upstream }),
    ...(all === undefined || all.length === shown.length || isToldByTools ? {} : { toolCount: all.length }),
    ...(shown.length === 0 ? {} : { tools: shown }),
    ...(isWeak ? { weak: true } : {}),
  };
}

/** Where servers were found, the summary only says which one it is. */
function shortSummary({ summary }: ServerEntry, isBest: boolean): string {
  return oneLine(summary, isBest ? discoveryLimits.bestSummaryCharsMax : discoveryLimits.summaryCharsMax);
}

const nothing: Helped = new Map();

/** The status of a server. A disconnected bridge takes precedence over cached tools, because calls would fail. */
export function statusOf(
  server: ServerEntry,
  { catalog, upstream }: { catalog: Catalog; upstream: Upstream },
): { status: ServerStatus; reason?: string; url?: string } {
  const reach: Reachability = upstream.reachability(server);
  if (reach.status === "auth_required") return reach;
  if (reach.status === "bridge_offline" || reach.status === "unavailable") {
    return { status: reach.status, reason: shortReason(reach.reason) };
  }
  const failure = catalog.failure(server);
  if (failure !== undefined) return { status: "unavailable", reason: shortReason(failure) };
  return { status: catalog.cached(server) === undefined ? "not_connected" : "ready" };
}

function shortReason(reason: string): string {
  return withoutInvisible(cutText(reason, limits.reasonCharsMax));
}

function isEligible(server: ServerEntry, { visibility, domains, tags }: ListInput): boolean {
  return visibility.includes(server.visibility) && overlaps(server.domains, domains) && overlaps(server.tags, tags);
}

function overlaps(have: readonly string[], wanted: readonly string[] | undefined): boolean {
  if (wanted === undefined || wanted.length === 0) return true;
  const lower = have.map((item) => item.toLowerCase());
  return wanted.some((item) => lower.includes(item.toLowerCase()));
}

interface ShowToolOptions {
  identifier: string | undefined;
  textOf: ToolText;
  /** The words of a wish for which it helped before. */
  helped: readonly string[] | undefined;
}

function showTool(tool: Tool, { identifier, textOf, helped }: ShowToolOptions): ListedTool {
  const description = textOf(tool, discoveryLimits.listLineCharsMax);
  return {
    name: tool.name,
    ...(identifier === undefined ? {} : { signature: signatureOf(identifier, tool) }),
    ...(description === "" ? {} : { description }),
    ...(helped === undefined ? {} : { why: `helped before with: ${helped.map(named).join(" ")}` }),
  };
}

/** Several wishes as one list of servers: first those of the first places, each with its tools for all of them. */
function mergeMatches(lists: readonly Match[][]): Match[] {
  const [only] = lists;
  if (lists.length === 1 && only !== undefined) return only;
  const places = Math.max(...lists.map((matches) => matches.length));
  const merged = new Map<string, Match>();
  for (let place = 0; place < places; place++) {
    for (const match of lists.flatMap((matches) => matches[place] ?? [])) {
      const before = merged.get(match.server.id);
      const tools = [...new Set([...(before?.tools ?? []), ...match.tools])];
      merged.set(match.server.id, { ...match, tools, isWeak: match.isWeak && before?.isWeak !== false });
    }
  }
  return [...merged.values()].sort((a, b) => Number(a.isWeak) - Number(b.isWeak));
}

/** The servers with as much of each summary as there is room for. Why one is unavailable is told in full by a query that finds it. */
function withinOverview(servers: ListedServer[], charsMax: number): ListedServer[] {
  if (JSON.stringify(servers).length <= charsMax) return servers;
  const reasonMax = discoveryLimits.overviewReasonCharsMax;
  const bare = servers.map(({ summary: _summary, reason, ...server }) => {
    return reason === undefined ? server : { ...server, reason: cutText(reason, reasonMax) };
  });
  const room = (charsMax - JSON.stringify(bare).length) / servers.length - summaryKeyChars;
  if (room < discoveryLimits.summaryCharsMin) return bare;
  return bare.map(({ id, title, ...server }, at) => {
    const summary = servers[at]?.summary;
    return { id, title, ...(summary === undefined ? {} : { summary: oneLine(summary, Math.floor(room)) }), ...server };
  });
}

/** Where few servers name a domain, their summaries have the room of the counts. */
function overviewCharsMax(domains: Record<string, number>): number {
  const { overviewCharsMin, overviewCharsMax: charsMax, overviewCharsPerDomainChar } = discoveryLimits;
  return Math.max(overviewCharsMin, charsMax - overviewCharsPerDomainChar * JSON.stringify(domains).length);
}

/** `,"summary":""` */
const summaryKeyChars = 13;

/** How many servers each domain has, the largest first. */
function countDomains(servers: readonly ServerEntry[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const domain of servers.flatMap(({ domains }) => domains)) counts.set(domain, (counts.get(domain) ?? 0) + 1);
  const largest = [...counts].sort((a, b) => b[1] - a[1]).slice(0, discoveryLimits.overviewDomainsMax);
  return Object.fromEntries(largest);
}
