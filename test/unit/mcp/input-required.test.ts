import { describe, expect, test } from "vitest";
import { limits } from "../../../core/limits.ts";
import { openDeadline } from "../../../core/mcp/deadline.ts";
import type { Elicitation } from "../../../core/mcp/elicitation.ts";
import { type ServerMessage, withInput } from "../../../core/mcp/input-required.ts";
import { PausableTimer } from "../../../core/pausable-timer.ts";
import { failureOf } from "../../support/failure.ts";
import { ManualClock } from "../../support/fakes.ts";

/* A request that is answered with what its server wants to know first (2026-07-28), and the time that stands still meanwhile. */

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
  test("that is answered at once is made once", async () => {
    const { answer, sent } = ask(() => ({ said: "done" }));
    expect(await answer).toEqual({ said: "done" });
    expect(sent).toEqual([{ name: "book" }]);
  });

  test("is made again with the answers and the state it was given, and not with those of the round before", async () => {
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

  test("whose server asks without end fails after so many rounds", async () => {
    const { answer, sent } = ask(() => ({ resultType: "input_required", inputRequests: { who: form } }));
    expect(await failureOf(answer)).toMatchObject({ code: "tool_error", delivery: "answered" });
    expect(sent).toHaveLength(limits.inputRoundsMax + 1);
  });

  test("whose server only wants to be asked again is made again after a pause", async () => {
    const { answer, sent, clock } = ask((_params, round) =>
      round === 1 ? { resultType: "input_required", requestState: "later" } : { said: "done" },
    );
    // The first round is over when its pause is set.
    while (clock.pending < 2) await Promise.resolve();
    expect(sent).toHaveLength(1);
    clock.advance(limits.inputPauseMs);
    expect(await answer).toEqual({ said: "done" });
    expect(sent[1]).toEqual({ name: "book", inputResponses: {}, requestState: "later" });
  });

  test.each([
    ["what it was not offered", { method: "sampling/createMessage", params: {} }, "no model to sample from"],
    ["what nobody knows", { method: "coffee/brew" }, "does not know the request coffee/brew"],
    ["what is no request", "coffee", "does not know the request"],
    ["a form that is none", { method: "elicitation/create", params: { message: 1 } }, "no client could show"],
    [
      "an address that is none",
      { method: "elicitation/create", params: { mode: "url", message: "Open", url: "javascript:alert(1)" } },
      "no client could show",
    ],
  ])("whose server wants %s fails in words, and asks nobody", async (_what, wanted, words) => {
    const { answer, sent, asked } = ask(() => ({ resultType: "input_required", inputRequests: { ok: form, odd: wanted } }));
    expect(await failureOf(answer)).toMatchObject({ code: "tool_error", message: expect.stringContaining(words) });
    expect(sent).toHaveLength(1);
    expect(asked).toEqual([]);
  });
});

describe("a timer", () => {
  function start(ms: number) {
    const clock = new ManualClock();
    let woken = 0;
    const timer = new PausableTimer(clock, { ms, wake: () => (woken += 1) });
    return { clock, timer, woken: () => woken };
  }

  test("stands still while it is held, and wakes after what was left", () => {
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

  test("that begins anew while it is held has all of that when it goes on", () => {
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

  test("that was stopped does not wake, whoever lets go of it", () => {
    const { clock, timer, woken } = start(100);
    const hold = timer.hold();
    timer.stop();
    hold[Symbol.dispose]();
    clock.advance(1_000);
    expect([woken(), clock.pending]).toEqual([0, 0]);
  });
});

test("a deadline that is held stands still in both its times", () => {
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
