import { describe, expect, test } from "vitest";
import { limits } from "../../../core/limits.ts";
import type { Progress } from "../../../core/ports.ts";
import { createRuntimeCalls, keepResult } from "../../../core/runtime-calls.ts";
import { ManualClock, memoryStore, valueIn } from "../../support/fakes.ts";

function startRuntime() {
  const store = memoryStore();
  const clock = new ManualClock();
  const heard: Progress[] = [];
  const runtime = createRuntimeCalls({
    store,
    clock,
    help: (id) => ({ helpFor: id ?? "all" }),
    onProgress: (progress) => heard.push(progress),
  });
  const call = async (name: string, ...args: unknown[]) => valueIn(await runtime.call(name, JSON.stringify(args)));
  const refused = async (name: string, ...args: unknown[]) => {
    const reply = await runtime.call(name, JSON.stringify(args));
    return reply.ok ? undefined : reply.error;
  };
  return { runtime, store, clock, heard, call, refused };
}

describe("a session value", () => {
  test("is there until it is deleted, and its key is listed", async () => {
    const { call } = startRuntime();
    expect(await call("session.get", "a")).toBeUndefined();
    await call("session.set", "a", { deep: [1, null] });
    await call("session.set", "b", null);
    expect(await call("session.get", "a")).toEqual({ deep: [1, null] });
    expect(await call("session.get", "b")).toBeNull();
    expect(await call("session.list")).toEqual(["a", "b"]);
    await call("session.delete", "a");
    await call("session.delete", "a");
    expect(await call("session.list")).toEqual(["b"]);
  });

  test("never mixes with what else the session keeps", async () => {
    const { call, store } = startRuntime();
    store.write("catalogue/x", 1);
    expect(await call("session.get", "../catalogue/x")).toBeUndefined();
    expect(await call("session.list")).toEqual([]);
  });

  test.each([[""], [7], [null], ["k".repeat(201)]])("has a key of 1 to 200 characters, not %j", async (key) => {
    const { refused } = startRuntime();
    for (const name of ["session.get", "session.set", "session.delete"]) {
      expect(await refused(name, key)).toMatchObject({ code: "invalid_arguments" });
    }
  });

  test("is as long as the bound and not one longer", async () => {
    const { call, refused } = startRuntime();
    await call("session.set", "k".repeat(200), "x".repeat(limits.sessionValueCharsMax - 2));
    expect(await refused("session.set", "a", "x".repeat(limits.sessionValueCharsMax - 1))).toMatchObject({
      code: "output_limit",
    });
    expect(await call("session.get", "a")).toBeUndefined();
  });

  test("is one of so many; at the bound old ones can still be written", async () => {
    const { call, refused } = startRuntime();
    for (let index = 0; index < limits.sessionValuesMax; index++) await call("session.set", `k${index}`, index);
    expect(await refused("session.set", "one more", 1)).toMatchObject({ code: "output_limit" });
    await call("session.set", "k0", "again");
    await call("session.delete", "k1");
    await call("session.set", "one more", 1);
    expect(await call("session.get", "k0")).toBe("again");
  });
});

describe("a kept result", () => {
  test("is read for an hour and not longer", async () => {
    const { call, refused, clock, store } = startRuntime();
    keepResult({ store, clock }, { handle: "r_1", json: '{"a":[1]}' });
    clock.advance(limits.resultKeptMs);
    expect(await call("results.get", "r_1")).toEqual({ a: [1] });
    clock.advance(1);
    expect(await refused("results.get", "r_1")).toMatchObject({
      code: "invalid_arguments",
      message: expect.stringContaining('No result "r_1"'),
    });
  });

  test("makes room: the oldest goes first, and what is over its time", async () => {
    const { call, refused, clock, store } = startRuntime();
    for (let index = 0; index <= limits.resultsKeptMax; index++) {
      clock.advance(1);
      keepResult({ store, clock }, { handle: `r_${index}`, json: String(index) });
    }
    expect(store.keys("result/")).toHaveLength(limits.resultsKeptMax);
    expect(await refused("results.get", "r_0")).toMatchObject({ code: "invalid_arguments" });
    expect(await call("results.get", "r_1")).toBe(1);
    clock.advance(limits.resultKeptMs + 1);
    keepResult({ store, clock }, { handle: "fresh", json: "1" });
    expect(store.keys("result/")).toHaveLength(1);
  });

  test.each([["nope"], [undefined], [7], [""], ["/"]])("is not found under %j", async (handle) => {
    const { refused, clock, store } = startRuntime();
    keepResult({ store, clock }, { handle: "r_1", json: "1" });
    expect(await refused("results.get", handle)).toMatchObject({ code: "invalid_arguments" });
  });
});

describe("progress", () => {
  test("is passed on with what it has", async () => {
    const { call, heard } = startRuntime();
    await call("progress", 1);
    await call("progress", 1, 2, "half");
    await call("progress", 2, null, null);
    expect(heard).toEqual([{ progress: 1 }, { progress: 1, total: 2, message: "half" }, { progress: 2 }]);
  });

  test("without a number is refused", async () => {
    const { refused } = startRuntime();
    expect(await refused("progress", "half")).toMatchObject({ code: "invalid_arguments" });
    expect(await refused("progress")).toMatchObject({ code: "invalid_arguments" });
  });

  test("in a loop is passed on as often as a client can take, and again later", async () => {
    const { call, heard, clock } = startRuntime();
    for (let step = 0; step < limits.progressPerMinute + 100; step++) await call("progress", step);
    expect(heard).toHaveLength(limits.progressPerMinute);
    clock.advance(60_000 / limits.progressPerMinute);
    await call("progress", 1);
    expect(heard).toHaveLength(limits.progressPerMinute + 1);
  });
});

test("help is for all servers or one", async () => {
  const { call } = startRuntime();
  expect(await call("help")).toEqual({ helpFor: "all" });
  expect(await call("help", null)).toEqual({ helpFor: "all" });
  expect(await call("help", "time")).toEqual({ helpFor: "time" });
});

test("an unknown name is refused", async () => {
  const { refused } = startRuntime();
  expect(await refused("session.clear")).toEqual({ code: "tool_unknown", message: 'runtime has no "session.clear".' });
  expect(JSON.stringify(await refused("x".repeat(1_000_000))).length).toBeLessThan(1_000);
});

test.each(["", "{", "undefined", "{}", '"a"'])("arguments that are no list are refused: %j", async (argsJson) => {
  const { runtime } = startRuntime();
  expect(await runtime.call("session.get", argsJson)).toMatchObject({ ok: false, error: { code: "invalid_arguments" } });
});
