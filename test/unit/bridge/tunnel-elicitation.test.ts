import { expect, test } from "vitest";
import { TunnelElicitations } from "../../../bridge/tunnel/elicitation.ts";
import { limits } from "../../../core/limits.ts";
import type { Elicitation } from "../../../core/mcp/elicitation.ts";
import type { BridgeFrame } from "../../../core/tunnel/frames.ts";
import { ManualClock } from "../../support/fakes.ts";

/* Elicitation requests of servers, sent through the tunnel to the Worker. */

const question: Elicitation = { mode: "url", message: "Sign in.", url: "https://bank.example/login" };
const never = new AbortController().signal;

function open({ isPosted = true } = {}) {
  const clock = new ManualClock();
  const posted: Extract<BridgeFrame, { type: "elicit" }>[] = [];
  const elicitations = new TunnelElicitations({
    clock,
    post(frame) {
      posted.push(frame);
      return isPosted;
    },
  });
  const ask = (id: string, signal = never) => elicitations.listen({ id }).onElicit(question, { isCertain: true, signal });
  return { clock, posted, elicitations, ask };
}

test("each elicitation request gets its own answer in any order, and an unexpected answer is ignored", async () => {
  const { clock, posted, elicitations, ask } = open();
  const [one, other] = [ask("a"), ask("a")];
  expect(posted).toMatchObject([
    { type: "elicit", id: "a", elicitation: question, isCertain: true },
    { type: "elicit", id: "a" },
  ]);
  const [first = "", second = ""] = posted.map((frame) => frame.question);
  elicitations.receiveAnswer({ type: "elicit_answer", id: "a", question: second, answer: { action: "accept" } });
  elicitations.receiveAnswer({ type: "elicit_answer", id: "a", question: first, answer: { action: "decline" } });
  elicitations.receiveAnswer({ type: "elicit_answer", id: "a", question: first, answer: { action: "accept" } });
  expect(await Promise.all([one, other])).toEqual([{ action: "decline" }, { action: "accept" }]);
  expect(clock.pending).toBe(0);
});

test("an elicitation request is cancelled if it cannot be sent, its call has ended or the Worker never answers", async () => {
  expect(await open({ isPosted: false }).ask("a")).toEqual({ action: "cancel" });
  expect(await open().ask("a", AbortSignal.abort())).toEqual({ action: "cancel" });

  const { clock, ask } = open();
  const ended = new AbortController();
  const withdrawn = ask("a", ended.signal);
  ended.abort();
  expect(await withdrawn).toEqual({ action: "cancel" });

  const forgotten = ask("a");
  clock.advance(limits.answerMs + limits.runGraceMs);
  expect(await forgotten).toEqual({ action: "cancel" });
  expect(clock.pending).toBe(0);
});
