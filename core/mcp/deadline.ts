import type { Clock } from "../clock.ts";
import { PausableTimer } from "../pausable-timer.ts";

/** A bound on one wait: the caller's signal and two times together. */
export interface Deadline extends Disposable {
  /** Aborts with whichever comes first. */
  readonly signal: AbortSignal;
  /** What ended the wait, if anything did: nobody waits any more, nothing was heard for too long, or it took too long in all. */
  readonly ended: "cancelled" | "idle" | "late" | undefined;
  /** The wait, as text for the timeout error. */
  readonly wait: string;
  /** Something was heard: the longest silence is counted from now, within the total. */
  extend(): void;
  /** The time stands still until disposed. */
  hold(): Disposable;
}

export interface DeadlineOptions {
  clock: Clock;
  signal: AbortSignal;
  /** The longest silence. */
  timeoutMs: number;
  /** The longest wait in all. Left out, nothing extends the wait. */
  totalMs?: number | undefined;
}

/** Dispose it when the wait is over, or its timers and listener stay behind. */
export function openDeadline({ clock, signal, timeoutMs, totalMs }: DeadlineOptions): Deadline {
  const controller = new AbortController();
  let ended: Deadline["ended"];
  let isExtended = false;
  const end = (how: "cancelled" | "idle" | "late"): void => {
    ended ??= how;
    controller.abort(how);
  };
  const onAbort = (): void => end("cancelled");
  const total = totalMs === undefined ? undefined : new PausableTimer(clock, { ms: totalMs, wake: () => end("late") });
  // Timers are expensive in workerd: one that cannot fire first is not set.
  const isIdleFirst = totalMs === undefined || timeoutMs < totalMs;
  const idle = isIdleFirst ? new PausableTimer(clock, { ms: timeoutMs, wake: () => end("idle") }) : undefined;
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort, { once: true });
  return {
    signal: controller.signal,
    get ended() {
      return ended;
    },
    get wait() {
      if (ended === "late")
        return `${totalMs} ms, which was all the time left${isExtended ? ", for all the progress it told" : ""}`;
      return isExtended ? `${timeoutMs} ms after its last word of progress` : `${timeoutMs} ms`;
    },
    extend() {
      if (ended !== undefined || totalMs === undefined) return;
      isExtended = true;
      idle?.restart(timeoutMs);
    },
    hold() {
      const holds = [idle?.hold(), total?.hold()];
      return {
        [Symbol.dispose]() {
          for (const hold of holds) hold?.[Symbol.dispose]();
        },
      };
    },
    [Symbol.dispose]() {
      idle?.stop();
      total?.stop();
      signal.removeEventListener("abort", onAbort);
    },
  };
}

/** Waits for work that others wait for too: giving up does not stop it. Rejects with the signal's reason. */
export function waitFor<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
