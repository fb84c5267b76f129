import { expect, test } from "vitest";
import { limits } from "../../../core/limits.ts";
import { graceLimits } from "../../../core/run/grace-limits.ts";
import { RunTime } from "../../../core/run/run-time.ts";
import { ManualClock } from "../../support/fakes.ts";

/* The time limit of a run, and how it is paused. */

const runMs = 10_000;

function start() {
  const clock = new ManualClock();
  const caller = new AbortController();
  const end = new RunTime(caller.signal, { clock, runMs });
  end.restart();
  return { clock, caller, end, startedAt: clock.now() };
}

test("the time of a run starts with the program, and ends the run after the grace period", () => {
  const { clock, end } = start();
  clock.advance(runMs);
  end.enter();
  end.restart();
  clock.advance(runMs + limits.runGraceMs - 1);
  expect(end.signal.aborted).toBe(false);
  clock.advance(1);
  expect(end.signal.aborted).toBe(true);
});

test.each([
  ["none", 0, limits.runGraceMs],
  ["as long as leaves it the whole grace period", graceLimits.outcomeLateMs - limits.runGraceMs, limits.runGraceMs],
  ["longer", graceLimits.outcomeLateMs - limits.runGraceMs + 1, limits.runGraceMs - 1],
  ["so long that nothing is left", 60_000, graceLimits.runGraceMsMin],
])("a wait for a process shortens the grace period, up to its least: %s", (_wait, waitMs, graceMs) => {
  const clock = new ManualClock();
  const end = new RunTime(new AbortController().signal, { clock, runMs });
  // The turn of the session does not count.
  clock.advance(30_000);
  end.enter();
  clock.advance(waitMs);
  end.restart();
  clock.advance(runMs + graceMs - 1);
  expect(end.signal.aborted).toBe(false);
  clock.advance(1);
  expect(end.signal.aborted).toBe(true);
});

test("a run whose program is lost ends in bounded time unless that starts again", () => {
  const waiting = start();
  waiting.clock.advance(1_000);
  waiting.end.lose();
  waiting.clock.advance(runMs - 1_000 + graceLimits.outcomeLateMs - 1);
  expect(waiting.end.signal.aborted).toBe(false);
  waiting.clock.advance(1);
  expect(waiting.end.signal.aborted).toBe(true);

  const again = start();
  again.end.lose();
  again.clock.advance(runMs);
  again.end.restart();
  again.clock.advance(runMs);
  expect(again.end.signal.aborted).toBe(false);
});

test("the time of a run is paused while it is held, and continues with the rest", async () => {
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

test("the time of a run continues when every hold has been released once", async () => {
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

test("the time of a run is paused for at most answerMs, even if a hold is never released", () => {
  const { clock, end, startedAt } = start();
  end.hold();
  clock.advance(2 * limits.answerMs);
  expect(end.deadline()).toBe(startedAt + runMs + limits.answerMs);
});

test("the time of a run ends when its caller aborts, even while it is held, and leaves no timer", () => {
  const { clock, caller, end } = start();
  const hold = end.hold();
  caller.abort();
  expect(end.signal.aborted).toBe(true);
  end[Symbol.dispose]();
  hold[Symbol.dispose]();
  expect(clock.pending).toBe(0);
});
