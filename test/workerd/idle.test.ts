import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { Alarms } from "../../worker/objects/alarms.ts";
import { Idle } from "../../worker/objects/idle.ts";
import { Session } from "../../worker/objects/session.ts";

const newSession = () => env.SESSIONS.getByName(`owner/${crypto.randomUUID()}`);
const inStorage = <R>(use: (storage: DurableObjectStorage) => R) =>
  runInDurableObject(newSession(), (_session, { storage }) => use(storage));

test("several alarms share the one of the object, and the next one is set", () =>
  inStorage(async (storage) => {
    const far = Date.now() + 1_000_000;
    const alarms = new Alarms<"a" | "b">(storage);
    alarms.set("a", far + 2_000);
    alarms.set("b", far + 1_000);
    expect(await storage.getAlarm()).toBe(far + 1_000);
    expect(alarms.takeDue(far)).toEqual([]);
    expect(alarms.takeDue(far + 1_000)).toEqual(["b"]);
    expect([alarms.isSet("a"), alarms.isSet("b")]).toEqual([true, false]);
    expect(await storage.getAlarm()).toBe(far + 2_000);
    alarms.takeDue(far + 2_000);
    expect(await storage.getAlarm()).toBeNull();
  }));

test("a session is over when it was not used for the whole time, and not before", { tags: ["session.deleted"] }, () =>
  inStorage((storage) => {
    let now = Date.now() + 1_000_000;
    const idleMs = 10 * 60 * 60_000;
    const idle = new Idle({ storage, alarms: new Alarms(storage), now: () => now, idleMs });
    idle.used();
    now += idleMs - 1;
    expect(idle.isOver({ isUsedNow: false })).toBe(false);
    now += 1;
    expect(idle.isOver({ isUsedNow: true })).toBe(false);
    expect(idle.isOver({ isUsedNow: false })).toBe(true);
    idle.used();
    expect(idle.isOver({ isUsedNow: false })).toBe(false);
  }),
);

test("an abandoned session deletes all that it holds, and says so in the audit", { tags: ["session.deleted"] }, async () => {
  const stub = newSession();
  const before = await lastCursor();
  const left = await runInDurableObject(stub, async (_session, ctx) => {
    const session = new Session(ctx, { ...env, SESSION_IDLE_DAYS: "1" });
    session.listCapabilities({});
    ctx.storage.kv.put("oauth/login/notes", "sealed");
    await session.alarm();
    expect(ctx.storage.kv.get("oauth/login/notes")).toBe("sealed");

    ctx.storage.kv.put("used-at", 0);
    ctx.storage.kv.put("alarms", { idle: 0 });
    await session.alarm();
    return [ctx.storage.kv.get("oauth/login/notes"), ctx.storage.kv.get("used-at"), await ctx.storage.getAlarm()];
  });
  expect(left).toEqual([undefined, undefined, null]);
  const { lines } = await env.AUDIT.getByName("audit").page(before);
  expect(lines.map((line) => JSON.parse(line))).toContainEqual(
    expect.objectContaining({ action: "administration", what: "session_expired" }),
  );
});

/** The end of the audit, in which tests of other files have records too. */
async function lastCursor(): Promise<number> {
  const audit = env.AUDIT.getByName("audit");
  for (let cursor = 0; ; ) {
    const page = await audit.page(cursor);
    if (page.cursor === cursor) return cursor;
    cursor = page.cursor;
  }
}

test("where no time is set, no session has an alarm", async () => {
  const stub = newSession();
  await stub.listCapabilities({});
  expect(await runInDurableObject(stub, (_session, { storage }) => storage.getAlarm())).toBeNull();
});
