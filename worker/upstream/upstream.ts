import type { Clock } from "../../core/clock.ts";
import type { FeatureAnswer, FeatureRequest } from "../../core/mcp/resources-and-prompts.ts";
import type { Tool } from "../../core/mcp/tool.ts";
import type { CallToolResult } from "../../core/mcp/tool-result.ts";
import type { Reachability, ToolCall, Upstream, UpstreamCallOptions } from "../../core/mcp/upstream.ts";
import type { Environment } from "../../core/registry/interpolation.ts";
import { isReachedByBridge, type ServerEntry } from "../../core/registry/registry.ts";
import type { Store } from "../../core/store.ts";
import type { ServerLogin } from "./oauth/server-login.ts";
import { RemoteClient } from "./remote/client.ts";

export interface SessionUpstreamOptions {
  /** Serves what only a bridge reaches. */
  tunnel: Upstream;
  environment: Environment;
  /** Whether the registry may name addresses of this machine and its network: when both are one user's. */
  reachesInside: boolean;
  clock: Clock;
  /** The session's, for what is to outlive this object. */
  store: Store;
  loginOf: (server: ServerEntry) => ServerLogin;
  onToolsChanged: (id: string) => void;
}

/** All servers of a session: stdio servers through the tunnel, the others over HTTP from here. */
export class SessionUpstream implements Upstream {
  readonly #options: SessionUpstreamOptions;
  readonly #clients = new Map<string, RemoteClient>();

  constructor(options: SessionUpstreamOptions) {
    this.#options = options;
  }

  reachability(server: ServerEntry): Reachability {
    return this.#clientOf(server)?.reachability ?? this.#options.tunnel.reachability(server);
  }

  listTools(server: ServerEntry, options: UpstreamCallOptions): Promise<Tool[]> {
    return this.#clientOf(server)?.listTools(options) ?? this.#options.tunnel.listTools(server, options);
  }

  callTool(server: ServerEntry, call: ToolCall, options: UpstreamCallOptions): Promise<CallToolResult> {
    return this.#clientOf(server)?.callTool(call, options) ?? this.#options.tunnel.callTool(server, call, options);
  }

  ask(server: ServerEntry, request: FeatureRequest, options: UpstreamCallOptions): Promise<FeatureAnswer> {
    return this.#clientOf(server)?.ask(request, options) ?? this.#options.tunnel.ask(server, request, options);
  }

  /** The entry changed or went, or a login came: the next call connects again. */
  drop(id: string): void {
    this.#clients.get(id)?.close();
    this.#clients.delete(id);
  }

  /** Undefined for a server that is reached through the tunnel. */
  #clientOf(server: ServerEntry): RemoteClient | undefined {
    if (isReachedByBridge(server)) return undefined;
    return this.#clients.get(server.id) ?? this.#open(server);
  }

  #open(server: ServerEntry): RemoteClient {
    const { tunnel: _tunnel, onToolsChanged, loginOf, ...options } = this.#options;
    const client = new RemoteClient({
      ...options,
      server,
      login: loginOf(server),
      onToolsChanged: () => onToolsChanged(server.id),
    });
    this.#clients.set(server.id, client);
    return client;
  }
}
