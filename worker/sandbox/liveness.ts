import type { Watch } from "./processes.ts";

/** How often a process is pinged while a program runs in it. */
const pingIntervalMs = 200;
/** An answer that takes longer than this is late: something blocks the process. */
const lateMs = 100;

interface LivenessOptions {
  /** A process that does not answer for this long counts as frozen. Called when it is asked. */
  frozenMs: () => number;
  /** Called at least every `pingIntervalMs` or so, with when the process was asked. What it throws ends the watch. */
  onAnswer: (isAnswering: boolean, askedAt: number) => void;
  /** Aborted when the program has ended. */
  signal: AbortSignal;
}

/**
 * Resolves when the process is frozen, with the time of the first unanswered ping. Never settles if `signal` aborts first.
 * Rejects with what `onAnswer` throws.
 */
export async function untilFrozen(ping: Watch["ping"], { frozenMs, onAnswer, signal }: LivenessOptions): Promise<number> {
  try {
    for (;;) {
      await scheduler.wait(pingIntervalMs, { signal });
      const askedAt = Date.now();
      const silentMsMax = frozenMs();
      const pinging = ping();
      try {
        // A broken connection does not mean a frozen process. The call that runs the program fails too, and reports the loss.
        const answered = pinging.then(
          () => "answered" as const,
          () => "answered" as const,
        );
        const answersWithin = async (ms: number) => {
          const late = scheduler.wait(ms, { signal }).then(() => "late" as const);
          return (await Promise.race([answered, late])) === "answered";
        };
        let lateForMs = lateMs;
        for (let waitMs = lateMs; !(await answersWithin(waitMs)); lateForMs += waitMs) {
          if (lateForMs >= silentMsMax) return askedAt;
          onAnswer(false, askedAt);
          waitMs = Math.min(pingIntervalMs, silentMsMax - lateForMs);
        }
        onAnswer(true, askedAt);
      } finally {
        pinging[Symbol.dispose]?.();
      }
    }
  } catch (error) {
    if (!signal.aborted) throw error;
    return await new Promise<never>(() => {});
  }
}
