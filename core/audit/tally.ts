import { z } from "zod";
import { Counted } from "./metrics.ts";

const Count = z.number().int().nonnegative();

/** What ran in a stretch of time: counts alone, so that its size does not depend on how much it was. */
export const Tally = z.object({
  ...{ runs: Count, failedRuns: Count, calls: Count, failedCalls: Count },
  /** Characters of the results of calls, and of what runs answered. */
  ...{ resultChars: Count, answerChars: Count },
  /** How many took at most as long as each of `tallyBoundsMs`, and more than the one before; the last counts those beyond all. */
  ...{ runTimes: z.array(Count), callTimes: z.array(Count) },
});
export type Tally = z.infer<typeof Tally>;

/** What is tallied of a record. */
export const Tallied = Counted.extend({ time: z.string(), answerChars: z.number().optional() });
export type Tallied = z.infer<typeof Tallied>;

/** Each at most two thirds longer than the one before: a percentile is known that exactly. No run takes more than the last. */
export const tallyBoundsMs = [
  ...[1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200, 300, 500, 700],
  ...[1_000, 1_500, 2_000, 3_000, 5_000, 7_000, 10_000, 15_000, 20_000, 30_000, 50_000, 70_000, 120_000],
] as const;

export function emptyTally(): Tally {
  const times = () => Array.from({ length: tallyBoundsMs.length + 1 }, () => 0);
  return {
    ...{ runs: 0, failedRuns: 0, calls: 0, failedCalls: 0, resultChars: 0, answerChars: 0 },
    ...{ runTimes: times(), callTimes: times() },
  };
}

/** A run or a call that a person cancelled did not fail; one without a known outcome did. */
export function hasFailed(outcome: string): boolean {
  return outcome !== "succeeded" && outcome !== "cancelled";
}

/** Adds a run or a call. */
export function addRecord(tally: Tally, { action, outcome, durationMs, answerChars = 0, count = 1 }: Tallied): void {
  const failed = hasFailed(outcome) ? count : 0;
  if (action === "execute") {
    tally.runs += count;
    tally.failedRuns += failed;
    tally.answerChars += answerChars;
    addTime(tally.runTimes, durationMs);
  }
  if (action === "call") {
    tally.calls += count;
    tally.failedCalls += failed;
    tally.resultChars += answerChars;
    addTime(tally.callTimes, durationMs);
  }
}

function addTime(times: number[], ms: number | undefined): void {
  if (ms === undefined) return;
  const found = tallyBoundsMs.findIndex((bound) => ms <= bound);
  const at = found < 0 ? tallyBoundsMs.length : found;
  times[at] = (times[at] ?? 0) + 1;
}

const countKeys = ["runs", "failedRuns", "calls", "failedCalls", "resultChars", "answerChars"] as const;

export function sumOf(tallies: readonly Tally[]): Tally {
  const sum = emptyTally();
  for (const tally of tallies) {
    for (const key of countKeys) sum[key] += tally[key];
    for (const key of ["runTimes", "callTimes"] as const) sum[key] = sum[key].map((count, at) => count + (tally[key][at] ?? 0));
  }
  return sum;
}

/** The time that a part of all (0.5 for the median) did not exceed, as if the times of each bucket were spread evenly over it. */
export function quantileMs(times: readonly number[], part: number): number | undefined {
  const all = times.reduce((sum, count) => sum + count, 0);
  if (all === 0) return undefined;
  let before = 0;
  for (const [at, count] of times.entries()) {
    const upper = tallyBoundsMs[at];
    if (upper === undefined) break;
    if (count > 0 && before + count >= part * all) {
      const lower = tallyBoundsMs[at - 1] ?? 0;
      return lower + ((upper - lower) * (part * all - before)) / count;
    }
    before += count;
  }
  return tallyBoundsMs.at(-1);
}
