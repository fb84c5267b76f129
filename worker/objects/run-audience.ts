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

/** Receives the same, and whether the run asks its client something. */
export interface RunWatcher extends RunListener {
  /** @param token with which an answer finds the run */
  asked(token: string): Promise<void>;
}

/** Passes a run's progress and lines to the request that is waiting for it: one after another, and none during an elicitation. */
export class RunAudience implements Audience {
  readonly #leastLevel: () => LogLevel | undefined;
  #client: RpcStub<RunListener> | undefined;
  /** Lines printed without a listener; bounded by the run's own limit on lines. */
  #missed: RunLine[] = [];
  #sent: Promise<void> = Promise.resolve();
  /** Persons who look on. The run waits for none of them. */
  readonly #watchers = new Set<RpcStub<RunWatcher>>();
  /** Those who have not taken the last progress yet. */
  readonly #behind = new WeakSet<RpcStub<RunWatcher>>();
  /** The last lines, for a watcher who comes later. */
  #recent: RunLine[] = [];
  /** Of the question that waits for its client. */
  #token: string | undefined;

  constructor(leastLevel: () => LogLevel | undefined) {
    this.#leastLevel = leastLevel;
  }

  /** Must be called during the RPC that passes the listener: a stub argument is released when the RPC returns, hence `dup`. */
  attach(listener: RpcStub<RunListener>): void {
    this.#client = listener.dup();
    this.#token = undefined;
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

  /** For as long as the returned value is not disposed of; called during the RPC that passes the listener, like `attach`. */
  watch(listener: RpcStub<RunWatcher>): Disposable {
    const watcher = listener.dup();
    const [oldest] = this.#watchers;
    if (oldest !== undefined && this.#watchers.size >= watchersMax) this.#leave(oldest);
    this.#watchers.add(watcher);
    if (this.#recent.length > 0) this.#show([watcher], (one) => one.printed(this.#recent, undefined));
    const token = this.#token;
    if (token !== undefined) this.#show([watcher], (one) => one.asked(token));
    return { [Symbol.dispose]: () => this.#leave(watcher) };
  }

  /** The run waits under this token until its client comes back. */
  asked(token: string): void {
    this.#token = token;
    this.#show(this.#watchers, (one) => one.asked(token));
  }

  /** Dropped without a listener: the next notification supersedes it. */
  progressed(progress: RunProgress): void {
    if (this.#client) this.#send(this.#client.progressed(progress));
    // Of a watcher who is slow none waits: the next notification supersedes it.
    const ready = [...this.#watchers].filter((watcher) => !this.#behind.has(watcher));
    for (const watcher of ready) this.#behind.add(watcher);
    this.#show(ready, (one) => one.progressed(progress).finally(() => this.#behind.delete(one)));
  }

  printed(lines: RunLine[]): void {
    if (this.#client) this.#send(this.#client.printed(lines, this.#leastLevel()));
    else this.#missed.push(...lines);
    this.#recent = [...this.#recent, ...lines].slice(-recentLinesMax);
    this.#show(this.#watchers, (one) => one.printed(lines, undefined));
  }

  /** Whoever has gone away is not told again. */
  #show(watchers: Iterable<RpcStub<RunWatcher>>, tell: (watcher: RpcStub<RunWatcher>) => Promise<void>): void {
    for (const watcher of watchers) tell(watcher).catch(() => this.#leave(watcher));
  }

  #leave(watcher: RpcStub<RunWatcher>): void {
    if (this.#watchers.delete(watcher)) watcher[Symbol.dispose]();
  }

  /** Fails only when the client is gone, which the run learns from its signal. */
  #send(sending: Promise<void>): void {
    this.#sent = sending.catch(() => undefined);
  }
}

/** Of more, the first ones are told no more. */
const watchersMax = 20;
/** Lines that a watcher is shown who comes later. */
const recentLinesMax = 100;
