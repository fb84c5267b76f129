import type { Clock } from "../clock.ts";
import { limits } from "../limits.ts";
import { type Elicitation, type ElicitationAnswer, unanswered } from "../mcp/elicitation.ts";

/** An elicitation, with the server and the tool call that it belongs to. */
export interface Asked {
  server: string;
  tool: string;
  question: Elicitation;
  /** The orchestrator itself asks, about the call. */
  isOwn?: boolean;
}

/** With the server's name, because whoever shows it knows the orchestrator only. */
export function shownMessage({ server, tool, isOwn = false, question }: Asked): string {
  return isOwn ? question.message : `${server} asks (${tool}): ${question.message}`;
}

/** `unasked`: no person saw it. The reason is a sentence. */
export type Reply = { kind: "answered"; answer: ElicitationAnswer } | { kind: "unasked"; reason: string };

/** Asks a person. Never rejects. Resolves soon after `signal` aborts, which means that nobody waits for the answer any more. */
export type Ask = (asked: Asked, signal: AbortSignal) => Promise<Reply>;

interface RunElicitationsParts {
  /** Undefined where the client cannot be asked. */
  onElicit: Ask | undefined;
  /** The run's time: stands still while `hold` is not disposed, and is over when `signal` aborts. */
  end: { hold(): Disposable; signal: AbortSignal };
  clock: Clock;
}

/** Passes a run's elicitations to its client: at most questionsPerRunMax, each open for answerMs, while the run's time stands still. */
export function createRunElicitations({ onElicit, end, clock }: RunElicitationsParts): Ask {
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
/** The call has ended, so nobody reads this answer. */
const withdrawn: Reply = { kind: "answered", answer: unanswered };

function untilOver(reply: Promise<Reply>, over: AbortSignal, onOver: () => Reply): Promise<Reply> {
  return new Promise((resolve) => {
    const end = () => resolve(onOver());
    if (over.aborted) end();
    over.addEventListener("abort", end, { once: true });
    void reply.then(resolve).finally(() => over.removeEventListener("abort", end));
  });
}
