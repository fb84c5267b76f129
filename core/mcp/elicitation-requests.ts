import { z } from "zod";
import { UpstreamError } from "../errors.ts";
import { wellFormed } from "../text.ts";
import { type Deadline, waitFor } from "./deadline.ts";
import { Elicitation, type ElicitationAnswer, elicitationMethod, unanswered, unsupportedRequestMessage } from "./elicitation.ts";
import type { UpstreamCallOptions } from "./upstream.ts";

/** A request in flight during which its server may elicit input. */
export interface ElicitingCall extends Pick<UpstreamCallOptions, "onElicit" | "canElicit"> {
  deadline: Pick<Deadline, "hold" | "signal">;
}

/** Passes the elicitation requests of one server to the caller of the request that it is working on. */
export class ElicitationRequests {
  readonly #calls = new Set<ElicitingCall>();
  /** Calls with an open elicitation. */
  readonly #waiting = new Set<ElicitingCall>();
  /** Elicitations that are open and may belong to one of several calls that can be asked. */
  readonly #guessed = new Set<Promise<void>>();

  /** The call may be asked until disposed. */
  add(call: ElicitingCall): Disposable {
    this.#calls.add(call);
    return { [Symbol.dispose]: () => void this.#calls.delete(call) };
  }

  /** Whether an elicitation is open of which it is not certain to which call it belongs. */
  get isUncertain(): boolean {
    return this.#guessed.size > 0;
  }

  /** Waits while an elicitation is open of which it is not certain to which call it belongs: one call more would blur it further. */
  async settled({ deadline }: Pick<ElicitingCall, "deadline">): Promise<void> {
    using _hold = this.#guessed.size > 0 ? deadline.hold() : undefined;
    while (this.#guessed.size > 0 && !deadline.signal.aborted) {
      // At the end of its time the call goes on, and fails as any other whose time is up before it is sent.
      await waitFor(Promise.race(this.#guessed), deadline.signal).catch(() => undefined);
    }
  }

  #guess(): Disposable {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#guessed.add(promise);
    return {
      [Symbol.dispose]: () => {
        this.#guessed.delete(promise);
        resolve();
      },
    };
  }

  /**
   * Answers an `elicitation/create` request of the server (2025-11-25), which does not say which call it belongs to. A call elicits one
   * thing at a time, so calls with an open elicitation are ruled out. Of the others, the only one whose client can be asked is taken. If
   * there are several, the oldest of them is: all are calls of one session, and so of one person. Further calls then wait for the
   * answer (`settled`). Any call may be blocked until the answer, so the deadlines of all of them are paused.
   */
  async answer(params: unknown, signal: AbortSignal): Promise<ElicitationAnswer> {
    const question = readQuestion(params);
    const calls = [...this.#calls].filter((call) => !this.#waiting.has(call));
    const able = calls.filter(({ onElicit, canElicit }) => onElicit !== undefined && canElicit !== false);
    const call = able[0] ?? calls.find(({ onElicit }) => onElicit !== undefined);
    if (call?.onElicit === undefined) return unanswered;
    using _guess = able.length > 1 ? this.#guess() : undefined;
    const over = AbortSignal.any([signal, call.deadline.signal]);
    const holds = calls.map(({ deadline }) => deadline.hold());
    this.#waiting.add(call);
    try {
      return await call.onElicit(question, { isCertain: calls.length === 1, signal: over });
    } finally {
      this.#waiting.delete(call);
      for (const hold of holds) hold[Symbol.dispose]();
    }
  }
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
