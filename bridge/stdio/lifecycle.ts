import { dirname, join } from "node:path";
import type { Clock } from "../../core/clock.ts";
import type { ServerLog } from "../../core/mcp/upstream.ts";
import type { Environment } from "../../core/registry/interpolation.ts";
import type { BridgeServer, ProcessOutput } from "../../core/tunnel/frames.ts";
import type { ConnectOptions } from "./connection.ts";
import { connectStdio, type StdioConnection } from "./connection.ts";
import { EndWatch } from "./end-watch.ts";
import { planLaunch, type StdioEntry, startTimeoutOf } from "./launch.ts";
import { decideStart, type Failures, pauseNote } from "./restarts.ts";
import { isStartRefusal, StartRefusal } from "./start-refusal.ts";
import type { StdioTransport } from "./transport.ts";

export interface StdioLifeOptions {
  entry: StdioEntry;
  environment: Environment;
  /** The path of the registry file, for messages. */
  registryPath: string;
  projectRoot: string;
  programFolder?: string | undefined;
  nodeFolder?: string | undefined;
  clock: Clock;
  /** Its status changed to running, failed or stopped. */
  onChange: () => void;
  /** Its process ended by itself. The reason reads after the server's name. */
  onLost: (reason: string) => void;
  onToolsChanged: () => void;
  onLog: (line: ServerLog) => void;
  onElicit: ConnectOptions["onElicit"];
}

type State =
  | { kind: "stopped" }
  | { kind: "starting"; connecting: Promise<StdioConnection> }
  | { kind: "running"; connection: StdioConnection }
  | { kind: "failed"; reason: string }
  | { kind: "closed" };

/**
 * The processes of one stdio server, never two at once: started at the first use, started again at the next use after it ended,
 * and less often when it keeps failing.
 */
export class StdioLife {
  readonly #options: StdioLifeOptions;
  #state: State = { kind: "stopped" };
  #failures: Failures = { count: 0, lastAt: 0 };
  readonly #endWatch = new EndWatch();
  #transport: StdioTransport | undefined;
  #startedAt: number | undefined;

  constructor(options: StdioLifeOptions) {
    this.#options = options;
  }

  get status(): BridgeServer {
    return statusOf(this.#options.entry.id, this.#state);
  }

  /** What the process that starts or runs has printed, ready to be appended to an error message. */
  get output(): string {
    return this.#transport?.stderr ?? "";
  }

  /** The same, and when that process was started; it may have ended. */
  get printed(): ProcessOutput {
    const lines = this.#transport?.printed ?? noLines;
    return { ...lines, ...(this.#startedAt !== undefined && { startedAt: this.#startedAt }) };
  }

  get isRunning(): boolean {
    return this.#state.kind === "running";
  }

  /**
   * Starts it unless it runs, and again if it is just ending. Callers share one start, which goes on when they have given up.
   * Rejects with an error whose message reads after the server's name.
   */
  connection(): Promise<StdioConnection> {
    const settled = this.#endWatch.settled();
    return settled === undefined ? this.#connection() : settled.then(() => this.#connection());
  }

  #connection(): Promise<StdioConnection> {
    switch (this.#state.kind) {
      case "running":
        return Promise.resolve(this.#state.connection);
      case "starting":
        return this.#state.connecting;
      case "closed":
        return Promise.reject(stopping());
      case "stopped":
      case "failed":
        return this.#startUnlessRefused(this.#state);
    }
  }

  /** The server answered a request of this kind, so earlier failures no longer count. */
  answered(kind: string): void {
    this.#endWatch.answered(kind);
    this.#failures = { count: 0, lastAt: 0 };
  }

  /** Ends the idle process. The next use starts another one. */
  stop(): void {
    if (this.#state.kind !== "running") return;
    const { connection } = this.#state;
    delete connection.client.onclose;
    this.#endWatch.ended({ isByItself: false });
    this.#enter({ kind: "stopped" });
    void connection.transport.close();
  }

  /** Ends the server for good, even while it is starting. Resolves when its processes have ended. */
  async close(): Promise<void> {
    this.#state = { kind: "closed" };
    await this.#transport?.close();
  }

  #startUnlessRefused(state: Extract<State, { kind: "stopped" | "failed" }>): Promise<StdioConnection> {
    const { clock } = this.#options;
    const decision = decideStart(this.#failures, clock.now());
    if (decision.kind === "refuse" && state.kind === "failed") return Promise.reject(new StartRefusal(state.reason));
    const wait = decision.kind === "wait" ? new Promise<void>((resolve) => void clock.after(decision.ms, resolve)) : undefined;
    const connecting = this.#start(wait);
    this.#state = { kind: "starting", connecting };
    return connecting;
  }

  async #start(wait: Promise<void> | undefined): Promise<StdioConnection> {
    try {
      await wait;
      if (this.#isClosed()) throw stopping();
      // The rest of the previous process group ends first, because two instances of one server may not share its files.
      await this.#transport?.close();
      const { launch, missing, secrets } = planLaunch(this.#options);
      if (missing.length > 0) {
        const names = missing.join(", ");
        const lines = missing.map((name) => `${name}=…`);
        throw new StartRefusal(
          `cannot start: set ${names}: write ${lines.join(" and ")} into ${join(dirname(this.#options.registryPath), ".env")}, which the next call reads, or stop and type: ${lines.join(" ")} npm start`,
        );
      }
      const connection = await connectStdio({
        launch,
        secrets,
        startTimeoutMs: startTimeoutOf(this.#options.entry),
        onTransport: (transport) => this.#adopt(transport),
        onToolsChanged: () => this.#options.onToolsChanged(),
        onLog: (line) => this.#options.onLog(line),
        onElicit: (params, signal) => this.#options.onElicit(params, signal),
      });
      // Closed in the meantime: the transport is already closed, and the state must not change.
      if (this.#isClosed()) throw stopping();
      connection.client.onclose = () => this.#onEnded(connection);
      this.#endWatch.started();
      this.#enter({ kind: "running", connection });
      return connection;
    } catch (error) {
      throw this.#onFailedStart(error);
    }
  }

  #adopt(transport: StdioTransport): void {
    if (this.#isClosed()) throw stopping();
    this.#transport = transport;
    this.#startedAt = this.#options.clock.now();
  }

  #onFailedStart(error: unknown): Error {
    // A wrong path or a missing variable does not count: the next use after it is corrected must start the server at once.
    if (!isStartRefusal(error)) this.#countFailure();
    const reason = `${error instanceof Error ? error.message : String(error)}${pauseNote(this.#failures)}`;
    this.#enter({ kind: "failed", reason });
    return new Error(reason, { cause: error });
  }

  #onEnded({ transport }: StdioConnection): void {
    const { ending } = transport;
    this.#endWatch.ended({ isByItself: ending?.isClean === true });
    if (ending === undefined || ending.isClean) {
      this.#options.onLost(ending?.text ?? "closed its connection");
      this.#enter({ kind: "stopped" });
      return;
    }
    this.#countFailure();
    this.#options.onLost(`${ending.text}.${transport.stderr}`);
    this.#enter({ kind: "failed", reason: `${ending.text}.${pauseNote(this.#failures)}${transport.stderr}` });
  }

  #countFailure(): void {
    this.#failures = { count: this.#failures.count + 1, lastAt: this.#options.clock.now() };
  }

  #isClosed(): boolean {
    return this.#state.kind === "closed";
  }

  #enter(state: State): void {
    if (this.#isClosed()) return;
    this.#state = state;
    this.#options.onChange();
  }
}

const noLines: Pick<ProcessOutput, "first" | "omitted" | "last"> = { first: [], omitted: 0, last: [] };

function statusOf(id: string, state: State): BridgeServer {
  switch (state.kind) {
    case "running":
      return { id, state: "running" };
    case "failed":
      return { id, state: "failed", reason: state.reason };
    case "stopped":
    case "starting":
    case "closed":
      return { id, state: "stopped" };
  }
}

function stopping(): Error {
  return new Error("cannot start: the bridge is stopping, or the server was removed from its registry");
}
