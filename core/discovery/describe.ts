import type { Catalog } from "../catalog/catalog.ts";
import type { Observations } from "../catalog/observations.ts";
import type { ToolListing } from "../catalog/tool-listing.ts";
import { closestHint, closestTo, named } from "../closest.ts";
import { declareClient } from "../codegen/declaration.ts";
import { signatureOf } from "../codegen/signature.ts";
import { OrchestratorError } from "../errors.ts";
import { limits } from "../limits.ts";
import type { Tool } from "../mcp/tool.ts";
import type { Upstream } from "../mcp/upstream.ts";
import { findServer } from "../registry/allow-list.ts";
import { nameTools } from "../registry/identifiers.ts";
import type { ServerEntry } from "../registry/registry.ts";
import type { Search } from "../search/search.ts";
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
}

export interface DescribeParts {
  servers: readonly ServerEntry[];
  catalog: Catalog;
  upstream: Upstream;
  observations: Observations;
  search: () => Search;
}

/** What `describe_mcp` answers. Rejects with `server_unknown`, or with the reason why the tools cannot be listed. */
export function createDescribe({ servers, catalog, upstream, observations, search }: DescribeParts) {
  return async (input: DescribeInput): Promise<object> => {
    const server = findServer(servers, input.id);
    if (input.detail === "summary") return summaryOf(server, statusOf(server, { catalog, upstream }));
    const listing = await catalog.load(server);
    const tools = observations.addTo(server, listing.tools);
    const known = { server, listing: { ...listing, tools }, search, textOf: textsOf(listing.tools), upstream };
    const described = input.detail === "tools" ? describeTools(known, input) : describeSchema(known, input);
    const { status, ...why } = statusOf(server, { catalog, upstream });
    return { id: server.id, ...(status === "ready" ? {} : { status, ...why }), ...described };
  };
}

/** What the registry says of a server. */
function summaryOf(server: ServerEntry, status: ReturnType<typeof statusOf>): object {
  const { id, title, summary, sensitivity, visibility, domains, tags, examples } = server;
  return { id, title, summary, ...status, sensitivity, visibility, domains, tags, examples };
}

/** A signature and a description in one line each, for every selected tool. `omitted` names the tools that did not fit. */
function describeTools(known: Known, selection: Selection) {
  const { tools: all } = known.listing;
  const { selected, isNamed, isAll, ...marks } = selectTools(known, selection);
  if (isAll && all.length > discoveryLimits.describeAllToolsMax) return nameOnly(all);
  const names = nameTools(all);
  const isOpened = selected.length <= discoveryLimits.openedTools;
  const most = isNamed || isAll ? selected.length : discoveryLimits.describeMatches;
  const tools: ToolLine[] = [];
  let chars = 0;
  for (const tool of selected.slice(0, most)) {
    const line = lineOf(tool, { identifier: names.get(tool.name) ?? tool.name, textOf: known.textOf, isOpened });
    chars += JSON.stringify(line).length;
    if (tools.length > 0 && chars > discoveryLimits.describeToolsCharsMax) break;
    tools.push(line);
  }
  const omitted = selected.slice(tools.length).map((tool) => tool.name);
  return { tools, total: all.length, ...marks, ...omittedOf(omitted) };
}

/** The lines of all tools of a large server would cost more than a query that finds the right ones. */
function nameOnly(all: readonly Tool[]) {
  const tools = all.slice(0, discoveryLimits.describeOmittedMax).map(({ name }) => ({ name }));
  const message = "Too many tools to describe at once: pass `query`, or names as `tools`.";
  return {
    tools,
    total: all.length,
    message,
    ...omittedOf(
      all.slice(tools.length).map(({ name }) => name),
      0,
    ),
  };
}

function lineOf(
  tool: Tool,
  { identifier, textOf, isOpened }: { identifier: string; textOf: ToolText; isOpened: boolean },
): ToolLine {
  const description = textOf(tool, discoveryLimits.describeLineCharsMax);
  const signature = isOpened
    ? signatureOf(identifier, tool, discoveryLimits.openedSignatureCharsMax)
    : signatureOf(identifier, tool);
  return { name: tool.name, signature, ...(description === "" ? {} : { description }) };
}

/** The self-contained declaration of the selected tools, exactly as `mcp-clients/<id>` declares them. */
function describeSchema(known: Known, selection: Selection) {
  const { server, listing } = known;
  const { selected, isNamed: _isNamed, isAll: _isAll, ...marks } = selectTools(known, selection);
  const { declaration, included, omitted } = declareClient({
    server,
    tools: listing.tools,
    only: selected.map((tool) => tool.name),
    charsMax: discoveryLimits.describeSchemaCharsMax,
    isExcerpt: true,
  });
  return { tools: included, declaration, ...marks, ...omittedOf(omitted) };
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
  /** They were asked for by their names. */
  isNamed: boolean;
  /** Neither names nor a query narrow them down. */
  isAll: boolean;
  /** Nothing matches the query: all tools are selected. */
  weak?: true;
}

/** @throws OrchestratorError `tool_unknown` with every unknown name and the closest known ones */
function selectTools({ server, listing, search, upstream }: Known, { tools: wanted, query }: Selection): Selected {
  const { tools } = listing;
  if (wanted !== undefined && wanted.length > 0) {
    const whyAbsent = (name: string) => upstream.whyAbsent?.(server, name);
    return { selected: namedTools({ server, tools, whyAbsent }, wanted), isNamed: true, isAll: false };
  }
  if (query === undefined || query.trim() === "") return { selected: tools, isNamed: false, isAll: true };
  const byName = new Map(tools.map((tool) => [tool.name, tool]));
  const ranked = search()
    .rankTools(query, server)
    .flatMap(({ name }) => byName.get(name) ?? []);
  // A tool whose name is the query is what was meant, whatever other tools say of it.
  const found = [...new Set([...exactlyNamed(tools, query), ...ranked])];
  return found.length > 0
    ? { selected: found, isNamed: false, isAll: false }
    : { selected: tools, isNamed: false, isAll: tools.length > discoveryLimits.describeAllToolsMax, weak: true };
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
  const find = (name: string) => byName.get(name) ?? byIdentifier.get(name);
  const missing = wanted.filter((name) => find(name) === undefined).slice(0, limits.inputProblemsMax);
  if (missing.length > 0) {
    const suggestions = [...new Set(missing.flatMap((name) => closestTo(name, [...byName.keys()])))];
    const unknown = `No tool ${missing.map((name) => `"${named(name)}"`).join(", ")} on ${server.id}.${closestHint(suggestions)}`;
    const message = [unknown, ...missing.flatMap((name) => whyAbsent?.(name) ?? [])].join(" ");
    throw new OrchestratorError("tool_unknown", message, { phase: "input", server: server.id, suggestions });
  }
  return [...new Set(wanted.map(find))].filter((tool) => tool !== undefined);
}

function exactlyNamed(tools: readonly Tool[], query: string): Tool[] {
  const folded = (text: string) => text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "");
  const wanted = folded(query);
  return tools.filter(({ name }) => folded(name) === wanted);
}
