import type { Clock } from "../clock.ts";
import { type ErrorCode, UpstreamError } from "../errors.ts";
import { limits } from "../limits.ts";

export interface RetryOptions {
  /** What is called is, by its server's own word, as good twice as once. */
  isRetrySafe: boolean;
  clock: Clock;
  /** From 0 to 1, exclusive. */
  random: () => number;
  /** Milliseconds since the epoch: the call's own end or the run's, whichever comes first. */
  deadline: number;
  signal: AbortSignal;
  /** Whether the server's rate has room for one call more. */
  takeRate: () => boolean;
}

/**
 * Makes a call, and makes it again where that can do no harm: the server has provably not seen it, or it is by its
 * server's own word as good twice as once. Waits in between, doubled and jittered, and never past the deadline.
 *
 * Rejects with the last failure. If that one was not sent and one before it was, with the one before: what may have happened
 * outweighs what did not.
 */
export async function withRetries<T>(call: (timeoutMs: number) => Promise<T>, options: RetryOptions): Promise<T> {
  const { isRetrySafe, clock, random, deadline, signal, takeRate } = options;
  let sent: UpstreamError | undefined;
  for (let retries = 0; ; retries++) {
    try {
      return await call(deadline - clock.now());
    } catch (error) {
      if (!(error instanceof UpstreamError)) throw error;
      if (error.delivery === "sent") sent = error;
      const last = error.delivery === "not_sent" ? (sent ?? error) : error;
      const waitMs = retryWaitMs(retries, random());
      const isOver = retries >= limits.callRetriesMax || clock.now() + waitMs >= deadline || signal.aborted;
      if (isOver || !mayRepeat(error, isRetrySafe) || !takeRate()) throw last;
      await pause(waitMs, { clock, signal });
      if (signal.aborted) throw last;
    }
  }
}

/** Whether a call that failed so may be made once more, and has a chance to fare better. */
function mayRepeat({ code, delivery, details }: UpstreamError, isRetrySafe: boolean): boolean {
  if (!passing.includes(code) || details.retryable === false) return false;
  switch (delivery) {
    case "not_sent":
      return true;
    case "sent":
      return isRetrySafe;
    case "answered":
      return false;
  }
}

/** Not `call_timeout`: the time it would need is what ran out. */
const passing: readonly ErrorCode[] = ["server_unavailable", "bridge_offline"];

/** Doubled with each retry, and drawn from its upper half, so that calls that failed together do not come back together. */
export function retryWaitMs(retries: number, random: number): number {
  return Math.round(limits.callRetryMs * 2 ** retries * (0.5 + random / 2));
}

/** Resolves early when the signal aborts. */
function pause(ms: number, { clock, signal }: { clock: Clock; signal: AbortSignal }): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      stop();
      signal.removeEventListener("abort", end);
      resolve();
    };
    const stop = clock.after(ms, end);
    signal.addEventListener("abort", end, { once: true });
  });
}
