import type { Clock } from "../../core/clock.ts";
import { limits } from "../../core/limits.ts";
import { type ElicitationAnswer, unanswered } from "../../core/mcp/elicitation.ts";
import type { UpstreamCallOptions } from "../../core/mcp/upstream.ts";
import type { BridgeFrame, WorkerFrame } from "../../core/tunnel/frames.ts";

type Question = Extract<BridgeFrame, { type: "elicit" }>;

interface TunnelQuestionsOptions {
  /** False when the frame cannot be sent. */
  post: (frame: Question) => boolean;
  clock: Clock;
}

/** What servers ask of a person while they work on the requests of one socket: passed on to the Worker, which knows who to ask. */
export class TunnelQuestions {
  readonly #options: TunnelQuestionsOptions;
  readonly #open = new Map<string, (answer: ElicitationAnswer) => void>();
  #asked = 0;

  constructor(options: TunnelQuestionsOptions) {
    this.#options = options;
  }

  /** For one request. */
  listen({ id }: { id: string }): Required<Pick<UpstreamCallOptions, "onElicit">> {
    return {
      onElicit: async (elicitation, { isCertain, signal }) => {
        this.#asked += 1;
        const question = String(this.#asked);
        const { promise, resolve } = Promise.withResolvers<ElicitationAnswer>();
        const giveUp = (): void => resolve(unanswered);
        // The Worker keeps the time; this is for one that does not answer at all.
        const stopTimer = this.#options.clock.after(limits.answerMs + limits.runGraceMs, giveUp);
        signal.addEventListener("abort", giveUp, { once: true });
        this.#open.set(question, resolve);
        try {
          const isPosted = !signal.aborted && this.#options.post({ type: "elicit", id, question, elicitation, isCertain });
          return isPosted ? await promise : unanswered;
        } finally {
          this.#open.delete(question);
          signal.removeEventListener("abort", giveUp);
          stopTimer();
        }
      },
    };
  }

  answered({ question, answer }: Extract<WorkerFrame, { type: "elicit_answer" }>): void {
    this.#open.get(question)?.(answer);
  }
}
