import { limits } from "../limits.ts";

/**
 * What became of a call. `not_started`: refused here, the server never saw it. `unknown`: sent, but no answer was seen, so it
 * may have happened.
 */
export type CallOutcome = "succeeded" | "failed" | "not_started" | "unknown";

export interface CallRecord {
  server: string;
  tool: string;
  outcome: CallOutcome;
  durationMs: number;
  /** How often it was sent, when that is more than once. */
  attempts?: number;
  /** Set when the outcome is not `succeeded`: whether calling again can do no harm. */
  retrySafe?: boolean;
}

export interface OpenCall {
  /** From now on the server may have seen the call. Called for each attempt. */
  sent(): void;
  settle(outcome: CallOutcome): void;
}

export interface Ledger {
  open(call: { server: string; tool: string; isRetrySafe: boolean }): OpenCall;
  /**
   * The calls so far, in the order they were made; one that was sent and is still open is unknown. Beyond the bound, calls that
   * succeeded are left out first.
   */
  records(): CallRecord[];
  /** How many calls `records` leaves out. */
  omitted(): number;
  /** How many calls of a server have succeeded so far. */
  succeeded(server: string): number;
  /** Whether any call got as far as its server. */
  isTouched(): boolean;
}

/** Every call of one run, each exactly once, whatever happens to the run. */
export function createLedger(now: () => number): Ledger {
  const calls: Call[] = [];
  const successes = new Map<string, number>();
  let made = 0;
  return {
    open({ server, tool, isRetrySafe }) {
      const call: Call = { server, tool, isRetrySafe, outcome: "not_started", attempts: 0, startedAt: now(), endedAt: undefined };
      made += 1;
      // The limits of its servers bound a run's accepted calls; only calls refused in a loop overflow this.
      if (calls.length < limits.callsKeptMax) calls.push(call);
      return {
        sent() {
          call.outcome = "unknown";
          call.attempts += 1;
        },
        settle(outcome) {
          if (outcome === "succeeded") successes.set(server, (successes.get(server) ?? 0) + 1);
          call.outcome = outcome;
          call.endedAt = now();
        },
      };
    },
    records: () => mostTelling(calls).map((call) => recordOf(call, now())),
    succeeded: (server) => successes.get(server) ?? 0,
    isTouched: () => calls.some((call) => call.outcome !== "not_started"),
    omitted: () => made - Math.min(calls.length, limits.callsShownMax),
  };
}

interface Call {
  server: string;
  tool: string;
  isRetrySafe: boolean;
  outcome: CallOutcome;
  attempts: number;
  startedAt: number;
  endedAt: number | undefined;
}

function recordOf({ server, tool, isRetrySafe, outcome, attempts, startedAt, endedAt }: Call, now: number): CallRecord {
  return {
    server,
    tool,
    outcome,
    durationMs: (endedAt ?? now) - startedAt,
    ...(attempts > 1 ? { attempts } : {}),
    ...(outcome === "succeeded" ? {} : { retrySafe: isRetrySafe || outcome === "not_started" }),
  };
}

/** After a failed run, what may have happened matters most, then what failed. */
const byNeed: readonly CallOutcome[] = ["unknown", "failed", "not_started", "succeeded"];

function mostTelling(calls: readonly Call[]): readonly Call[] {
  if (calls.length <= limits.callsShownMax) return calls;
  const kept = new Set(
    byNeed.flatMap((outcome) => calls.filter((call) => call.outcome === outcome)).slice(0, limits.callsShownMax),
  );
  return calls.filter((call) => kept.has(call));
}
