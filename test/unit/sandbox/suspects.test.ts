import { beforeEach, expect, test, vi } from "vitest";
import type { Program } from "../../../core/program/program.ts";
import { isProven, noteEnd, noteFault, noteLoss, noteStart, standingOf } from "../../../worker/sandbox/suspects.ts";

/* What is expected of programs. What is remembered outlasts a test, so each begins an hour later. */

let hour = 0;

beforeEach(() => {
  vi.useFakeTimers({ now: ++hour * 3_600_000 });
  // Two sessions are at work.
  noteStart(`one ${hour}`);
  noteStart(`another ${hour}`);
  return () => vi.useRealTimers();
});

function program(): Program {
  return { entry: "main.ts", modules: { "main.ts": crypto.randomUUID() }, links: {}, isTraceless: true };
}

const newcomer = () => ({ session: {}, program: program() });

test("nothing is expected of anybody while no process is lost", () => {
  expect(standingOf(newcomer())).toBeUndefined();
});

test("after a loss, what ended by itself is trusted, and a new text of a session that was lost with it is doubted", () => {
  const [honest, hostile, stranger] = [newcomer(), newcomer(), newcomer()];
  noteEnd(honest);
  noteEnd({ ...hostile, program: program() });
  noteLoss(honest);
  noteLoss(hostile);
  expect([honest, hostile, stranger].map(standingOf)).toEqual(["trusted", "doubted", "unknown"]);
  // Its next text is new as well, and an honest session's is trusted for its sake.
  expect(standingOf({ ...hostile, program: program() })).toBe("doubted");
  expect(standingOf({ ...honest, program: program() })).toBe("trusted");
  noteEnd(hostile);
  expect(standingOf(hostile)).toBe("trusted");
  expect(isProven(hostile.program)).toBe(true);
});

test("a program that blocked its process is not proven any more, nor its session trusted", () => {
  const once = newcomer();
  noteEnd(once);
  noteFault(once);
  expect([isProven(once.program), standingOf(once)]).toEqual([false, "doubted"]);
});

test("a minute later it is forgotten, and at once where only one session runs programs", () => {
  noteLoss(newcomer());
  expect(standingOf(newcomer())).toBe("unknown");
  vi.advanceTimersByTime(61_000);
  expect(standingOf(newcomer())).toBeUndefined();
  noteLoss(newcomer());
  noteStart(`another ${hour}`);
  expect(standingOf(newcomer())).toBeUndefined();
});
