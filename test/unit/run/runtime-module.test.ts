import { describe, expect, test } from "vitest";
import { limits } from "../../../core/limits.ts";
import type { Progress } from "../../../core/mcp/upstream.ts";
import { keepResult } from "../../../core/run/kept-results.ts";
import { runtimeLimits } from "../../../core/run/runtime-limits.ts";
import { createRuntimeCalls } from "../../../core/run/runtime-module.ts";
import { ManualClock, memoryStore, valueIn } from "../../support/fakes.ts";

function startRuntime() {
  const store = memoryStore();
  const clock = new ManualClock();
  const heard: Progress[] = [];
  const printed: object[] = [];
  const runtime = createRuntimeCalls({
    store,
    clock,
    help: async (args) => ({ helpFor: args }),
    onProgress: (progress) => heard.push(progress),
    onWrite: () => {},
    onPrinted: (batch) => printed.push(batch),
    heldMs: async () => 0,
    signal: new AbortController().signal,
  });
  const call = async (name: string, ...args: unknown[]) => valueIn(await runtime.call(name, JSON.stringify(args)));
  const refused = async (name: string, ...args: unknown[]) => {
    const reply = await runtime.call(name, JSON.stringify(args));
    return reply.ok ? undefined : reply.error;
  };
  return { runtime, store, clock, heard, printed, call, refused };
}

describe("a session value", () => {
  test("can be read and its key is listed until it is deleted", async () => {
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

  test("is separate from the other data of the session", async () => {
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

  test("has at most sessionValueCharsMax characters", async () => {
    const { call, refused } = startRuntime();
    await call("session.set", "k".repeat(200), "x".repeat(limits.sessionValueCharsMax - 2));
    expect(await refused("session.set", "a", "x".repeat(limits.sessionValueCharsMax - 1))).toMatchObject({
      code: "output_limit",
      message: expect.stringContaining(
        `${limits.sessionValueCharsMax} characters of JSON; "a" has ${limits.sessionValueCharsMax + 1}`,
      ),
    });
    expect(await call("session.get", "a")).toBeUndefined();
  });

  test("that exceeds the limit of call arguments too is refused with the limit of a value", async () => {
    const { refused } = startRuntime();
    expect(await refused("session.set", "a", "x".repeat(limits.callArgumentsCharsMax))).toEqual({
      code: "output_limit",
      message: `session.set takes at most ${limits.sessionValueCharsMax} characters of JSON; this is more.`,
    });
  });

  test("is refused if all values together exceed sessionValuesBytesMax, and the old value stays", {
    tags: ["limits.stores"],
  }, async () => {
    const { call, refused } = startRuntime();
    const large = "語".repeat(limits.sessionValueCharsMax - 2);
    const count = Math.floor(limits.sessionValuesBytesMax / (3 * large.length + 2));
    for (let index = 0; index < count; index++) await call("session.set", `k${index}`, large);
    await call("session.set", "small", 1);
    for (const key of ["new", "small"]) {
      expect(await refused("session.set", key, large)).toMatchObject({
        code: "output_limit",
        message: expect.stringContaining(`at most ${limits.sessionValuesBytesMax} bytes together; with "${key}"`),
      });
    }
    expect(await call("session.get", "new")).toBeUndefined();
    expect(await call("session.get", "small")).toBe(1);
    await call("session.delete", "k0");
    await call("session.set", "new", large);
  });

  test("is refused beyond sessionValuesMax values, while existing ones can still be overwritten", async () => {
    const { call, refused } = startRuntime();
    for (let index = 0; index < limits.sessionValuesMax; index++) await call("session.set", `k${index}`, index);
    expect(await refused("session.set", "one more", 1)).toMatchObject({ code: "output_limit" });
    await call("session.set", "k0", "again");
    await call("session.delete", "k1");
    await call("session.set", "one more", 1);
    expect(await call("session.get", "k0")).toBe("again");
  });
});

describe("a stored result", () => {
  test("can be read for exactly one hour", async () => {
    const { call, refused, clock, store } = startRuntime();
    keepResult({ store, clock }, { handle: "r_1", resultJson: '{"a":[1]}' });
    clock.advance(limits.resultKeptMs);
    expect(await call("results.get", "r_1")).toEqual({ a: [1] });
    clock.advance(1);
    expect(await refused("results.get", "r_1")).toMatchObject({
      code: "invalid_arguments",
      message: expect.stringContaining('No result "r_1"'),
    });
  });

  test("is deleted as the oldest when there are more than resultsKeptMax, and when it has expired", async () => {
    const { call, refused, clock, store } = startRuntime();
    for (let index = 0; index <= limits.resultsKeptMax; index++) {
      clock.advance(1);
      keepResult({ store, clock }, { handle: `r_${index}`, resultJson: `${index}` });
    }
    expect(store.keys("result/")).toHaveLength(limits.resultsKeptMax);
    expect(await refused("results.get", "r_0")).toMatchObject({ code: "invalid_arguments" });
    expect(await call("results.get", "r_1")).toBe(1);
    clock.advance(limits.resultKeptMs + 1);
    keepResult({ store, clock }, { handle: "fresh", resultJson: "1" });
    expect(store.keys("result/")).toHaveLength(1);
  });

  test("of the maximum size has room, even with three bytes per character", {
    tags: ["limits.stores"],
  }, async () => {
    const { call, clock, store } = startRuntime();
    const large = "語".repeat(limits.resultCharsMax - 2);
    for (const handle of ["r_1", "r_2"]) {
      clock.advance(1);
      keepResult({ store, clock }, { handle, resultJson: JSON.stringify(large) });
    }
    expect(store.keys("result/")).toHaveLength(1);
    expect(store.bytes("result/")).toBeLessThanOrEqual(limits.resultsKeptBytesMax);
    expect(await call("results.get", "r_2")).toBe(large);
  });

  test.each([["nope"], [undefined], [7], [""], ["/"]])("is not found under %j", async (handle) => {
    const { refused, clock, store } = startRuntime();
    keepResult({ store, clock }, { handle: "r_1", resultJson: "1" });
    expect(await refused("results.get", handle)).toMatchObject({ code: "invalid_arguments" });
  });
});

describe("the progress function", () => {
  test("passes on its number with an optional total and message", async () => {
    const { call, heard } = startRuntime();
    await call("progress", 1);
    await call("progress", 1, 2, "half");
    await call("progress", 2, null, null);
    expect(heard).toEqual([{ progress: 1 }, { progress: 1, total: 2, message: "half" }, { progress: 2 }]);
  });

  test("refuses a call without a number", async () => {
    const { refused } = startRuntime();
    expect(await refused("progress", "half")).toMatchObject({ code: "invalid_arguments" });
    expect(await refused("progress")).toMatchObject({ code: "invalid_arguments" });
  });

  test("passes on at most progressPerMinute calls, and more as the minute's share is refilled", async () => {
    const { call, heard, clock } = startRuntime();
    for (let step = 0; step < limits.progressPerMinute + 100; step++) await call("progress", step);
    expect(heard).toHaveLength(limits.progressPerMinute);
    clock.advance(60_000 / limits.progressPerMinute);
    await call("progress", 1);
    expect(heard).toHaveLength(limits.progressPerMinute + 1);
  });
});

describe("console lines", () => {
  test("are passed on unchanged", async () => {
    const { call, printed } = startRuntime();
    const batch = { from: 0, lines: [{ level: "log", message: "a" }], dropped: 0 };
    await call("print", batch);
    expect(printed).toEqual([batch]);
  });

  test.each([
    [undefined],
    [{}],
    [{ from: -1, lines: [], dropped: 0 }],
    [{ from: 0, lines: [{ level: "fatal", message: "x" }], dropped: 0 }],
  ])("are refused in any other form: %j", async (batch) => {
    const { refused, printed } = startRuntime();
    expect(await refused("print", batch)).toMatchObject({ code: "invalid_arguments" });
    expect(printed).toEqual([]);
  });
});

test("help gets the program's arguments", async () => {
  const { call } = startRuntime();
  expect(await call("help")).toEqual({ helpFor: [] });
  expect(await call("help", "time", { query: "zone" })).toEqual({ helpFor: ["time", { query: "zone" }] });
});

test("a call of an unknown runtime function is refused with a short message", async () => {
  const { refused } = startRuntime();
  expect(await refused("session.clear")).toEqual({ code: "tool_unknown", message: 'runtime has no "session.clear".' });
  expect(JSON.stringify(await refused("x".repeat(1_000_000))).length).toBeLessThan(1_000);
});

test.each(["", "{", "undefined", "{}", '"a"'])("arguments that are not a JSON array are refused: %j", async (argsJson) => {
  const { runtime } = startRuntime();
  expect(await runtime.call("session.get", argsJson)).toMatchObject({ ok: false, error: { code: "invalid_arguments" } });
});

describe("the calls of the runtime", { tags: ["limits.runtime"] }, () => {
  const deep = (levels: number) => JSON.parse("[".repeat(levels) + "]".repeat(levels));

  test("are refused beyond those that may be in flight at once, and work again afterwards", async () => {
    const { runtime, call } = startRuntime();
    const asked = Array.from({ length: runtimeLimits.runtimeCallsInFlightMax + 2 }, () => runtime.call("help", "[]"));
    const replies = await Promise.all(asked);
    expect(replies.filter(({ ok }) => ok)).toHaveLength(runtimeLimits.runtimeCallsInFlightMax);
    expect(replies.at(-1)).toMatchObject({
      ok: false,
      error: { code: "too_many_calls", message: expect.stringContaining(`${runtimeLimits.runtimeCallsInFlightMax} in flight`) },
    });
    expect(await call("help", "time")).toEqual({ helpFor: ["time"] });
  });

  test("are answered a few at a time, and rest for as long as they worked", async () => {
    const clock = new ManualClock();
    let working = 0;
    let mostWorking = 0;
    const runtime = createRuntimeCalls({
      store: memoryStore(),
      clock,
      help: async () => {
        working += 1;
        mostWorking = Math.max(mostWorking, working);
        clock.advance(20);
        await null;
        working -= 1;
        return null;
      },
      onProgress: () => {},
      onWrite: () => {},
      onPrinted: () => {},
      heldMs: async () => 0,
      signal: new AbortController().signal,
    });
    let answered = 0;
    const all = Array.from({ length: 20 }, () => runtime.call("help", "[]").then(() => answered++));
    await new Promise(setImmediate);
    expect(mostWorking).toBeLessThanOrEqual(runtimeLimits.runtimeCallsAtOnce);
    expect(answered).toBeLessThan(20);
    while (clock.pending > 0) {
      clock.advance(runtimeLimits.runtimePauseMs);
      await new Promise(setImmediate);
    }
    await Promise.all(all);
    expect(answered).toBe(20);
  });

  test("read and write so many characters in one run", async () => {
    const { call, refused, clock, store } = startRuntime();
    keepResult({ store, clock }, { handle: "r_1", resultJson: JSON.stringify("x".repeat(limits.resultCharsMax - 2)) });
    const reads = runtimeLimits.runtimeCharsPerRun / limits.resultCharsMax - 1;
    for (let read = 0; read < reads; read++) expect(await call("results.get", "r_1")).toHaveLength(limits.resultCharsMax - 2);
    await refused("results.get", "r_1");
    expect(await refused("session.get", "a")).toMatchObject({
      code: "output_limit",
      message: expect.stringContaining(`${runtimeLimits.runtimeCharsPerRun} characters`),
    });
    // What the isolate itself has to say still arrives.
    expect(await refused("print", { from: 0, lines: [], dropped: 0 })).toBeUndefined();
    expect(await call("time.held")).toBe(0);
  });

  test("take values of argumentsDepthMax levels, and none deeper", { tags: ["limits.depth"] }, async () => {
    const { call, refused } = startRuntime();
    await call("session.set", "a", deep(limits.argumentsDepthMax));
    expect(await call("session.get", "a")).toEqual(deep(limits.argumentsDepthMax));
    for (const levels of [limits.argumentsDepthMax + 1, 1_000]) {
      const reply = await refused("session.set", "a", deep(levels));
      expect(reply).toMatchObject({
        code: "output_limit",
        message: expect.stringContaining(`${limits.argumentsDepthMax} levels`),
      });
      expect(await refused("results.get", deep(levels))).toMatchObject({ code: "output_limit" });
      expect(await refused("help", deep(levels))).toMatchObject({ code: "output_limit" });
    }
  });
});
