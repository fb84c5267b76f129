import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";

/* What the guard counts, with a clock that the test moves. guard.test.ts shows that it stops real programs. */

interface Guard {
  pass(place: number): void;
  woken(): void;
}

interface Budget {
  cpuMs: number;
  wallMs: number;
  deadline: () => number;
  isTraceless: boolean;
  onSpent: (spent: { isWall: boolean }) => void;
}

let createGuard: (budget: Budget) => Guard;

beforeAll(async () => {
  vi.useFakeTimers({ toFake: ["Date", "setTimeout", "clearTimeout"], now: 1_000_000 });
  // The guard takes the clock when it is loaded, so that no program can replace it.
  vi.resetModules();
  ({ createGuard } = await import(new URL("../../../worker/sandbox/isolate/runtime/guard.js", import.meta.url).href));
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

function start({ cpuMs, wallMs, isTraceless = false }: { cpuMs: number; wallMs: number; isTraceless?: boolean }) {
  const spent: boolean[] = [];
  const endsAt = Date.now() + wallMs;
  const guard = createGuard({ cpuMs, wallMs, deadline: () => endsAt, isTraceless, onSpent: ({ isWall }) => spent.push(isWall) });
  return { guard, spent };
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

  test("does not include its waits, which the deadline ends", { tags: ["sandbox.guard"] }, () => {
    const { guard, spent } = start({ cpuMs: 5_000, wallMs: 60_000 });
    for (let turns = 0; turns < 60; turns++) {
      turn(guard, 10);
      wait(990);
    }
    expect(spent).toEqual([]);
    expect(() => guard.pass(1)).toThrow("has computed for 600 ms");
    expect(spent).toEqual([true]);
  });

  test("of a program that waits only for its calls counts from each answer, without a timer", { tags: ["sandbox.guard"] }, () => {
    const { guard, spent } = start({ cpuMs: 5_000, wallMs: 1_000_000, isTraceless: true });
    guard.pass(1);
    for (let calls = 1; calls < 100; calls++) {
      wait(1_000);
      guard.woken();
      // What the answer set off, before the next call of a function.
      compute(50);
      guard.pass(1);
      guard.pass(2);
    }
    expect(vi.getTimerCount()).toBe(0);
    expect(spent).toEqual([]);
    wait(1_000);
    guard.woken();
    compute(50);
    expect(() => guard.pass(1)).toThrow("has computed for 5000 ms");
    expect(spent).toEqual([false]);
  });

  test("of such a program does not include its waits, which the deadline ends", { tags: ["sandbox.guard"] }, () => {
    const { guard, spent } = start({ cpuMs: 5_000, wallMs: 60_000, isTraceless: true });
    for (let calls = 0; calls < 60; calls++) {
      guard.woken();
      turn(guard, 10);
      wait(990);
    }
    guard.woken();
    expect(() => guard.pass(1)).toThrow("has computed for 600 ms");
    expect(spent).toEqual([true]);
  });
});
