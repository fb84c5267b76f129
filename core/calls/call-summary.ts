import { limits } from "../limits.ts";
import type { CallsRoom, NestedCall } from "../mcp/upstream.ts";
import type { CallOutcome, CallRecord } from "./ledger.ts";

/** One entry of an answer: a call, or all calls of one tool that succeeded. */
export interface CallEntry extends Omit<CallRecord, "calls"> {
  /** Left out where all of them succeeded. */
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
 * and what it may have to make again stands singly. A saved program below which nothing failed is a success like any other. Below any
 * other stands what did not succeed, and what did if it failed itself: that has been done. An entry stands where its last call does,
 * so that the order of the last calls of a run that failed can be read.
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
  const all = new Map<string, CallEntry>();
  for (const [at, record] of records.entries()) {
    if (!isSuccess(record)) all.set(String(at), record);
    else if (!isInSuccess) addSuccess(all, record);
  }
  const shown = mostTelling([...all.values()], room.left);
  room.left -= shown.length;
  return shown.map(({ calls = [], ...entry }) => {
    const below = entriesOf(calls, { room, isInSuccess: entry.outcome === "succeeded" });
    return below.length === 0 ? entry : { ...entry, calls: below };
  });
}

function isSuccess({ outcome, calls = [] }: NestedCall): boolean {
  return outcome === "succeeded" && calls.every(isSuccess);
}

function lengthOf(calls: readonly CallEntry[]): number {
  return calls.reduce((sum, { calls: below = [] }) => sum + 1 + lengthOf(below), 0);
}

function addSuccess(entries: Map<string, CallEntry>, { attempts = 1, calls: _below, ...record }: CallRecord): void {
  const key = JSON.stringify([record.server, record.tool]);
  const before = entries.get(key);
  entries.delete(key);
  const count = (before?.count ?? (before ? 1 : 0)) + 1;
  const sent = (before?.attempts ?? before?.count ?? (before ? 1 : 0)) + attempts;
  entries.set(key, {
    ...record,
    durationMs: record.durationMs + (before?.durationMs ?? 0),
    ...(count > 1 ? { count, longestMs: Math.max(record.durationMs, before?.longestMs ?? before?.durationMs ?? 0) } : {}),
    ...(sent > count ? { attempts: sent } : {}),
  });
}

/** What may have happened matters most, then what failed. Successes are few, because they are summed. */
const byNeed: readonly CallOutcome[] = ["unknown", "succeeded", "failed", "not_started"];

function mostTelling(entries: readonly CallEntry[], countMax: number): CallEntry[] {
  if (entries.length <= countMax) return [...entries];
  const kept = new Set(byNeed.flatMap((outcome) => entries.filter((entry) => entry.outcome === outcome)).slice(0, countMax));
  return entries.filter((entry) => kept.has(entry));
}
