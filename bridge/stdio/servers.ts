import type { Clock } from "../../core/clock.ts";
import { UpstreamError } from "../../core/errors.ts";
import type { FeatureAnswer, FeatureRequest } from "../../core/mcp/resources-and-prompts.ts";
import type { Tool } from "../../core/mcp/tool.ts";
import type { CallToolResult } from "../../core/mcp/tool-result.ts";
import type { ToolCall, UpstreamCallOptions } from "../../core/mcp/upstream.ts";
import type { Environment } from "../../core/registry/interpolation.ts";
import type { FileEntry } from "../../core/registry/registry.ts";
import type { BridgeServer, ProcessOutput } from "../../core/tunnel/frames.ts";
import { StdioClient } from "./client.ts";
import { isStdioEntry, type StdioEntry } from "./launch.ts";

export interface StdioServersOptions {
  /** The registry's entries. Those with other transports are ignored: the Worker connects to them. */
  servers: readonly FileEntry[];
  /** The path of the registry file, for messages. */
  registryPath: string;
  environment: Environment;
  /** Relative working directories are resolved against it. */
  projectRoot: string;
  /** The folder with the programs that are installed beside this one, if it is another. */
  programFolder?: string | undefined;
  /** A folder with the Node that servers run under, if not the one of this project. */
  nodeFolder?: string | undefined;
  clock: Clock;
  /** Called at every start, failure and end, except those that `close` causes. */
  onStatus: (server: BridgeServer) => void;
}

/** The stdio servers of this machine, by id. Failures are UpstreamErrors as `Upstream` in core/mcp/upstream.ts describes them. */
export interface StdioServers {
  /** Starts a server before it is needed. */
  start(id: string, options: UpstreamCallOptions): Promise<void>;
  listTools(id: string, options: UpstreamCallOptions): Promise<Tool[]>;
  callTool(id: string, call: ToolCall, options: UpstreamCallOptions): Promise<CallToolResult>;
  ask(id: string, request: FeatureRequest, options: UpstreamCallOptions): Promise<FeatureAnswer>;
  status(): BridgeServer[];
  /** What a server has printed since its last start. Starts nothing. */
  output(id: string): Promise<ProcessOutput>;
  /**
   * Serves these entries from now on. A server that was removed, or whose entry now describes another process, ends once its calls
   * are answered; all others keep running. Resolves when the servers that end have ended.
   */
  replace(entries: readonly FileEntry[]): Promise<void>;
  /** Ends every server and refuses further use. Resolves when no process is left. */
  close(): Promise<void>;
}

/**
 * A server is started at its first use. Only commands in the registry are ever started: a request names an id, not a command.
 */
export function createStdioServers(options: StdioServersOptions): StdioServers {
  const { registryPath, servers: entries, ...shared } = options;
  const servers = new Map<string, { entry: StdioEntry; client: StdioClient }>();
  /** By id. Two instances of one server may not share its files, so its successor is used only after this one has ended. */
  const retiring = new Map<string, Promise<void>>();
  const open = (entry: StdioEntry, lost?: string): void => {
    servers.set(entry.id, { entry, client: new StdioClient({ ...shared, registryPath, entry, lost }) });
  };
  for (const entry of entries.filter(isStdioEntry)) open(entry);

  const find = async (id: string): Promise<StdioClient> => {
    await retiring.get(id);
    const found = servers.get(id);
    if (found) return found.client;
    throw new UpstreamError("server_unavailable", `${id} is not declared as a stdio server in ${registryPath} on this machine.`, {
      server: id,
      delivery: "not_sent",
      retryable: false,
    });
  };

  const retire = async (id: string, client: StdioClient): Promise<void> => {
    const gone = Promise.all([retiring.get(id), client.retire()]).then(() => undefined);
    retiring.set(id, gone);
    await gone;
    if (retiring.get(id) === gone) retiring.delete(id);
  };

  return {
    start: async (id, startOptions) => (await find(id)).start(startOptions),
    listTools: async (id, callOptions) => (await find(id)).listTools(callOptions),
    callTool: async (id, call, callOptions) => (await find(id)).callTool(call, callOptions),
    ask: async (id, request, callOptions) => (await find(id)).ask(request, callOptions),
    output: async (id) => (await find(id)).output,
    status: () => [...servers.values()].map(({ client }) => client.status),
    async replace(next) {
      const wanted = new Map(next.filter(isStdioEntry).map((entry) => [entry.id, entry]));
      const ending: Promise<void>[] = [];
      for (const [id, { entry, client }] of servers) {
        const successor = wanted.get(id);
        if (successor !== undefined && isSameProcess(entry, successor)) continue;
        servers.delete(id);
        if (successor !== undefined) open(successor, client.lossBy("was ended, because its entry in the registry changed."));
        ending.push(retire(id, client));
      }
      for (const entry of wanted.values()) {
        if (!servers.has(entry.id)) open(entry);
      }
      await Promise.all(ending);
    },
    async close() {
      await Promise.all([...[...servers.values()].map(({ client }) => client.close()), ...retiring.values()]);
    },
  };
}

/** Other fields, such as titles and limits, do not affect the process. */
function isSameProcess(a: StdioEntry, b: StdioEntry): boolean {
  return JSON.stringify([a.mcp, a.stateful]) === JSON.stringify([b.mcp, b.stateful]);
}
