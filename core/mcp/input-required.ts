import { z } from "zod";
import type { Clock } from "../clock.ts";
import { UpstreamError } from "../errors.ts";
import { limits } from "../limits.ts";
import { type Deadline, waitFor } from "./deadline.ts";
import { elicitationMethod } from "./elicitation.ts";
import { type AskingCall, answerRequests } from "./elicitation-requests.ts";
import type { Progress, UpstreamCallOptions } from "./upstream.ts";

/** In place of an answer: the input that the server requires first, and the state to send back with it (MCP 2026-07-28, basic/patterns/mrtr). */
const InputRequired = z.object({
  resultType: z.literal("input_required"),
  inputRequests: z.record(z.string(), z.unknown()).catch({}),
  requestState: z.string().optional().catch(undefined),
});

/** A request without its id. */
export interface ServerMessage {
  method: string;
  params: Record<string, unknown>;
}

/** What the SDK's client takes with a request. Our deadline is the only one; its signal also cancels the request at the server. */
export interface SendOptions {
  signal: AbortSignal;
  timeout: number;
  allowInputRequired: true;
  onprogress: (progress: Progress) => void;
}

interface Rounds {
  message: ServerMessage;
  /** How error messages name what was asked for. */
  subject: string;
  call: AskingCall & Pick<UpstreamCallOptions, "onProgress"> & { deadline: Deadline };
  clock: Clock;
  /** Resolves with the result as the server sent it. */
  send: (message: ServerMessage, options: SendOptions) => Promise<unknown>;
}

/** Makes a request, and again with the input that its server requires, until it is answered. Rejects with an UpstreamError, or as `send` does. */
export async function withInput({ message, subject, call, clock, send }: Rounds): Promise<unknown> {
  const { deadline, onProgress } = call;
  const options: SendOptions = {
    signal: deadline.signal,
    timeout: limits.sdkTimeoutMs,
    allowInputRequired: true,
    onprogress(progress) {
      deadline.extend();
      onProgress?.(progress);
    },
  };
  let { params } = message;
  for (let round = 0; round <= limits.inputRoundsMax; round++) {
    const answer = await answerOrAddress(() => send({ ...message, params }, options));
    if (answer instanceof AddressRequired) {
      await openFirst(answer, { call, subject });
      continue;
    }
    const required = InputRequired.safeParse(answer);
    if (!required.success) return answer;
    const { inputRequests, requestState } = required.data;
    const inputResponses = await answerRequests(inputRequests, { call, subject });
    params = { ...message.params, inputResponses, ...(requestState === undefined ? {} : { requestState }) };
    // Without a question it only wants to be asked again: the pause keeps that from being a busy loop.
    if (Object.keys(inputRequests).length === 0) await waitFor(pause(clock), deadline.signal);
  }
  throw new UpstreamError("tool_error", `${subject} wants to know more, after ${limits.inputRoundsMax} answers.`, {
    delivery: "answered",
  });
}

/** How 2025-11-25 refuses a call until an address was opened (spec: client/elicitation, error -32042). Nothing has happened yet. */
const Refusal = z.looseObject({
  code: z.literal(-32_042),
  data: z.looseObject({ elicitations: z.array(z.unknown()).min(1) }),
});

/** In place of an answer: the question that comes first. */
class AddressRequired {
  readonly params: unknown;
  readonly cause: unknown;

  constructor(params: unknown, cause: unknown) {
    this.params = params;
    this.cause = cause;
  }
}

async function answerOrAddress<T>(send: () => Promise<T>): Promise<T | AddressRequired> {
  try {
    return await send();
  } catch (error) {
    const refusal = Refusal.safeParse(error);
    if (!refusal.success) throw error;
    return new AddressRequired(refusal.data.data.elicitations[0], error);
  }
}

/** @throws UpstreamError when the person does not open it, or nobody is asked */
async function openFirst(
  { params, cause }: AddressRequired,
  { call, subject }: { call: AskingCall; subject: string },
): Promise<void> {
  const { address } = await answerRequests({ address: { method: elicitationMethod, params } }, { call, subject });
  if (address?.action === "accept") return;
  throw new UpstreamError("approval_required", `${subject} wants an address to be opened first, and the user did not.`, {
    delivery: "answered",
    cause,
  });
}

function pause(clock: Clock): Promise<void> {
  return new Promise((resolve) => void clock.after(limits.inputPauseMs, resolve));
}
