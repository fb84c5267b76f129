import type { Clock } from "../../../core/clock.ts";
import { Peer } from "../../../core/mcp/peer.ts";
import type { FeatureAnswer, FeatureRequest } from "../../../core/mcp/resources-and-prompts.ts";
import type { Tool } from "../../../core/mcp/tool.ts";
import type { CallToolResult } from "../../../core/mcp/tool-result.ts";
import type { Reachability, ToolCall, UpstreamCallOptions } from "../../../core/mcp/upstream.ts";
import type { Environment } from "../../../core/registry/interpolation.ts";
import { secretsOf } from "../../../core/registry/redaction.ts";
import type { ServerEntry } from "../../../core/registry/registry.ts";
import type { Store } from "../../../core/store.ts";
import type { ServerLogin } from "../oauth/server-login.ts";
import { RemoteConnection } from "./connection.ts";
import { mayNameInside, missingSecrets, readRemoteEntry } from "./entry.ts";
import { toUpstreamError } from "./failure.ts";
import { RemoteSession } from "./session.ts";
import { createCheckedFetch } from "./transport/checked-fetch.ts";

export interface RemoteClientOptions {
  server: ServerEntry;
  login: ServerLogin;
  environment: Environment;
  /** Whether the registry may name addresses of this machine and its network. */
  reachesInside: boolean;
  clock: Clock;
  store: Store;
  onToolsChanged: () => void;
}

/** The client of one remote server: connects on first use, and stays connected while the session object lives. */
export class RemoteClient {
  readonly #options: RemoteClientOptions;
  readonly #peer: Peer;
  readonly #session: RemoteSession;

  constructor(options: RemoteClientOptions) {
    this.#options = options;
    const { server, login, clock, store } = options;
    this.#session = new RemoteSession({ server, login, store, now: clock.now, open: (onLost) => this.#open(onLost) });
    this.#peer = new Peer({ server: server.id, clock, perform: (work, request) => this.#session.request(work, request) });
  }

  get reachability(): Reachability {
    const { server, environment, login } = this.#options;
    const reason = missingSecrets(server, environment);
    if (reason !== undefined) return { status: "unavailable", reason };
    const standing = login.standing();
    if (standing !== undefined) return standing;
    return { status: this.#session.isReachable ? "connected" : "not_connected" };
  }

  listTools(options: UpstreamCallOptions): Promise<Tool[]> {
    return this.#peer.listTools(options);
  }

  callTool(call: ToolCall, options: UpstreamCallOptions): Promise<CallToolResult> {
    return this.#peer.callTool(call, options);
  }

  ask(request: FeatureRequest, options: UpstreamCallOptions): Promise<FeatureAnswer> {
    return this.#peer.ask(request, options);
  }

  /** The entry was changed or removed: requests in flight are still answered. */
  close(): void {
    this.#session.close();
  }

  async #open(onLost: (connection: RemoteConnection) => void): Promise<RemoteConnection> {
    const { server, environment, reachesInside, clock, onToolsChanged, login } = this.#options;
    const entry = readRemoteEntry(server, environment);
    const mayReachInside = mayNameInside(server, entry, { reachesInside });
    try {
      return await RemoteConnection.open({
        entry,
        fetch: login.fetch(createCheckedFetch({ mayReachInside })),
        secrets: () => [...secretsOf(server, environment), ...login.secrets()],
        clock,
        onToolsChanged,
        onLog: (line) => this.#peer.onLog(line),
        onElicit: (params, signal) => this.#peer.onElicit(params, signal),
        onLost,
      });
    } catch (error) {
      throw toUpstreamError(error, { server, login, isConnecting: true });
    }
  }
}
