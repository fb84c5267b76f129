import type { OrchestratorError } from "./errors.ts";
import type { Clock } from "./ports.ts";

export interface RunEnd extends Disposable {
  signal: AbortSignal;
  /** The time begins anew. */
  restart(): void;
  /** It stands still until then. */
  pause(): void;
}

/** A signal that aborts with the caller's, or when the isolate should long have reported. */
export function endOf(signal: AbortSignal, { clock, afterMs }: { clock: Clock; afterMs: number }): RunEnd {
  const controller = new AbortController();
  const abort = () => controller.abort();
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort, { once: true });
  let stopTimer = () => {};
  return {
    signal: controller.signal,
    pause: () => stopTimer(),
    restart() {
      stopTimer();
      stopTimer = clock.after(afterMs, abort);
    },
    [Symbol.dispose]() {
      stopTimer();
      signal.removeEventListener("abort", abort);
      // Calls the program did not wait for end with it.
      abort();
    },
  };
}

/**
 * Stops waiting when `signal` aborts, whatever the other side does then: a run always ends.
 * @throws what `onAbort` makes
 */
export async function unlessAborted<T>(
  waited: Promise<T>,
  { signal, onAbort }: { signal: AbortSignal; onAbort: () => OrchestratorError },
): Promise<T> {
  let stop = () => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(onAbort());
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
  });
  try {
    return await Promise.race([waited, aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
