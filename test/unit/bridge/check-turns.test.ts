import { expect, test } from "vitest";
import { createCheckTurns } from "../../../bridge/sandbox/check-turns.ts";

function turns() {
  const clock = { ms: 0 };
  return { clock, isDue: createCheckTurns(() => clock.ms) };
}

test("a process is asked when it has computed since it was asked last", () => {
  const { isDue } = turns();
  expect(isDue(99)).toBe(false);
  expect(isDue(100)).toBe(true);
  expect(isDue(150)).toBe(false);
  expect(isDue(199)).toBe(false);
  expect(isDue(200)).toBe(true);
});

test("a process at rest is asked every ten seconds, because it may be stuck", () => {
  const { clock, isDue } = turns();
  clock.ms = 9_999;
  expect(isDue(0)).toBe(false);
  clock.ms = 10_000;
  expect(isDue(0)).toBe(true);
  clock.ms = 19_999;
  expect(isDue(0)).toBe(false);
});

test("a process whose computing time is not known is asked every time", () => {
  const { isDue } = turns();
  expect([isDue(undefined), isDue(undefined)]).toEqual([true, true]);
});
