import { performance } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";

/** How long after its first answer to a call a process is given to end by itself, before it gets its next request. */
const firstWaitMs = 100;
/** The same for a server whose processes were seen to end after such an answer. */
const knownWaitMs = 2_000;

/**
 * Some servers end after each answer. A request that is written to a process just before it ends is lost, and nobody knows whether
 * it was read. So the request after the first answered call waits a moment for the process's end, and those of a server that is known
 * to end after answers of a kind wait until it has.
 */
export class EndWatch {
  /** After answers of these kinds, processes of this server have ended. */
  readonly #endsAfter = new Set<string>();
  /** After answers of these kinds, the present process has stayed. */
  readonly #staysAfter = new Set<string>();
  #last: { kind: string; at: number } | undefined;
  #ended = Promise.withResolvers<void>();
  /** Shared, so that requests are sent in the order in which they were made. */
  #settling: Promise<void> | undefined;

  /** A new process has started. */
  started(): void {
    this.#staysAfter.clear();
    this.#last = undefined;
    this.#ended = Promise.withResolvers<void>();
  }

  answered(kind: string): void {
    this.#last = { kind, at: performance.now() };
  }

  /** The process has ended. `isByItself`: neither crashed nor stopped by us. */
  ended({ isByItself }: { isByItself: boolean }): void {
    const last = this.#last;
    if (isByItself && last !== undefined && performance.now() - last.at < knownWaitMs) this.#endsAfter.add(last.kind);
    this.#last = undefined;
    this.#ended.resolve();
  }

  /** Resolves when the process has ended, or will hardly do so before its next request. Undefined if there is nothing to wait for. */
  settled(): Promise<void> | undefined {
    const last = this.#last;
    if (last === undefined || this.#staysAfter.has(last.kind)) return undefined;
    const isKnown = this.#endsAfter.has(last.kind);
    if (!isKnown && last.kind !== "call") return undefined;
    this.#settling ??= this.#settle(last.kind, last.at + (isKnown ? knownWaitMs : firstWaitMs)).finally(() => {
      this.#settling = undefined;
    });
    return this.#settling;
  }

  async #settle(kind: string, until: number): Promise<void> {
    const timer = new AbortController();
    const late = delay(Math.max(0, until - performance.now()), "late", { signal: timer.signal }).catch(() => "late");
    const first = await Promise.race([this.#ended.promise, late]);
    timer.abort();
    if (first !== "late") return;
    this.#endsAfter.delete(kind);
    this.#staysAfter.add(kind);
  }
}
