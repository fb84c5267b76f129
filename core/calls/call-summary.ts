import { limits } from "../limits.ts";
import type { CallsRoom, NestedCall } from "../mcp/upstream.ts";
import type { CallOutcome, CallRecord } from "./ledger.ts";

/** One entry of an answer: a call, or all calls of one tool that succeeded. */
export interface CallEntry extends Omit<CallRecord, "durationMs" | "calls"> {
  /** Left out of a sum below a saved program that succeeded. */
  durationMs?: number;
  /** Those that a saved program made. */
  calls?: readonly CallEntry[];
  /** How many calls the entry stands for, when that is more than one. `durationMs` is then their sum. */
  count?: number;
  /** The longest of them. */
  longestMs?: number;
}

export interface CallSummary {
  entries: CallEntry[];
  /** How many of the records are in no entry. */
  omitted: number;
  /** Whether the entries say all that the records do. */
  isComplete: boolean;
}

/**
 * The calls of a run in few words. Successes are summed by server and tool: who reads the answer wants to know that they happened,
 * and what it may have to make again stands singly. A saved program below which nothing failed is a success like any other, with the sum of its
 * own calls below it. An entry stands where its last call does, so that the order of the last calls of a run that failed can be read.
 */
export function summarizeCalls(records: readonly CallRecord[]): CallSummary {
  const entries = entriesOf(records, { room: { left: limits.callsShownMax }, isInSuccess: false });
  const omitted = records.length - entries.reduce((sum, { count = 1 }) => sum + count, 0);
  return { entries, omitted, isComplete: lengthOf(entries) === lengthOf(records) };
}

function entriesOf(
  records: readonly CallRecord[],
  { room, isInSuccess }: { room: CallsRoom; isInSuccess: boolean },
): CallEntry[] {
  const groups = new Map<string, CallRecord[]>();
  for (const [at, record] of records.entries()) {
    const key = isSuccess(record) ? JSON.stringify([record.server, record.tool]) : String(at);
    const group = groups.get(key) ?? [];
    group.push(record);
    // It moves to the end.
    groups.delete(key);
    groups.set(key, group);
  }
  const shown = mostTelling([...groups.values()].flatMap(sumOf), { max: room.left, costOf: () => 1 });
  room.left -= shown.length;
  return shown.map(({ calls = [], ...entry }) => {
    const below = entriesOf(calls, { room, isInSuccess: entry.outcome === "succeeded" });
    return { ...(isInSuccess ? withoutSums(entry) : entry), ...(below.length === 0 ? {} : { calls: below }) };
  });
}

/** An entry before what stands below it is summed. */
interface Gathered extends Omit<CallEntry, "calls"> {
  durationMs: number;
  calls?: readonly CallRecord[];
}

function isSuccess({ outcome, calls = [] }: NestedCall): boolean {
  return outcome === "succeeded" && calls.every(isSuccess);
}

function lengthOf(calls: readonly CallEntry[]): number {
  return calls.reduce((sum, { calls: below = [] }) => sum + 1 + lengthOf(below), 0);
}

/** Whoever calls a program that succeeded wants to know what it did; how long each took is in the ledger. */
function withoutSums({ durationMs, longestMs, ...entry }: Gathered): Omit<CallEntry, "calls"> {
  return longestMs === undefined ? { ...entry, durationMs } : entry;
}

/** One entry for all records of a group, which may be one. */
function sumOf(group: readonly CallRecord[]): Gathered[] {
  const count = group.length;
  const sent = group.reduce((sum, { attempts = 1 }) => sum + attempts, 0);
  const below = group.flatMap(({ calls = [] }) => calls);
  return group.slice(-1).map(({ attempts: _attempts, calls: _calls, ...last }) => ({
    ...last,
    durationMs: group.reduce((sum, { durationMs }) => sum + durationMs, 0),
    ...(count > 1 ? { count, longestMs: group.reduce((longest, { durationMs }) => Math.max(longest, durationMs), 0) } : {}),
    ...(sent > count ? { attempts: sent } : {}),
    ...(below.length === 0 ? {} : { calls: below }),
  }));
}

/** What may have happened matters most, then what failed. Successes are few, because they are summed. */
const byNeed: readonly CallOutcome[] = ["unknown", "succeeded", "failed", "not_started"];

/** Those that matter most, as long as their costs together are at most `max`. */
export function mostTelling<Entry extends { outcome: CallOutcome }>(
  entries: readonly Entry[],
  { max, costOf }: { max: number; costOf: (entry: Entry) => number },
): Entry[] {
  let left = max;
  const kept = new Set(
    byNeed
      .flatMap((outcome) => entries.filter((entry) => entry.outcome === outcome))
      .filter((entry) => {
        left -= costOf(entry);
        return left >= 0;
      }),
  );
  return entries.filter((entry) => kept.has(entry));
}
