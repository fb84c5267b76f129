import { evictDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { Listener, run } from "./run.ts";

test("session values last from one run to the next, and through the object's eviction", async () => {
  const session = crypto.randomUUID();
  const set = `import { session } from "runtime"; await session.set("seen", { times: 1 }); return await session.list();`;
  expect(await run({ code: set }, { session })).toMatchObject({ ok: true, result: ["seen"] });

  await evictDurableObject(env.SESSIONS.getByName(`owner/${session}`));
  const get = `import { session } from "runtime"; return await session.get("seen");`;
  expect(await run({ code: get }, { session })).toMatchObject({ ok: true, result: { times: 1 } });
});

test("two sessions do not see each other's values", async () => {
  await run({ code: `import { session } from "runtime"; await session.set("secret", 42);` }, { session: "one" });
  const other = await run({ code: `import { session } from "runtime"; return await session.list();` }, { session: "two" });
  expect(other).toMatchObject({ ok: true, result: [] });
});

test("a large result comes back as a preview, and a later run reads the whole by its handle", async () => {
  const session = crypto.randomUUID();
  const large = await run({ code: `return Array.from({ length: 20_000 }, (_, n) => ({ n, name: "item " + n }));` }, { session });
  expect(large.ok).toBe(true);
  expect(JSON.stringify(large.result).length).toBeLessThan(48_000);
  expect(large.handle).toBeTypeOf("string");

  const code = `import { args, results } from "runtime"; const all = await results.get(args); return [all.length, all.at(-1)];`;
  expect(await run({ code, args: large.handle }, { session })).toMatchObject({ ok: true, result: [20_000, { n: 19_999 }] });
});

test("progress reaches whoever started the run", async () => {
  const seen: unknown[] = [];
  const code = `import { progress } from "runtime"; await progress(1, 2, "half"); await progress(2, 2); return "done";`;
  expect(await run({ code }, { onProgress: (progress) => seen.push(progress) })).toMatchObject({ ok: true });
  expect(seen).toEqual([
    { progress: 1, total: 2, message: "half" },
    { progress: 2, total: 2 },
  ]);
});

test("a cancelled run ends with that error, and the session runs the next program", async () => {
  const session = crypto.randomUUID();
  const stub = env.SESSIONS.getByName(`owner/${session}`);
  using handle = await stub.startRun({ code: "await new Promise(() => {})" }, new Listener());
  await handle.cancel();
  expect(await handle.outcome()).toMatchObject({ ok: false, errors: [{ code: "cancelled", phase: "cancel" }] });
  expect(await run({ code: "return 1" }, { session })).toMatchObject({ ok: true, result: 1 });
});
