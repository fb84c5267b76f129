import { closestHint, closestTo, named } from "../closest.ts";
import { OrchestratorError } from "../errors.ts";
import { isAllowedByDefault, type ServerEntry } from "./registry.ts";

/**
 * The servers one run may use. Left out: every default server that is not of high sensitivity. Given: exactly those,
 * whatever their visibility or sensitivity, because naming is the opt-in.
 *
 * @throws OrchestratorError `server_unknown` with the closest ids
 */
export function allowedServers(registered: readonly ServerEntry[], allowedMcpIds: readonly string[] | undefined): ServerEntry[] {
  if (allowedMcpIds === undefined) return registered.filter(isAllowedByDefault);
  return [...new Set(allowedMcpIds)].map((id) => findServer(registered, id));
}

/** @throws OrchestratorError `server_unknown` with the closest ids */
export function findServer(registered: readonly ServerEntry[], id: string): ServerEntry {
  const server = registered.find((candidate) => candidate.id === id);
  if (server) return server;
  const suggestions = closestTo(
    id,
    registered.map((candidate) => candidate.id),
  );
  throw new OrchestratorError(
    "server_unknown",
    `No server "${named(id)}" in the registry.${closestHint(suggestions)} list_mcp_capabilities finds servers.`,
    { server: named(id), suggestions },
  );
}

/** Why a server is outside a run's allow list, and what would let it in. */
export function notAllowedMessage(server: ServerEntry): string {
  const why = isAllowedByDefault(server)
    ? "is not in this run's allowedMcpIds"
    : `runs only when named, because it is ${server.visibility === "default" ? `of ${server.sensitivity} sensitivity` : server.visibility}`;
  return `Server "${server.id}" ${why}. Add "${server.id}" to allowedMcpIds to use it.`;
}

/** A server's tools less those its entry hides: a hidden tool does not exist, for describe as for code. */
export function exposedTools<T extends { name: string }>(server: ServerEntry, tools: readonly T[]): T[] {
  return tools.filter((tool) => isExposed(server, [tool.name]));
}

/** Whether an entry's lists leave something to programs that goes by these names. */
export function isExposed(server: ServerEntry, names: readonly string[]): boolean {
  const { allow, deny } = server.tools;
  return (allow === undefined || names.some((name) => allow.includes(name))) && !names.some((name) => deny?.includes(name));
}
