import { z } from "zod";
import { UpstreamError } from "../errors.ts";
import type { Deadline } from "./deadline.ts";
import { Elicitation, type ElicitationAnswer, elicitationMethod, unanswered, wordsOfRefusal } from "./elicitation.ts";
import type { UpstreamCallOptions } from "./upstream.ts";

/** A request that a server has under way, as far as its questions go. */
export interface AskingCall extends Pick<UpstreamCallOptions, "onElicit"> {
  deadline: Pick<Deadline, "hold" | "signal">;
}

/** Who is asked when one server asks: whoever made the call that it works on. */
export class ServerQuestions {
  readonly #calls = new Set<AskingCall>();
  /** Those that have asked and have no answer yet. */
  readonly #waiting = new Set<AskingCall>();

  /** Until disposed. */
  add(call: AskingCall): Disposable {
    this.#calls.add(call);
    return { [Symbol.dispose]: () => void this.#calls.delete(call) };
  }

  /**
   * A request of the server's own (2025-11-25), which does not say which call it belongs to. A call asks one thing at a time, so it is
   * one of those that do not wait for an answer already. Of several the oldest is taken: all are calls of one session, and so of one
   * person. None of them can go on before the answer, as far as is known here, so the time of all of them stands still.
   */
  async asked(params: unknown, signal: AbortSignal): Promise<ElicitationAnswer> {
    const question = readQuestion(params);
    const calls = [...this.#calls].filter((call) => !this.#waiting.has(call));
    const call = calls.find(({ onElicit }) => onElicit !== undefined);
    if (call?.onElicit === undefined) return unanswered;
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

/** What a server wants before it answers a request (2026-07-28, `inputRequests`), answered by the one who made it. */
export async function answerRequests(
  requests: Readonly<Record<string, unknown>>,
  { call, subject }: { call: AskingCall; subject: string },
): Promise<Record<string, ElicitationAnswer>> {
  const questions = Object.entries(requests).map(([key, request]) => [key, readRequest(request, subject)] as const);
  using _hold = call.deadline.hold();
  const { signal } = call.deadline;
  const answers = questions.map(async ([key, question]) => {
    return [key, (await call.onElicit?.(question, { isCertain: true, signal })) ?? unanswered] as const;
  });
  return Object.fromEntries(await Promise.all(answers));
}

/** @throws Error that the server is told */
function readQuestion(params: unknown): Elicitation {
  const question = Elicitation.safeParse(params);
  if (question.success) return question.data;
  throw new Error(`This client cannot show that: ${z.prettifyError(question.error)}`);
}

const Request = z.looseObject({ method: z.string(), params: z.unknown().optional() });

/** @throws UpstreamError for what nobody here can answer: a server may ask for what was announced to it and for nothing else */
function readRequest(request: unknown, subject: string): Elicitation {
  const { method, params } = Request.catch({ method: "", params: undefined }).parse(request);
  if (method === elicitationMethod) {
    const question = Elicitation.safeParse(params);
    if (question.success) return question.data;
    throw refused(`${subject} asks what no client could show: ${z.prettifyError(question.error)}`);
  }
  throw refused(`${subject} wants what it was not offered. ${wordsOfRefusal(method)}`);
}

function refused(message: string): UpstreamError {
  return new UpstreamError("tool_error", message, { delivery: "answered" });
}
