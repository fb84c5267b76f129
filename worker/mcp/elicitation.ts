import {
  CLIENT_CAPABILITIES_META_KEY,
  type InputRequest,
  type InputRequiredResult,
  inputRequired,
  isSpecType,
} from "@modelcontextprotocol/server";
import { z } from "zod";
import { type Asked, shownMessage } from "../../core/calls/elicitation.ts";
import { type ElicitationMode, elicitationMethod } from "../../core/mcp/elicitation.ts";
import type { OpenQuestion } from "../../core/run/live-run.ts";
import type { Outcome } from "../../core/run/outcome.ts";

/** How a call of execute_mcp_code ends: with the outcome of the run, or with elicitations. `token` identifies the waiting run. */
export type Step = { kind: "ended"; outcome: Outcome } | { kind: "asks"; token: string; questions: OpenQuestion[] };

/** The questions of a run that waits for their answers, and its token. */
export type Asking = Omit<Extract<Step, { kind: "asks" }>, "kind">;

/** The client's answers to elicitations, by elicitation id, with the token of the run. Not validated yet. */
export interface ElicitationAnswers {
  token: string;
  responses: Record<string, unknown>;
}

const Envelope = z.object({
  [CLIENT_CAPABILITIES_META_KEY]: z.object({
    elicitation: z.object({ form: z.looseObject({}).optional(), url: z.looseObject({}).optional() }),
  }),
});

/** The elicitation modes that the client declares in the envelope of its request. An empty declaration means forms. */
export function elicitationModesOf(envelope: unknown): ElicitationMode[] {
  const declared = Envelope.safeParse(envelope);
  if (!declared.success) return [];
  const { form, url } = declared.data[CLIENT_CAPABILITIES_META_KEY].elicitation;
  if (url === undefined) return ["form"];
  return form === undefined ? ["url"] : ["form", "url"];
}

/** Why the client cannot show an elicitation; undefined if it can. One that breaks the schema would fail the whole response. */
export function whyCannotShow(asked: Asked, modes: readonly ElicitationMode[]): string | undefined {
  const { mode } = asked.question;
  if (!modes.includes(mode)) return cannotShow[mode];
  return toInputRequest(asked) === undefined ? "The form does not have the schema that MCP allows for elicitation." : undefined;
}

const cannotShow: Record<ElicitationMode, string> = {
  form: "The client of this run does not support elicitation forms.",
  url: "The client of this run does not support elicitation by URL.",
};

/** The `input_required` result that carries the run's elicitations (MCP 2026-07-28, basic/patterns/mrtr). */
export function toInputRequired({ token, questions }: Extract<Step, { kind: "asks" }>): InputRequiredResult {
  const requests = questions.flatMap((asked) => {
    const request = toInputRequest(asked);
    return request === undefined ? [] : [[asked.id, request] as const];
  });
  return inputRequired({ inputRequests: Object.fromEntries(requests), requestState: token });
}

function toInputRequest(asked: Asked): InputRequest | undefined {
  const { question } = asked;
  const message = shownMessage(asked);
  if (question.mode === "url") return inputRequired.elicitUrl({ message, url: question.url });
  const { requestedSchema } = question;
  const form: unknown = { mode: "form", message, requestedSchema };
  return isSpecType.ElicitRequestFormParams(form) ? { method: elicitationMethod, params: form } : undefined;
}
