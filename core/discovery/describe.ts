import type { Catalog } from "../catalog/catalog.ts";
import type { Observations } from "../catalog/observations.ts";
import type { ToolListing } from "../catalog/tool-listing.ts";
import { closestHint, closestTo, named } from "../closest.ts";
import { declareClient } from "../codegen/declaration.ts";
import { oneLine } from "../codegen/jsdoc.ts";
import { signatureOf } from "../codegen/signature.ts";
import { OrchestratorError } from "../errors.ts";
import { limits } from "../limits.ts";
import type { Tool } from "../mcp/tool.ts";
import type { Upstream } from "../mcp/upstream.ts";
import { findServer } from "../registry/allow-list.ts";
import { nameTools } from "../registry/identifiers.ts";
import type { ServerEntry } from "../registry/registry.ts";
import type { Search } from "../search/search.ts";
import { statusOf } from "./list.ts";
import type { DescribeInput } from "./tool-definitions.ts";

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
    const known = { server, listing: { ...listing, tools }, search };
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
  const { selected, ...marks } = selectTools(known, selection);
  const names = nameTools(all);
  const tools: ToolLine[] = [];
  let chars = 0;
  for (const tool of selected) {
    const line = lineOf(tool, names.get(tool.name) ?? tool.name);
    chars += JSON.stringify(line).length;
    if (tools.length > 0 && chars > limits.describeToolsCharsMax) break;
    tools.push(line);
  }
  const omitted = selected.slice(tools.length).map((tool) => tool.name);
  return { tools, total: all.length, ...marks, ...omittedOf(omitted) };
}

function lineOf(tool: Tool, identifier: string): ToolLine {
  const description = oneLine(tool.description ?? tool.title ?? "", limits.descriptionLineCharsMax);
  const signature = signatureOf(identifier, tool);
  return { name: tool.name, signature, ...(description === "" ? {} : { description }) };
}

/** The self-contained declaration of the selected tools, exactly as `mcp-clients/<id>` declares them. */
function describeSchema(known: Known, selection: Selection) {
  const { server, listing } = known;
  const { selected, ...marks } = selectTools(known, selection);
  const { declaration, included, omitted } = declareClient({
    server,
    tools: listing.tools,
    only: selected.map((tool) => tool.name),
    charsMax: limits.describeSchemaCharsMax,
  });
  return { tools: included, declaration, ...marks, ...omittedOf(omitted) };
}

/** The names of the tools that did not fit. Only the first of them: a server may have thousands. */
function omittedOf(names: readonly string[]): { omitted?: string[] } {
  if (names.length === 0) return {};
  const rest = names.length - limits.describeOmittedMax;
  const shown = names.slice(0, limits.describeOmittedMax);
  return { omitted: rest > 0 ? [...shown, `… ${rest} more; pass a query to narrow them down`] : shown };
}

interface Selected {
  selected: readonly Tool[];
  /** Nothing matches the query: all tools are selected. */
  weak?: true;
}

/** @throws OrchestratorError `tool_unknown` with every unknown name and the closest known ones */
function selectTools({ server, listing, search }: Known, { tools: wanted, query }: Selection): Selected {
  const byName = new Map(listing.tools.map((tool) => [tool.name, tool]));
  if (wanted !== undefined && wanted.length > 0) {
    const missing = wanted.filter((name) => !byName.has(name)).slice(0, limits.inputProblemsMax);
    if (missing.length > 0) {
      const suggestions = [...new Set(missing.flatMap((name) => closestTo(name, [...byName.keys()])))];
      throw new OrchestratorError(
        "tool_unknown",
        `No tool ${missing.map((name) => `"${named(name)}"`).join(", ")} on ${server.id}.${closestHint(suggestions)}`,
        { phase: "input", server: server.id, suggestions },
      );
    }
    return { selected: [...new Set(wanted)].map((name) => byName.get(name)).filter((tool) => tool !== undefined) };
  }
  if (query === undefined || query.trim() === "") return { selected: listing.tools };
  const found = search()
    .rankTools(query, server)
    .flatMap(({ name }) => byName.get(name) ?? []);
  return found.length > 0 ? { selected: found } : { selected: listing.tools, weak: true };
}
