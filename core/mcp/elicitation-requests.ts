import { z } from "zod";
import type { Clock } from "../clock.ts";
import { UpstreamError } from "../errors.ts";
import { limits } from "../limits.ts";
import { wellFormed } from "../text.ts";
import { type Deadline, waitFor } from "./deadline.ts";
import { Elicitation, type ElicitationAnswer, elicitationMethod, unanswered, unsupportedRequestMessage } from "./elicitation.ts";
import type { UpstreamCallOptions } from "./upstream.ts";

/** A request in flight during which its server may elicit input. */
export interface ElicitingCall extends Pick<UpstreamCallOptions, "onElicit" | "canElicit" | "caller"> {
  deadline: Pick<Deadline, "hold" | "signal">;
}

/**
 * Passes the elicitation requests of one server to the caller of the request that it is working on. In 2025-11-25 the server does not
 * say which one that is, so this waits until only one can be meant, and keeps further calls from blurring it.
 */
export class ElicitationRequests {
  readonly #clock: Clock;
  readonly #calls = new Set<ElicitingCall>();
  /** Calls with an open elicitation. */
  readonly #waiting = new Set<ElicitingCall>();
  /** Elicitations that are open and may belong to one of several calls that can be asked. */
  #uncertain = 0;
  /** Elicitations for which no call has been chosen yet. */
  #unplaced = 0;
  #turns: Promise<void> = Promise.resolve();
  #hasAsked = false;
  #changed = Promise.withResolvers<void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The call may be asked until disposed. */
  add(call: ElicitingCall): Disposable {
    this.#calls.add(call);
    return {
      [Symbol.dispose]: () => {
        this.#calls.delete(call);
        this.#change();
      },
    };
  }

  /** Adds the call once it blurs nothing any more, or its time is over: then it fails like any other before it is sent. */
  async addInTurn(call: ElicitingCall): Promise<Disposable> {
    using _hold = call.deadline.hold();
    const { signal } = call.deadline;
    while (this.isBlurring(call) && !signal.aborted) await waitFor(this.#changed.promise, signal).catch(() => undefined);
    return this.add(call);
  }

  /**
   * Whether it would no longer be certain to which call an elicitation belongs: one is open already that may belong to several, or the
   * server is one that asks, and works for another person who can be asked.
   */
  isBlurring(call: ElicitingCall): boolean {
    if (this.#uncertain > 0) return true;
    return this.#hasAsked && canBeAsked(call) && this.#candidates().some(({ caller }) => caller !== call.caller);
  }

  /**
   * Answers an `elicitation/create` request of the server (2025-11-25). A call elicits one thing at a time, so calls with an open
   * elicitation are ruled out. Of the others, the only one whose client can be asked is taken. If several persons can be asked, the
   * question waits until the calls of all but one have ended. If that takes too long, or each of them is asking, the oldest is taken.
   * Further calls wait meanwhile. Any call may be blocked until the answer, so the deadlines of all of them are paused.
   */
  async answer(params: unknown, signal: AbortSignal): Promise<ElicitationAnswer> {
    const question = readQuestion(params);
    this.#hasAsked = true;
    this.#unplaced += 1;
    if (this.#unplaced > 1 || this.#isOpen()) await this.#turn(signal);
    const calls = [...this.#calls].filter((call) => !this.#waiting.has(call));
    const able = this.#candidates();
    const call = able[0] ?? calls.find(({ onElicit }) => onElicit !== undefined);
    if (call !== undefined) this.#waiting.add(call);
    this.#unplaced -= 1;
    this.#change();
    if (call?.onElicit === undefined) return unanswered;
    using _uncertain = able.length > 1 ? this.#blur() : undefined;
    const over = AbortSignal.any([signal, call.deadline.signal]);
    using _holds = holdAll(calls);
    try {
      return await call.onElicit(question, { isCertain: calls.length === 1, signal: over });
    } finally {
      this.#waiting.delete(call);
    }
  }

  /** The calls that may have caused a question and whose clients can be asked, the oldest first. */
  #candidates(): ElicitingCall[] {
    return [...this.#calls].filter((call) => canBeAsked(call) && !this.#waiting.has(call));
  }

  /** Whether several persons may be meant. Not if each of their calls is asking: then waiting would not tell more. */
  #isOpen(): boolean {
    const candidates = this.#candidates();
    return new Set(candidates.map(({ caller }) => caller)).size > 1 && this.#unplaced < candidates.length;
  }

  /** Resolves for one question after the other, because servers begin with their older calls. */
  async #turn(signal: AbortSignal): Promise<void> {
    const before = this.#turns;
    const narrowed = this.#narrowed(signal);
    this.#turns = before.then(() => narrowed);
    await this.#turns;
  }

  /** Waits while several persons may be meant, for `questionOwnerMs` at most. */
  async #narrowed(signal: AbortSignal): Promise<void> {
    using _uncertain = this.#blur();
    using _holds = holdAll(this.#candidates());
    const patience = new AbortController();
    const stopTimer = this.#clock.after(limits.questionOwnerMs, () => patience.abort());
    const over = AbortSignal.any([signal, patience.signal]);
    this.#change();
    while (this.#isOpen() && !over.aborted) await waitFor(this.#changed.promise, over).catch(() => undefined);
    stopTimer();
  }

  #blur(): Disposable {
    this.#uncertain += 1;
    return {
      [Symbol.dispose]: () => {
        this.#uncertain -= 1;
        this.#change();
      },
    };
  }

  /** Wakes everyone who waits for calls and questions to come and go. */
  #change(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}

function canBeAsked({ onElicit, canElicit }: ElicitingCall): boolean {
  return onElicit !== undefined && canElicit !== false;
}

function holdAll(calls: readonly ElicitingCall[]): Disposable {
  const holds = new DisposableStack();
  for (const { deadline } of calls) holds.use(deadline.hold());
  return holds;
}

/** Answers the `inputRequests` of an `input_required` result (2026-07-28), by asking the caller. */
export async function answerRequests(
  requests: Readonly<Record<string, unknown>>,
  { call, subject }: { call: ElicitingCall; subject: string },
): Promise<Record<string, ElicitationAnswer>> {
  const questions = Object.entries(requests).map(([key, request]) => [key, readRequest(request, subject)] as const);
  using _hold = call.deadline.hold();
  const { signal } = call.deadline;
  const answers = questions.map(async ([key, question]) => {
    return [key, (await call.onElicit?.(question, { isCertain: true, signal })) ?? unanswered] as const;
  });
  return Object.fromEntries(await Promise.all(answers));
}

/** @throws Error whose message is sent to the server */
function readQuestion(params: unknown): Elicitation {
  const question = Elicitation.safeParse(wellFormed(params));
  if (question.success) return question.data;
  throw new Error(`This client cannot show this elicitation: ${z.prettifyError(question.error)}`);
}

const Request = z.looseObject({ method: z.string(), params: z.unknown().optional() });

/** @throws UpstreamError for any other request: servers may use only the capabilities that this client declared */
function readRequest(request: unknown, subject: string): Elicitation {
  const { method, params } = Request.catch({ method: "", params: undefined }).parse(request);
  if (method === elicitationMethod) {
    const question = Elicitation.safeParse(wellFormed(params));
    if (question.success) return question.data;
    throw refused(`${subject} sent an elicitation that no client could show: ${z.prettifyError(question.error)}`);
  }
  throw refused(`${subject} sent a request that this client does not support. ${unsupportedRequestMessage(method)}`);
}

function refused(message: string): UpstreamError {
  return new UpstreamError("tool_error", message, { delivery: "answered" });
}
