import { evictDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { limits } from "../../core/limits.ts";
import type { RunLine } from "../../core/log-line.ts";
import { endOf, Listener, run } from "./run.ts";

test("session values survive to the next run and the object's eviction", {
  tags: ["runtime.module"],
}, async () => {
  const session = crypto.randomUUID();
  const set = `import { session } from "runtime"; await session.set("seen", { times: 1 }); return await session.list();`;
  expect(await run({ code: set }, { session })).toMatchObject({ ok: true, result: ["seen"] });

  await evictDurableObject(env.SESSIONS.getByName(`owner/${session}`));
  const get = `import { session } from "runtime"; return await session.get("seen");`;
  expect(await run({ code: get }, { session })).toMatchObject({ ok: true, result: { times: 1 } });
});

test("two sessions do not see each other's values", { tags: ["session.separate"] }, async () => {
  await run({ code: `import { session } from "runtime"; await session.set("secret", 42);` }, { session: "one" });
  const other = await run({ code: `import { session } from "runtime"; return await session.list();` }, { session: "two" });
  expect(other).toMatchObject({ ok: true, result: [] });
});

test("a large result is answered as a preview, and a later run reads it in full by its handle", {
  tags: ["results.handle"],
}, async () => {
  const session = crypto.randomUUID();
  const large = await run({ code: `return Array.from({ length: 20_000 }, (_, n) => ({ n, name: "item " + n }));` }, { session });
  expect(large.ok).toBe(true);
  expect(JSON.stringify(large.result).length).toBeLessThan(48_000);
  expect(large.handle).toBeTypeOf("string");

  const code = `import { args, results } from "runtime"; const all = await results.get(args); return [all.length, all.at(-1)];`;
  expect(await run({ code, args: large.handle }, { session })).toMatchObject({ ok: true, result: [20_000, { n: 19_999 }] });
});

test("progress reaches the listener of the run", { tags: ["runtime.module"] }, async () => {
  const seen: unknown[] = [];
  const code = `import { progress } from "runtime"; await progress(1, 2, "half"); await progress(2, 2); return "done";`;
  expect(await run({ code }, { onProgress: (progress) => void seen.push(progress) })).toMatchObject({ ok: true });
  expect(seen).toEqual([
    { progress: 1, total: 2, message: "half" },
    { progress: 2, total: 2 },
  ]);
});

test("a cancelled run ends with the error cancelled, and the session runs the next program", async () => {
  const session = crypto.randomUUID();
  const stub = env.SESSIONS.getByName(`owner/${session}`);
  using handle = await stub.startRun({ code: "await new Promise(() => {})" }, new Listener(), { modes: [] });
  await handle.cancel();
  expect(endOf(await handle.next())).toMatchObject({ ok: false, errors: [{ code: "cancelled", phase: "cancel" }] });
  expect(await run({ code: "return 1" }, { session })).toMatchObject({ ok: true, result: 1 });
});

test("a result at the size limit, with three bytes per character, can be read after the object's eviction", {
  tags: ["limits.results"],
}, async () => {
  const session = crypto.randomUUID();
  const large = await run({ code: `return "語".repeat(${limits.resultCharsMax - 2});`, maxRuntimeMs: 20_000 }, { session });
  expect(large).toMatchObject({ ok: true, handle: expect.any(String) });
  await evictDurableObject(env.SESSIONS.getByName(`owner/${session}`));
  const code = `import { args, results } from "runtime"; const all = await results.get(args); return [all.length, all.at(-1)];`;
  const read = await run({ code, args: large.handle, maxRuntimeMs: 20_000 }, { session });
  expect(read).toMatchObject({ ok: true, result: [limits.resultCharsMax - 2, "語"] });
});

test("a session value over the limit is refused, even if it is too large for an RPC message", async () => {
  for (const chars of [limits.sessionValueCharsMax, 50_000_000]) {
    const code = `import { session } from "runtime";\nawait session.set("big", "x".repeat(${chars}));`;
    expect(await run({ code })).toMatchObject({
      ok: false,
      errors: [
        {
          code: "output_limit",
          tool: "session.set",
          line: 2,
          message: expect.stringContaining(String(limits.sessionValueCharsMax)),
        },
      ],
    });
  }
});

test("console lines reach the listener of the run once and in order, before the answer", async () => {
  const seen: RunLine[] = [];
  const code = `for (let n = 0; n < 60; n++) { console.log("line", n); if (n % 20 === 0) await new Promise((done) => setTimeout(done, 60)); } return 1;`;
  const outcome = await run({ code, maxLogs: 50 }, { onPrinted: (lines) => void seen.push(...lines) });
  expect(outcome).toMatchObject({ ok: true, logsDropped: 10 });
  expect(outcome.logs).toEqual(Array.from({ length: 50 }, (_, n) => ({ level: "log", message: `line ${n}` })));
  expect(seen).toEqual(outcome.logs);
});

test("console lines arrive while the program runs, and the answer of a cancelled run has them", {
  tags: ["live.cut-off"],
}, async () => {
  const { promise: seen, resolve } = Promise.withResolvers<RunLine[]>();
  const stub = env.SESSIONS.getByName(`owner/${crypto.randomUUID()}`);
  const code = `console.warn("begun", { n: 1 }); await new Promise(() => {});`;
  using handle = await stub.startRun({ code, maxRuntimeMs: 60_000 }, new Listener({ onPrinted: resolve }), { modes: [] });
  expect(await seen).toEqual([{ level: "warn", message: "begun { n: 1 }" }]);
  await handle.cancel();
  expect(endOf(await handle.next())).toMatchObject({
    ok: false,
    errors: [{ code: "cancelled" }],
    logs: [{ level: "warn", message: "begun { n: 1 }" }],
  });
});

test("an answer shows what fits of what was printed, its listener hears all of it, and a handle reads it", {
  tags: ["results.budget"],
}, async () => {
  const session = "prints";
  const seen: RunLine[] = [];
  const code = `for (let n = 0; n < 150; n++) console.log("line", n, "is printed, and says in a good many words what the program has seen and done until then"); return 1;`;
  const answer = await run({ code }, { session, onPrinted: (lines) => void seen.push(...lines) });
  expect(seen).toHaveLength(150);
  expect((answer.logs?.length ?? 0) + (answer.logsDropped ?? 0)).toBe(150);
  expect(answer.logs?.length).toBeLessThan(150);
  const read = `import { args, results } from "runtime"; return (await results.get(args)).logs.length;`;
  expect(await run({ code: read, args: answer.wholeHandle }, { session })).toMatchObject({ ok: true, result: 150 });
});

test("a flood of console lines is dropped cheaply and counted exactly", { tags: ["limits.logs"] }, async () => {
  let batches = 0;
  const code = `for (let n = 0; n < 200_000; n++) { console.log("line", n); if (n % 20_000 === 0) await new Promise((done) => setTimeout(done, 1)); } return 1;`;
  const outcome = await run({ code, maxLogs: 10 }, { onPrinted: () => (batches += 1) });
  expect(outcome).toMatchObject({ ok: true, logsDropped: 199_990 });
  expect(outcome.logs).toHaveLength(10);
  expect(batches).toBeLessThanOrEqual(10);
});

test("the log level that a client set survives the object's eviction", async () => {
  const session = crypto.randomUUID();
  const stub = env.SESSIONS.getByName(`owner/${session}`);
  await stub.setLogLevel("error");
  await evictDurableObject(stub);
  const levels: unknown[] = [];
  await run({ code: `console.log("a");` }, { session, onPrinted: (_lines, level) => void levels.push(level) });
  expect(levels).toEqual(["error"]);
});
