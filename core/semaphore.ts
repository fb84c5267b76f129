import { OrchestratorError } from "./errors.ts";

/** Lets a fixed number in at once; the rest wait in order. */
export interface Turnstile {
  /**
   * Resolves when it is the caller's turn; dispose to let the next one in.
   * @throws OrchestratorError `cancelled` when `signal` aborts while waiting
   */
  enter(signal: AbortSignal): Promise<Disposable>;
}

export function createTurnstile(places: number): Turnstile {
  let free = places;
  const waiting: (() => void)[] = [];

  function leave(): void {
    const next = waiting.shift();
    if (next) next();
    else free += 1;
  }

  /** A turn is given back once, however often it is disposed. */
  function turn(): Disposable {
    let isHeld = true;
    return {
      [Symbol.dispose]() {
        if (isHeld) leave();
        isHeld = false;
      },
    };
  }

  return {
    async enter(signal) {
      if (signal.aborted) throw cancelled();
      if (free > 0) {
        free -= 1;
        return turn();
      }
      await new Promise<void>((resolve, reject) => {
        const onAbort = () => {
          waiting.splice(waiting.indexOf(enter), 1);
          reject(cancelled());
        };
        const enter = () => {
          signal.removeEventListener("abort", onAbort);
          resolve();
        };
        waiting.push(enter);
        signal.addEventListener("abort", onAbort, { once: true });
      });
      return turn();
    },
  };
}

function cancelled(): OrchestratorError {
  return new OrchestratorError("cancelled", "The run ended while this call waited for its turn.");
}
