import { isAllowedByDefault, type Registry, type ServerEntry, sourceOf } from "../registry/registry.ts";
import { byPriority } from "../search/search.ts";

/** Characters for the server ids: with the two sentences, the instructions stay under 200 tokens. */
const idCharsMax = 200;

/**
 * The instructions of the MCP server, which a client shows its model before any tool is called: the workflow, and the servers
 * that run by default, first those that can be reached. Of all that a client sees unasked, only this text depends on the registry.
 */
export function instructionsFor(registry: Registry, isReachable: (server: ServerEntry) => boolean = () => true): string {
  const workflow =
    "Many MCP servers stand behind three tools: find servers with list_mcp_capabilities, read signatures with describe_mcp, then write TypeScript for execute_mcp_code. " +
    "Do all calls, joins and filtering in one program and return only the answer.";
  const servers = byPriority(registry.servers.filter(isAllowedByDefault));
  // A server that cannot be reached now may be later, so it is named too, but not in place of one that can.
  const ids = [...servers.filter(isReachable), ...servers.filter((server) => !isReachable(server))].map(({ id }) => id);
  if (registry.servers.length === 0)
    return `${workflow} No servers are registered yet; they are declared in ${sourceOf(registry)}.`;
  if (ids.length === 0) return `${workflow} Every server here runs only when allowedMcpIds names it.`;
  const shown: string[] = [];
  for (const id of ids) {
    if (shown.join(", ").length + id.length > idCharsMax) break;
    shown.push(id);
  }
  const rest = ids.length - shown.length;
  return `${workflow} Servers: ${shown.join(", ")}${rest > 0 ? ` and ${rest} more` : ""}.`;
}
