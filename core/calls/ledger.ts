import type { EntryRecord } from "../journal/call-entry.ts";
import { limits } from "../limits.ts";
import type { CallsRoom, NestedCall } from "../mcp/upstream.ts";

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
  /** The calls of the saved program that this call ran. */
  calls?: readonly NestedCall[];
}

export interface OpenCall {
  /** From now on the server may have seen the call. Called for each attempt. */
  sent(): void;
  /** The call runs a program that makes these calls. */
  nest(calls: (room: CallsRoom) => readonly NestedCall[]): void;
  settle(outcome: CallOutcome): void;
}

export interface EarlierCall {
  server: string;
  tool: string;
  isRetrySafe: boolean;
  outcome: CallOutcome;
  durationMs: number;
}

export interface Ledger {
  open(call: { server: string; tool: string; isRetrySafe: boolean }): OpenCall;
  /** A call that was made in an earlier life of the run. */
  add(call: EarlierCall): void;
  /**
   * The calls so far, in the order they were made, with those below them; one that was sent and is still open is unknown.
   * @param room for how many there is room: `callsKeptMax`, and those of a saved program share that of its caller
   */
  records(room?: CallsRoom): CallRecord[];
  /** The calls without those below them, and without those that wait for something: those were neither sent nor refused. */
  begun(): CallRecord[];
  /** How many calls were made in all. */
  made(): number;
  /** How many calls of a server have succeeded so far. */
  succeeded(server: string): number;
  /** Whether any call got as far as its server. */
  isTouched(): boolean;
}

/** What a run did in an earlier life, and its program has not done again, is among its calls too. */
export function addUnmade(ledger: Ledger, journal: { unmade(): EntryRecord[] } | undefined): void {
  for (const record of journal?.unmade() ?? []) {
    const call = earlierCall(record);
    if (call) ledger.add(call);
  }
}

/** What the ledger says of a call of an earlier life; undefined for one that was refused before it was a call. */
export function earlierCall({
  server,
  tool,
  isSent,
  isRetrySafe,
  outcome,
  durationMs = 0,
}: EntryRecord): EarlierCall | undefined {
  const known = outcome ?? (isSent ? "unknown" : undefined);
  return known && { server, tool, isRetrySafe, outcome: known, durationMs };
}

/** Every call of one run, each exactly once, whatever happens to the run. */
export function createLedger(now: () => number): Ledger {
  const calls: Call[] = [];
  const successes = new Map<string, number>();
  let made = 0;
  const recordsOf = (some: readonly Call[], room: CallsRoom = { left: limits.callsKeptMax }) => {
    const kept = some.slice(0, room.left);
    room.left -= kept.length;
    return kept.map((call) => recordOf(call, { now: now(), room }));
  };
  return {
    open({ server, tool, isRetrySafe }) {
      const call: Call = {
        ...{ server, tool, isRetrySafe, outcome: "not_started", attempts: 0 },
        ...{ startedAt: now(), endedAt: undefined, nested: () => [] },
      };
      made += 1;
      // The limits of its servers bound a run's accepted calls; only calls refused in a loop overflow this.
      if (calls.length < limits.callsKeptMax) calls.push(call);
      return {
        sent() {
          call.outcome = "unknown";
          call.attempts += 1;
        },
        nest(nested) {
          call.nested = nested;
        },
        settle(outcome) {
          if (outcome === "succeeded") successes.set(server, (successes.get(server) ?? 0) + 1);
          call.outcome = outcome;
          call.endedAt = now();
        },
      };
    },
    add({ durationMs, ...call }) {
      made += 1;
      if (call.outcome === "succeeded") successes.set(call.server, (successes.get(call.server) ?? 0) + 1);
      const times = { startedAt: now() - durationMs, endedAt: now() };
      if (calls.length < limits.callsKeptMax) calls.push({ ...call, ...times, attempts: 1, nested: () => [] });
    },
    records: (room) => recordsOf(calls, room),
    begun() {
      const begun = calls.filter(({ attempts, endedAt }) => attempts > 0 || endedAt !== undefined);
      return recordsOf(begun.map((call) => ({ ...call, nested: () => [] })));
    },
    made: () => made,
    succeeded: (server) => successes.get(server) ?? 0,
    isTouched: () => calls.some((call) => call.outcome !== "not_started"),
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
  nested: (room: CallsRoom) => readonly NestedCall[];
}

function recordOf(call: Call, { now, room }: { now: number; room: CallsRoom }): CallRecord {
  const { server, tool, isRetrySafe, outcome, attempts, startedAt, endedAt } = call;
  const nested = call.nested(room);
  return {
    server,
    tool,
    outcome,
    durationMs: (endedAt ?? now) - startedAt,
    ...(attempts > 1 ? { attempts } : {}),
    ...(outcome === "succeeded" ? {} : { retrySafe: isRetrySafe || outcome === "not_started" }),
    ...(nested.length === 0 ? {} : { calls: nested }),
  };
}
