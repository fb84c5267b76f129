import { z } from "zod";
import { auditLimits } from "./audit-limits.ts";

const Histogram = z.object({ buckets: z.array(z.number()), sum: z.number(), count: z.number() });

/** What was counted of the records so far: plain data, so that it outlives a process. */
export const Counts = z.object({
  /** Metric → its series, each with the values of its labels as JSON, and how often it was seen. */
  counters: z.record(z.string(), z.record(z.string(), z.number())),
  histograms: z.record(z.string(), Histogram),
});
export type Counts = z.infer<typeof Counts>;

/** What is counted of a record. */
export const Counted = z.object({
  action: z.string(),
  outcome: z.string(),
  code: z.string().optional(),
  rule: z.string().optional(),
  server: z.string().optional(),
  tool: z.string().optional(),
  durationMs: z.number().optional(),
  queueMs: z.number().optional(),
  isolateMs: z.number().optional(),
  isReadBefore: z.boolean().optional(),
  count: z.number().optional(),
});
type Counted = z.infer<typeof Counted>;

export function noCounts(): Counts {
  return { counters: {}, histograms: {} };
}

/** The counters and their labels. */
export const counters = {
  runs_total: { help: "Runs by outcome.", labels: ["outcome"] },
  calls_total: { help: "Calls of tools by server, tool and outcome.", labels: ["server", "tool", "outcome"] },
  requests_total: { help: "Records of the audit by action and outcome.", labels: ["action", "outcome"] },
  errors_total: { help: "Errors by code, of requests, runs and calls.", labels: ["code"] },
  denials_total: { help: "Refusals by rule.", labels: ["rule"] },
  program_reads_total: { help: "Programs by whether they had been read for an earlier run.", labels: ["cache"] },
} as const;

/** The histograms, in seconds. */
export const histograms = {
  run_seconds: "Time of a run, from request to answer.",
  call_seconds: "Time of a call, with its waiting.",
  queue_seconds: "Time that a run waits for its turn.",
  isolate_start_seconds: "Time from a run's turn to the start of its program.",
} as const;

/** Upper bounds of the buckets: a call of a local server takes milliseconds, and no run more than two minutes. */
export const bucketSeconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120] as const;

/** Counts one record. Records that stand for several count as many. */
export function countRecord(counts: Counts, record: Counted): void {
  const { action, outcome, code, rule, durationMs, queueMs, isolateMs, isReadBefore, count = 1 } = record;
  increment(counts, "requests_total", [action, outcome], count);
  if (code !== undefined) increment(counts, "errors_total", [code], count);
  if (rule !== undefined) increment(counts, "denials_total", [rule], count);
  if (action === "call") {
    increment(counts, "calls_total", [record.server ?? "", toolLabel(record), outcome], count);
    observe(counts, "call_seconds", durationMs);
  }
  if (action !== "execute") return;
  increment(counts, "runs_total", [outcome], count);
  observe(counts, "run_seconds", durationMs);
  observe(counts, "queue_seconds", queueMs);
  observe(counts, "isolate_start_seconds", isolateMs);
  if (isReadBefore !== undefined) increment(counts, "program_reads_total", [isReadBefore ? "hit" : "miss"], count);
}

/**
 * A program may ask for any number of tools that do not exist, also of servers that cannot be reached: the name of a call that was not
 * sent counts only if the server is known to have such a tool.
 */
function toolLabel({ outcome, code = "", tool = "" }: Counted): string {
  return outcome === "not_started" && !foundCodes.includes(code) ? "unknown" : tool;
}

/** Errors of calls before they are sent, of which the tool was found. */
const foundCodes: readonly string[] = ["invalid_arguments", "tool_changed"];

function increment(counts: Counts, name: keyof typeof counters, labels: readonly string[], by: number): void {
  const series = counts.counters[name] ?? {};
  counts.counters[name] = series;
  const wanted = JSON.stringify(labels);
  const isFull = !(wanted in series) && Object.keys(series).length >= auditLimits.seriesMax;
  // The last label of each is one of a few words.
  const key = isFull ? JSON.stringify([...labels.slice(0, -1).map(() => "other"), labels.at(-1)]) : wanted;
  series[key] = (series[key] ?? 0) + by;
}

function observe(counts: Counts, name: keyof typeof histograms, ms: number | undefined): void {
  if (ms === undefined) return;
  const histogram = counts.histograms[name] ?? { buckets: bucketSeconds.map(() => 0), sum: 0, count: 0 };
  counts.histograms[name] = histogram;
  const seconds = ms / 1_000;
  histogram.sum += seconds;
  histogram.count += 1;
  const bucket = bucketSeconds.findIndex((bound) => seconds <= bound);
  if (bucket >= 0) histogram.buckets[bucket] = (histogram.buckets[bucket] ?? 0) + 1;
}
