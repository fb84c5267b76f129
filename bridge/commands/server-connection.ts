import { OrchestratorError } from "../../core/errors.ts";
import { limits } from "../../core/limits.ts";
import type { Tool } from "../../core/mcp/tool.ts";
import type { CallToolResult } from "../../core/mcp/tool-result.ts";
import type { ToolCall } from "../../core/mcp/upstream.ts";
import { listingTotalMs } from "../../core/registry/call-limits.ts";
import type { FileEntry } from "../../core/registry/registry.ts";
import type { RegistryFile } from "../registry/registry-file.ts";
import { remoteEnvironment } from "../registry/worker-secrets.ts";
import type { World } from "./command.ts";
import { openServers } from "./open-registry.ts";
import { connectRemote, isRemoteEntry, type RemoteEntry } from "./remote-client.ts";

/** One server of the registry, connected for a command, over any transport. Failures are OrchestratorErrors. */
export interface OneServer extends AsyncDisposable {
  listTools(): Promise<Tool[]>;
  callTool(call: ToolCall): Promise<CallToolResult>;
}

/**
 * Starts the server with that id, or connects to it.
 *
 * @throws OrchestratorError that lists the known ids, or says why the server cannot be reached
 */
export async function openOneServer(world: World, registry: RegistryFile, id: string): Promise<OneServer> {
  const entry = registry.servers.find((server) => server.id === id);
  if (entry === undefined) throw unknownServer(registry, id);
  return isRemoteEntry(entry) ? openRemote(world, registry, entry) : openStdio(world, registry, entry);
}

function openStdio(world: World, registry: RegistryFile, { id, limits: own }: FileEntry): OneServer {
  const servers = openServers(world, registry, () => {});
  const { signal } = world;
  return {
    listTools: () =>
      servers.listTools(id, { signal, timeoutMs: limits.catalogFetchMs, totalMs: listingTotalMs({ limits: own }) }),
    callTool: (call) => servers.callTool(id, call, { signal, timeoutMs: own.timeoutMs ?? limits.runMsMax }),
    [Symbol.asyncDispose]: () => servers.close(),
  };
}

async function openRemote(world: World, registry: RegistryFile, entry: RemoteEntry): Promise<OneServer> {
  const { signal } = world;
  const environment = await remoteEnvironment(world, registry);
  const translate = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new OrchestratorError("server_unavailable", `${entry.id}: ${reason}.`, { server: entry.id, cause });
    }
  };
  const server = await translate(connectRemote(entry, { environment, signal, timeoutMs: limits.catalogFetchMs }));
  return {
    listTools: () => translate(server.listTools()),
    callTool: (call) => translate(server.callTool(call, entry.limits.timeoutMs ?? limits.runMsMax)),
    [Symbol.asyncDispose]: () => server.close(),
  };
}

function unknownServer(registry: RegistryFile, id: string): OrchestratorError {
  const known = registry.servers.map((server) => server.id).join(", ");
  return new OrchestratorError("server_unknown", `No server "${id}" in ${registry.path}. It has: ${known}.`, { server: id });
}
