import type { RpcStub } from "cloudflare:workers";
import type { RunProgress } from "../../core/calls/progress.ts";
import type { RunLine } from "../../core/log-line.ts";
import type { Audience } from "../../core/run/live-run.ts";
import type { LogLevel } from "../mcp/live.ts";

/** Where a run tells how far it is; the other side of an RPC. */
export interface RunListener extends Rpc.RpcTargetBranded {
  progressed(progress: RunProgress): Promise<void>;
  printed(lines: RunLine[], leastLevel: LogLevel | undefined): Promise<void>;
}

/** Who listens to a run: one request after the other, and nobody while it waits for a person. */
export class RunAudience implements Audience {
  readonly #leastLevel: () => LogLevel | undefined;
  #client: RpcStub<RunListener> | undefined;
  /** Printed while nobody listened; the run's own bound on its lines is this list's. */
  #missed: RunLine[] = [];
  #told: Promise<void> = Promise.resolve();

  constructor(leastLevel: () => LogLevel | undefined) {
    this.#leastLevel = leastLevel;
  }

  /** Called while the request that brings the listener is still being made: what came as an argument is let go when it returns. */
  attach(listener: RpcStub<RunListener>): void {
    this.#client = listener.dup();
    const missed = this.#missed;
    this.#missed = [];
    if (missed.length > 0) this.printed(missed);
  }

  /** Lets go of the client, once it has been told everything: its answer ends the request, and what comes after would be lost. */
  async detach({ isGone }: { isGone: boolean }): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    if (!isGone) await this.#told;
    client?.[Symbol.dispose]();
  }

  /** The next notice says more: nobody needs one that was missed. */
  progressed(progress: RunProgress): void {
    if (this.#client) this.#tell(this.#client.progressed(progress));
  }

  printed(lines: RunLine[]): void {
    if (this.#client) this.#tell(this.#client.printed(lines, this.#leastLevel()));
    else this.#missed.push(...lines);
  }

  /** A client that is gone cannot be told; the run ends by its signal. */
  #tell(telling: Promise<void>): void {
    this.#told = telling.catch(() => undefined);
  }
}
