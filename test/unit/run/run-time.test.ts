import { expect, test } from "vitest";
import { limits } from "../../../core/limits.ts";
import { RunTime } from "../../../core/run/run-time.ts";
import { ManualClock } from "../../support/fakes.ts";

/* A run's time: when it is up, and how it stands still. */

const runMs = 10_000;

function start() {
  const clock = new ManualClock();
  const caller = new AbortController();
  const end = new RunTime(caller.signal, { clock, runMs });
  end.restart();
  return { clock, caller, end, startedAt: clock.now() };
}

test("ends a run a moment after its time, which begins with the program", () => {
  const { clock, end } = start();
  clock.advance(runMs);
  end.restart();
  clock.advance(runMs + limits.runGraceMs - 1);
  expect(end.signal.aborted).toBe(false);
  clock.advance(1);
  expect(end.signal.aborted).toBe(true);
});

test("stands still while it is held, and goes on with what was left", async () => {
  const { clock, end, startedAt } = start();
  clock.advance(4_000);
  const hold = end.hold();
  clock.advance(limits.answerMs);
  expect(end.signal.aborted).toBe(false);
  expect(end.deadline()).toBe(startedAt + runMs + limits.answerMs);
  hold[Symbol.dispose]();
  expect(await end.heldMs()).toBe(limits.answerMs);
  clock.advance(6_000 + limits.runGraceMs - 1);
  expect(end.signal.aborted).toBe(false);
  clock.advance(1);
  expect(end.signal.aborted).toBe(true);
});

test("goes on when the last hold is let go of, once for each", async () => {
  const { clock, end } = start();
  const [one, other] = [end.hold(), end.hold()];
  const held = end.heldMs();
  one[Symbol.dispose]();
  one[Symbol.dispose]();
  clock.advance(60_000);
  expect(end.signal.aborted).toBe(false);
  other[Symbol.dispose]();
  expect(await held).toBe(60_000);
  clock.advance(runMs + limits.runGraceMs);
  expect(end.signal.aborted).toBe(true);
});

test("is not held for longer than a person may take, whoever forgets to let go", () => {
  const { clock, end, startedAt } = start();
  end.hold();
  clock.advance(2 * limits.answerMs);
  expect(end.deadline()).toBe(startedAt + runMs + limits.answerMs);
});

test("ends with its caller also while it is held, and leaves no timer", () => {
  const { clock, caller, end } = start();
  const hold = end.hold();
  caller.abort();
  expect(end.signal.aborted).toBe(true);
  end[Symbol.dispose]();
  hold[Symbol.dispose]();
  expect(clock.pending).toBe(0);
});
