import { UpstreamError } from "../core/errors.ts";
import type { Environment } from "../core/interpolation.ts";
import type { ToolCall, UpstreamCallOptions } from "../core/ports.ts";
import type { ServerEntry } from "../core/registry.ts";
import type { CallToolResult } from "../core/result.ts";
import type { Tool } from "../core/tool.ts";
import type { BridgeServer } from "../core/tunnel.ts";
import { isStdioEntry } from "./launch.ts";
import { StdioServer } from "./stdio-server.ts";

export interface StdioServersOptions {
  /** The registry's entries. Those of other transports are the Worker's business and left out here. */
  servers: readonly ServerEntry[];
  /** How messages call the file the entries come from. */
  registryPath: string;
  environment: Environment;
  /** Where relative working directories start. */
  projectRoot: string;
  /** Told of every start, failure and end, except those `close` causes. */
  onStatus: (server: BridgeServer) => void;
}

/** The stdio servers of this machine, by id. Failures are UpstreamErrors as `Upstream` in core/ports.ts describes them. */
export interface StdioServers {
  listTools(id: string, options: UpstreamCallOptions): Promise<Tool[]>;
  callTool(id: string, call: ToolCall, options: UpstreamCallOptions): Promise<CallToolResult>;
  status(): BridgeServer[];
  /** Ends every server and refuses further use. Resolves when no process is left. */
  close(): Promise<void>;
}

/**
 * Nothing is started until it is used, and nothing is ever started but what `servers` declares: a request carries an
 * id, not a command, whoever sent it.
 */
export function createStdioServers(options: StdioServersOptions): StdioServers {
  const { registryPath, servers: entries, ...shared } = options;
  const servers = new Map(entries.filter(isStdioEntry).map((entry) => [entry.id, new StdioServer({ ...shared, entry })]));

  const find = (id: string): StdioServer => {
    const server = servers.get(id);
    if (server) return server;
    throw new UpstreamError("server_unavailable", `${id} is not declared as a stdio server in ${registryPath} on this machine.`, {
      server: id,
      delivery: "not_sent",
    });
  };

  return {
    listTools: async (id, callOptions) => find(id).listTools(callOptions),
    callTool: async (id, call, callOptions) => find(id).callTool(call, callOptions),
    status: () => [...servers.values()].map((server) => server.status),
    close: async () => {
      await Promise.all([...servers.values()].map((server) => server.close()));
    },
  };
}
