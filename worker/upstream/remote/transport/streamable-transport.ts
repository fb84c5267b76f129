import {
  type JSONRPCMessage,
  type JSONRPCRequest,
  type RequestId,
  SdkHttpError,
  StreamableHTTPClientTransport,
  type StreamableHTTPClientTransportOptions,
} from "@modelcontextprotocol/client";
import { limits } from "../../../../core/limits.ts";
import { waitFor } from "../../../../core/mcp/deadline.ts";
import { OpenRequests } from "../../../../core/mcp/lenient-results.ts";
import { type RemoteFetch, SessionRefusal } from "../../../../core/remote/remote-fetch.ts";

/** Why a request gets no answer: the `data` of the error that is delivered instead. */
export class LostAnswer {
  readonly reason: "stream_ended" | "too_large";

  constructor(reason: LostAnswer["reason"]) {
    this.reason = reason;
  }
}

interface OpenRequest {
  /** Aborting it closes the request's stream. */
  stream: AbortController;
  /** The id of the stream's last event, from which the SDK resumes it. */
  lastEventId?: string;
}

type SendOptions = NonNullable<Parameters<StreamableHTTPClientTransport["send"]>[1]>;
type Options = Omit<StreamableHTTPClientTransportOptions, "fetch"> & { fetch: RemoteFetch };

/**
 * The SDK's transport, with three gaps closed. A request whose stream ends without an answer fails at once, not at its timeout. The
 * stream of a request that is cancelled under 2025-11-25 is closed. And an answer that is too large fails its request.
 */
export class StreamableTransport extends StreamableHTTPClientTransport {
  readonly #open: Map<RequestId, OpenRequest>;
  readonly #requests: OpenRequests;

  constructor(url: URL, { fetch, ...options }: Options) {
    const open = new Map<RequestId, OpenRequest>();
    const requests = new OpenRequests();
    const standalone = new StandaloneStream();
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
        // As if the server did not offer the stream: without it, changes are only noticed later.
        if (init?.method === "GET" && id === undefined && !standalone.mayOpen())
          return Promise.resolve(new Response(null, { status: 405 }));
        const onTooLarge = () => (id === undefined ? undefined : this.#lose(id, "too_large"));
        const method = id === undefined ? undefined : requests.methodOf(id);
        return fetch(target, withoutRequestId(init), { id, method, requests, onTooLarge });
      },
    });
    this.#open = open;
    this.#requests = requests;
  }

  override send(message: JSONRPCMessage | JSONRPCMessage[], options: SendOptions = {}): Promise<void> {
    if (Array.isArray(message) || !("method" in message)) return super.send(message, options);
    this.#requests.sent(message);
    if ("id" in message) return this.#sendRequest(message, options);
    const sent = this.#notify(message, options);
    if (message.method === "notifications/cancelled") this.#close(message.params?.requestId);
    return sent;
  }

  /** To be called with each incoming message, which is changed for the SDK's client. */
  received(message: JSONRPCMessage): void {
    if (!("method" in message)) this.#close(message.id);
    this.#requests.received(message);
  }

  /** Ends the session at the server (spec: basic/transports, session management). The server may refuse, or not answer. */
  async endSession(): Promise<void> {
    try {
      await waitFor(this.terminateSession(), AbortSignal.timeout(limits.stopMs));
    } catch {
      // The server refuses or cannot be reached: the session will expire there.
    }
  }

  async #sendRequest(message: JSONRPCRequest, options: SendOptions): Promise<void> {
    const { id } = message;
    const request: OpenRequest = { stream: new AbortController() };
    this.#open.set(id, request);
    const { requestSignal, onresumptiontoken, onRequestStreamEnd } = options;
    const tracked = {
      ...options,
      headers: { ...options.headers, [requestIdHeader]: String(id) },
      requestSignal: requestSignal ? AbortSignal.any([requestSignal, request.stream.signal]) : request.stream.signal,
      onresumptiontoken(lastEventId: string) {
        request.lastEventId = lastEventId;
        onresumptiontoken?.(lastEventId);
      },
      // A caller with its own handler opened a stream that is meant to stay open.
      onRequestStreamEnd: onRequestStreamEnd ?? (() => this.#lose(id, "stream_ended")),
    };
    try {
      await super.send(message, tracked);
    } catch (error) {
      this.#close(id);
      throw error;
    }
  }

  /** Some servers answer a notification as a request that they do not know. A session that is unknown shows at the next request. */
  async #notify(message: JSONRPCMessage, options: SendOptions): Promise<void> {
    try {
      await super.send(message, options);
    } catch (error) {
      if (!(error instanceof SdkHttpError || error instanceof SessionRefusal)) throw error;
    }
  }

  /** Fails the request in the server's place. */
  #lose(id: RequestId, reason: LostAnswer["reason"]): void {
    if (!this.#open.has(id)) return;
    this.#close(id);
    this.onmessage?.({ jsonrpc: "2.0", id, error: { code: -32_000, message: reason, data: new LostAnswer(reason) } });
  }

  /**
   * Also for a request that was answered: the SDK joins its signal with that of the connection, and workerd keeps what was joined until
   * one of the two is aborted.
   */
  #close(id: unknown): void {
    if (typeof id !== "string" && typeof id !== "number") return;
    this.#open.get(id)?.stream.abort("over");
    this.#open.delete(id);
  }
}

/** Limits the standalone GET stream: the SDK reopens it at once whenever it ends. */
class StandaloneStream {
  #openedAt: number[] = [];

  mayOpen(): boolean {
    const now = Date.now();
    this.#openedAt = [...this.#openedAt.filter((at) => at > now - 60_000), now];
    return this.#openedAt.length <= limits.standingStreamsPerMinute;
  }
}

/** Passes the request's id from `send` to `fetch`; removed before the request is sent. */
const requestIdHeader = "x-orchestrator-request";

/** The request of a POST, or the one whose stream a GET resumes; undefined for the standalone stream. */
function requestOf(init: RequestInit | undefined, open: ReadonlyMap<RequestId, OpenRequest>): RequestId | undefined {
  const headers = new Headers(init?.headers);
  const id = headers.get(requestIdHeader);
  const lastEventId = headers.get("last-event-id");
  if (id === null && lastEventId === null) return undefined;
  return [...open].find(([openId, request]) => String(openId) === id || request.lastEventId === lastEventId)?.[0];
}

function withoutRequestId(init: RequestInit | undefined): RequestInit | undefined {
  const headers = new Headers(init?.headers);
  if (!headers.has(requestIdHeader)) return init;
  headers.delete(requestIdHeader);
  return { ...init, headers };
}
