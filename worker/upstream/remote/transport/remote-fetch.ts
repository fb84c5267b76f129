import { z } from "zod";
import { readableAnswer } from "./answer-body.ts";
import { AddressRefusal, type Fetch, redirectOf } from "./checked-fetch.ts";

/** The server does not know the session, and has not acted on the request. */
export class SessionRefusal extends Error {
  override readonly name = "SessionRefusal";
}

export interface RemoteFetchOptions {
  /** fetch, limited to the addresses that the server may name. */
  fetch: Fetch;
  transport: "http" | "sse";
}

export interface RemoteFetchRequest {
  /** The id of the JSON-RPC request that is answered in this response, if any. */
  id: string | number | undefined;
  /** An event of the answer was too large; its stream ends there. */
  onTooLarge: () => void;
}

export type RemoteFetch = (url: string | URL, init: RequestInit | undefined, request: RemoteFetchRequest) => Promise<Response>;

/**
 * The fetch of the SDK's transports: answers are bounded and repaired.
 *
 * By the protocol an unknown session is refused with 404 (spec: basic/transports, session management). Many servers use 400 instead,
 * without a JSON-RPC error or with one whose code is in the range that JSON-RPC reserves for servers.
 *
 * @throws SessionRefusal, AnswerTooLarge, AddressRefusal
 */
export function createRemoteFetch({ fetch, transport }: RemoteFetchOptions): RemoteFetch {
  return async (url, init, request) => {
    const raw = await fetch(url, init);
    refuseOtherOrigin(raw, new URL(url));
    const isPost = init?.method === "POST";
    // The response to a GET must stay a stream, however short.
    const response = await readableAnswer(raw, isPost ? request : { ...request, id: undefined });
    if (!isPost || ![400, 404].includes(response.status)) return response;
    const { id, error } = Refusal.parse(
      await response
        .clone()
        .json()
        .catch(() => undefined),
    );
    const isServersOwn = error === undefined || (error.code <= -32_000 && error.code >= -32_099);
    const isInSession = transport === "sse" || new Headers(init.headers).has("mcp-session-id");
    if (isInSession && (response.status === 404 || isServersOwn)) throw new SessionRefusal();
    // A JSON-RPC error with the request's id is its answer, whatever the HTTP status.
    const isAnswer = !isServersOwn && request.id !== undefined && id === request.id;
    return isAnswer ? new Response(response.body, { headers: response.headers }) : response;
  };
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
