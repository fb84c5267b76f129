import type { Clock } from "../clock.ts";
import { limits } from "../limits.ts";
import { type Elicitation, type ElicitationAnswer, unanswered } from "../mcp/elicitation.ts";

/** A server's question, with who asks and for what. */
export interface Asked {
  server: string;
  tool: string;
  question: Elicitation;
}

/** `unasked`: nobody saw it, for a reason that reads as a sentence. */
export type Reply = { kind: "answered"; answer: ElicitationAnswer } | { kind: "unasked"; reason: string };

/** Puts a question to a person. Never rejects; resolves soon after `signal` aborts, which means that nobody waits any more. */
export type Ask = (asked: Asked, signal: AbortSignal) => Promise<Reply>;

interface RunQuestionsParts {
  /** Undefined where the client cannot be asked. */
  onElicit: Ask | undefined;
  /** The run's time: stands still while `hold` is not disposed, and is over when `signal` aborts. */
  end: { hold(): Disposable; signal: AbortSignal };
  clock: Clock;
}

/** The questions of one run, on their way to whoever started it: so many, each for so long, and the run's time stands still meanwhile. */
export function createRunQuestions({ onElicit, end, clock }: RunQuestionsParts): Ask {
  let asked = 0;
  return async (question, signal) => {
    if (onElicit === undefined) return { kind: "unasked", reason: cannotElicit };
    if (asked >= limits.questionsPerRunMax) return { kind: "unasked", reason: tooManyQuestions };
    asked += 1;
    const patience = new AbortController();
    using _hold = end.hold();
    const stopTimer = clock.after(limits.answerMs, () => patience.abort());
    const over = AbortSignal.any([signal, end.signal, patience.signal]);
    try {
      return await untilOver(onElicit(question, over), over, () => (patience.signal.aborted ? tooLate : withdrawn));
    } finally {
      stopTimer();
    }
  };
}

const cannotElicit =
  "The client of this run cannot be asked: it speaks a protocol before 2026-07-28, or does not announce elicitation.";
const tooManyQuestions = `A run may ask a person ${limits.questionsPerRunMax} times; this was one more.`;
const tooLate: Reply = { kind: "unasked", reason: `Nobody answered within ${limits.answerMs / 60_000} minutes.` };
/** Whoever asked is gone, and nobody reads this. */
const withdrawn: Reply = { kind: "answered", answer: unanswered };

function untilOver(reply: Promise<Reply>, over: AbortSignal, onOver: () => Reply): Promise<Reply> {
  return new Promise((resolve) => {
    const end = () => resolve(onOver());
    if (over.aborted) end();
    over.addEventListener("abort", end, { once: true });
    void reply.then(resolve).finally(() => over.removeEventListener("abort", end));
  });
}
