import { closestHint, closestTo, isSameName, named } from "../closest.ts";
import { OrchestratorError } from "../errors.ts";
import { toIdentifier } from "./identifiers.ts";
import { isAllowedByDefault, isBuiltIn, type ServerEntry } from "./registry.ts";

/**
 * The servers one run may use. Without `allowedMcpIds`: every default server that is not of high sensitivity, and every server of our own that
 * does no harm, whether lists show it or not. With it: exactly
 * those, whatever their visibility or sensitivity, because naming a server is the opt-in.
 *
 * @throws OrchestratorError `server_unknown` with the closest ids
 */
export function allowedServers(registered: readonly ServerEntry[], allowedMcpIds: readonly string[] | undefined): ServerEntry[] {
  if (allowedMcpIds === undefined) return registered.filter((server) => isAllowedByDefault(server) || isHarmless(server));
  return [...new Set(allowedMcpIds)].map((id) => findServer(registered, id));
}

function isHarmless(server: ServerEntry): boolean {
  return isBuiltIn(server) && server.sensitivity === "low";
}

/**
 * A server by its id, or by the identifier that stands for it in code or a name that differs only in case and separators, if only one has that.
 * @throws OrchestratorError `server_unknown` with the closest ids
 */
export function findServer(registered: readonly ServerEntry[], id: string): ServerEntry {
  const server = registered.find((candidate) => candidate.id === id);
  if (server) return server;
  const isMeant = (candidate: ServerEntry) => toIdentifier(candidate.id) === id || isSameName(candidate.id, id);
  const [meant, another] = registered.filter(isMeant);
  if (meant !== undefined && another === undefined) return meant;
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

/** Why a run may not use a server, and how to allow it. */
export function notAllowedMessage(server: Pick<ServerEntry, "id" | "visibility" | "sensitivity">): string {
  const why = isAllowedByDefault(server)
    ? "is not in this run's allowedMcpIds"
    : `runs only when named, because it is ${server.visibility === "default" ? `of ${server.sensitivity} sensitivity` : server.visibility}`;
  return `Server "${server.id}" ${why}. Add "${server.id}" to allowedMcpIds to use it.`;
}

/** A server's tools without those its entry hides. A hidden tool does not exist, neither for describe_mcp nor for programs. */
export function exposedTools<T extends { name: string }>(server: ServerEntry, tools: readonly T[]): T[] {
  return tools.filter((tool) => isExposed(server, [tool.name]));
}

/** Whether an entry exposes something to programs that has one or more names, such as a tool or `$resources`. */
export function isExposed(server: ServerEntry, names: readonly string[]): boolean {
  const { allow, deny } = server.tools;
  return (allow === undefined || names.some((name) => allow.includes(name))) && !names.some((name) => deny?.includes(name));
}

/** Whether it is the server whose tools are the saved programs. */
export function isSavedPrograms(server: Pick<ServerEntry, "id" | "mcp">): boolean {
  return server.id === "saved" && isBuiltIn(server);
}
