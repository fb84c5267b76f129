import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { auditLimits } from "../../core/audit/audit-limits.ts";
import { historyLimits } from "../../core/run/history-limits.ts";
import { createRunHistory } from "../../core/run/run-history.ts";
import { createSessionAudit } from "../../worker/audit/session-audit.ts";
import { systemClock } from "../../worker/clock.ts";
import type { NumberedLine } from "../../worker/storage/audit-outbox.ts";
import { createSqliteStore } from "../../worker/storage/sqlite.ts";

const runs = 10_000;

test("10,000 runs leave a session with its last ones, and the audit with all of them, within their bounds", {
  tags: ["audit.bounded", "audit.durable"],
}, async () => {
  const name = `owner/${crypto.randomUUID()}`;
  const trailName = crypto.randomUUID();
  await runInDurableObject(env.SESSIONS.getByName(name), async (_session, { storage }) => {
    const held: number[] = [];
    const trail = env.AUDIT.getByName(trailName);
    const audit = createSessionAudit({
      ...{
        storage,
        name,
        clock: systemClock,
        newRunId: () => `run_${crypto.randomUUID()}`,
        mode: "full",
        redact: () => undefined,
      },
      send: async (lines: readonly NumberedLine[]) => {
        held.push(storage.sql.databaseSize);
        await trail.append({ name, bridges: 0, bytes: storage.sql.databaseSize }, lines);
      },
      waitUntil: () => {},
      onFailure() {
        throw new Error("the records were not sent");
      },
    });
    const history = createRunHistory({ store: createSqliteStore(storage), clock: systemClock });
    for (let made = 0; made < runs; made += 1) {
      const input = { code: `return await time.now({ n: ${made} });` };
      const run = audit.run({ requestId: crypto.randomUUID(), input });
      const call = run.call({ server: "time", tool: "now", argsJson: `{"n":${made}}` });
      call.sent();
      call.settle("succeeded");
      call.end();
      const outcome = { ok: true, result: made, calls: [], durationMs: 1 };
      run.end(outcome);
      history.keep(run.run, { input, outcome });
      // As often as runs end while others are under way.
      if (made % 500 === 499) await audit.send();
    }
    const rows = (table: string, where = "") =>
      storage.sql.exec<{ count: number }>(`SELECT count(*) AS count FROM ${table} ${where}`).one().count;
    expect([rows("audit_outbox"), rows("audit_open")]).toEqual([0, 0]);
    expect(rows("entries", "WHERE key LIKE 'run/%'")).toBe(historyLimits.runsMax);
    // Pages that are free again are used again.
    expect(storage.sql.databaseSize).toBeLessThanOrEqual(2 * Math.max(...held.slice(0, 2)));
  });
  const trail = env.AUDIT.getByName(trailName);
  const metrics = await trail.metrics([]);
  expect(metrics).toContain(`mcp_orchestrator_runs_total{outcome="succeeded"} ${runs}`);
  expect(metrics).toContain(`mcp_orchestrator_calls_total{server="time",tool="now",outcome="succeeded"} ${runs}`);
  const bytes = Number(/^mcp_orchestrator_audit_bytes (\d+)$/m.exec(metrics)?.[1]);
  expect(bytes).toBeLessThanOrEqual(auditLimits.trailBytesMax);
  await runInDurableObject(trail, (_trail, { storage }) => expect(storage.sql.databaseSize).toBeLessThan(bytes * 2));
});
