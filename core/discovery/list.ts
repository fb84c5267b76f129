import type { Catalog } from "../catalog/catalog.ts";
import { oneLine } from "../codegen/jsdoc.ts";
import { signatureOf } from "../codegen/signature.ts";
import { limits } from "../limits.ts";
import type { Tool } from "../mcp/tool.ts";
import type { Reachability, Upstream } from "../mcp/upstream.ts";
import { nameTools } from "../registry/identifiers.ts";
import { type Registry, type ServerEntry, sourceOf } from "../registry/registry.ts";
import { byPriority, type Match, type Search } from "../search/search.ts";
import { cutText, withoutInvisible } from "../text.ts";
import type { ListInput } from "./tool-definitions.ts";

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
  /** Number of its tools, if they are known. */
  toolCount?: number;
  tools?: ListedTool[];
  weak?: true;
}

export interface ListedTool {
  name: string;
  /** The call in one line of TypeScript; only for the best tools of the best server. Often all that is needed to call them. */
  signature?: string;
  description?: string;
}

export interface Listing {
  servers: ListedServer[];
  total: number;
  message?: string;
}

interface ListingParts {
  registry: Registry;
  catalog: Catalog;
  upstream: Upstream;
  search: () => Search;
}

/** Answers `list_mcp_capabilities` from the registry and the cache, without connecting to a server. */
export function createListing({ registry, catalog, upstream, search }: ListingParts) {
  function show(
    { server, tools, isWeak }: Match,
    { detail, isBest }: { detail: ListInput["detail"]; isBest: boolean },
  ): ListedServer {
    const all = catalog.cached(server)?.tools;
    const names = isBest && all ? nameTools(all) : undefined;
    return {
      id: server.id,
      title: server.title,
      ...(detail === "summary" ? { summary: server.summary } : {}),
      ...(server.visibility === "default" ? {} : { visibility: server.visibility }),
      ...(server.sensitivity === "high" ? { sensitivity: server.sensitivity } : {}),
      ...statusOf(server, { catalog, upstream }),
      ...(all === undefined ? {} : { toolCount: all.length }),
      ...(tools.length === 0
        ? {}
        : { tools: tools.map((tool, at) => showTool(tool, at < limits.listSignatures ? names?.get(tool.name) : undefined)) }),
      ...(isWeak ? { weak: true } : {}),
    };
  }

  return (input: ListInput, among: readonly ServerEntry[] = registry.servers): Listing => {
    if (registry.servers.length === 0) return { servers: [], total: 0, message: emptyMessage(registry) };
    const eligible = among.filter((server) => isEligible(server, input));
    const query = input.query?.trim() ?? "";
    const matches =
      query === ""
        ? byPriority(eligible).map((server): Match => ({ server, tools: [], isWeak: false }))
        : search().rank(query, eligible);
    const message = messageFor({ eligible, registry, matches });
    return {
      servers: matches.slice(0, input.limit).map((match, place) => show(match, { detail: input.detail, isBest: place === 0 })),
      total: matches.length,
      ...(message === undefined ? {} : { message }),
    };
  };
}

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

function showTool(tool: Tool, identifier: string | undefined): ListedTool {
  const description = oneLine(tool.description ?? "", limits.descriptionLineCharsMax);
  return {
    name: tool.name,
    ...(identifier === undefined ? {} : { signature: signatureOf(identifier, tool) }),
    ...(description === "" ? {} : { description }),
  };
}

function emptyMessage(registry: Registry): string {
  const broken = registry.problems.length > 0 ? ` It has ${registry.problems.length} problem(s): ${firstProblem(registry)}` : "";
  return `No MCP servers are registered. Add them to ${sourceOf(registry)}.${broken}`;
}

function firstProblem({ problems }: Registry): string {
  const first = problems[0];
  return first === undefined ? "" : `${first.path}: ${first.message}`;
}

function messageFor({
  eligible,
  registry,
  matches,
}: {
  eligible: readonly ServerEntry[];
  registry: Registry;
  matches: readonly Match[];
}) {
  if (eligible.length === 0) return "No server has this visibility, domain or tag; omit the filters to see all.";
  if (matches[0]?.isWeak) return "Nothing matches well; these are the nearest.";
  if (registry.problems.length > 0)
    return `${sourceOf(registry)} has ${registry.problems.length} problem(s): ${firstProblem(registry)}`;
  return undefined;
}
