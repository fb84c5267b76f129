import type { Asked, Reply } from "../../core/calls/questions.ts";
import { ElicitationAnswer, type ElicitationMode, unanswered } from "../../core/mcp/elicitation.ts";
import type { RunOptions } from "../../core/run/execute.ts";
import type { Outcome } from "../../core/run/outcome.ts";
import { type PendingElicitation, whyCannotShow } from "../mcp/elicitation.ts";
import type { RunAudience } from "./run-audience.ts";

export type Stop = { kind: "ended"; outcome: Outcome } | { kind: "asks"; questions: PendingElicitation[] };

interface LiveRunParts {
  execute: (options: RunOptions) => Promise<Outcome>;
  audience: RunAudience;
  /** What its client can show. */
  modes: readonly ElicitationMode[];
  /** Why no more runs of the session may wait for a person, if so. */
  whyNotAsk: () => string | undefined;
}

/** A run under way, from one stop to the next: where it asks, and where it ends. */
export class LiveRun {
  readonly audience: RunAudience;
  readonly outcome: Promise<Outcome>;
  readonly #parts: LiveRunParts;
  readonly #controller = new AbortController();
  readonly #open = new Map<string, { asked: Asked; reply: (reply: Reply) => void }>();
  #asked = 0;
  #hasAsked = Promise.withResolvers<void>();

  constructor(parts: LiveRunParts) {
    const { audience, modes } = parts;
    this.#parts = parts;
    this.audience = audience;
    this.outcome = parts.execute({
      signal: this.#controller.signal,
      onProgress: (progress) => audience.progressed(progress),
      onPrinted: (lines) => audience.printed(lines),
      ...(modes.length === 0 ? {} : { onElicit: (asked, signal) => this.#elicit(asked, signal) }),
    });
  }

  get isCancelled(): boolean {
    return this.#controller.signal.aborted;
  }

  /** Where it ends, or what it asks: all that is open then, because calls made at once may ask at once. */
  async next(): Promise<Stop> {
    const ended = this.outcome.then((outcome): Stop => ({ kind: "ended", outcome }));
    for (;;) {
      const stop = await Promise.race([ended, this.#hasAsked.promise]);
      if (stop) return stop;
      const questions = [...this.#open].map(([id, { asked }]) => ({ id, ...asked }));
      if (questions.length > 0) return { kind: "asks", questions };
      // All of them were withdrawn meanwhile.
      this.#hasAsked = Promise.withResolvers();
    }
  }

  /** @param responses by question; one that is missing or no answer leaves its question open */
  answer(responses: Readonly<Record<string, unknown>>): void {
    for (const [id, { reply }] of this.#open) {
      const answer = ElicitationAnswer.safeParse(responses[id]);
      if (!answer.success) continue;
      this.#open.delete(id);
      reply({ kind: "answered", answer: answer.data });
    }
  }

  cancel(): void {
    this.#controller.abort();
  }

  async #elicit(asked: Asked, signal: AbortSignal): Promise<Reply> {
    const reason = whyCannotShow(asked, this.#parts.modes) ?? this.#parts.whyNotAsk();
    if (reason !== undefined) return { kind: "unasked", reason };
    const { promise, resolve } = Promise.withResolvers<Reply>();
    this.#asked += 1;
    const id = `question-${this.#asked}`;
    this.#open.set(id, { asked, reply: resolve });
    const withdraw = () => {
      this.#open.delete(id);
      resolve({ kind: "answered", answer: unanswered });
    };
    signal.addEventListener("abort", withdraw, { once: true });
    this.#hasAsked.resolve();
    return promise;
  }
}
