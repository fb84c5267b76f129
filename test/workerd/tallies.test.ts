import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { auditLimits } from "../../core/audit/audit-limits.ts";
import { Tallies } from "../../worker/audit/tallies.ts";

const now = Date.parse("2026-11-30T06:07:08.000Z");
const runAt = (ms: number) => ({ time: new Date(ms).toISOString(), action: "execute", outcome: "succeeded", durationMs: 5 });

test(
  "tallies outlive the object, count on where they were, and are forgotten when they are old",
  {
    tags: ["console.numbers"],
  },
  () =>
    runInDurableObject(env.AUDIT.getByName(crypto.randomUUID()), (_trail, { storage }) => {
      const first = new Tallies(storage);
      const old = now - auditLimits.longPeriodsKeptMs - auditLimits.longPeriodMs;
      for (const at of [now, now, now - 3_600_000, old]) first.count(runAt(at));
      for (const record of [null, "x", { action: "execute", outcome: "failed", time: "never" }]) first.count(record);
      expect(first.series("hour", now).total.runs).toBe(2);
      expect(new Tallies(storage).series("hour", now).total.runs).toBe(0);
      first.keep(now);
      const next = new Tallies(storage);
      next.count(runAt(now));
      expect(next.series("hour", now).total.runs).toBe(3);
      expect(next.series("month", now).total.runs).toBe(4);
      next.keep(now);
      expect(new Tallies(storage).series("day", now).total.runs).toBe(4);
      expect(storage.sql.exec("SELECT count(*) AS rows FROM tallies").one()).toEqual({ rows: 4 });
    }),
);
