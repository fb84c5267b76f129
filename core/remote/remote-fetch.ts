import { z } from "zod";
import type { Clock } from "../clock.ts";
import { limits } from "../limits.ts";
import { writeIntegers } from "../mcp/integers.ts";
import type { OpenRequests } from "../mcp/lenient-results.ts";
import { type AnswerOptions, readableAnswer, withBody } from "./answer-body.ts";
import { AddressRefusal, type Fetch, redirectOf } from "./fetch.ts";
import { type ServerEvent, ServerEvents, streamOf } from "./server-events.ts";

/** The server does not know the session, and has not acted on the request. */
export class SessionRefusal extends Error {
  override readonly name = "SessionRefusal";
}

export interface RemoteFetchOptions {
  /** fetch, limited to the addresses that the server may name. */
  fetch: Fetch;
  transport: "http" | "sse";
  clock: Clock;
}

export interface RemoteFetchRequest {
  /** The id of the JSON-RPC request that is answered in this response, if any. */
  id: string | number | undefined;
  /** Its method. */
  method: string | undefined;
  /** All that wait at the connection. Left out where answers are passed on whole. */
  requests?: OpenRequests | undefined;
  /** An event of the answer was too large; its stream ends there. */
  onTooLarge: () => void;
}

export type RemoteFetch = (url: string | URL, init: RequestInit | undefined, request: RemoteFetchRequest) => Promise<Response>;

/**
 * The fetch of the SDK's transports: answers are bounded and repaired.
 *
 * By the protocol an unknown session is refused with 404 (spec: basic/transports, session management). Many servers use 410, or 400
 * without a JSON-RPC error or with one whose code is in the range that JSON-RPC reserves for servers.
 *
 * @throws SessionRefusal, AnswerTooLarge, NotMcp, AddressRefusal
 */
export function createRemoteFetch(options: RemoteFetchOptions): RemoteFetch {
  const { transport, clock } = options;
  return async (url, init, request) => {
    const raw = await options.fetch(url, withIntegers(init));
    refuseOtherOrigin(raw, new URL(url));
    const isPost = init?.method === "POST";
    if (!isPost && transport === "sse" && raw.ok) return withCheckedEndpoint(raw, new URL(url), { ...request, clock });
    // The response to a GET must stay a stream, however short. In `sse`, answers come over that stream.
    const isAnswered = isPost && transport === "http";
    const response = await readableAnswer(raw, { ...request, clock, ...(!isAnswered && { id: undefined }) });
    if (!isPost || response.ok) return response;
    const { id, error } = Refusal.parse(
      await response
        .clone()
        .json()
        .catch(() => undefined),
    );
    const isServersOwn = error === undefined || (error.code <= -32_000 && error.code >= -32_099);
    const isInSession = transport === "sse" || new Headers(init?.headers).has("mcp-session-id");
    const isUnknown = [404, 410].includes(response.status) || (response.status === 400 && isServersOwn);
    if (isInSession && isUnknown) throw new SessionRefusal();
    // A JSON-RPC error with the request's id is its answer, whatever the HTTP status.
    const isAnswer = !isServersOwn && request.id !== undefined && id === request.id && !needsLogin(response);
    return isAnswer ? withBody(response, await response.text(), { status: 200, type: "application/json" }) : response;
  };
}

function needsLogin({ status }: Response): boolean {
  return status === 401 || status === 403;
}

function withIntegers(init: RequestInit | undefined): RequestInit | undefined {
  return typeof init?.body === "string" ? { ...init, body: writeIntegers(init.body) } : init;
}

/**
 * The stream of an `sse` server, whose first event names where messages are posted. The SDK refuses another origin, and reports it
 * as a failed connection.
 */
async function withCheckedEndpoint(response: Response, from: URL, request: AnswerOptions): Promise<Response> {
  if (response.body === null || !response.headers.get("content-type")?.startsWith("text/event-stream")) return response;
  const events = new ServerEvents(response.body, { onTooLarge: request.onTooLarge, answered: request, clock: request.clock });
  const taken: ServerEvent[] = [];
  while (taken.length < limits.eventsReadAhead) {
    const event = await events.next();
    if (event === undefined) break;
    taken.push(event);
    if (!/^event: ?endpoint$/m.test(event.text)) continue;
    const endpoint = URL.canParse(event.data, from.href) ? new URL(event.data, from) : undefined;
    if (endpoint === undefined || endpoint.origin === from.origin) break;
    await events.cancel().catch(() => undefined);
    throw new AddressRefusal(
      `names ${endpoint.origin} as the place for its messages (its endpoint event), and not ${from.origin}, where it was reached. Use the address in the registry that it has of itself, or correct the public address in its own configuration.`,
    );
  }
  return withBody(response, streamOf(events, taken));
}

/** The SDK follows redirects to the same server, but reports others as an HTTP error without their target. */
function refuseOtherOrigin(response: Response, from: URL): void {
  const target = redirectOf(response, from);
  if (target === undefined || target.host === from.host) return;
  throw new AddressRefusal(
    `redirects to ${target.origin}${target.pathname}, another server. If that is intended, use that address in the registry.`,
  );
}

const Refusal = z
  .object({
    id: z.union([z.string(), z.number()]).optional().catch(undefined),
    error: z.object({ code: z.number() }).optional().catch(undefined),
  })
  .catch({});
