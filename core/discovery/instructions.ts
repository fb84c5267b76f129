import { isAllowedByDefault, type Registry, registryPath } from "../registry/registry.ts";
import { byPriority } from "../search/search.ts";

/** Characters the server ids may take; with the two sentences it stays under 200 tokens. */
const idCharsMax = 200;

/**
 * What a client shows its model before any tool is called: the workflow, and the servers that need no asking. The only
 * text of the surface that depends on the registry.
 */
export function instructionsFor(registry: Registry): string {
  const workflow =
    "Many MCP servers stand behind three tools: find servers with list_mcp_capabilities, read signatures with describe_mcp, then write TypeScript for execute_mcp_code. " +
    "Do all calls, joins and filtering in one program and return only the answer.";
  const ids = byPriority(registry.servers.filter(isAllowedByDefault)).map((server) => server.id);
  if (registry.servers.length === 0) return `${workflow} No servers are registered yet; they are declared in ${registryPath}.`;
  if (ids.length === 0) return `${workflow} Every server here runs only when allowedMcpIds names it.`;
  const shown: string[] = [];
  for (const id of ids) {
    if (shown.join(", ").length + id.length > idCharsMax) break;
    shown.push(id);
  }
  const rest = ids.length - shown.length;
  return `${workflow} Servers: ${shown.join(", ")}${rest > 0 ? ` and ${rest} more` : ""}.`;
}
