import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { auditLimits } from "../../core/audit/audit-limits.ts";
import { AuditTrail } from "../../worker/audit/trail.ts";

/* A real queue, and a Worker that reads it: see vitest.config.ts. */

const { RECORDS, RECORDS_READ } = env as typeof env & { RECORDS: Queue; RECORDS_READ: KVNamespace };

const line = (n: number) => JSON.stringify({ action: "list", outcome: "succeeded", n, pad: "x".repeat(2_000) });

async function read(): Promise<Record<string, unknown>[]> {
  const { keys } = await RECORDS_READ.list();
  const texts = await Promise.all(keys.map(({ name }) => RECORDS_READ.get(name)));
  return texts.map((text) => JSON.parse(text ?? ""));
}

test("every record reaches the queue that is bound, with its position, also those that it did not take at first", {
  tags: ["audit.handed-on"],
}, async () => {
  const stub = env.AUDIT.getByName(crypto.randomUUID());
  let failures = 1;
  const unreliable: Pick<Queue, "sendBatch"> = {
    sendBatch(messages) {
      failures -= 1;
      return failures < 0 ? RECORDS.sendBatch(messages) : Promise.reject(new Error("the queue does not answer"));
    },
  };
  // More than one batch takes.
  const count = auditLimits.recordsHandedOnMax + 1;
  const next = await runInDurableObject(stub, async (_trail, ctx) => {
    const trail = new AuditTrail(ctx, { AUDIT_QUEUE: unreliable as Queue });
    trail.note(
      "records",
      Array.from({ length: count }, (_, n) => line(n)),
    );
    await expect.poll(() => failures, { timeout: 5_000 }).toBe(0);
    await expect.poll(() => ctx.storage.getAlarm()).not.toBeNull();
    await trail.alarm();
    return trail.page(0).lines.length;
  });
  expect(next).toBe(count);
  await expect.poll(async () => (await read()).length, { timeout: 20_000 }).toBe(count);
  expect((await read()).map(({ n }) => n).sort((a, b) => Number(a) - Number(b))).toEqual(
    Array.from({ length: count }, (_, n) => n),
  );
});
