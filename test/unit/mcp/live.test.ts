import { describe, expect, test } from "vitest";
import { limits } from "../../../core/limits.ts";
import { createLive } from "../../../worker/mcp/live.ts";
import { ManualClock } from "../../support/fakes.ts";

function startLive(options: { progressToken?: string; isModern?: boolean } = {}) {
  const logged: unknown[][] = [];
  const notified: Record<string, unknown>[] = [];
  const clock = new ManualClock();
  const live = createLive({
    clock,
    progressToken: options.progressToken,
    isModern: options.isModern ?? false,
    log: async (...message) => void logged.push(message),
    notify: async ({ params }) => void notified.push(params),
  });
  return { live, clock, logged, progress: () => notified.map(({ progress }) => Number(progress)), notified };
}

const lines = (["debug", "log", "info", "warn", "error"] as const).map((level) => ({ level, message: `a ${level}` }));

describe("a console line", () => {
  test("is a log message of its level with the logger program", () => {
    const { live, logged, notified } = startLive();
    live.printed(lines, undefined);
    expect(logged).toEqual([
      ["debug", "a debug", "program"],
      ["info", "a log", "program"],
      ["info", "a info", "program"],
      ["warning", "a warn", "program"],
      ["error", "a error", "program"],
    ]);
    expect(notified).toEqual([]);
  });

  test("below the level of logging/setLevel is not sent", () => {
    const { live, logged } = startLive();
    live.printed(lines, "warning");
    live.printed(lines, "emergency");
    expect(logged.map(([level]) => level)).toEqual(["warning", "error"]);
  });

  test("is sent in MCP 2026-07-28 whatever level was set with logging/setLevel", () => {
    const { live, logged } = startLive({ isModern: true });
    live.printed(lines, "emergency");
    expect(logged).toHaveLength(5);
  });

  test("is also a progress notification if the request has a progress token", () => {
    const { live, notified } = startLive({ progressToken: "p" });
    live.printed([{ level: "log", message: "first" }], undefined);
    live.progressed({ progress: 1, total: 3, message: "own" });
    live.printed([{ level: "log", message: "second" }], undefined);
    live.progressed({ progress: 2, total: 3 });
    expect(notified).toEqual([
      { progressToken: "p", progress: 0, message: "first" },
      { progressToken: "p", progress: 1, total: 3, message: "own" },
      { progressToken: "p", progress: 1.000001, total: 3, message: "second" },
      { progressToken: "p", progress: 2, total: 3 },
    ]);
  });
});

test("a server's line has its client's specifier as logger, and its id in the progress message", () => {
  const { live, logged, notified } = startLive({ progressToken: "p" });
  live.printed([{ level: "warn", message: "slow", server: "db" }], undefined);
  expect(logged).toEqual([["warning", "slow", "mcp-clients/db"]]);
  expect(notified).toEqual([{ progressToken: "p", progress: 0, message: "[db] slow" }]);
});

describe("progress", () => {
  test.each([[[0, 1, 2]], [[-5, 0.5, 1e300]], [[1]]])("that increases is passed on unchanged: %j", (values) => {
    const { live, progress } = startLive({ progressToken: "p" });
    for (const value of values) live.progressed({ progress: value });
    expect(progress()).toEqual(values);
  });

  test.each([[[0, 0, 0]], [[3, 1, 2]], [[1e12, 1e12, 1e12]], [[-1e15, -1e15]]])("always increases, even for %j", (values) => {
    const { live, progress } = startLive({ progressToken: "p" });
    for (const value of values) {
      live.progressed({ progress: value });
      live.printed(lines, undefined);
    }
    const told = progress();
    expect(told).toHaveLength(values.length * 6);
    expect(told.every((value, index) => index === 0 || value > (told[index - 1] ?? 0))).toBe(true);
  });

  test("of a call is sent as a message, and does not change the program's numbers", { tags: ["upstream.news"] }, () => {
    const { live, notified } = startLive({ progressToken: "p" });
    live.progressed({ message: "db.copy: 9/10" });
    live.progressed({ progress: 1, total: 3 });
    live.progressed({ message: "db.copy: 10/10" });
    live.progressed({ progress: 2, total: 3 });
    expect(notified).toEqual([
      { progressToken: "p", progress: 0, message: "db.copy: 9/10" },
      { progressToken: "p", progress: 1, total: 3 },
      { progressToken: "p", progress: 1.000001, total: 3, message: "db.copy: 10/10" },
      { progressToken: "p", progress: 2, total: 3 },
    ]);
  });

  test("that cannot increase further is not sent", () => {
    const { live, progress } = startLive({ progressToken: "p" });
    live.progressed({ progress: Number.MAX_VALUE });
    live.progressed({ progress: 1 });
    expect(progress()).toEqual([Number.MAX_VALUE]);
  });
});

describe("a request without news", () => {
  test("gets a progress notification at each interval, which increases and has no message", {
    tags: ["live.heartbeat"],
  }, () => {
    const { clock, progress, notified } = startLive({ progressToken: "p" });
    clock.advance(limits.progressHeartbeatMs - 1);
    expect(notified).toEqual([]);
    clock.advance(1);
    clock.advance(90_000 - limits.progressHeartbeatMs);
    expect(notified).toHaveLength(6);
    expect(progress()).toEqual([...new Set(progress())].sort((a, b) => a - b));
    expect(notified.every((params) => !("message" in params))).toBe(true);
  });

  test("waits for the interval after each piece of news, and keeps the program's value and total", () => {
    const { live, clock, notified } = startLive({ progressToken: "p" });
    clock.advance(limits.progressHeartbeatMs - 1);
    live.progressed({ progress: 3, total: 10, message: "three" });
    clock.advance(limits.progressHeartbeatMs - 1);
    expect(notified).toHaveLength(1);
    clock.advance(1);
    expect(notified[1]).toEqual({ progressToken: "p", progress: expect.closeTo(3, 3), total: 10 });
    live.progressed({ progress: 4, total: 10 });
    expect(notified[2]).toMatchObject({ progress: 4 });
  });

  test("gets none without a progress token, and none after its answer", () => {
    const silent = startLive();
    silent.clock.advance(120_000);
    expect(silent.notified).toEqual([]);
    const answered = startLive({ progressToken: "p" });
    answered.live[Symbol.dispose]();
    answered.clock.advance(120_000);
    expect(answered.notified).toEqual([]);
  });
});

test("a failed notification to a disconnected client is ignored", async () => {
  const live = createLive({
    clock: new ManualClock(),
    progressToken: 1,
    isModern: false,
    log: () => Promise.reject(new Error("gone")),
    notify: () => Promise.reject(new Error("gone")),
  });
  live.printed(lines, undefined);
  live.progressed({ progress: 1 });
  await new Promise(setImmediate);
});
