import type { Catalog } from "../catalog/catalog.ts";
import type { Observations } from "../catalog/observations.ts";
import type { ToolListing } from "../catalog/tool-listing.ts";
import type { Clock } from "../clock.ts";
import { closestHint, closestTo, fold, isSameName, named, toolNamesHint } from "../closest.ts";
import { declareClient } from "../codegen/declaration.ts";
import { signatureOf } from "../codegen/signature.ts";
import { OrchestratorError } from "../errors.ts";
import { limits } from "../limits.ts";
import type { Tool } from "../mcp/tool.ts";
import type { Upstream } from "../mcp/upstream.ts";
import { findServer } from "../registry/allow-list.ts";
import { nameTools, toIdentifier } from "../registry/identifiers.ts";
import { isBuiltIn, type ServerEntry } from "../registry/registry.ts";
import type { Search } from "../search/search.ts";
import { inTurns } from "../turns.ts";
import { discoveryLimits } from "./discovery-limits.ts";
import { statusOf } from "./list.ts";
import type { DescribeInput } from "./tool-definitions.ts";
import { type ToolText, textsOf } from "./tool-text.ts";

export interface ToolLine {
  /** Wire name. */
  name: string;
  /** The call in one line of TypeScript. */
  signature: string;
  description?: string;
}

export interface Selection {
  tools?: string[] | undefined;
  query?: string | undefined;
}

/** A server, its tools as listed now, and the search. */
interface Known {
  server: ServerEntry;
  listing: ToolListing;
  search: () => Search;
  textOf: ToolText;
  upstream: Upstream;
  clock: Clock;
}

export interface DescribeParts {
  servers: readonly ServerEntry[];
  catalog: Catalog;
  upstream: Upstream;
  observations: Observations;
  search: () => Search;
  /** Resolves when a search has everything indexed. */
  prepare: () => Promise<void>;
  clock: Clock;
}

/** What `describe_mcp` answers. Rejects with `server_unknown`, or with the reason why the tools cannot be listed. */
export function createDescribe({ servers, catalog, upstream, observations, search, prepare, clock }: DescribeParts) {
  return async (input: DescribeInput): Promise<object> => {
    const server = toolAsServer(servers, catalog, input.id) ?? findServer(servers, input.id);
    if (input.detail === "summary") return summaryOf(server, statusOf(server, { catalog, upstream }));
    const listing = await catalog.load(server);
    if (input.query !== undefined) await prepare();
    const tools = observations.addTo(server, listing.tools);
    const known = { server, listing: { ...listing, tools }, search, textOf: textsOf(listing.tools), upstream, clock };
    const described = input.detail === "tools" ? await describeTools(known, input) : describeSchema(known, input);
    const { status, ...why } = statusOf(server, { catalog, upstream });
    return { id: server.id, ...(status === "ready" ? {} : { status, ...why }), ...described };
  };
}

/**
 * Undefined for what names no tool.
 * @throws OrchestratorError `server_unknown` for a tool in place of a server, "files.read_file" or "read_file", that says how both are written
 */
function toolAsServer(servers: readonly ServerEntry[], catalog: Catalog, id: string): undefined {
  if (servers.some((server) => isSameName(server.id, id))) return undefined;
  const [, prefix = "", rest = ""] = /^([\w-]+)(?:__|[./:])(.+)$/.exec(id) ?? [];
  const owner = servers.find((server) => prefix !== "" && isSameName(server.id, prefix));
  const server = owner ?? servers.find((one) => catalog.cached(one)?.tools.some(({ name }) => isSameName(name, id)));
  if (server === undefined) return undefined;
  const form = `{ id: ${JSON.stringify(server.id)}, tools: [${JSON.stringify(owner ? rest : id)}] }`;
  throw new OrchestratorError("server_unknown", `That is a tool, and \`id\` is its server: ${form}.`, { suggestions: [form] });
}

/** What the registry says of a server. */
function summaryOf(server: ServerEntry, status: ReturnType<typeof statusOf>): object {
  const { id, title, summary, sensitivity, visibility, domains, tags, examples } = server;
  return { id, title, summary, ...status, sensitivity, visibility, domains, tags, examples };
}

/** A signature and a description in one line each, for every selected tool. `omitted` names the tools that did not fit. */
async function describeTools(known: Known, selection: Selection) {
  const { tools: all } = known.listing;
  const { selected, kind, ...marks } = selectTools(known, selection);
  if (all.length === 0) return { tools: [], total: 0, message: noToolsMessage(known.server) };
  if (kind === "all" && all.length > discoveryLimits.describeAllToolsMax) return { ...nameOnly(all), message: tooMany };
  if (kind === "none" && all.length > discoveryLimits.describeMatches)
    return { ...nameOnly(all), message: noneMatches, ...marks };
  const names = nameTools(all);
  const shown = selected.slice(0, linesMax[kind]);
  const { openedTools, openedNamedCharsMax, openedSignatureCharsMax: charsMax, namedSignatureCharsMax } = discoveryLimits;
  const isOpened = shown.length <= openedTools;
  const namedCharsMax = Math.max(charsMax, openedNamedCharsMax / shown.length);
  const bounds = isOpened ? { charsMax, namedCharsMax } : { namedCharsMax: namedSignatureCharsMax };
  const tools: ToolLine[] = [];
  function* readLines(): Generator<number, void> {
    let chars = 0;
    for (const tool of shown) {
      const line = lineOf(tool, { identifier: names.get(tool.name) ?? tool.name, textOf: known.textOf, bounds });
      chars += JSON.stringify(line).length;
      if (tools.length > 0 && chars > discoveryLimits.describeToolsCharsMax) return;
      tools.push(line);
      yield JSON.stringify(tool).length / charsPerCost;
    }
  }
  await inTurns(readLines(), known.clock);
  const omitted = selected.slice(tools.length).map((tool) => tool.name);
  return { tools, total: all.length, ...marks, ...omittedOf(omitted) };
}

/** Characters of a schema that become a signature while one word is read. */
const charsPerCost = 5;

/** A server may have only what no signature shows. */
function noToolsMessage(server: ServerEntry): string {
  if (isBuiltIn(server)) return "It has no tools yet.";
  const client = toIdentifier(server.id);
  return `It has no tools. What else it may have: ${client}.$resources.list(), ${client}.$prompts.list().`;
}

const tooMany = "Too many tools to describe at once: pass `query`, or names as `tools`.";
const noneMatches = "No tool matches the query. These are all there are: pass names as `tools`.";

/** The lines of all tools of a large server would cost more than a query that finds the right ones. */
function nameOnly(all: readonly Tool[]) {
  const tools = all.slice(0, discoveryLimits.describeOmittedMax).map(({ name }) => ({ name }));
  return {
    tools,
    total: all.length,
    ...omittedOf(
      all.slice(tools.length).map(({ name }) => name),
      0,
    ),
  };
}

function lineOf(
  tool: Tool,
  { identifier, textOf, bounds }: { identifier: string; textOf: ToolText; bounds: Parameters<typeof signatureOf>[2] },
): ToolLine {
  const description = textOf(tool, discoveryLimits.describeLineCharsMax);
  const signature = signatureOf(identifier, tool, bounds);
  return { name: tool.name, signature, ...(description === "" ? {} : { description }) };
}

/** The self-contained declaration of the selected tools, exactly as `mcp-clients/<id>` declares them. */
function describeSchema(known: Known, selection: Selection) {
  const { server, listing } = known;
  const { selected, kind, ...marks } = selectTools(known, selection);
  const shown = selected.slice(0, schemasMax[kind]);
  const { declaration, included, omitted } = declareClient({
    server,
    tools: listing.tools,
    only: shown.map((tool) => tool.name),
    charsMax: discoveryLimits.describeSchemaCharsMax,
    isExcerpt: true,
  });
  const left = selected.slice(shown.length).map((tool) => tool.name);
  return { tools: included, declaration, ...marks, ...omittedOf([...omitted, ...left]) };
}

/** The names of the tools that did not fit. Only the first of them: a server may have thousands. */
function omittedOf(names: readonly string[], namedMax: number = discoveryLimits.describeOmittedMax): { omitted?: string[] } {
  if (names.length === 0) return {};
  const rest = names.length - namedMax;
  const shown = names.slice(0, namedMax);
  return { omitted: rest > 0 ? [...shown, `… ${rest} more; pass a query to narrow them down`] : shown };
}

interface Selected {
  selected: readonly Tool[];
  /**
   * Why these: `names` asked for them, as did a query that is one's name (`name`); they match a query; nothing narrows them down; or
   * nothing matches the query, and all are selected.
   */
  kind: "names" | "name" | "query" | "all" | "none";
  weak?: true;
}

/** How many of them are shown, at most. Bounds of the answer's length come on top. */
const unlimited = { names: Number.POSITIVE_INFINITY, all: Number.POSITIVE_INFINITY };
const linesMax: Readonly<Record<Selected["kind"], number>> = {
  ...unlimited,
  ...{ name: discoveryLimits.openedTools, query: discoveryLimits.describeMatches, none: discoveryLimits.describeMatches },
};
const schemasMax: Readonly<Record<Selected["kind"], number>> = {
  ...unlimited,
  ...{ name: 1, query: discoveryLimits.schemaMatches, none: discoveryLimits.schemaMatches },
};

/** @throws OrchestratorError `tool_unknown` with every unknown name and the closest known ones */
function selectTools({ server, listing, search, upstream }: Known, { tools: wanted, query }: Selection): Selected {
  const { tools } = listing;
  if (wanted !== undefined && wanted.length > 0) {
    const whyAbsent = (name: string) => upstream.whyAbsent?.(server, name);
    return { selected: namedTools({ server, tools, whyAbsent }, wanted), kind: "names" };
  }
  if (query === undefined || query.trim() === "") return { selected: tools, kind: "all" };
  // A tool whose name is the query is what was meant, whatever other tools say of it.
  const exact = exactlyNamed(tools, query);
  const found = [...new Set([...exact, ...matching({ server, tools, search: search() }, query)])];
  if (found.length === 0) return { selected: tools, kind: "none", weak: true };
  return { selected: found, kind: exact.length > 0 && /[_-]|[a-z][A-Z]/.test(query) ? "name" : "query" };
}

/** The tools that match a query, best first; those for each wish of a sentence with several are among the first twelve. */
function matching({ server, tools, search }: ToolsOfServer & { search: Search }, query: string): Tool[] {
  const ranked = search.rankTools(query, server);
  if (ranked.length === 0) return [];
  const foremost = Math.floor(discoveryLimits.describeMatches / 2);
  // Of the whole sentence only the best, and the best of each of its wishes.
  const wished = search.find(query, [server], 1).matches.flatMap((match) => match.tools);
  // Observed types are not part of what is searched.
  const byName = new Map(tools.map((tool) => [tool.name, tool]));
  const names = new Set([...ranked.slice(0, foremost), ...wished, ...ranked].map(({ name }) => name));
  return [...names].flatMap((name) => byName.get(name) ?? []);
}

interface ToolsOfServer {
  server: ServerEntry;
  tools: readonly Tool[];
  whyAbsent?: (name: string) => string | undefined;
}

/**
 * The tools of these wire names or identifiers, each once.
 * @throws OrchestratorError `tool_unknown`
 */
export function namedTools({ server, tools, whyAbsent }: ToolsOfServer, wanted: readonly string[]): Tool[] {
  const byName = new Map(tools.map((tool) => [tool.name, tool]));
  const byIdentifier = new Map([...nameTools(tools)].map(([name, identifier]) => [identifier, byName.get(name)]));
  let byFolded: Map<string, Tool[]> | undefined;
  const find = (name: string) => {
    const found = byName.get(name) ?? byIdentifier.get(name);
    if (found !== undefined) return found;
    byFolded ??= Map.groupBy(tools, (tool) => fold(tool.name));
    return onlyOne(byFolded.get(fold(name)));
  };
  const missing = wanted.filter((name) => find(name) === undefined).slice(0, limits.inputProblemsMax);
  if (missing.length > 0) {
    const suggestions = [...new Set(missing.flatMap((name) => closestTo(name, [...byName.keys()])))];
    const unknown = `No tool ${missing.map((name) => `"${named(name)}"`).join(", ")} on ${server.id}.`;
    const names = toolNamesHint([...byName.keys()]) ?? "Pass `query` to find one.";
    const known = suggestions.length > 0 ? closestHint(suggestions).trim() : names;
    const message = [unknown, known, ...missing.flatMap((name) => whyAbsent?.(name) ?? [])].join(" ");
    throw new OrchestratorError("tool_unknown", message, { phase: "input", server: server.id, suggestions });
  }
  return [...new Set(wanted.map(find))].filter((tool) => tool !== undefined);
}

function onlyOne<T>(items: readonly T[] | undefined): T | undefined {
  return items?.length === 1 ? items[0] : undefined;
}

function exactlyNamed(tools: readonly Tool[], query: string): Tool[] {
  const wanted = fold(query);
  return tools.filter(({ name }) => fold(name) === wanted);
}
