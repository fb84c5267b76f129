import type { Clock } from "../clock.ts";
import type { OrchestratorError } from "../errors.ts";
import { limits } from "../limits.ts";

/**
 * The clock of one run, and the only one: the gate, the sandbox and the isolate all ask it. The time starts with the program and
 * stands still while a person is being asked something.
 */
export interface RunTime extends Disposable {
  /** Aborts with the caller's signal, or when the isolate should long have reported. */
  signal: AbortSignal;
  /** When the program's time is up, in milliseconds since the epoch. Moves back while the time stands still. */
  deadline(): number;
  /** The program starts: it has all its time from now on. */
  restart(): void;
  /** Stops the timer until the program starts again. */
  pause(): void;
  /** The time stands still until the hold is disposed. */
  hold(): Disposable;
  /** How long the time has stood still in all. Resolves once it does not stand still. */
  heldMs(): Promise<number>;
}

export function startRunTime(signal: AbortSignal, { clock, runMs }: { clock: Clock; runMs: number }): RunTime {
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

  /** A holder that was evicted never disposes its hold: no hold counts for longer than a person may take to answer. */
  const heldNowMs = () => (holds === 0 ? 0 : Math.min(clock.now() - heldSince, limits.answerMs));
  const deadline = () => startedAt + runMs + heldBeforeMs + heldNowMs();

  function startTimer(): void {
    stopTimer();
    const isOver = controller.signal.aborted;
    if (holds === 0 && !isOver) stopTimer = clock.after(deadline() + limits.runGraceMs - clock.now(), abort);
  }

  function release(): void {
    heldBeforeMs += clock.now() - heldSince;
    released.resolve();
    startTimer();
  }

  return {
    signal: controller.signal,
    deadline,
    pause: () => stopTimer(),
    restart() {
      startedAt = clock.now();
      heldBeforeMs = 0;
      startTimer();
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
      // Calls that the program did not wait for end with it.
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
