import { stdioLimits } from "./stdio-limits.ts";

/** Failures of one server in a row: failed starts and unexpected ends. */
export interface Failures {
  count: number;
  /** Milliseconds since the epoch. */
  lastAt: number;
}

export type StartDecision =
  | { kind: "now" }
  /** The caller waits, then starts it. */
  | { kind: "wait"; ms: number }
  /** It failed too often. No start before this time, in milliseconds since the epoch. */
  | { kind: "refuse"; until: number };

/**
 * When a server that failed may be started again: at once after the first failure, then after a wait that doubles with each
 * failure. After `stdioLimits.serverFailuresMax` failures in a row it is not started for `stdioLimits.leftAloneMs`. The first start after
 * that pause is a trial, and its failure doubles the pause (circuit breaker: Nygard, Release It!).
 */
export function decideStart({ count, lastAt }: Failures, now: number): StartDecision {
  if (count < 2) return { kind: "now" };
  if (count < stdioLimits.serverFailuresMax) {
    const ms = lastAt + stdioLimits.restartMs * 2 ** (count - 2) - now;
    return ms > 0 ? { kind: "wait", ms } : { kind: "now" };
  }
  const until = pauseEnd({ count, lastAt });
  return until > now ? { kind: "refuse", until } : { kind: "now" };
}

/** Appended to the failure in a server's status and in refused calls. Empty while the server may still be started. */
export function pauseNote(failures: Failures): string {
  if (failures.count < stdioLimits.serverFailuresMax) return "";
  const time = new Date(pauseEnd(failures)).toISOString().slice(11, 19);
  return ` It failed ${failures.count} times in a row and is not started again until ${time} UTC.`;
}

function pauseEnd({ count, lastAt }: Failures): number {
  return lastAt + Math.min(stdioLimits.leftAloneMs * 2 ** (count - stdioLimits.serverFailuresMax), stdioLimits.leftAloneMsMax);
}
