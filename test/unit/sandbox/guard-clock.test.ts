import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";

/* What the guard counts, by a clock that stands still until it is moved. That it stops real programs is in guard.test.ts. */

interface Guard {
  pass(place: number): void;
  held(ms: number): void;
}

type CreateGuard = (budget: { cpuMs: number; wallMs: number; onSpent: (spent: { isWall: boolean }) => void }) => Guard;

let createGuard: CreateGuard;

beforeAll(async () => {
  vi.useFakeTimers({ toFake: ["Date", "setTimeout", "clearTimeout"], now: 1_000_000 });
  // It takes the clock when it is loaded, so that no program can move it.
  vi.resetModules();
  ({ createGuard } = await import(new URL("../../../worker/sandbox/runtime/guard.js", import.meta.url).href));
});
afterAll(() => {
  vi.useRealTimers();
  vi.resetModules();
});

const compute = (ms: number) => vi.setSystemTime(Date.now() + ms);
const wait = (ms: number) => vi.advanceTimersByTime(ms);

/** One turn of the event loop. */
function turn(guard: Guard, ms: number): void {
  guard.pass(1);
  compute(ms);
  guard.pass(1);
}

function start(budget: { cpuMs: number; wallMs: number }) {
  const spent: boolean[] = [];
  return { guard: createGuard({ ...budget, onSpent: ({ isWall }) => spent.push(isWall) }), spent };
}

describe("a program's time", () => {
  test("adds up over its turns, to the budget and not past it", { tags: ["sandbox.guard"] }, () => {
    const { guard, spent } = start({ cpuMs: 5_000, wallMs: 1_000_000 });
    for (let turns = 1; turns < 100; turns++) {
      turn(guard, 50);
      wait(1_000);
    }
    expect(spent).toEqual([]);
    expect(() => turn(guard, 50)).toThrow("has computed for 5000 ms");
    expect(() => guard.pass(2)).toThrow("was stopped");
    expect(spent).toEqual([false]);
  });

  test("does not hold what it waits, which another limit ends", { tags: ["sandbox.guard"] }, () => {
    const { guard, spent } = start({ cpuMs: 5_000, wallMs: 60_000 });
    for (let turns = 0; turns < 59; turns++) {
      turn(guard, 10);
      wait(990);
    }
    guard.held(10_000);
    wait(10_000);
    turn(guard, 10);
    wait(990);
    expect(spent).toEqual([]);
    expect(() => guard.pass(1)).toThrow();
    expect(spent).toEqual([true]);
  });
});
