import type { Clock } from "../../core/clock.ts";
import { UpstreamError } from "../../core/errors.ts";
import { type Deadline, openDeadline, waitFor } from "../../core/mcp/deadline.ts";
import { Peer, type PeerRequest, type Work } from "../../core/mcp/peer.ts";
import type { FeatureAnswer, FeatureRequest } from "../../core/mcp/resources-and-prompts.ts";
import { HeldState } from "../../core/mcp/state-loss.ts";
import type { Tool } from "../../core/mcp/tool.ts";
import type { CallToolResult } from "../../core/mcp/tool-result.ts";
import type { ToolCall, UpstreamCallOptions } from "../../core/mcp/upstream.ts";
import type { Environment } from "../../core/registry/interpolation.ts";
import type { BridgeServer, ProcessOutput } from "../../core/tunnel/frames.ts";
import type { StdioConnection } from "./connection.ts";
import { toUpstreamError } from "./failure.ts";
import type { StdioEntry } from "./launch.ts";
import { StdioLife } from "./lifecycle.ts";
import { Silence } from "./silence.ts";
import { isStartRefusal } from "./start-refusal.ts";
import { stdioLimits } from "./stdio-limits.ts";

export interface StdioClientOptions {
  entry: StdioEntry;
  environment: Environment;
  /** The path of the registry file, for messages. */
  registryPath: string;
  projectRoot: string;
  programFolder?: string | undefined;
  nodeFolder?: string | undefined;
  clock: Clock;
  onStatus: (server: BridgeServer) => void;
  /** Why the state of the previous server with this id is lost; the first call fails with it. Reads after "it". */
  lost?: string | undefined;
}

/**
 * The client of one stdio server, which is started on first use, stopped after `serverIdleMs` without use, and started again on the next
 * use. A stateful server is not stopped when idle, because that would lose its state.
 *
 * Failures are UpstreamErrors; their `delivery` says whether the server may have acted.
 */
export class StdioClient {
  readonly #options: StdioClientOptions;
  readonly #id: string;
  readonly #life: StdioLife;
  readonly #peer: Peer;
  readonly #state: HeldState;
  readonly #silence = new Silence();
  #toolsChanges = 0;
  #requests = 0;
  #isClosed = false;
  #onIdle: () => void = () => {};
  #stopIdleTimer: () => void = () => {};

  constructor(options: StdioClientOptions) {
    const { entry, environment, registryPath, projectRoot, programFolder, nodeFolder, clock, lost } = options;
    this.#options = options;
    this.#id = entry.id;
    this.#state = new HeldState({
      server: entry.id,
      isStateful: entry.stateful,
      nextCall: "starts it afresh",
      now: clock.now,
      lost,
    });
    this.#peer = new Peer({ server: entry.id, clock, perform: (work, request) => this.#perform(work, request) });
    this.#life = new StdioLife({
      entry,
      environment,
      registryPath,
      projectRoot,
      programFolder,
      nodeFolder,
      clock,
      onChange: () => this.#options.onStatus(this.status),
      onLost: (reason) => this.#onLost(reason),
      onToolsChanged: () => this.#onToolsChanged(),
      onLog: (line) => this.#peer.onLog(line),
      onElicit: (params, signal) => this.#peer.onElicit(params, signal),
    });
  }

  get status(): BridgeServer {
    const { status } = this.#life;
    return this.#toolsChanges === 0 ? status : { ...status, toolsChanges: this.#toolsChanges };
  }

  get output(): ProcessOutput {
    return this.#life.printed;
  }

  /** Starts the server unless it is running. */
  async start(options: UpstreamCallOptions): Promise<void> {
    using deadline = openDeadline({ clock: this.#options.clock, ...options });
    using _request = this.#beginRequest();
    await this.#connect(deadline, options.onProgress);
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

  /** The reason to report if the server's state ends now for this reason; undefined when there is no state. */
  lossBy(reason: string): string | undefined {
    return this.#state.lossBy(reason);
  }

  /** Stops the server, even while it is starting, and refuses further use. Resolves when its processes have ended. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#stopIdleTimer();
    await this.#life.close();
  }

  /** Closes when the requests in flight are answered, after `drainMs` at the latest. */
  async retire(): Promise<void> {
    if (this.#requests > 0) {
      await new Promise<void>((resolve) => {
        const stop = this.#options.clock.after(stdioLimits.drainMs, resolve);
        this.#onIdle = () => {
          stop();
          resolve();
        };
      });
    }
    await this.close();
  }

  async #perform<T>(work: Work<T>, request: PeerRequest): Promise<T> {
    using _request = this.#beginRequest();
    this.#stopIfSilent();
    if (request.kind !== "list") this.#state.throwIfLost();
    const connection = await this.#connect(request.deadline, request.onProgress);
    if (request.kind === "call") this.#state.use();
    try {
      const answer = await work(connection.client);
      this.#life.answered(request.kind);
      this.#silence.end();
      return answer;
    } catch (error) {
      if (request.deadline.ended !== undefined) this.#silence.ask(connection, this.#options.clock.now());
      throw await toUpstreamError(error, { server: this.#id, connection, request });
    }
  }

  /** Otherwise each later call would wait for it in vain. While other requests wait, it may only be slow. */
  #stopIfSilent(): void {
    const silentMs = this.#silence.lastsMs(this.#options.clock.now());
    if (silentMs < stdioLimits.silenceMs || this.#requests > 1) return;
    this.#silence.end();
    this.#life.stop();
    this.#state.lose(`answered nothing for ${Math.round(silentMs / 1_000)} s, not even a ping, and was stopped.`);
  }

  #beginRequest(): Disposable {
    this.#stopIdleTimer();
    this.#requests += 1;
    return {
      [Symbol.dispose]: () => {
        this.#requests -= 1;
        if (this.#requests === 0) this.#onRequestsDone();
      },
    };
  }

  #onRequestsDone(): void {
    this.#onIdle();
    if (this.#options.entry.stateful || this.#isClosed) return;
    this.#stopIdleTimer = this.#options.clock.after(stdioLimits.serverIdleMs, () => this.#life.stop());
  }

  async #connect(deadline: Deadline, onProgress: UpstreamCallOptions["onProgress"]): Promise<StdioConnection> {
    using _notices = this.#noticesOfStart(deadline, onProgress);
    try {
      return await waitFor(this.#life.connection(), deadline.signal);
    } catch (error) {
      if (deadline.ended !== undefined) {
        const { output, isRunning } = this.#life;
        throw await toUpstreamError(error, {
          server: this.#id,
          connection: undefined,
          request: { kind: "start", deadline, output: isRunning ? undefined : output },
        });
      }
      throw new UpstreamError("server_unavailable", `${this.#id} ${error instanceof Error ? error.message : String(error)}`, {
        server: this.#id,
        delivery: "not_sent",
        cause: error,
        ...(isStartRefusal(error) && { retryable: false }),
      });
    }
  }

  /**
   * Tells the caller again and again that the server is still starting, which restarts the wait like any other progress: installing
   * a package takes longer than a call may.
   */
  #noticesOfStart(deadline: Deadline, onProgress: UpstreamCallOptions["onProgress"]): Disposable {
    const { clock } = this.#options;
    let stop = () => {};
    const wait = (seconds: number): void => {
      stop = clock.after(stdioLimits.startNoticeMs, () => {
        deadline.extend();
        onProgress?.({ progress: seconds, message: `${this.#id} is still starting (the first start may install it)` });
        wait(seconds + stdioLimits.startNoticeMs / 1_000);
      });
    };
    if (!this.#life.isRunning) wait(stdioLimits.startNoticeMs / 1_000);
    return { [Symbol.dispose]: () => stop() };
  }

  /** The process ended by itself. Requests in flight fail and so report it; without any, the next call does. */
  #onLost(reason: string): void {
    if (this.#requests === 0) this.#state.lose(reason);
    else this.#state.forget();
  }

  #onToolsChanged(): void {
    this.#toolsChanges += 1;
    this.#options.onStatus(this.status);
  }
}
