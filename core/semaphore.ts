import { OrchestratorError } from "./errors.ts";

/** Limits how many may proceed at once; the others wait in order. */
export interface Semaphore {
  /**
   * Resolves with a permit, which is released by disposing it.
   *
   * @throws OrchestratorError `cancelled` if `signal` aborts while waiting
   */
  acquire(signal: AbortSignal): Promise<Disposable>;
}

export function createSemaphore(permits: number): Semaphore {
  let free = permits;
  const waiting: (() => void)[] = [];

  function release(): void {
    const next = waiting.shift();
    if (next) next();
    else free += 1;
  }

  /** A permit is released only once, even if disposed again. */
  function permit(): Disposable {
    let isHeld = true;
    return {
      [Symbol.dispose]() {
        if (isHeld) release();
        isHeld = false;
      },
    };
  }

  return {
    async acquire(signal) {
      if (signal.aborted) throw cancelled();
      if (free > 0) {
        free -= 1;
        return permit();
      }
      await new Promise<void>((resolve, reject) => {
        const onAbort = () => {
          waiting.splice(waiting.indexOf(admit), 1);
          reject(cancelled());
        };
        const admit = () => {
          signal.removeEventListener("abort", onAbort);
          resolve();
        };
        waiting.push(admit);
        signal.addEventListener("abort", onAbort, { once: true });
      });
      return permit();
    },
  };
}

function cancelled(): OrchestratorError {
  return new OrchestratorError("cancelled", "The run ended while this call waited for its turn.");
}
