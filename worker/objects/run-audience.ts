import type { RpcStub } from "cloudflare:workers";
import type { RunProgress } from "../../core/calls/progress.ts";
import type { RunLine } from "../../core/log-line.ts";
import type { Audience } from "../../core/run/live-run.ts";
import type { LogLevel } from "../mcp/live.ts";

/** Receives the progress and console lines of a run, over RPC. */
export interface RunListener extends Rpc.RpcTargetBranded {
  progressed(progress: RunProgress): Promise<void>;
  printed(lines: RunLine[], leastLevel: LogLevel | undefined): Promise<void>;
}

/** Passes a run's progress and lines to the request that is waiting for it: one after another, and none during an elicitation. */
export class RunAudience implements Audience {
  readonly #leastLevel: () => LogLevel | undefined;
  #client: RpcStub<RunListener> | undefined;
  /** Lines printed without a listener; bounded by the run's own limit on lines. */
  #missed: RunLine[] = [];
  #sent: Promise<void> = Promise.resolve();

  constructor(leastLevel: () => LogLevel | undefined) {
    this.#leastLevel = leastLevel;
  }

  /** Must be called during the RPC that passes the listener: a stub argument is released when the RPC returns, hence `dup`. */
  attach(listener: RpcStub<RunListener>): void {
    this.#client = listener.dup();
    const missed = this.#missed;
    this.#missed = [];
    if (missed.length > 0) this.printed(missed);
  }

  /** Releases the listener, after everything sent has arrived: the client's answer ends its request, and later messages would be lost. */
  async detach({ isGone }: { isGone: boolean }): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    if (!isGone) await this.#sent;
    client?.[Symbol.dispose]();
  }

  /** Dropped without a listener: the next notification supersedes it. */
  progressed(progress: RunProgress): void {
    if (this.#client) this.#send(this.#client.progressed(progress));
  }

  printed(lines: RunLine[]): void {
    if (this.#client) this.#send(this.#client.printed(lines, this.#leastLevel()));
    else this.#missed.push(...lines);
  }

  /** Fails only when the client is gone, which the run learns from its signal. */
  #send(sending: Promise<void>): void {
    this.#sent = sending.catch(() => undefined);
  }
}
