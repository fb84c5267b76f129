import { auditLimits } from "./audit-limits.ts";
import { quantileMs, sumOf, type Tally } from "./tally.ts";

/** Tallies are kept twice: in short periods for a day, and in long ones for a month. */
export const periods = {
  short: { widthMs: auditLimits.shortPeriodMs, keptMs: auditLimits.shortPeriodsKeptMs },
  long: { widthMs: auditLimits.longPeriodMs, keptMs: auditLimits.longPeriodsKeptMs },
} as const;

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** What a person may look back over, each in steps that are whole periods. */
export const spans = {
  hour: { period: "short", stepMs: 5 * minuteMs, steps: 12 },
  day: { period: "short", stepMs: 30 * minuteMs, steps: 48 },
  week: { period: "long", stepMs: 6 * hourMs, steps: 28 },
  month: { period: "long", stepMs: 24 * hourMs, steps: 30 },
} as const;
export type Span = keyof typeof spans;

/** The numbers of a stretch of time. Times are estimates from counts by length, in milliseconds; left out where nothing was timed. */
export interface Numbers {
  runs: number;
  failedRuns: number;
  calls: number;
  failedCalls: number;
  /** About how many tokens the results of calls would have been beyond what the runs answered. */
  tokensKeptOut: number;
  runP50Ms?: number | undefined;
  runP95Ms?: number | undefined;
  callP50Ms?: number | undefined;
  callP95Ms?: number | undefined;
}

/** Numbers of the step that begins at `at`, in milliseconds since the epoch. */
export interface NumbersPoint extends Numbers {
  at: number;
}

/** When the first step of a span begins: steps begin at multiples of their length, and the last one is under way. */
export function startOf(span: Span, now: number): number {
  const { stepMs, steps } = spans[span];
  return (Math.floor(now / stepMs) + 1 - steps) * stepMs;
}

/** Every step of a span, those without anything too, and all of them together. */
export function seriesOf(
  tallies: readonly { at: number; tally: Tally }[],
  { span, now }: { span: Span; now: number },
): { points: NumbersPoint[]; total: Numbers } {
  const { stepMs, steps } = spans[span];
  const start = startOf(span, now);
  const within = tallies.filter(({ at }) => at >= start && at < start + steps * stepMs);
  const byStep = Map.groupBy(within, ({ at }) => Math.floor((at - start) / stepMs));
  const sums = Array.from({ length: steps }, (_, step) => sumOf((byStep.get(step) ?? []).map(({ tally }) => tally)));
  return {
    points: sums.map((sum, step) => ({ at: start + step * stepMs, ...numbersOf(sum) })),
    total: numbersOf(sumOf(sums)),
  };
}

/** Of JSON: what tokenizers make of English and of code. */
export const charsPerToken = 4;

function numbersOf({ runs, failedRuns, calls, failedCalls, resultChars, answerChars, runTimes, callTimes }: Tally): Numbers {
  return {
    ...{ runs, failedRuns, calls, failedCalls },
    tokensKeptOut: Math.max(0, Math.round((resultChars - answerChars) / charsPerToken)),
    ...{ runP50Ms: quantileMs(runTimes, 0.5), runP95Ms: quantileMs(runTimes, 0.95) },
    ...{ callP50Ms: quantileMs(callTimes, 0.5), callP95Ms: quantileMs(callTimes, 0.95) },
  };
}
