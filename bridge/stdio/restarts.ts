import { limits } from "../../core/limits.ts";

/** Failures of one server in a row: starts that failed, and ends that nobody asked for. */
export interface Failures {
  count: number;
  /** Milliseconds since the epoch. */
  lastAt: number;
}

export type StartDecision =
  | { kind: "now" }
  /** Soon enough to be waited for. */
  | { kind: "wait"; ms: number }
  /** It fails again and again: left alone until then, milliseconds since the epoch. */
  | { kind: "refuse"; until: number };

/**
 * When a server that failed may be started again: at once after the first failure, after waits that double when failures
 * follow, and not at all for a while once they come in a row. The first start after that while is a trial: its failure doubles
 * the while (a circuit breaker, Nygard, Release It!).
 */
export function decideStart({ count, lastAt }: Failures, now: number): StartDecision {
  if (count < 2) return { kind: "now" };
  if (count < limits.serverFailuresMax) {
    const ms = lastAt + limits.restartMs * 2 ** (count - 2) - now;
    return ms > 0 ? { kind: "wait", ms } : { kind: "now" };
  }
  const until = leftAloneUntil({ count, lastAt });
  return until > now ? { kind: "refuse", until } : { kind: "now" };
}

/** What a server's status and the refusal of a call say beside the failure itself; empty while it is still tried. */
export function circuitWords(failures: Failures): string {
  if (failures.count < limits.serverFailuresMax) return "";
  const time = new Date(leftAloneUntil(failures)).toISOString().slice(11, 19);
  return ` It failed ${failures.count} times in a row and is left alone until ${time} UTC.`;
}

function leftAloneUntil({ count, lastAt }: Failures): number {
  return lastAt + Math.min(limits.leftAloneMs * 2 ** (count - limits.serverFailuresMax), limits.leftAloneMsMax);
}
