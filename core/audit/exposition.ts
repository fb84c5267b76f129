import { bucketSeconds, type Counts, counters, histograms } from "./metrics.ts";

export interface Gauge {
  name: string;
  help: string;
  value: number;
  labels?: Record<string, string>;
}

/** Every metric begins with it. */
const prefix = "mcp_orchestrator_";

/** Prometheus text format 0.0.4. Metrics without a series yet are named all the same, so that nobody looks for them in vain. */
export function exposition(counts: Counts, gauges: readonly Gauge[]): string {
  const lines = [
    ...gauges.flatMap(({ name, help, value, labels = {} }) => [...head(name, help, "gauge"), sample(name, labels, value)]),
    ...Object.entries(counters).flatMap(([name, { help, labels }]) => [
      ...head(name, help, "counter"),
      ...Object.entries(counts.counters[name] ?? {}).map(([key, value]) => sample(name, labelsOf(labels, key), value)),
    ]),
    ...Object.entries(histograms).flatMap(([name, help]) => [...head(name, help, "histogram"), ...histogramLines(name, counts)]),
  ];
  return `${lines.join("\n")}\n`;
}

function head(name: string, help: string, type: string): string[] {
  return [`# HELP ${prefix}${name} ${help}`, `# TYPE ${prefix}${name} ${type}`];
}

function histogramLines(name: string, { histograms: seen }: Counts): string[] {
  const { buckets, sum, count } = seen[name] ?? { buckets: [], sum: 0, count: 0 };
  let below = 0;
  return [
    ...bucketSeconds.map((bound, index) => {
      below += buckets[index] ?? 0;
      return sample(`${name}_bucket`, { le: String(bound) }, below);
    }),
    sample(`${name}_bucket`, { le: "+Inf" }, count),
    sample(`${name}_sum`, {}, sum),
    sample(`${name}_count`, {}, count),
  ];
}

function labelsOf(names: readonly string[], key: string): Record<string, string> {
  const values: unknown = JSON.parse(key);
  return Object.fromEntries(names.map((name, index) => [name, String(Array.isArray(values) ? values[index] : "")]));
}

function sample(name: string, labels: Record<string, string>, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
  return `${prefix}${name}${pairs.length === 0 ? "" : `{${pairs.join(",")}}`} ${value}`;
}

/** A label's value: `\`, `"` and line breaks are escaped, other control characters removed. */
function escaped(text: string): string {
  return text
    .replace(/\\/g, "\\\\")
    .replace(/"/g, '\\"')
    .replace(/\n/g, "\\n")
    .replace(/\p{Cc}/gu, "");
}
