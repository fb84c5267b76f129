import { describe, expect, test } from "vitest";
import { limits } from "../../../core/limits.ts";
import { openDeadline } from "../../../core/mcp/deadline.ts";
import type { Elicitation } from "../../../core/mcp/elicitation.ts";
import { type ServerMessage, withInput } from "../../../core/mcp/input-required.ts";
import { PausableTimer } from "../../../core/pausable-timer.ts";
import { failureOf } from "../../support/failure.ts";
import { ManualClock } from "../../support/fakes.ts";

/* Requests that a server answers with input_required (2026-07-28), and the timers that are paused until the user has answered. */

const form = { method: "elicitation/create", params: { message: "Who?", requestedSchema: { type: "object", properties: {} } } };

function ask(answers: (params: Record<string, unknown>, round: number) => unknown) {
  const clock = new ManualClock();
  const sent: Record<string, unknown>[] = [];
  const asked: Elicitation[] = [];
  const deadline = openDeadline({ clock, signal: new AbortController().signal, timeoutMs: 1_000 });
  const answer = withInput({
    message: { method: "tools/call", params: { name: "book" } },
    subject: "tables.book",
    call: {
      deadline,
      async onElicit(question) {
        asked.push(question);
        return { action: "decline" };
      },
    },
    clock,
    async send({ params }: ServerMessage) {
      sent.push(params);
      return answers(params, sent.length);
    },
  });
  return { answer, sent, asked, clock };
}

describe("a request", () => {
  test("with a final answer is sent once", async () => {
    const { answer, sent } = ask(() => ({ said: "done" }));
    expect(await answer).toEqual({ said: "done" });
    expect(sent).toEqual([{ name: "book" }]);
  });

  test("is sent again with the inputResponses and requestState of this round, without those of the round before", async () => {
    const { answer, sent, asked } = ask((_params, round) => {
      if (round === 1) return { resultType: "input_required", inputRequests: { who: form }, requestState: "one" };
      if (round === 2) return { resultType: "input_required", inputRequests: { when: form } };
      return { said: "done" };
    });
    expect(await answer).toEqual({ said: "done" });
    expect(sent).toEqual([
      { name: "book" },
      { name: "book", inputResponses: { who: { action: "decline" } }, requestState: "one" },
      { name: "book", inputResponses: { when: { action: "decline" } } },
    ]);
    expect(asked).toHaveLength(2);
  });

  test("whose server always answers input_required fails after inputRoundsMax rounds", async () => {
    const { answer, sent } = ask(() => ({ resultType: "input_required", inputRequests: { who: form } }));
    expect(await failureOf(answer)).toMatchObject({ code: "tool_error", delivery: "answered" });
    expect(sent).toHaveLength(limits.inputRoundsMax + 1);
  });

  test("that is answered with a requestState alone is sent again after inputPauseMs", async () => {
    const { answer, sent, clock } = ask((_params, round) =>
      round === 1 ? { resultType: "input_required", requestState: "later" } : { said: "done" },
    );
    // The first round has ended once the timer of its pause is set.
    while (clock.pending < 2) await Promise.resolve();
    expect(sent).toHaveLength(1);
    clock.advance(limits.inputPauseMs);
    expect(await answer).toEqual({ said: "done" });
    expect(sent[1]).toEqual({ name: "book", inputResponses: {}, requestState: "later" });
  });

  test.each([
    ["a capability that was not declared", { method: "sampling/createMessage", params: {} }, "no model to sample from"],
    ["an unknown method", { method: "coffee/brew" }, "does not know the request coffee/brew"],
    ["a value that is not a request", "coffee", "does not know the request"],
    ["a malformed form", { method: "elicitation/create", params: { message: 1 } }, "no client could show"],
    [
      "a URL that is not http",
      { method: "elicitation/create", params: { mode: "url", message: "Open", url: "javascript:alert(1)" } },
      "no client could show",
    ],
  ])("whose server asks for %s fails with an explanation, and the user is asked nothing", async (_what, wanted, words) => {
    const { answer, sent, asked } = ask(() => ({ resultType: "input_required", inputRequests: { ok: form, odd: wanted } }));
    expect(await failureOf(answer)).toMatchObject({ code: "tool_error", message: expect.stringContaining(words) });
    expect(sent).toHaveLength(1);
    expect(asked).toEqual([]);
  });
});

describe("a pausable timer", () => {
  function start(ms: number) {
    const clock = new ManualClock();
    let woken = 0;
    const timer = new PausableTimer(clock, { ms, wake: () => (woken += 1) });
    return { clock, timer, woken: () => woken };
  }

  test("is paused until its last hold is released, then fires after the rest of its time", () => {
    const { clock, timer, woken } = start(100);
    clock.advance(60);
    const holds = [timer.hold(), timer.hold()];
    clock.advance(1_000);
    for (const hold of holds) {
      expect(woken()).toBe(0);
      hold[Symbol.dispose]();
      hold[Symbol.dispose]();
    }
    clock.advance(39);
    expect(woken()).toBe(0);
    clock.advance(1);
    expect(woken()).toBe(1);
  });

  test("that is restarted while it is paused has the whole new time when it resumes", () => {
    const { clock, timer, woken } = start(100);
    const hold = timer.hold();
    timer.restart(50);
    clock.advance(1_000);
    hold[Symbol.dispose]();
    clock.advance(49);
    expect(woken()).toBe(0);
    clock.advance(1);
    expect(woken()).toBe(1);
  });

  test("that was stopped does not fire when its hold is released", () => {
    const { clock, timer, woken } = start(100);
    const hold = timer.hold();
    timer.stop();
    hold[Symbol.dispose]();
    clock.advance(1_000);
    expect([woken(), clock.pending]).toEqual([0, 0]);
  });
});

test("a hold pauses both the idle time and the total time of a deadline", () => {
  const clock = new ManualClock();
  const signal = new AbortController().signal;
  using deadline = openDeadline({ clock, signal, timeoutMs: 100, totalMs: 150 });
  clock.advance(90);
  const hold = deadline.hold();
  clock.advance(10_000);
  hold[Symbol.dispose]();
  deadline.extend();
  clock.advance(59);
  expect(deadline.ended).toBeUndefined();
  clock.advance(1);
  expect(deadline.ended).toBe("late");
});
