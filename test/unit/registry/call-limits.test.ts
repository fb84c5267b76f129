import { expect, test } from "vitest";
import { callLimitsOf } from "../../../core/registry/call-limits.ts";
import { serverEntry } from "../../support/builders.ts";

test("an everyday server has the most room, one of high sensitivity the least, whatever its visibility", () => {
  const everyday = callLimitsOf(serverEntry("a"));
  const asked = callLimitsOf(serverEntry("a", { visibility: "opt_in" }));
  const high = callLimitsOf(serverEntry("a", { sensitivity: "high" }));
  expect(callLimitsOf(serverEntry("a", { visibility: "experimental" }))).toEqual(asked);
  expect(callLimitsOf(serverEntry("a", { sensitivity: "high", visibility: "opt_in" }))).toEqual(high);
  for (const bound of ["callsPerRun", "callsPerMinute", "concurrency"] as const) {
    expect(everyday[bound]).toBeGreaterThan(asked[bound]);
    expect(asked[bound]).toBeGreaterThan(high[bound]);
  }
});

test("the limits are those of the first class that fits", { tags: ["limits.calls"] }, () => {
  const of = (fields: Parameters<typeof serverEntry>[1]) => {
    const { timeoutMs, callsPerRun } = callLimitsOf(serverEntry("a", fields));
    return [timeoutMs, callsPerRun];
  };
  expect(of({ sensitivity: "high", visibility: "experimental" })).toEqual([5_000, 10]);
  expect(of({ visibility: "experimental" })).toEqual([7_500, 20]);
  expect(of({ visibility: "opt_in", sensitivity: "low" })).toEqual([7_500, 20]);
  expect(of({})).toEqual([10_000, 50]);
});

test("what an entry says stands instead, field by field", () => {
  const usual = callLimitsOf(serverEntry("a"));
  expect(callLimitsOf(serverEntry("a", { limits: { callsPerRun: 1, timeoutMs: undefined } }))).toEqual({
    ...usual,
    callsPerRun: 1,
  });
});
