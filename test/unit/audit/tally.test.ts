import { expect, test } from "vitest";
import { addRecord, emptyTally, quantileMs, sumOf, Tally, tallyBoundsMs } from "../../../core/audit/tally.ts";
import { type Span, seriesOf, spans, startOf } from "../../../core/audit/tally-series.ts";

const time = "2026-11-30T06:00:00.000Z";
const tags = ["console.numbers"];

test("runs and calls are tallied, with those that failed; a cancelled run did not", { tags }, () => {
  const tally = emptyTally();
  for (const outcome of ["succeeded", "failed", "lost", "cancelled"]) addRecord(tally, { action: "execute", outcome, time });
  for (const outcome of ["succeeded", "unknown"]) addRecord(tally, { action: "call", outcome, time, count: 3 });
  addRecord(tally, { action: "list", outcome: "failed", time });
  expect(tally).toMatchObject({ runs: 4, failedRuns: 2, calls: 6, failedCalls: 3 });
  expect(Tally.parse(JSON.parse(JSON.stringify(tally)))).toEqual(tally);
});

test("tokens kept out are what calls answered beyond what runs did, and never fewer than none", { tags }, () => {
  const now = Date.parse(time);
  const tally = emptyTally();
  const tokens = () => seriesOf([{ at: now, tally }], { span: "hour", now }).total.tokensKeptOut;
  addRecord(tally, { action: "call", outcome: "succeeded", time, answerChars: 4_000 });
  addRecord(tally, { action: "call", outcome: "succeeded", time });
  expect(tokens()).toBe(1_000);
  addRecord(tally, { action: "execute", outcome: "succeeded", time, answerChars: 400 });
  expect(tokens()).toBe(900);
  addRecord(tally, { action: "execute", outcome: "failed", time, answerChars: 40_000 });
  expect(tokens()).toBe(0);
});

test("a percentile lies between the bounds that surround it, and is not known of nothing", { tags }, () => {
  const tally = emptyTally();
  expect(quantileMs(tally.runTimes, 0.5)).toBeUndefined();
  for (let ms = 1; ms <= 100; ms++) addRecord(tally, { action: "execute", outcome: "succeeded", time, durationMs: ms });
  expect(quantileMs(tally.runTimes, 0.5)).toBeCloseTo(50, 5);
  expect(quantileMs(tally.runTimes, 0.95)).toBeCloseTo(95, 5);
  expect(quantileMs(tally.callTimes, 0.5)).toBeUndefined();
});

test("a time at a bound counts below it, one beyond the last as the last", { tags }, () => {
  const last = tallyBoundsMs.at(-1) ?? 0;
  const slow = emptyTally();
  addRecord(slow, { action: "call", outcome: "failed", time, durationMs: last + 1 });
  expect(quantileMs(slow.callTimes, 0.5)).toBe(last);
  const exact = emptyTally();
  addRecord(exact, { action: "call", outcome: "succeeded", time, durationMs: 100 });
  addRecord(exact, { action: "call", outcome: "succeeded", time, durationMs: 0 });
  expect(sumOf([slow, exact]).callTimes.filter((count) => count > 0)).toEqual([1, 1, 1]);
  expect(quantileMs(exact.callTimes, 1)).toBe(100);
});

test.each(Object.keys(spans) as Span[])("the last %s is whole steps, of which the last is under way", { tags }, (span) => {
  const now = Date.parse("2026-11-30T06:07:08.009Z");
  const { stepMs, steps } = spans[span];
  const run = emptyTally();
  addRecord(run, { action: "execute", outcome: "failed", time, durationMs: 7 });
  const start = startOf(span, now);
  const tallies = [start - 1, start, start + stepMs * steps - 1, start + stepMs * steps].map((at) => ({ at, tally: run }));
  const { points, total } = seriesOf(tallies, { span, now });
  expect(points.map(({ runs }) => runs)).toEqual([1, ...Array.from({ length: steps - 2 }, () => 0), 1]);
  expect(points.at(-1)?.at).toBeLessThanOrEqual(now);
  expect((points.at(-1)?.at ?? 0) + stepMs).toBeGreaterThan(now);
  expect(total).toMatchObject({ runs: 2, failedRuns: 2, calls: 0, callP95Ms: undefined });
  expect(points[1]).toMatchObject({ runs: 0, runP50Ms: undefined });
});
