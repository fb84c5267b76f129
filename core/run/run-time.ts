import type { Clock } from "../clock.ts";
import type { OrchestratorError } from "../errors.ts";
import { limits } from "../limits.ts";

/** A run's time. It passes from `restart` on, and not while a person is asked something. */
export interface RunEnd extends Disposable {
  /** Aborts with the caller's, or when the isolate should long have reported. */
  signal: AbortSignal;
  /** When the program's time is up, in milliseconds since the epoch: later the longer it stands still. */
  deadline(): number;
  /** The time begins anew. */
  restart(): void;
  /** It stands still until then. */
  pause(): void;
  /** It stands still until disposed. */
  hold(): Disposable;
  /** How long it has been held in all; resolves when it is not held any more. */
  heldMs(): Promise<number>;
  /** How long it was held in all, up to the last time it went on. */
  readonly heldBeforeMs: number;
}

export function endOf(signal: AbortSignal, { clock, runMs }: { clock: Clock; runMs: number }): RunEnd {
  const controller = new AbortController();
  const abort = () => controller.abort();
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort, { once: true });
  let stopTimer = () => {};
  let startedAt = clock.now();
  let heldBeforeMs = 0;
  let holds = 0;
  let heldSince = 0;
  let released = Promise.withResolvers<void>();

  /** One who was evicted never lets go: nobody is held for longer than a person may take. */
  const heldNowMs = () => (holds === 0 ? 0 : Math.min(clock.now() - heldSince, limits.answerMs));
  const deadline = () => startedAt + runMs + heldBeforeMs + heldNowMs();

  function goOn(): void {
    stopTimer();
    const isOver = controller.signal.aborted;
    if (holds === 0 && !isOver) stopTimer = clock.after(deadline() + limits.runGraceMs - clock.now(), abort);
  }

  function release(): void {
    heldBeforeMs += clock.now() - heldSince;
    released.resolve();
    goOn();
  }

  return {
    signal: controller.signal,
    deadline,
    get heldBeforeMs() {
      return heldBeforeMs;
    },
    pause: () => stopTimer(),
    restart() {
      startedAt = clock.now();
      heldBeforeMs = 0;
      goOn();
    },
    hold() {
      holds += 1;
      if (holds === 1) {
        heldSince = clock.now();
        released = Promise.withResolvers();
        stopTimer();
      }
      let isHeld = true;
      return {
        [Symbol.dispose]() {
          if (isHeld) holds -= 1;
          if (isHeld && holds === 0) release();
          isHeld = false;
        },
      };
    },
    async heldMs() {
      while (holds > 0) await released.promise;
      return heldBeforeMs;
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
