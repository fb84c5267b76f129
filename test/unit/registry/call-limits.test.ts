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

test("what an entry says stands instead, field by field", () => {
  const usual = callLimitsOf(serverEntry("a"));
  expect(callLimitsOf(serverEntry("a", { limits: { callsPerRun: 1, timeoutMs: undefined } }))).toEqual({
    ...usual,
    callsPerRun: 1,
  });
});
