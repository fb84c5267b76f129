import MiniSearch from "minisearch";
import { stemmer } from "stemmer";
import type { Catalogue } from "./catalog.ts";
import { limits } from "./limits.ts";
import type { ServerEntry } from "./registry.ts";
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

/** How much a word found in a field is worth: names beat descriptions, what the owner wrote beats what a server says. */
const weights = { id: 6, title: 5, tags: 4, domains: 3, examples: 2.5, summary: 2.5, toolName: 3, toolText: 1 } as const;

/** Priority only separates equals: ten steps of it weigh less than the least of words. */
const priorityStep = 0.001;
/** A server is as good as its own text plus a part of its best tool. */
const toolShare = 0.6;

interface Document {
  key: string;
  serverId: string;
  tool?: string;
  id?: string;
  title?: string;
  tags?: string;
  domains?: string;
  examples?: string;
  summary?: string;
  toolName?: string;
  toolText?: string;
}

/** BM25+ over the registry and what is cached of the servers' tools. Build one per change of either. */
export function createSearch(servers: readonly ServerEntry[], cached: (server: ServerEntry) => Catalogue | undefined): Search {
  const index = new MiniSearch<Document>({
    idField: "key",
    fields: Object.keys(weights),
    storeFields: ["serverId", "tool"],
    tokenize: words,
    processTerm: (term) => (stopWords.has(term) ? null : stemmer(term)),
    searchOptions: { boost: weights, prefix: (term) => term.length >= 4, fuzzy: (term) => (term.length >= 5 ? 0.2 : false) },
  });
  const tools = new Map<string, Tool>();
  for (const server of servers) {
    index.add(documentOf(server));
    for (const tool of cached(server)?.tools ?? []) {
      const document = documentOfTool(server, tool);
      tools.set(document.key, tool);
      index.add(document);
    }
  }
  const byId = new Map(servers.map((server) => [server.id, server]));

  function search(query: string, eligible: readonly ServerEntry[], fuzzy?: number): Match[] {
    const ids = new Set(eligible.map((server) => server.id));
    const hits = index.search(query, {
      filter: (hit) => ids.has(String(hit.serverId)),
      ...(fuzzy === undefined ? {} : { fuzzy, prefix: true }),
    });
    const found = new Map<string, { own: number; best: number; tools: Tool[] }>();
    for (const hit of hits) {
      const id = String(hit.serverId);
      const entry = found.get(id) ?? { own: 0, best: 0, tools: [] };
      found.set(id, entry);
      const tool = tools.get(String(hit.id));
      if (tool === undefined) entry.own = hit.score;
      else {
        entry.best = Math.max(entry.best, hit.score);
        if (entry.tools.length < limits.listToolsPerServer) entry.tools.push(tool);
      }
    }
    return [...found]
      .map(([id, { own, best, tools: matching }]) => {
        const server = byId.get(id);
        return server && { server, tools: matching, score: own + toolShare * best + priorityStep * server.priority };
      })
      .filter((match) => match !== undefined)
      .sort((a, b) => b.score - a.score || (a.server.id < b.server.id ? -1 : 1))
      .map(({ server, tools: matching }) => ({ server, tools: matching, isWeak: false }));
  }

  return {
    rank(query, eligible) {
      const strong = search(query, eligible);
      if (strong.length > 0) return strong;
      const nearest = search(query, eligible, 0.5);
      const rest = nearest.length > 0 ? nearest : byPriority(eligible).map((server) => ({ server, tools: [], isWeak: true }));
      return rest.slice(0, nearestMax).map((match) => ({ ...match, isWeak: true }));
    },
    rankTools(query, server) {
      return index
        .search(query, { filter: (hit) => hit.serverId === server.id })
        .map((hit) => tools.get(String(hit.id)))
        .filter((tool) => tool !== undefined);
    },
  };
}

/** How many servers a query gets that fits none. */
const nearestMax = 5;

/** The order of servers when nothing is asked: the owner's priority, then the name. */
export function byPriority(servers: readonly ServerEntry[]): ServerEntry[] {
  return [...servers].sort((a, b) => b.priority - a.priority || (a.id < b.id ? -1 : 1));
}

function documentOf(server: ServerEntry): Document {
  return {
    key: server.id,
    serverId: server.id,
    id: server.id,
    title: server.title,
    tags: server.tags.join(" "),
    domains: server.domains.join(" "),
    examples: server.examples.join(" "),
    summary: server.summary,
  };
}

function documentOfTool(server: ServerEntry, tool: Tool): Document {
  const { properties } = tool.inputSchema;
  const parameters = typeof properties === "object" && properties !== null ? Object.keys(properties) : [];
  return {
    key: `${server.id} ${tool.name}`,
    serverId: server.id,
    tool: tool.name,
    toolName: `${tool.name} ${bounded(tool.title ?? "")}`,
    toolText: `${bounded(tool.description ?? "")} ${bounded(parameters.join(" "))}`,
  };
}

/** A stranger's words: a megabyte of them would only slow the search. */
function bounded(text: string): string {
  return text.slice(0, limits.descriptionCharsMax);
}

/** Splits names as well as sentences: `createIssue`, `create_issue` and "create issue" are the same words. */
function words(text: string): string[] {
  return text
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "");
}

const stopWords = new Set(
  "a an and are as at be by do does for from has have how i in is it its me my of on or s t that the this to was we what when where which with you your".split(
    " ",
  ),
);
