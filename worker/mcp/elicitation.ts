import {
  CLIENT_CAPABILITIES_META_KEY,
  type InputRequest,
  type InputRequiredResult,
  inputRequired,
  isSpecType,
} from "@modelcontextprotocol/server";
import { z } from "zod";
import type { Asked } from "../../core/calls/questions.ts";
import { type ElicitationMode, elicitationMethod } from "../../core/mcp/elicitation.ts";
import type { OpenQuestion } from "../../core/run/live-run.ts";
import type { Outcome } from "../../core/run/outcome.ts";

/** What a call of execute_mcp_code comes to: `token` finds the run again, in the call that brings the answers. */
export type Step = { kind: "ended"; outcome: Outcome } | { kind: "asks"; token: string; questions: OpenQuestion[] };

/** What a client brings back: the token, and what was answered by the id of its question. A stranger's word. */
export interface Answers {
  token: string;
  responses: Record<string, unknown>;
}

const Envelope = z.object({
  [CLIENT_CAPABILITIES_META_KEY]: z.object({
    elicitation: z.object({ form: z.looseObject({}).optional(), url: z.looseObject({}).optional() }),
  }),
});

/** What a client can show a person, from the envelope of its request. An empty announcement means forms. */
export function modesOf(envelope: unknown): ElicitationMode[] {
  const announced = Envelope.safeParse(envelope);
  if (!announced.success) return [];
  const { form, url } = announced.data[CLIENT_CAPABILITIES_META_KEY].elicitation;
  if (url === undefined) return ["form"];
  return form === undefined ? ["url"] : ["form", "url"];
}

/** Why a client cannot show a question, if so: one that is not as the protocol has it would cost its whole request. */
export function whyNotShow(asked: Asked, modes: readonly ElicitationMode[]): string | undefined {
  const { mode } = asked.question;
  if (!modes.includes(mode)) return cannotShow[mode];
  return toInputRequest(asked) === undefined ? "The form is not of a kind that clients show." : undefined;
}

const cannotShow: Record<ElicitationMode, string> = {
  form: "The client of this run shows no forms.",
  url: "The client of this run opens no addresses.",
};

/** The run's questions as the answer to its request (MCP 2026-07-28, basic/patterns/mrtr). */
export function toInputRequired({ token, questions }: Extract<Step, { kind: "asks" }>): InputRequiredResult {
  const requests = questions.flatMap((asked) => {
    const request = toInputRequest(asked);
    return request === undefined ? [] : [[asked.id, request] as const];
  });
  return inputRequired({ inputRequests: Object.fromEntries(requests), requestState: token });
}

/** Whoever reads it is told which server it comes from: the client itself knows only the orchestrator. */
function toInputRequest({ server, tool, question }: Asked): InputRequest | undefined {
  const message = `${server} asks (${tool}): ${question.message}`;
  if (question.mode === "url") return inputRequired.elicitUrl({ message, url: question.url });
  const { requestedSchema } = question;
  const form: unknown = { mode: "form", message, requestedSchema };
  return isSpecType.ElicitRequestFormParams(form) ? { method: elicitationMethod, params: form } : undefined;
}
