import { performance } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";

/** How long after the first answer of a kind a process is given to end by itself, before it gets its next request. */
const firstWaitMs = 100;
/** The same for a server whose processes were seen to end after such an answer. */
const knownWaitMs = 2_000;

/**
 * Some servers end after each answer. A request that is written to a process just before it ends is lost, and nobody knows whether
 * it was read. So the request after the first answer of each kind waits a moment for the process's end, and those of a server that
 * is known to end wait until it has.
 */
export class EndWatch<Kind> {
  /** After answers of these kinds, processes of this server have ended. */
  readonly #endsAfter = new Set<Kind>();
  /** After answers of these kinds, the present process has stayed. */
  readonly #staysAfter = new Set<Kind>();
  #last: { kind: Kind; at: number } | undefined;
  #ended = Promise.withResolvers<void>();

  /** A new process has started. */
  started(): void {
    this.#staysAfter.clear();
    this.#last = undefined;
    this.#ended = Promise.withResolvers<void>();
  }

  answered(kind: Kind): void {
    this.#last = { kind, at: performance.now() };
  }

  /** The process has ended. `isByItself`: neither crashed nor stopped by us. */
  ended({ isByItself }: { isByItself: boolean }): void {
    const last = this.#last;
    if (isByItself && last !== undefined && performance.now() - last.at < knownWaitMs) this.#endsAfter.add(last.kind);
    this.#last = undefined;
    this.#ended.resolve();
  }

  /** Resolves when the process has ended, or will hardly do so before its next request. */
  async settled(): Promise<void> {
    const last = this.#last;
    if (last === undefined || this.#staysAfter.has(last.kind)) return;
    const waitMs = this.#endsAfter.has(last.kind) ? knownWaitMs : firstWaitMs;
    const leftMs = last.at + waitMs - performance.now();
    const timer = new AbortController();
    if (leftMs > 0) {
      const late = delay(leftMs, "late", { signal: timer.signal }).catch(() => "late");
      const first = await Promise.race([this.#ended.promise, late]);
      timer.abort();
      if (first !== "late") return;
    }
    this.#endsAfter.delete(last.kind);
    this.#staysAfter.add(last.kind);
  }
}
