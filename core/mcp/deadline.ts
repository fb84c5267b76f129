import type { Clock } from "../clock.ts";
import { limits } from "../limits.ts";
import { PausableTimer } from "../pausable-timer.ts";

/** Ends one wait: at the caller's signal, after a time without progress, or after a total time. */
export interface Deadline extends Disposable {
  /** Aborts at whichever of the three comes first. Made when it is first asked for, because workerd makes one slowly. */
  readonly signal: AbortSignal;
  /** Why the wait ended: the caller's signal, no answer or progress for `timeoutMs`, or `totalMs` used up. Undefined while it goes on. */
  readonly ended: "cancelled" | "idle" | "late" | undefined;
  /** The wait, as text for the timeout error. */
  readonly wait: string;
  /** Restarts `timeoutMs`, for progress that was received. `totalMs` runs on. */
  extend(): void;
  /** Pauses both times until disposed. */
  hold(): Disposable;
}

export interface DeadlineOptions {
  clock: Clock;
  signal: AbortSignal;
  /** The longest time without an answer or progress. */
  timeoutMs: number;
  /** The longest wait in total. If omitted, `timeoutMs` is, and progress does not restart it. */
  totalMs?: number | undefined;
  /** Called at whichever of the three comes first, unless it was disposed before. */
  onEnd?: () => void;
}

/** Dispose it when the wait is over: that removes its timers and its listener. */
export function openDeadline({ clock, signal, timeoutMs, totalMs, onEnd }: DeadlineOptions): Deadline {
  let controller: AbortController | undefined;
  let ended: Deadline["ended"];
  let isExtended = false;
  const end = (how: "cancelled" | "idle" | "late"): void => {
    if (ended !== undefined) return;
    ended = how;
    controller?.abort(how);
    onEnd?.();
  };
  const onAbort = (): void => end("cancelled");
  const total = totalMs === undefined ? undefined : new PausableTimer(clock, { ms: totalMs, wake: () => end("late") });
  // Timers are expensive in workerd: the idle timer is not set if the total would fire first.
  const isIdleFirst = totalMs === undefined || timeoutMs < totalMs;
  const idle = isIdleFirst ? new PausableTimer(clock, { ms: timeoutMs, wake: () => end("idle") }) : undefined;
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort, { once: true });
  return {
    get signal() {
      controller ??= new AbortController();
      if (ended !== undefined) controller.abort(ended);
      return controller.signal;
    },
    get ended() {
      return ended;
    },
    get wait() {
      if (ended === "late")
        return `${totalMs} ms, which was all the time left${isExtended ? ", although it reported progress" : ""} (raise maxRuntimeMs, at most ${limits.runMsMax})`;
      return isExtended ? `${timeoutMs} ms after its last progress notification` : `${timeoutMs} ms`;
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

/** Waits for shared work: an aborted signal ends this wait, but not the work. Rejects with the signal's reason. */
export function waitFor<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
