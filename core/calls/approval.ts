import { UpstreamError } from "../errors.ts";
import type { JsonValue } from "../json.ts";
import { type Elicitation, type ElicitationAnswer, unanswered, wordsOf } from "../mcp/elicitation.ts";
import type { Asking } from "../mcp/upstream.ts";
import type { Ask } from "./questions.ts";

/** A server asked a person, nobody could be asked, and the call came to whatever it comes to then. */
export class ApprovalRequired extends UpstreamError {
  /** The question as data. */
  readonly content: JsonValue;

  constructor(call: Call, { question, reason }: Unasked, cause: UpstreamError | undefined) {
    const message = `${call.server}.${call.tool} asks a person and was told that nobody answers. ${reason}
It asks: ${question.message}
${wordsOf(question)}
${nextStep(question)}`;
    super("approval_required", message, { ...call, delivery: cause?.delivery ?? "answered", cause });
    this.content = [JSON.parse(JSON.stringify(question))];
  }
}

interface Call {
  server: string;
  tool: string;
}

interface Unasked {
  question: Elicitation;
  reason: string;
  isCertain: boolean;
}

export interface CallQuestions {
  /** The answer, or `cancel` when nobody can be asked; never rejects. */
  onElicit(question: Elicitation, asking: Asking): Promise<ElicitationAnswer>;
  /**
   * Says so when the call asked and nobody could be asked: what it answers then is not what the program wanted. A question that
   * may be another call's does not turn a success into a failure.
   * @throws ApprovalRequired
   */
  passed(call: { hasFailed: boolean }): void;
  /** The same for a call that failed with this. */
  failed(error: unknown): unknown;
}

/** The questions of one call, and what they mean for it. */
export function createCallQuestions(ask: Ask, call: Call): CallQuestions {
  let unasked: Unasked | undefined;
  return {
    async onElicit(question, { isCertain, signal }) {
      const reply = await ask({ ...call, question }, signal);
      if (reply.kind === "answered") return reply.answer;
      unasked ??= { question, reason: reply.reason, isCertain };
      return unanswered;
    },
    passed({ hasFailed }) {
      if (unasked !== undefined && (unasked.isCertain || hasFailed)) throw new ApprovalRequired(call, unasked, undefined);
    },
    failed(error) {
      const isItsDoing = error instanceof UpstreamError && !(error instanceof ApprovalRequired) && error.code !== "cancelled";
      return unasked !== undefined && isItsDoing ? new ApprovalRequired(call, unasked, error) : error;
    },
  };
}

function nextStep({ mode }: Elicitation): string {
  switch (mode) {
    case "form":
      return "Ask the user. If the tool takes the answer as an argument, call it with that; else run this from a client that can be asked.";
    case "url":
      return "Show the user the address and let them decide whether to open it; then call the tool again.";
  }
}
