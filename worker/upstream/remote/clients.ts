import type { Clock } from "../../../core/clock.ts";
import type { FeatureRequest } from "../../../core/mcp/resources-and-prompts.ts";
import type { Reachability, ToolCall, Upstream, UpstreamCallOptions } from "../../../core/mcp/upstream.ts";
import type { Environment } from "../../../core/registry/interpolation.ts";
import type { ServerEntry } from "../../../core/registry/registry.ts";
import type { Store } from "../../../core/store.ts";
import type { ServerLogin } from "../oauth/server-login.ts";
import { HttpServer } from "./client.ts";

export interface HttpServersOptions {
  /** Whether the registry may name addresses of this machine and its network: when both are one user's. */
  reachesInside: boolean;
  clock: Clock;
  /** The session's, for what is to outlive this object. */
  store: Store;
  loginOf: (server: ServerEntry) => ServerLogin;
  onToolsChanged: (id: string) => void;
}

/** The HTTP and SSE servers of a session. */
export class HttpServers implements Upstream {
  readonly #environment: Environment;
  readonly #options: HttpServersOptions;
  readonly #servers = new Map<string, HttpServer>();

  constructor(environment: Environment, options: HttpServersOptions) {
    this.#environment = environment;
    this.#options = options;
  }

  reachability(server: ServerEntry): Reachability {
    return this.#of(server).reachability;
  }

  listTools(server: ServerEntry, options: UpstreamCallOptions) {
    return this.#of(server).listTools(options);
  }

  callTool(server: ServerEntry, call: ToolCall, options: UpstreamCallOptions) {
    return this.#of(server).callTool(call, options);
  }

  ask(server: ServerEntry, request: FeatureRequest, options: UpstreamCallOptions) {
    return this.#of(server).ask(request, options);
  }

  /** Its entry changed, or went: the next call connects anew. */
  drop(id: string): void {
    this.#servers.get(id)?.close();
    this.#servers.delete(id);
  }

  #of(server: ServerEntry): HttpServer {
    const existing = this.#servers.get(server.id);
    if (existing) return existing;
    const { onToolsChanged, loginOf, ...options } = this.#options;
    const created = new HttpServer({
      ...options,
      server,
      login: loginOf(server),
      environment: this.#environment,
      onToolsChanged: () => onToolsChanged(server.id),
    });
    this.#servers.set(server.id, created);
    return created;
  }
}
