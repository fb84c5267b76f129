import { UpstreamError } from "../errors.ts";
import type { JsonValue } from "../json.ts";
import { type Elicitation, type ElicitationAnswer, unanswered, wordsOf } from "../mcp/elicitation.ts";
import type { Asking } from "../mcp/upstream.ts";
import type { Ask } from "./elicitation.ts";

/** The server sent an elicitation, no person could be asked, and so the call did not do what the program wanted. */
export class ApprovalRequired extends UpstreamError {
  /** The elicitation as data. */
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

export interface CallElicitations {
  /** The answer, or `cancel` when nobody can be asked; never rejects. */
  onElicit(question: Elicitation, asking: Asking): Promise<ElicitationAnswer>;
  /**
   * Refuses the answer of a call whose elicitation reached nobody: it is not what the program wanted. An elicitation that may
   * belong to another call does not turn a success into a failure.
   * @throws ApprovalRequired
   */
  passed(call: { hasFailed: boolean }): void;
  /** The error to report for a call that failed with this one. */
  failed(error: unknown): unknown;
}

/** The elicitations of one call, and what they mean for its outcome. */
export function createCallElicitations(ask: Ask, call: Call): CallElicitations {
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
