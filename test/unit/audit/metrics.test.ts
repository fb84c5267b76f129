import { expect, test } from "vitest";
import { auditLimits } from "../../../core/audit/audit-limits.ts";
import { exposition } from "../../../core/audit/exposition.ts";
import { Counts, countRecord, noCounts } from "../../../core/audit/metrics.ts";

test("counts runs, calls, errors and denials, and how long they took", { tags: ["metrics.counts"] }, () => {
  const counts = noCounts();
  countRecord(counts, { action: "execute", outcome: "succeeded", durationMs: 30, queueMs: 0, isolateMs: 4, isReadBefore: true });
  countRecord(counts, { action: "execute", outcome: "failed", code: "run_timeout", durationMs: 200_000 });
  countRecord(counts, { action: "call", outcome: "succeeded", server: "time", tool: "now", durationMs: 2 });
  countRecord(counts, { action: "denial", outcome: "not_started", rule: "scope", count: 3 });
  const lines = exposition(counts, [{ name: "bridges", help: "Bridges.", value: 2 }]).split("\n");
  for (const line of [
    'mcp_orchestrator_runs_total{outcome="succeeded"} 1',
    'mcp_orchestrator_runs_total{outcome="failed"} 1',
    'mcp_orchestrator_calls_total{server="time",tool="now",outcome="succeeded"} 1',
    'mcp_orchestrator_errors_total{code="run_timeout"} 1',
    'mcp_orchestrator_denials_total{rule="scope"} 3',
    'mcp_orchestrator_program_reads_total{cache="hit"} 1',
    'mcp_orchestrator_run_seconds_bucket{le="0.025"} 0',
    'mcp_orchestrator_run_seconds_bucket{le="0.05"} 1',
    'mcp_orchestrator_run_seconds_bucket{le="120"} 1',
    'mcp_orchestrator_run_seconds_bucket{le="+Inf"} 2',
    "mcp_orchestrator_run_seconds_count 2",
    "mcp_orchestrator_bridges 2",
    "# TYPE mcp_orchestrator_run_seconds histogram",
  ]) {
    expect(lines).toContain(line);
  }
});

test("every line is one that Prometheus reads, whatever a server is named", { tags: ["metrics.counts"] }, () => {
  const counts = noCounts();
  countRecord(counts, { action: "call", outcome: "failed", server: 'a"\n} evil 1\n', tool: "\\" });
  const text = exposition(counts, []);
  const isSample =
    /^(?:# (?:HELP|TYPE) .*|[a-z_]+(?:\{[a-z_]+="(?:[^"\\\n]|\\["\\n])*"(?:,[a-z_]+="(?:[^"\\\n]|\\["\\n])*")*\})? [\d.e+-]+)$/;
  expect(
    text
      .trimEnd()
      .split("\n")
      .filter((line) => !isSample.test(line)),
  ).toEqual([]);
  expect(text).toContain('server="a\\"\\n} evil 1\\n"');
});

test("a metric has a bounded number of series; the rest is counted together", { tags: ["metrics.bounded"] }, () => {
  const counts = noCounts();
  for (let n = 0; n < auditLimits.seriesMax + 5; n += 1) {
    countRecord(counts, { action: "call", outcome: "succeeded", server: "hub", tool: `t${n}` });
  }
  const series = counts.counters.calls_total ?? {};
  expect(Object.keys(series).length).toBe(auditLimits.seriesMax + 1);
  expect(series['["other","other","succeeded"]']).toBe(5);
});

test("tools that do not exist are one series", { tags: ["metrics.bounded"] }, () => {
  const counts = noCounts();
  for (const tool of ["a", "b"])
    countRecord(counts, { action: "call", outcome: "not_started", server: "hub", tool, code: "tool_unknown" });
  expect(counts.counters.calls_total).toEqual({ '["hub","unknown","not_started"]': 2 });
});

test("a name that a program made up for an unreachable server is no series of its own", { tags: ["metrics.bounded"] }, () => {
  const counts = noCounts();
  for (const code of ["bridge_offline", "auth_required", "server_unavailable", "cancelled"])
    countRecord(counts, { action: "call", outcome: "not_started", server: "hub", tool: `made up for ${code}`, code });
  countRecord(counts, { action: "call", outcome: "not_started", server: "hub", tool: "look", code: "invalid_arguments" });
  expect(counts.counters.calls_total).toEqual({
    '["hub","unknown","not_started"]': 4,
    '["hub","look","not_started"]': 1,
  });
});

test("counts are plain data", () => {
  const counts = noCounts();
  countRecord(counts, { action: "execute", outcome: "succeeded", durationMs: 1 });
  expect(Counts.parse(JSON.parse(JSON.stringify(counts)))).toEqual(counts);
});
