import { z } from "zod";
import { readableAnswer } from "./answer-body.ts";
import { AddressRefusal, type Fetch, redirectOf } from "./checked-fetch.ts";

/** The server does not know the session (any more), and has not acted on the request. */
export class SessionRefusal extends Error {
  override readonly name = "SessionRefusal";
}

export interface RemoteFetchOptions {
  /** fetch, limited to the addresses that the server may name. */
  fetch: Fetch;
  transport: "http" | "sse";
}

export interface RemoteFetchRequest {
  /** Of the JSON-RPC request that it carries and that is answered in its own response. */
  id: string | number | undefined;
  /** An event of the answer was too large; its stream ends there. */
  onTooLarge: () => void;
}

export type RemoteFetch = (url: string | URL, init: RequestInit | undefined, request: RemoteFetchRequest) => Promise<Response>;

/**
 * The fetch of the SDK's transports: answers are bounded and repaired.
 *
 * A session that is not known is refused with 404 by the protocol (spec: basic/transports, session management). Many servers say
 * 400 instead, and the code of their JSON-RPC error, if they write one, is of the range that JSON-RPC leaves to servers.
 *
 * @throws SessionRefusal, AnswerTooLarge, AddressRefusal
 */
export function createRemoteFetch({ fetch, transport }: RemoteFetchOptions): RemoteFetch {
  return async (url, init, request) => {
    const raw = await fetch(url, init);
    refuseOtherOrigin(raw, new URL(url));
    const isPost = init?.method === "POST";
    // What is taken up by GET is a stream, however short.
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
    // An answer, whatever HTTP calls it.
    const isAnswer = !isServersOwn && request.id !== undefined && id === request.id;
    return isAnswer ? new Response(response.body, { headers: response.headers }) : response;
  };
}

/** The SDK follows redirects within the server, and calls others an HTTP error, which does not say where they point. */
function refuseOtherOrigin(response: Response, from: URL): void {
  const target = redirectOf(response, from);
  if (target === undefined || target.host === from.host) return;
  throw new AddressRefusal(
    `redirects to ${target.origin}${target.pathname}, another server. If that is right, name that address in the registry.`,
  );
}

const Refusal = z
  .object({
    id: z.union([z.string(), z.number()]).optional().catch(undefined),
    error: z.object({ code: z.number() }).optional().catch(undefined),
  })
  .catch({});
