import { limits } from "../limits.ts";
import type { CallOutcome, CallRecord } from "./ledger.ts";

/** One entry of an answer: a call, or all calls of one tool that succeeded. */
export interface CallEntry extends Omit<CallRecord, "durationMs" | "calls"> {
  /** Left out of the calls of a saved program that succeeded, as it did. */
  durationMs?: number;
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
 * and what it may have to make again stands singly, as does a saved program, with the calls that it made summed below it. An entry stands
 * where its last call does, so that the order of the last calls of a run that failed can be read.
 *
 * @param isInside they are those of a saved program that succeeded: which they were is all that its caller wants to know of successes
 */
export function summarizeCalls(records: readonly CallRecord[], { isInside = false } = {}): CallSummary {
  const entries = new Map<string, CallEntry>();
  let areNestedComplete = true;
  for (const [at, record] of records.entries()) {
    if (record.calls) {
      const nested = summarizeCalls(record.calls, { isInside: record.outcome === "succeeded" });
      areNestedComplete &&= nested.isComplete;
      entries.set(String(at), { ...record, calls: nested.entries });
    } else if (record.outcome !== "succeeded") entries.set(String(at), record);
    else addSuccess(entries, record);
  }
  const all = [...entries.values()];
  const shown = mostTelling(all, { max: limits.callsShownMax, costOf: () => 1 });
  const omitted = records.length - shown.reduce((sum, { count = 1 }) => sum + count, 0);
  const isComplete = isInside ? omitted === 0 : shown.length === records.length;
  return { entries: isInside ? shown.map(inBrief) : shown, omitted, isComplete: isComplete && areNestedComplete };
}

function inBrief(entry: CallEntry): CallEntry {
  if (entry.outcome !== "succeeded") return entry;
  const { durationMs: _sum, longestMs: _longest, ...rest } = entry;
  return rest;
}

function addSuccess(entries: Map<string, CallEntry>, { attempts = 1, ...record }: CallRecord): void {
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

/** Those that matter most, as long as their costs together are at most `max`. */
export function mostTelling(
  entries: readonly CallEntry[],
  { max, costOf }: { max: number; costOf: (entry: CallEntry) => number },
): CallEntry[] {
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
