import type { Clock } from "../clock.ts";
import { OrchestratorError } from "../errors.ts";
import { runtimeCallsMessage } from "../limit-messages.ts";
import { createSemaphore } from "../semaphore.ts";
import { runtimeLimits } from "./runtime-limits.ts";

/** How much of the session's time and memory the runtime's own calls of one run may use. They go to no server, so no server's limits bound them. */
export interface RuntimeQuota {
  /**
   * Counts one call, which is refused beyond a bound, and holds a place for it until disposed.
   * @param chars of its arguments
   * @throws OrchestratorError
   */
  enter(chars: number): Disposable;
  /** Does the work when its turn has come, and then rests for as long as the work took. */
  inTurn<T>(work: () => Promise<T>): Promise<T>;
  /**
   * Counts what an answer holds.
   * @throws OrchestratorError
   */
  spend(chars: number): void;
}

/** @param signal ends the waits for a turn */
export function createRuntimeQuota({ clock, signal }: { clock: Clock; signal: AbortSignal }): RuntimeQuota {
  const turns = createSemaphore(runtimeLimits.runtimeCallsAtOnce);
  let made = 0;
  let inFlight = 0;
  let charsLeft = runtimeLimits.runtimeCharsPerRun;

  function spend(chars: number): void {
    charsLeft -= chars;
    if (charsLeft >= 0) return;
    throw new OrchestratorError(
      "output_limit",
      `A run may send and receive ${runtimeLimits.runtimeCharsPerRun} characters of JSON through the module runtime; this is more. Read a value once and keep it in a variable.`,
    );
  }

  return {
    enter(chars) {
      if (inFlight >= runtimeLimits.runtimeCallsInFlightMax)
        throw tooMany(`${runtimeLimits.runtimeCallsInFlightMax} in flight at once`);
      made += 1;
      if (made > runtimeLimits.runtimeCallsPerRun) throw tooMany(`${runtimeLimits.runtimeCallsPerRun} in all`);
      spend(chars);
      inFlight += 1;
      return {
        [Symbol.dispose]() {
          inFlight -= 1;
        },
      };
    },
    async inTurn(work) {
      const turn = await turns.acquire(signal);
      const startedAt = clock.now();
      try {
        return await work();
      } finally {
        const restMs = Math.min(clock.now() - startedAt, runtimeLimits.runtimePauseMs);
        if (restMs <= 0) turn[Symbol.dispose]();
        else clock.after(restMs, () => turn[Symbol.dispose]());
      }
    },
    spend,
  };
}

function tooMany(most: string): OrchestratorError {
  return new OrchestratorError("too_many_calls", runtimeCallsMessage(most));
}
