import {
  type JSONRPCMessage,
  type JSONRPCRequest,
  type RequestId,
  StreamableHTTPClientTransport,
  type StreamableHTTPClientTransportOptions,
} from "@modelcontextprotocol/client";
import { limits } from "../../../../core/limits.ts";
import { waitFor } from "../../../../core/mcp/deadline.ts";
import type { RemoteFetch } from "./remote-fetch.ts";

/** Why a request gets no answer: the `data` of the error that takes the answer's place. */
export class LostAnswer {
  readonly reason: "stream_ended" | "too_large";

  constructor(reason: LostAnswer["reason"]) {
    this.reason = reason;
  }
}

interface OpenRequest {
  /** Aborted, it closes the request's stream. */
  stream: AbortController;
  /** Of the last event of that stream: by it the SDK asks for the rest. */
  lastEventId?: string;
}

type SendOptions = NonNullable<Parameters<StreamableHTTPClientTransport["send"]>[1]>;
type Options = Omit<StreamableHTTPClientTransportOptions, "fetch"> & { fetch: RemoteFetch };

/**
 * The SDK's transport, which leaves three things open: a request whose stream ends without an answer would be waited for until its
 * time is up, one that is cancelled under 2025-11-25 would hold its connection for as long as the server likes, and what is
 * wrong with an answer's body would be nobody's answer.
 */
export class StreamableTransport extends StreamableHTTPClientTransport {
  readonly #open: Map<RequestId, OpenRequest>;

  constructor(url: URL, { fetch, ...options }: Options) {
    const open = new Map<RequestId, OpenRequest>();
    const standing = new StandingStream();
    super(url, {
      ...options,
      reconnectionOptions: {
        initialReconnectionDelay: limits.streamRetryMs,
        maxReconnectionDelay: limits.streamRetryMsMax,
        reconnectionDelayGrowFactor: 2,
        maxRetries: limits.streamRetriesMax,
      },
      fetch: (target, init) => {
        const id = requestOf(init, open);
        // As if the server had none: it only brings word of changes at once.
        if (init?.method === "GET" && id === undefined && !standing.mayOpen())
          return Promise.resolve(new Response(null, { status: 405 }));
        const onTooLarge = () => (id === undefined ? undefined : this.#lose(id, "too_large"));
        return fetch(target, withoutMark(init), { id, onTooLarge });
      },
    });
    this.#open = open;
  }

  override send(message: JSONRPCMessage | JSONRPCMessage[], options: SendOptions = {}): Promise<void> {
    if (Array.isArray(message) || !("method" in message)) return super.send(message, options);
    if ("id" in message) return this.#sendRequest(message, options);
    const sent = super.send(message, options);
    if (message.method === "notifications/cancelled") this.#close(message.params?.requestId);
    return sent;
  }

  /** To be called with each message that comes in. */
  received(message: JSONRPCMessage): void {
    if (!("method" in message) && message.id !== undefined) this.#open.delete(message.id);
  }

  /** Asks the server to let go of the session (spec: basic/transports, session management); it may refuse, or not answer. */
  async endSession(): Promise<void> {
    try {
      await waitFor(this.terminateSession(), AbortSignal.timeout(limits.stopMs));
    } catch {
      // The server refuses to end the session, or cannot be reached: it will expire there.
    }
  }

  async #sendRequest(message: JSONRPCRequest, options: SendOptions): Promise<void> {
    const { id } = message;
    const request: OpenRequest = { stream: new AbortController() };
    this.#open.set(id, request);
    const { requestSignal, onresumptiontoken, onRequestStreamEnd } = options;
    const marked = {
      ...options,
      headers: { ...options.headers, [mark]: String(id) },
      requestSignal: requestSignal ? AbortSignal.any([requestSignal, request.stream.signal]) : request.stream.signal,
      onresumptiontoken(lastEventId: string) {
        request.lastEventId = lastEventId;
        onresumptiontoken?.(lastEventId);
      },
      // Whoever opened a stream that is meant to stay open is told itself.
      onRequestStreamEnd: onRequestStreamEnd ?? (() => this.#lose(id, "stream_ended")),
    };
    try {
      await super.send(message, marked);
    } catch (error) {
      this.#open.delete(id);
      throw error;
    }
  }

  /** Answers in the server's place. */
  #lose(id: RequestId, reason: LostAnswer["reason"]): void {
    if (!this.#open.has(id)) return;
    this.#close(id);
    this.onmessage?.({ jsonrpc: "2.0", id, error: { code: -32_000, message: reason, data: new LostAnswer(reason) } });
  }

  #close(id: unknown): void {
    if (typeof id !== "string" && typeof id !== "number") return;
    this.#open.get(id)?.stream.abort();
    this.#open.delete(id);
  }
}

/** The stream that belongs to no request. The SDK reopens it whenever it ends, however soon: not reopened here if that happens too often. */
class StandingStream {
  #openedAt: number[] = [];

  mayOpen(): boolean {
    const now = Date.now();
    this.#openedAt = [...this.#openedAt.filter((at) => at > now - 60_000), now];
    return this.#openedAt.length <= limits.standingStreamsPerMinute;
  }
}

/** Tells our fetch which request it carries, and goes no further. */
const mark = "x-orchestrator-request";

/** The request that a POST carries, or whose stream a GET takes up again; undefined for the stream that belongs to none. */
function requestOf(init: RequestInit | undefined, open: ReadonlyMap<RequestId, OpenRequest>): RequestId | undefined {
  const headers = new Headers(init?.headers);
  const marked = headers.get(mark);
  const lastEventId = headers.get("last-event-id");
  if (marked === null && lastEventId === null) return undefined;
  return [...open].find(([id, request]) => String(id) === marked || request.lastEventId === lastEventId)?.[0];
}

function withoutMark(init: RequestInit | undefined): RequestInit | undefined {
  const headers = new Headers(init?.headers);
  if (!headers.has(mark)) return init;
  headers.delete(mark);
  return { ...init, headers };
}
