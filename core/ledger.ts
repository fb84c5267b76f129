/**
 * What became of a call. `not_started`: refused here, the server never saw it. `unknown`: sent, and no answer seen, so it
 * may have happened.
 */
export type CallOutcome = "succeeded" | "failed" | "not_started" | "unknown";

export interface CallRecord {
  server: string;
  tool: string;
  outcome: CallOutcome;
  durationMs: number;
  /** Set when the outcome is not `succeeded`: whether calling again can do no harm. */
  retrySafe?: boolean;
}

export interface OpenCall {
  settle(outcome: CallOutcome): void;
}

export interface Ledger {
  open(call: { server: string; tool: string; isRetrySafe: boolean }): OpenCall;
  /** Every call so far, in the order they were made; those still open count as unknown. */
  records(): CallRecord[];
}

/** Every call of one run, each exactly once, whatever happens to the run. */
export function createLedger(now: () => number): Ledger {
  const records: CallRecord[] = [];
  return {
    open({ server, tool, isRetrySafe }) {
      const startedAt = now();
      const record: CallRecord = { server, tool, outcome: "unknown", durationMs: 0, retrySafe: isRetrySafe };
      records.push(record);
      return {
        settle(outcome) {
          record.outcome = outcome;
          record.durationMs = now() - startedAt;
          if (outcome === "succeeded") delete record.retrySafe;
          if (outcome === "not_started") record.retrySafe = true;
        },
      };
    },
    records: () => records.map((record) => ({ ...record })),
  };
}
