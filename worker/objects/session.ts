import { DurableObject, type RpcStub, RpcTarget } from "cloudflare:workers";
import type { Outcome } from "../../core/execute.ts";
import type { LogLine, Progress } from "../../core/ports.ts";
import type { ServerEntry } from "../../core/registry.ts";
import { heartbeat } from "../../core/tunnel.ts";
import { type Composition, compose } from "../compose.ts";
import type { Env } from "../env.ts";
import type { LogLevel } from "../mcp/live.ts";

/** Beside the store of core/, which knows nothing of protocols. */
const logLevelKey = "mcp/log-level";

/**
 * One session, named `<principal>/<session>`: the registry view, the cached catalogue, the clients of remote servers and
 * the bridge's socket. Lifecycle only; what is allowed and what it means is decided in core/.
 */
export class Session extends DurableObject<Env> {
  readonly #parts: Composition;
  #isDiscovering = false;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    // Answered by the runtime: a bridge's heartbeat does not wake the object.
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(heartbeat.ping, heartbeat.pong));
    this.#parts = compose(env, {
      ctx,
      onBridge: ({ isChanged }) => this.#discover((server) => isChanged || server.mcp.transport === "stdio"),
    });
  }

  listCapabilities(input: unknown) {
    this.#discoverOnce();
    return this.#parts.orchestrator.listCapabilities(input);
  }

  describe(input: unknown) {
    this.#discoverOnce();
    return this.#parts.orchestrator.describe(input);
  }

  /** Starts a run and hands out its handle: an abort signal does not cross an RPC, a method does. */
  startRun(input: unknown, listener: RpcStub<RunListener>): RunHandle {
    this.#discoverOnce();
    // What came as an argument is let go when this call returns; the run goes on after it.
    const client = listener.dup();
    return new RunHandle(async (signal) => {
      using _client = client;
      let told: Promise<void> = Promise.resolve();
      // A client that is gone cannot be told; the run ends by its signal.
      const tell = (telling: Promise<void>) => {
        told = telling.catch(() => undefined);
      };
      const outcome = await this.#parts.orchestrator.execute(input, {
        signal,
        onProgress: (progress) => tell(client.progressed(progress)),
        onPrinted: (lines) => tell(client.printed(lines, this.ctx.storage.kv.get<LogLevel>(logLevelKey))),
      });
      // The answer ends the request: what is told after it would be lost. Whoever cancelled listens no more.
      if (!signal.aborted) await told;
      return outcome;
    });
  }

  /** The least level of log messages that clients of 2025-11-25 want. */
  setLogLevel(level: LogLevel): void {
    this.ctx.storage.kv.put(logLevelKey, level);
  }

  /** The bridge's socket; who may open it was decided in worker/http. */
  override fetch(): Response {
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

  /** Once per life of the object: later, what is missing is listed when it is used. */
  #discoverOnce(): void {
    if (this.#isDiscovering) return;
    this.#isDiscovering = true;
    this.#discover((server) => server.mcp.transport !== "stdio");
  }

  #discover(canReach: (server: ServerEntry) => boolean): void {
    this.ctx.waitUntil(this.#parts.orchestrator.discover(canReach));
  }
}

/** Where a run tells how far it is; the other side of an RPC. */
export interface RunListener extends Rpc.RpcTargetBranded {
  progressed(progress: Progress): Promise<void>;
  printed(lines: LogLine[], leastLevel: LogLevel | undefined): Promise<void>;
}

/** A run under way. It is cancelled when asked to, or when the one who started it is gone. */
export class RunHandle extends RpcTarget {
  readonly #controller = new AbortController();
  readonly #outcome: Promise<Outcome>;

  constructor(start: (signal: AbortSignal) => Promise<Outcome>) {
    super();
    this.#outcome = start(this.#controller.signal);
  }

  outcome(): Promise<Outcome> {
    return this.#outcome;
  }

  cancel(): void {
    this.#controller.abort();
  }

  [Symbol.dispose](): void {
    this.#controller.abort();
  }
}
