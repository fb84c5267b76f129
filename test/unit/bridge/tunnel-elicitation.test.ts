import { expect, test } from "vitest";
import { TunnelElicitations } from "../../../bridge/tunnel/elicitation.ts";
import { limits } from "../../../core/limits.ts";
import type { Elicitation } from "../../../core/mcp/elicitation.ts";
import type { BridgeFrame } from "../../../core/tunnel/frames.ts";
import { ManualClock } from "../../support/fakes.ts";

/* A server's question on its way to the Worker and back. */

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

test("each question has its own answer, whatever the order, and one that nobody waits for is dropped", async () => {
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

test("a question is cancelled when it cannot be sent, when nobody waits, and when the Worker does not answer at all", async () => {
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
