import { describe, expect, test } from "vitest";
import { limits } from "../../../core/limits.ts";
import type { LogLine } from "../../../core/log-line.ts";
import { createRunLog, PrintedBatch } from "../../../core/run/run-log.ts";

const line = (message: string): LogLine => ({ level: "log", message });
const batch = (from: number, messages: string[], dropped = 0) => ({ from, lines: messages.map(line), dropped });

function startLog(linesMax = 100) {
  const told: string[] = [];
  const log = createRunLog({
    linesMax,
    onPrinted: (lines) => told.push(...lines.map(({ message }) => message)),
    ownPlaces: (text) => text,
  });
  return { log, told };
}

describe("a run's log", () => {
  test("has the log messages of servers, with their names, between the program's lines in the order of arrival", () => {
    const { log, told } = startLog();
    log.add(batch(0, ["a"]));
    log.heard("db", { level: "warn", message: "slow\u001b[2J" });
    log.add(batch(0, ["a", "b"]));
    expect(told).toEqual(["a", "slow\u241b[2J", "b"]);
    expect(log.end()).toEqual({
      logs: [line("a"), { level: "warn", message: "slow\u241b[2J", server: "db" }, line("b")],
    });
    log.heard("db", { level: "warn", message: "too late" });
    expect(told).toHaveLength(3);
  });

  test("takes as many lines at once as a run may keep, and of more reads none", () => {
    let reads = 0;
    const hostile = Object.defineProperty([], limits.logLinesMax, { get: () => (reads += 1) });
    expect(PrintedBatch.safeParse({ from: 0, lines: hostile, dropped: 0 }).error?.issues).toHaveLength(1);
    expect(reads).toBe(0);
    const lines = Array.from({ length: limits.logLinesMax }, () => line("a"));
    expect(PrintedBatch.parse({ from: 0, lines, dropped: 0 }).lines).toHaveLength(limits.logLinesMax);
  });

  test("never marks a line of the program as a server's", { tags: ["upstream.news"] }, () => {
    const { log } = startLog();
    log.add(PrintedBatch.parse({ from: 0, lines: [{ level: "info", message: "paid", server: "bank" }], dropped: 0 }));
    expect(log.end()).toEqual({ logs: [{ level: "info", message: "paid" }] });
  });

  test("keeps at most serverLogLines truncated lines of servers and counts the rest, so that the program has room", {
    tags: ["upstream.news"],
  }, () => {
    const { log } = startLog(1_000);
    for (let number = 0; number < limits.serverLogLines + 3; number++)
      log.heard("db", { level: "info", message: "x".repeat(10_000) });
    log.add(batch(0, ["mine"]));
    const { logs = [], logsDropped } = log.end();
    expect(logs).toHaveLength(limits.serverLogLines + 1);
    expect(logs[0]?.message).toHaveLength(limits.serverLogCharsMax + 1);
    expect(logs.at(-1)).toEqual(line("mine"));
    expect(logsDropped).toBe(3);

    const few = startLog(3).log;
    for (const message of ["one", "two"]) few.heard("db", { level: "info", message });
    few.add(batch(0, ["a", "b", "c"]));
    expect(few.end()).toMatchObject({ logs: [{ message: "one" }, { message: "a" }, { message: "b" }], logsDropped: 2 });
  });

  test("repeats in the answer the warnings of servers, and only the last of what else they said", {
    tags: ["upstream.news"],
  }, () => {
    const { log, told } = startLog(1_000);
    log.heard("db", { level: "error", message: "broken" });
    for (let number = 1; number <= 30; number++) log.heard("db", { level: "info", message: `step ${number}` });
    log.heard("db", { level: "warn", message: "slow" });
    log.add({ from: 0, lines: [{ level: "info", message: "mine" }], dropped: 0 });
    const { logs = [], logsDropped } = log.end();
    const last = Array.from({ length: limits.serverLogLines }, (_, at) => `step ${31 - limits.serverLogLines + at}`);
    expect(logs.map(({ message }) => message)).toEqual(["broken", ...last, "slow", "mine"]);
    expect(logsDropped).toBe(30 - limits.serverLogLines);
    expect(told).toHaveLength(33);
  });

  test("without lines is left out of the answer", () => {
    expect(startLog().log.end()).toEqual({});
  });

  test("keeps the lines in order and reports each once, even if it is sent again", () => {
    const { log, told } = startLog();
    log.add(batch(0, ["a", "b"]));
    log.add(batch(0, ["a", "b", "c"]));
    log.add(batch(1, ["b", "c"]));
    log.add(batch(3, ["d"]));
    log.add(batch(4, []));
    expect(told).toEqual(["a", "b", "c", "d"]);
    expect(log.end()).toEqual({ logs: ["a", "b", "c", "d"].map(line) });
  });

  test("keeps linesMax lines and counts the rest, including those that the isolate dropped", { tags: ["limits.logs"] }, () => {
    const { log, told } = startLog(2);
    log.add(batch(0, ["a"], 0));
    log.add(batch(1, ["b", "c", "d"], 5));
    log.add(batch(4, [], 7));
    expect(told).toEqual(["a", "b"]);
    expect(log.end()).toEqual({ logs: ["a", "b"].map(line), logsDropped: 9 });
  });

  test("with linesMax zero only counts the lines", () => {
    const { log, told } = startLog(0);
    log.add(batch(0, ["a"], 3));
    expect(told).toEqual([]);
    expect(log.end()).toEqual({ logsDropped: 4 });
  });

  test("truncates a line after logLineCharsMax characters, once", () => {
    const { log } = startLog();
    const full = "x".repeat(limits.logLineCharsMax);
    log.add(batch(0, [full, `${full}y`, `${full}…`]));
    expect(log.end().logs?.map(({ message }) => message)).toEqual([full, `${full}…`, `${full}…`]);
  });

  test("keeps at most logCharsMax characters in total", () => {
    const { log } = startLog();
    const lines = Array.from({ length: 20 }, () => "x".repeat(limits.logLineCharsMax));
    log.add(batch(0, lines));
    const { logs = [], logsDropped } = log.end();
    expect(logs).toHaveLength(limits.logCharsMax / limits.logLineCharsMax);
    expect(logsDropped).toBe(20 - logs.length);
  });

  test("replaces control characters by visible ones", () => {
    const { log } = startLog();
    log.add(batch(0, ["a\u001b[2K\rb\u0007\u009b\n\tc\u007f"]));
    expect(log.end().logs).toEqual([line("a␛[2K␍b␇\ufffd\n\tc␡")]);
  });

  test("of a restarted program has the new program's lines, and reports no line twice", () => {
    const { log, told } = startLog();
    log.add(batch(0, ["a", "b"], 2));
    log.restart();
    log.add(batch(0, ["a"]));
    log.add(batch(1, ["b", "c"]));
    expect(told).toEqual(["a", "b", "c"]);
    expect(log.end()).toEqual({ logs: ["a", "b", "c"].map(line) });
  });

  test("ignores lines after its end", () => {
    const { log, told } = startLog();
    log.add(batch(0, ["a"]));
    log.end();
    log.add(batch(1, ["b"]));
    expect(told).toEqual(["a"]);
    expect(log.end()).toEqual({ logs: [line("a")] });
  });
});
