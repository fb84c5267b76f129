import { describe, expect, test } from "vitest";
import { openDeadline } from "../../../core/mcp/deadline.ts";
import { ManualClock } from "../../support/fakes.ts";

const open = (times: { timeoutMs: number; totalMs?: number }, signal = new AbortController().signal) => {
  const clock = new ManualClock();
  return { clock, deadline: openDeadline({ clock, signal, ...times }) };
};

describe("a deadline", () => {
  test("ends exactly when its time is up", () => {
    const { clock, deadline } = open({ timeoutMs: 100 });
    clock.advance(99);
    expect(deadline.ended).toBeUndefined();
    clock.advance(1);
    expect(deadline).toMatchObject({ ended: "idle", wait: "100 ms", signal: { aborted: true } });
  });

  test("is restarted by each progress notification, within its total time", { tags: ["upstream.progress-waits"] }, () => {
    const { clock, deadline } = open({ timeoutMs: 100, totalMs: 250 });
    for (let times = 0; times < 2; times++) {
      clock.advance(99);
      deadline.extend();
    }
    clock.advance(51);
    expect(deadline.ended).toBeUndefined();
    clock.advance(1);
    expect(deadline).toMatchObject({ ended: "late", wait: expect.stringContaining("250 ms, which was all the time left") });
  });

  test("is not extended without a total time, nor after it has ended", () => {
    const { clock, deadline } = open({ timeoutMs: 100 });
    clock.advance(50);
    deadline.extend();
    clock.advance(50);
    deadline.extend();
    expect(deadline).toMatchObject({ ended: "idle", wait: "100 ms" });
  });

  test("names the total time as its reason if that is not longer than the idle time", () => {
    const { clock, deadline } = open({ timeoutMs: 100, totalMs: 100 });
    clock.advance(100);
    expect(deadline.ended).toBe("late");
  });

  test("ends when its caller aborts, and at once if the caller has already aborted", () => {
    const caller = new AbortController();
    const { deadline } = open({ timeoutMs: 100 }, caller.signal);
    caller.abort();
    expect(deadline.ended).toBe("cancelled");
    expect(open({ timeoutMs: 100 }, caller.signal).deadline.ended).toBe("cancelled");
  });

  test("says once that it ended, to a signal that was asked for before or after, and nothing once it is disposed", () => {
    const [clock, caller] = [new ManualClock(), new AbortController()];
    const ends: string[] = [];
    const made = ["first", "second"].map((name) =>
      openDeadline({ clock, signal: caller.signal, timeoutMs: 100, totalMs: 100, onEnd: () => ends.push(name) }),
    );
    const [first, second] = made;
    const before = first?.signal;
    second?.[Symbol.dispose]();
    clock.advance(100);
    caller.abort();
    expect(ends).toEqual(["first"]);
    expect(before).toMatchObject({ aborted: true, reason: "late" });
    expect(first?.signal).toBe(before);
    expect(second?.signal.aborted).toBe(false);
    const late = openDeadline({ clock, signal: caller.signal, timeoutMs: 100 });
    expect(late.signal).toMatchObject({ aborted: true, reason: "cancelled" });
  });

  test("leaves no timer behind when it is disposed", () => {
    const { clock, deadline } = open({ timeoutMs: 100, totalMs: 200 });
    deadline.extend();
    deadline[Symbol.dispose]();
    expect(clock.pending).toBe(0);
  });
});
