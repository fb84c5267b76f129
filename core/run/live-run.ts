import type { Asked, Reply } from "../calls/elicitation.ts";
import type { RunProgress } from "../calls/progress.ts";
import type { RunLine } from "../log-line.ts";
import { ElicitationAnswer, unanswered } from "../mcp/elicitation.ts";
import type { Outcome } from "./outcome.ts";
import type { RunDesk } from "./run-desk.ts";
import type { RunOptions } from "./run-options.ts";

/** An elicitation that waits for a person. */
export interface OpenQuestion extends Asked {
  /** Within its run. */
  id: string;
}

/** Where a run stops: at its end, where it asks its client, or where its calls wait for a person elsewhere. */
export type Stop = { kind: "ended"; outcome: Outcome } | { kind: "asks"; questions: OpenQuestion[] } | { kind: "waits" };

/** Whoever follows a run while it is under way. */
export interface Audience {
  progressed(progress: RunProgress): void;
  printed(lines: RunLine[]): void;
}

interface LiveRunParts<A extends Audience> {
  execute: (options: RunOptions) => Promise<Outcome>;
  audience: A;
  /** Whether the client can be asked at all. */
  canAsk: boolean;
  /** Why this cannot be asked now, if so: the client cannot show it, or too many runs wait already. */
  whyNotAsk: (asked: Asked) => string | undefined;
  /** Where calls wait for a person whom the client cannot ask. */
  desk?: RunDesk<LiveRun<A>>;
}

/** A run under way, from one stop to the next: where it asks, and where it ends. */
export class LiveRun<A extends Audience = Audience> {
  readonly audience: A;
  readonly outcome: Promise<Outcome>;
  readonly desk: LiveRunParts<A>["desk"];
  readonly #whyNotAsk: LiveRunParts<A>["whyNotAsk"];
  readonly #controller = new AbortController();
  readonly #open = new Map<string, { asked: Asked; reply: (reply: Reply) => void }>();
  #asked = 0;
  #hasAsked = Promise.withResolvers<void>();

  constructor({ execute, audience, canAsk, whyNotAsk, desk }: LiveRunParts<A>) {
    this.desk = desk;
    this.audience = audience;
    this.#whyNotAsk = whyNotAsk;
    this.outcome = execute({
      signal: this.#controller.signal,
      onProgress: (progress) => audience.progressed(progress),
      onPrinted: (lines) => audience.printed(lines),
      ...(canAsk ? { onElicit: (asked, signal) => this.#elicit(asked, signal) } : {}),
      ...(desk && { decide: desk.decide, journal: () => desk.journal, isDecidedApart: desk.client.isDecidedApart === true }),
    });
    desk?.attach(this, this.outcome);
  }

  get isCancelled(): boolean {
    return this.#controller.signal.aborted;
  }

  /** Resolves at the next stop, with all questions that are open then: calls made at once may ask at once. */
  async next(): Promise<Stop> {
    const ended = this.outcome.then((outcome): Stop => ({ kind: "ended", outcome }));
    const waits = this.desk?.waits().then((): Stop => ({ kind: "waits" }));
    for (;;) {
      const stop = await Promise.race([ended, this.#hasAsked.promise, ...(waits ? [waits] : [])]);
      if (stop) return stop;
      const questions = this.questions();
      if (questions.length > 0) return { kind: "asks", questions };
      // All of them were withdrawn meanwhile.
      this.#hasAsked = Promise.withResolvers();
    }
  }

  /** Those that are open now. */
  questions(): OpenQuestion[] {
    return [...this.#open].map(([id, { asked }]) => ({ id, ...asked }));
  }

  /** @param responses by question; a missing or invalid one leaves its question open */
  answer(responses: Readonly<Record<string, unknown>>): void {
    for (const [id, { reply }] of this.#open) {
      const answer = ElicitationAnswer.safeParse(responses[id]);
      if (!answer.success) continue;
      this.#open.delete(id);
      reply({ kind: "answered", answer: answer.data });
    }
  }

  cancel(): void {
    // With a reason, because without one an exception with a stack is made, also for a run that has ended.
    this.#controller.abort("cancelled");
  }

  /** Nobody follows it any more. It is cancelled, unless it has waited for a person's word: then somebody may come back to it. */
  leave(): void {
    if (this.desk?.hasWaited !== true) this.cancel();
  }

  async #elicit(asked: Asked, signal: AbortSignal): Promise<Reply> {
    const reason = this.#whyNotAsk(asked);
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
