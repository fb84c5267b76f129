import { isAllowedByDefault, isBuiltIn, type Registry, type ServerEntry, sourceOf } from "../registry/registry.ts";
import { byPriority } from "../search/find.ts";
import type { ServerStatus } from "./list.ts";

/** Characters for the server ids: with the two sentences, the instructions stay under 200 tokens. */
const idCharsMax = 200;

const finding =
  "Many MCP servers stand behind three tools: find servers with list_mcp_capabilities, read signatures with describe_mcp,";
const workflow = `${finding} then write TypeScript for execute_mcp_code. Do all calls, joins and filtering in one program and return only the answer.`;

/** For a client that sends programs: only those can be kept. */
const keeping =
  " A program worth keeping becomes a tool: dynamic.tool_create({ name, description, code }), then saved.<name>(args).";

/**
 * A server that cannot be reached now may be later, so it is named too, but not in place of one that can. One whose tools were never
 * listed may have failed before the session slept.
 */
const ranks: Readonly<Record<ServerStatus, number>> = {
  ready: 0,
  not_connected: 1,
  bridge_offline: 2,
  auth_required: 2,
  unavailable: 2,
};

/** The same instructions for a client that calls single tools, in a sandbox of its own or without one. */
export function directInstructions(instructions: string): string {
  return instructions.replace(workflow, `${finding} then call them with call_mcp_tool.`).replace(keeping, "");
}

/**
 * The instructions of the MCP server, which a client shows its model before any tool is called: the workflow, and the servers
 * that run by default, first those that can be reached. Of all that a client sees unasked, only this text depends on the registry.
 */
export function instructionsFor(
  registry: Registry,
  statusOf: (server: ServerEntry) => ServerStatus = () => "not_connected",
): string {
  const servers = byPriority(registry.servers.filter((server) => isAllowedByDefault(server) && !isBuiltIn(server)));
  const ids = servers.toSorted((a, b) => ranks[statusOf(a)] - ranks[statusOf(b)]).map(({ id }) => id);
  if (registry.servers.every(isBuiltIn))
    return `${workflow} No servers are registered yet; they are declared in ${sourceOf(registry)}.`;
  if (ids.length === 0) return `${workflow} Every server here runs only when allowedMcpIds names it.`;
  const shown: string[] = [];
  for (const id of ids) {
    if (shown.join(", ").length + id.length > idCharsMax) break;
    shown.push(id);
  }
  const rest = ids.length - shown.length;
  const canKeep = registry.servers.some(({ id, mcp }) => id === "dynamic" && mcp.transport === "built_in");
  return `${workflow} Servers: ${shown.join(", ")}${rest > 0 ? ` and ${rest} more` : ""}.${canKeep ? keeping : ""}`;
}
