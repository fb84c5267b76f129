import { DurableObject, type RpcStub } from "cloudflare:workers";
import { limits } from "../../core/limits.ts";
import type { ElicitationMode } from "../../core/mcp/elicitation.ts";
import { isReachedByBridge, type ServerEntry } from "../../core/registry/registry.ts";
import { LiveRun } from "../../core/run/live-run.ts";
import { SuspendedRuns } from "../../core/run/suspended-runs.ts";
import { heartbeat } from "../../core/tunnel/frames.ts";
import type { SessionEnv } from "../bindings.ts";
import { systemClock } from "../clock.ts";
import { type Composition, compose } from "../compose.ts";
import { type ElicitationAnswers, whyCannotShow } from "../mcp/elicitation.ts";
import type { LogLevel } from "../mcp/live.ts";
import type { McpRequest } from "../mcp/mcp-session.ts";
import type { LoginBegun, LoginFinished } from "../upstream/oauth/logins.ts";
import type { LoginReturn } from "../upstream/oauth/protocol.ts";
import type { LoginTicket } from "../upstream/oauth/server-login.ts";
import { CancellableRuns } from "./cancellable-runs.ts";
import { RunAudience, type RunListener } from "./run-audience.ts";
import { RunHandle } from "./run-handle.ts";

/** Not in the store of core/, which knows nothing about protocols. */
const logLevelKey = "mcp/log-level";
/** The origin that callers use for this orchestrator: login links begin with it. */
const originKey = "http/origin";
/** The MCP sessions of 2025-11-25 that their clients have ended, oldest first. */
const endedMcpSessionsKey = "mcp/ended-sessions";

/** What is known of the client that starts a run. */
interface StartOptions {
  /** How it can be asked. */
  modes: ElicitationMode[];
  origin?: string;
  /** Under which it cancels the run. */
  request?: McpRequest | undefined;
}

/**
 * One session, named `<principal>/<session>`: its view of the registry, its catalog, the clients of remote servers and the bridges'
 * sockets. Lifecycle only: policy is in core/.
 */
export class Session extends DurableObject<SessionEnv> {
  readonly #parts: Composition;
  readonly #suspended = new SuspendedRuns<LiveRun<RunAudience>>({
    clock: systemClock,
    newToken: () => `s_${crypto.randomUUID()}`,
  });
  readonly #cancellable = new CancellableRuns();
  #isDiscovering = false;

  constructor(ctx: DurableObjectState, env: SessionEnv) {
    super(ctx, env);
    // Answered by the runtime, so that a bridge's heartbeat does not wake the object.
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(heartbeat.ping, heartbeat.pong));
    this.#parts = compose(env, {
      ctx,
      onBridge: ({ isArrival, changed }) =>
        this.#discover((server) => changed.has(server.id) || (isArrival && isReachedByBridge(server))),
      origin: () => this.ctx.storage.kv.get<string>(originKey),
    });
  }

  instructions(): string {
    return this.#parts.orchestrator.instructions();
  }

  listCapabilities(input: unknown, origin?: string) {
    this.#rememberOrigin(origin);
    this.#discoverOnce();
    return this.#parts.orchestrator.listCapabilities(input);
  }

  describe(input: unknown, origin?: string) {
    this.#rememberOrigin(origin);
    this.#discoverOnce();
    return this.#parts.orchestrator.describe(input);
  }

  /** Starts a run. Returns a handle with a `cancel` method, because RPC cannot pass an AbortSignal. */
  startRun(input: unknown, listener: RpcStub<RunListener>, { modes, origin, request }: StartOptions): RunHandle {
    this.#rememberOrigin(origin);
    this.#discoverOnce();
    const audience = new RunAudience(() => this.ctx.storage.kv.get<LogLevel>(logLevelKey));
    audience.attach(listener);
    const run = new LiveRun({
      execute: (options) => this.#parts.orchestrator.execute(input, options),
      audience,
      canAsk: modes.length > 0,
      whyNotAsk: (asked) => whyCannotShow(asked, modes) ?? this.#suspended.whyFull,
    });
    if (request) this.#cancellable.add(request, run);
    // The request was on its way when its MCP session was ended.
    if (request && this.hasMcpSessionEnded(request.mcpSession)) run.cancel();
    return new RunHandle(run, this.#suspended);
  }

  /** Continues a run that waits for a person. It is found only by its token, and only in its own session. */
  answerRun({ token, responses }: ElicitationAnswers, listener: RpcStub<RunListener>): RunHandle {
    const run = this.#suspended.take(token);
    run?.audience.attach(listener);
    run?.answer(responses);
    return new RunHandle(run, this.#suspended);
  }

  /** `notifications/cancelled` of a client of 2025-11-25. */
  cancelRun(request: McpRequest): void {
    this.#cancellable.cancel(request);
  }

  /** A client of 2025-11-25 ended its MCP session. */
  endMcpSession(mcpSession: string): void {
    const ended = this.#endedMcpSessions().filter((other) => other !== mcpSession);
    this.ctx.storage.kv.put(endedMcpSessionsKey, [...ended, mcpSession].slice(-limits.endedMcpSessionsMax));
    this.#cancellable.cancelAll(mcpSession);
  }

  hasMcpSessionEnded(mcpSession: string): boolean {
    return this.#endedMcpSessions().includes(mcpSession);
  }

  /** `logging/setLevel` of a client of 2025-11-25. */
  setLogLevel(level: LogLevel): void {
    this.ctx.storage.kv.put(logLevelKey, level);
  }

  /** A browser opened a login link; worker/http has verified its ticket. */
  beginLogin(ticket: LoginTicket): Promise<LoginBegun> {
    return this.#parts.beginLogin(ticket);
  }

  /** A browser returned from an authorization server. */
  finishLogin(attempt: string, returned: LoginReturn): Promise<LoginFinished> {
    return this.#parts.finishLogin(attempt, returned);
  }

  /** Accepts a bridge's socket; worker/http has authorized it. */
  override fetch(request: Request): Response {
    this.#rememberOrigin(new URL(request.url).origin);
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    return new Response(null, { status: 101, webSocket: client });
  }

  override webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): void {
    this.#parts.tunnel.receive(socket, message);
  }

  override webSocketClose(socket: WebSocket): void {
    this.#parts.tunnel.closed(socket);
  }

  override webSocketError(socket: WebSocket): void {
    this.#parts.tunnel.closed(socket);
  }

  #endedMcpSessions(): string[] {
    return this.ctx.storage.kv.get<string[]>(endedMcpSessionsKey) ?? [];
  }

  /** @param origin of an authorized request, such as https://mcp.example.com */
  #rememberOrigin(origin: string | undefined): void {
    const isNew = origin !== undefined && origin !== this.ctx.storage.kv.get<string>(originKey);
    if (isNew) this.ctx.storage.kv.put(originKey, origin);
  }

  /** Once per lifetime of the object: after that, tools that are not in the catalog are listed on use. */
  #discoverOnce(): void {
    if (this.#isDiscovering) return;
    this.#isDiscovering = true;
    this.#discover((server) => !isReachedByBridge(server));
  }

  #discover(canReach: (server: ServerEntry) => boolean): void {
    this.ctx.waitUntil(this.#parts.orchestrator.discover(canReach));
  }
}
