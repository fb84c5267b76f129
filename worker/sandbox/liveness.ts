import type { Watch } from "./processes.ts";

/** How often a process with a program in it is asked whether it answers. */
const pulseMs = 200;
/** An answer that takes longer than this is late: something in the process computes. */
const lateMs = 100;

interface PulseOptions {
  /** So long without an answer means frozen. */
  frozenMs: number;
  onAnswer: (isAnswering: boolean) => void;
  /** The program has ended. */
  signal: AbortSignal;
}

/** Resolves with the time since when the process has been frozen, once that is too long; never when `signal` aborts first. */
export async function untilFrozen(ping: Watch["ping"], { frozenMs, onAnswer, signal }: PulseOptions): Promise<number> {
  try {
    for (;;) {
      await scheduler.wait(pulseMs, { signal });
      const askedAt = Date.now();
      const pinging = ping();
      try {
        // A connection that breaks is not a frozen process; the program's own call breaks with it.
        const answered = pinging.then(
          () => "answered" as const,
          () => "answered" as const,
        );
        const late = scheduler.wait(lateMs, { signal }).then(() => "late" as const);
        if ((await Promise.race([answered, late])) === "late") {
          onAnswer(false);
          const frozen = scheduler.wait(frozenMs - lateMs, { signal }).then(() => "frozen" as const);
          if ((await Promise.race([answered, frozen])) === "frozen") return askedAt;
        }
        onAnswer(true);
      } finally {
        pinging[Symbol.dispose]?.();
      }
    }
  } catch (error) {
    if (!signal.aborted) throw error;
    return await new Promise<never>(() => {});
  }
}
