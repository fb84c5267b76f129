import type { Clock } from "../../core/clock.ts";
import { limits } from "../../core/limits.ts";
import { type ElicitationAnswer, unanswered } from "../../core/mcp/elicitation.ts";
import type { UpstreamCallOptions } from "../../core/mcp/upstream.ts";
import type { BridgeFrame, WorkerFrame } from "../../core/tunnel/frames.ts";

type ElicitFrame = Extract<BridgeFrame, { type: "elicit" }>;

interface TunnelElicitationsOptions {
  /** False when the frame cannot be sent. */
  post: (frame: ElicitFrame) => boolean;
  clock: Clock;
}

/** Passes the elicitation requests of servers on to the Worker, for the requests of one socket: the Worker knows whom to ask. */
export class TunnelElicitations {
  readonly #options: TunnelElicitationsOptions;
  readonly #open = new Map<string, (answer: ElicitationAnswer) => void>();
  #count = 0;

  constructor(options: TunnelElicitationsOptions) {
    this.#options = options;
  }

  /** The listener for one request. */
  listen({ id }: { id: string }): Required<Pick<UpstreamCallOptions, "onElicit">> {
    return {
      onElicit: async (elicitation, { isCertain, signal }) => {
        this.#count += 1;
        const question = String(this.#count);
        const { promise, resolve } = Promise.withResolvers<ElicitationAnswer>();
        const giveUp = (): void => resolve(unanswered);
        // The Worker has its own timeout; this one is for a Worker that does not answer at all.
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

  receiveAnswer({ question, answer }: Extract<WorkerFrame, { type: "elicit_answer" }>): void {
    this.#open.get(question)?.(answer);
  }
}
