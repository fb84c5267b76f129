import type { Clock } from "../clock.ts";
import { type ErrorCode, UpstreamError } from "../errors.ts";
import { limits } from "../limits.ts";

export interface RetryOptions {
  /** Its server declares that calling twice has the same effect as calling once. */
  isRetrySafe: boolean;
  clock: Clock;
  /** From 0 to 1, exclusive. */
  random: () => number;
  /** Milliseconds since the epoch: the deadline of the call or of the run, whichever comes first. */
  deadline: number;
  signal: AbortSignal;
  /** Whether the server's rate limit has room for one more call. */
  takeRate: () => Promise<boolean>;
}

/**
 * Makes a call, and retries it where that can do no harm: the server has provably not seen it, or declares it idempotent. Waits
 * between attempts double, are jittered, and never pass the deadline.
 *
 * Rejects with the last failure. If the last attempt was not sent but an earlier one was, rejects with the earlier failure: it says
 * what may have happened.
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
      if (isOver || !mayRepeat(error, isRetrySafe) || !(await takeRate())) throw last;
      await pause(waitMs, { clock, signal });
      if (signal.aborted) throw last;
    }
  }
}

/** Whether a call that failed like this may be retried, and a retry could succeed. */
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

/** Not `call_timeout`: there is no time left for a retry. */
const passing: readonly ErrorCode[] = ["server_unavailable", "bridge_offline"];

/** Doubles with each retry. A random value from the upper half, so that calls that failed together are not retried together. */
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
