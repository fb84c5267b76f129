import { describe, expect, test } from "vitest";
import { summarizeCalls } from "../../../core/calls/call-summary.ts";
import type { CallOutcome, CallRecord } from "../../../core/calls/ledger.ts";
import { limits } from "../../../core/limits.ts";

function record(tool: string, outcome: CallOutcome = "succeeded", durationMs = 1): CallRecord {
  return { server: "hub", tool, outcome, durationMs, ...(outcome === "succeeded" ? {} : { retrySafe: false }) };
}

describe("the summary of a run's calls", () => {
  test("is empty for none, and the record itself for one", () => {
    expect(summarizeCalls([])).toEqual({ entries: [], omitted: 0, isComplete: true });
    expect(summarizeCalls([record("look")])).toEqual({ entries: [record("look")], omitted: 0, isComplete: true });
  });

  test("sums successes by server and tool: how many, how long in all, and the longest", { tags: ["execute.calls"] }, () => {
    const other = { ...record("look"), server: "other" };
    const { entries, isComplete } = summarizeCalls([record("look", "succeeded", 5), other, record("look", "succeeded", 7)]);
    expect(entries).toEqual([other, { ...record("look", "succeeded", 12), count: 2, longestMs: 7 }]);
    expect(isComplete).toBe(false);
  });

  test("shows each call that did not succeed by itself, with what a retry would do", { tags: ["execute.calls"] }, () => {
    const singly = [record("add", "failed"), record("add", "failed"), record("add", "unknown"), record("add", "not_started")];
    expect(summarizeCalls(singly)).toEqual({ entries: singly, omitted: 0, isComplete: true });
  });

  test("sums the calls below a saved program that failed: they have been made", { tags: ["execute.calls"] }, () => {
    const calls = [record("look", "succeeded", 2), record("look", "succeeded", 3), record("add", "failed")];
    const failed = { ...record("report", "failed"), calls };
    const summed = [{ ...record("look", "succeeded", 5), count: 2, longestMs: 3 }, record("add", "failed")];
    expect(summarizeCalls([failed])).toEqual({ entries: [{ ...failed, calls: summed }], omitted: 0, isComplete: false });
    const once = { ...record("report", "unknown"), calls: [record("look")] };
    expect(summarizeCalls([once])).toEqual({ entries: [once], omitted: 0, isComplete: true });
  });

  test("sums saved programs below which everything succeeded, with the sum of their calls below, without its times", {
    tags: ["execute.calls"],
  }, () => {
    const inner = { ...record("inner"), calls: [record("look"), record("look")] };
    const outer = { ...record("report", "succeeded", 5), calls: [inner, record("add")] };
    const looks = { server: "hub", tool: "look", outcome: "succeeded", count: 2 };
    expect(summarizeCalls([outer])).toEqual({
      entries: [{ ...record("report", "succeeded", 5), calls: [{ ...record("inner"), calls: [looks] }, record("add")] }],
      omitted: 0,
      isComplete: false,
    });
    const { entries } = summarizeCalls([outer, inner, { ...record("report", "succeeded", 7), calls: [record("add")] }]);
    const twice = { ...record("report", "succeeded", 12), count: 2, longestMs: 7 };
    const adds = { server: "hub", tool: "add", outcome: "succeeded", count: 2 };
    expect(entries).toEqual([
      { ...record("inner"), calls: [looks] },
      { ...twice, calls: [{ ...record("inner"), calls: [looks] }, adds] },
    ]);
    // Nothing is left out of one that made one call, or none.
    const once = [{ ...record("report"), calls: [record("look")] }, record("other")];
    expect(summarizeCalls(once)).toEqual({ entries: once, omitted: 0, isComplete: true });
  });

  test("shows a saved program by itself if anything below it did not succeed, however deep", { tags: ["execute.calls"] }, () => {
    const inner = { ...record("inner"), calls: [record("look"), record("add", "failed")] };
    const outer = { ...record("report"), calls: [record("look"), inner, record("add", "unknown")] };
    const all = [outer, record("report"), { ...record("report"), calls: [{ ...inner, outcome: "failed" as const }] }];
    expect(summarizeCalls(all)).toEqual({ entries: all, omitted: 0, isComplete: true });
  });

  test("shows no more of what stands below saved programs than of all calls together", () => {
    const calls = Array.from({ length: limits.callsShownMax }, () => record("add", "not_started"));
    const { entries, omitted, isComplete } = summarizeCalls([record("look"), { ...record("report", "failed"), calls }]);
    expect([entries.length, entries[1]?.calls?.length, omitted, isComplete]).toEqual([2, limits.callsShownMax - 2, 0, false]);
    const many = Array.from({ length: limits.callsShownMax }, () => ({ ...record("report", "failed"), calls }));
    expect(summarizeCalls(many).entries).toEqual(many.map(({ calls: _calls, ...entry }) => entry));
  });

  test("keeps the order of the last calls", () => {
    const { entries } = summarizeCalls([record("look"), record("add"), record("look"), record("add", "failed")]);
    expect(entries.map(({ tool, count = 1, outcome }) => [tool, count, outcome])).toEqual([
      ["add", 1, "succeeded"],
      ["look", 2, "succeeded"],
      ["add", 1, "failed"],
    ]);
  });

  test("counts how often calls were sent, if more often than made", () => {
    const { entries } = summarizeCalls([record("look"), { ...record("look"), attempts: 3 }, record("look")]);
    expect(entries).toEqual([{ ...record("look", "succeeded", 3), count: 3, longestMs: 1, attempts: 5 }]);
  });

  test("leaves out what was refused when there are too many, and counts it; what may have happened stays", () => {
    const refused = Array.from({ length: limits.callsShownMax }, () => record("add", "not_started"));
    expect(summarizeCalls(refused).omitted).toBe(0);
    const { entries, omitted, isComplete } = summarizeCalls([record("look"), ...refused, record("add", "unknown")]);
    expect(entries).toHaveLength(limits.callsShownMax);
    expect(entries.filter(({ outcome }) => outcome !== "not_started").map(({ outcome }) => outcome)).toEqual([
      "succeeded",
      "unknown",
    ]);
    expect([omitted, isComplete]).toEqual([2, false]);
  });
});
