import { DurableObject, type RpcStub } from "cloudflare:workers";
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
import type { LoginBegun, LoginFinished } from "../upstream/oauth/logins.ts";
import type { LoginReturn } from "../upstream/oauth/protocol.ts";
import type { LoginTicket } from "../upstream/oauth/server-login.ts";
import { RunAudience, type RunListener } from "./run-audience.ts";
import { RunHandle } from "./run-handle.ts";

/** Beside the store of core/, which knows nothing of protocols. */
const logLevelKey = "mcp/log-level";
/** What this orchestrator is called by those who may call it: login links begin with it. */
const originKey = "http/origin";

/**
 * One session, named `<principal>/<session>`: the registry view, the cached tool listings, the clients of remote servers and
 * the bridge's socket. Lifecycle only; what is allowed and what it means is decided in core/.
 */
export class Session extends DurableObject<SessionEnv> {
  readonly #parts: Composition;
  readonly #suspended = new SuspendedRuns<LiveRun<RunAudience>>({
    clock: systemClock,
    newToken: () => `s_${crypto.randomUUID()}`,
  });
  #isDiscovering = false;

  constructor(ctx: DurableObjectState, env: SessionEnv) {
    super(ctx, env);
    // Answered by the runtime: a bridge's heartbeat does not wake the object.
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(heartbeat.ping, heartbeat.pong));
    this.#parts = compose(env, {
      ctx,
      onBridge: ({ isChanged }) => this.#discover((server) => isChanged || isReachedByBridge(server)),
      origin: () => this.ctx.storage.kv.get<string>(originKey),
    });
  }

  instructions(): string {
    return this.#parts.orchestrator.instructions();
  }

  listCapabilities(input: unknown, origin?: string) {
    this.#reachedAt(origin);
    this.#discoverOnce();
    return this.#parts.orchestrator.listCapabilities(input);
  }

  describe(input: unknown, origin?: string) {
    this.#reachedAt(origin);
    this.#discoverOnce();
    return this.#parts.orchestrator.describe(input);
  }

  /** Starts a run and hands out its handle: an abort signal does not cross an RPC, a method does. */
  startRun(input: unknown, listener: RpcStub<RunListener>, modes: ElicitationMode[], origin?: string): RunHandle {
    this.#reachedAt(origin);
    this.#discoverOnce();
    const audience = new RunAudience(() => this.ctx.storage.kv.get<LogLevel>(logLevelKey));
    audience.attach(listener);
    const run = new LiveRun({
      execute: (options) => this.#parts.orchestrator.execute(input, options),
      audience,
      canAsk: modes.length > 0,
      whyNotAsk: (asked) => whyCannotShow(asked, modes) ?? this.#suspended.whyFull,
    });
    return new RunHandle(run, this.#suspended);
  }

  /** Goes on with a run that waits for a person. Nothing but the token finds it, and only in the session it belongs to. */
  answerRun({ token, responses }: ElicitationAnswers, listener: RpcStub<RunListener>): RunHandle {
    const run = this.#suspended.take(token);
    run?.audience.attach(listener);
    run?.answer(responses);
    return new RunHandle(run, this.#suspended);
  }

  /** The least level of log messages that clients of 2025-11-25 want. */
  setLogLevel(level: LogLevel): void {
    this.ctx.storage.kv.put(logLevelKey, level);
  }

  /** A browser opened a login link, which worker/http has read. */
  beginLogin(ticket: LoginTicket): Promise<LoginBegun> {
    return this.#parts.beginLogin(ticket);
  }

  /** A browser came back from an authorization server. */
  finishLogin(attempt: string, returned: LoginReturn): Promise<LoginFinished> {
    return this.#parts.finishLogin(attempt, returned);
  }

  /** The bridge's socket; who may open it was decided in worker/http. */
  override fetch(request: Request): Response {
    this.#reachedAt(new URL(request.url).origin);
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

  /** @param origin of a request that was let in, such as https://mcp.example.com */
  #reachedAt(origin: string | undefined): void {
    const isNews = origin !== undefined && origin !== this.ctx.storage.kv.get<string>(originKey);
    if (isNews) this.ctx.storage.kv.put(originKey, origin);
  }

  /** Once per life of the object: later, what is missing is listed when it is used. */
  #discoverOnce(): void {
    if (this.#isDiscovering) return;
    this.#isDiscovering = true;
    this.#discover((server) => !isReachedByBridge(server));
  }

  #discover(canReach: (server: ServerEntry) => boolean): void {
    this.ctx.waitUntil(this.#parts.orchestrator.discover(canReach));
  }
}
