import { expect, test } from "vitest";
import { createSharedTimer } from "../../core/shared-timer.ts";
import { ManualClock } from "../support/fakes.ts";

/** A shared timer over a clock that counts the timers that were set. */
function shared() {
  const platform = new ManualClock();
  let timers = 0;
  const clock = createSharedTimer({
    now: platform.now,
    after(ms, wake) {
      timers += 1;
      return platform.after(ms, wake);
    },
  });
  const ended: string[] = [];
  return {
    platform,
    clock,
    ended,
    wait: (ms: number, name: string) => clock.after(ms, () => ended.push(name)),
    timers: () => timers,
  };
}

test("waits end when their time is over, not before, in the order of their ends and then of their beginnings", () => {
  const { platform, ended, wait } = shared();
  wait(300, "late");
  wait(100, "first");
  wait(100, "second");
  platform.advance(99);
  expect(ended).toEqual([]);
  platform.advance(1);
  expect(ended).toEqual(["first", "second"]);
  platform.advance(200);
  expect(ended).toEqual(["first", "second", "late"]);
  expect(platform.pending).toBe(0);
});

test("a wait of several minutes ends on time", () => {
  const { platform, ended, wait } = shared();
  wait(600_000, "long");
  platform.advance(599_999);
  expect(ended).toEqual([]);
  platform.advance(1);
  expect(ended).toEqual(["long"]);
});

test("a thousand waits that are cancelled, one after another, set one timer of the platform", () => {
  const { platform, ended, wait, timers } = shared();
  for (let run = 0; run < 1_000; run++) {
    const cancel = wait(30_000, "never");
    platform.advance(1);
    cancel();
  }
  expect(timers()).toBe(1);
  platform.advance(60_000);
  expect(ended).toEqual([]);
  expect(platform.pending).toBe(0);
});

test("what nobody waits for any more keeps the platform's timer for two seconds at most", () => {
  const { platform, wait } = shared();
  wait(86_400_000, "never")();
  platform.advance(1_999);
  expect(platform.pending).toBe(1);
  platform.advance(1);
  expect(platform.pending).toBe(0);
});

test("a wait that is cancelled by one that ends with it does not end, and cancelling twice takes away no other", () => {
  const { platform, clock, ended, wait } = shared();
  clock.after(100, () => cancel());
  const cancel = wait(100, "cancelled");
  wait(100, "other");
  platform.advance(100);
  cancel();
  expect(ended).toEqual(["other"]);
});

test("a wait that a wait adds gets a turn of its own, however short", () => {
  const { platform, clock, wait, ended, timers } = shared();
  clock.after(100, () => {
    wait(0, "added");
    ended.push("adding");
  });
  platform.advance(100);
  expect(ended).toEqual(["adding", "added"]);
  expect(timers()).toBe(2);
});

test("one that throws keeps no other from its end", () => {
  const { platform, clock, ended, wait } = shared();
  clock.after(100, () => {
    throw new Error("broken");
  });
  wait(100, "other");
  expect(() => platform.advance(100)).toThrow("broken");
  platform.advance(0);
  expect(ended).toEqual(["other"]);
});

test("a clock that is put back by an hour makes waits longer by two seconds at most", () => {
  let back = 0;
  const platform = new ManualClock(10_000_000);
  const clock = createSharedTimer({ now: () => platform.now() - back, after: (ms, wake) => platform.after(ms, wake) });
  const ended: string[] = [];
  clock.after(30_000, () => ended.push("long"));
  platform.advance(15_000);
  back = 3_600_000;
  clock.after(1_000, () => ended.push("short"));
  platform.advance(1_000);
  expect(ended).toEqual(["short"]);
  platform.advance(16_000);
  expect(ended).toEqual(["short", "long"]);
});
