import { z } from "zod";
import type { Clock } from "../clock.ts";
import { UpstreamError } from "../errors.ts";
import { limits } from "../limits.ts";
import { type Deadline, waitFor } from "./deadline.ts";
import { elicitationMethod } from "./elicitation.ts";
import { answerRequests, type ElicitingCall } from "./elicitation-requests.ts";
import type { Progress, UpstreamCallOptions } from "./upstream.ts";

/** The result of a server that requires input first, with the state to send back with it (MCP 2026-07-28, basic/patterns/mrtr). */
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

/** Options of the SDK client's `request`. Only our deadline ends the wait; its signal also cancels the request at the server. */
export interface SendOptions {
  signal: AbortSignal;
  timeout: number;
  allowInputRequired: true;
  onprogress: (progress: Progress) => void;
}

interface Rounds {
  message: ServerMessage;
  /** Names the request in error messages. */
  subject: string;
  call: ElicitingCall & Pick<UpstreamCallOptions, "onProgress"> & { deadline: Deadline };
  clock: Clock;
  /** Resolves with the result as the server sent it. */
  send: (message: ServerMessage, options: SendOptions) => Promise<unknown>;
}

/**
 * Sends a request, and repeats it with the input that the server requires until it has its result. Rejects with an UpstreamError, or
 * as `send` does.
 */
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
    const answer = await resultOrUrl(() => send({ ...message, params }, options));
    if (answer instanceof UrlRequired) {
      await openFirst(answer, { call, subject });
      continue;
    }
    const required = InputRequired.safeParse(answer);
    if (!required.success) return answer;
    const { inputRequests, requestState } = required.data;
    const inputResponses = await answerRequests(inputRequests, { call, subject });
    params = { ...message.params, inputResponses, ...(requestState === undefined ? {} : { requestState }) };
    // Without `inputRequests` the request is only to be repeated; the pause prevents a busy loop.
    if (Object.keys(inputRequests).length === 0) await waitFor(pause(clock), deadline.signal);
  }
  throw new UpstreamError("tool_error", `${subject} still requires input after ${limits.inputRoundsMax} answers.`, {
    delivery: "answered",
  });
}

/** How a 2025-11-25 server requires a URL to be opened first (spec: client/elicitation, error -32042). The request was not executed. */
const UrlElicitationRequired = z.object({
  code: z.literal(-32_042),
  data: z.object({ elicitations: z.array(z.unknown()).min(1) }),
});

/** In place of a result: the URL elicitation that comes first. */
class UrlRequired {
  readonly params: unknown;
  readonly cause: unknown;

  constructor(params: unknown, cause: unknown) {
    this.params = params;
    this.cause = cause;
  }
}

async function resultOrUrl<T>(send: () => Promise<T>): Promise<T | UrlRequired> {
  try {
    return await send();
  } catch (error) {
    const refusal = UrlElicitationRequired.safeParse(error);
    if (!refusal.success) throw error;
    return new UrlRequired(refusal.data.data.elicitations[0], error);
  }
}

/** @throws UpstreamError when the person does not open it, or nobody can be asked */
async function openFirst(
  { params, cause }: UrlRequired,
  { call, subject }: { call: ElicitingCall; subject: string },
): Promise<void> {
  const { url } = await answerRequests({ url: { method: elicitationMethod, params } }, { call, subject });
  if (url?.action === "accept") return;
  throw new UpstreamError("approval_required", `${subject} requires a URL to be opened first, and the user did not open it.`, {
    delivery: "answered",
    cause,
  });
}

function pause(clock: Clock): Promise<void> {
  return new Promise((resolve) => void clock.after(limits.inputPauseMs, resolve));
}
