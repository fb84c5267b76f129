import { expect, test } from "vitest";
import { lossError } from "../../worker/sandbox/loss-errors.ts";

const loss = {
  reason: "cpu",
  isAtFault: true,
  hasActed: false,
  isAgain: false,
  programs: 1,
  timeoutMs: 2_000,
  cause: undefined,
} as const;

test("a program that blocked its process for its whole computing time is told how much that was", () => {
  expect(lossError(loss)).toMatchObject({ code: "cpu_limit", message: expect.stringContaining("used its 2000 ms") });
});

test("one that was tried again had less time than that, and is not told that it had all of it", () => {
  const again = lossError({ ...loss, isAgain: true });
  expect(again).toMatchObject({ code: "cpu_limit", message: expect.stringContaining("kept the next one from answering too") });
  expect(again.message).not.toContain("2000 ms");
});

test("one that may not be the cause is not blamed, and says whether it can simply be run again", () => {
  const other = { ...loss, isAtFault: false, isAgain: true, programs: 3 };
  expect(lossError(other)).toMatchObject({ code: "program_lost", message: expect.stringContaining("Run it again.") });
  const acted = lossError({ ...other, hasActed: true });
  expect(acted).toMatchObject({ code: "program_lost", message: expect.stringContaining("had made calls already") });
});
