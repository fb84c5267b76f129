import { z } from "zod";
import { OrchestratorError } from "../../core/errors.ts";
import type { World } from "./command.ts";
import { addressOf, type OrchestratorAddress } from "./orchestrator-client.ts";

interface OwnerRequest<Answer> {
  url: string | undefined;
  path: string;
  /** By default POST with a body, and GET without one. */
  method?: "DELETE";
  body?: object;
  answer: z.ZodType<Answer>;
}

/** What became of a decision. */
export const OwnersAnswer = z.looseObject({ title: z.string(), message: z.string() });

/** What the orchestrator says where it says no. */
const Message = z.object({ message: z.string() }).transform(({ message }) => message);
const Refused = z.union([Message, z.object({ error: z.union([z.string(), Message]) }).transform(({ error }) => error)]);

/**
 * Asks an endpoint of the orchestrator that is not MCP, with the owner's token.
 * @throws OrchestratorError when nothing answers there, or when it refuses
 */
export async function requestAsOwner<Answer>(world: World, request: OwnerRequest<Answer>): Promise<Answer> {
  const { url, authToken } = await addressOf(world, { url: request.url });
  const target = new URL(request.path, url);
  const { method, body } = request;
  const response = await send(target, { authToken, method, body, signal: world.signal });
  const text = await response.text();
  const read = request.answer.safeParse(parse(text));
  if (response.ok && read.success) return read.data;
  const refused = Refused.safeParse(parse(text));
  const reason = refused.data ?? `${target.href} answered with HTTP status ${response.status}. Check that --url is its address.`;
  throw new OrchestratorError("invalid_input", reason);
}

interface Sent {
  method: OwnerRequest<unknown>["method"];
  body: object | undefined;
  signal: AbortSignal;
}

async function send(
  target: URL,
  { authToken, method, body, signal }: Pick<OrchestratorAddress, "authToken"> & Sent,
): Promise<Response> {
  const headers: Record<string, string> = {
    Accept: "application/json",
    // For an orchestrator without tokens, which lets in only pages of its own and commands.
    Origin: target.origin,
    ...(authToken === undefined ? {} : { Authorization: `Bearer ${authToken}` }),
    ...(body === undefined ? {} : { "Content-Type": "application/json" }),
  };
  try {
    return await fetch(target, {
      method: method ?? (body === undefined ? "GET" : "POST"),
      headers,
      signal,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch (cause) {
    const message = `No orchestrator answers at ${target.origin}. Start it with npm start, or name another with --url.`;
    throw new OrchestratorError("server_unavailable", message, { cause });
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Refused by the caller like any other wrong answer.
    return undefined;
  }
}
