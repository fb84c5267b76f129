import { Client, ProtocolError, ProtocolErrorCode, SSEClientTransport, SseError } from "@modelcontextprotocol/client";
import { z } from "zod";
import type { Clock } from "../../../core/clock.ts";
import { limits } from "../../../core/limits.ts";
import { openDeadline, waitFor } from "../../../core/mcp/deadline.ts";
import { type ElicitationAnswer, elicitationCapability, unsupportedRequestMessage } from "../../../core/mcp/elicitation.ts";
import { stashResult } from "../../../core/mcp/lenient-results.ts";
import { askForLogs, readServerLog } from "../../../core/mcp/server-log.ts";
import type { ServerLog } from "../../../core/mcp/upstream.ts";
import { createRedact, redactData, type Secret } from "../../../core/registry/redaction.ts";
import type { RemoteEntry } from "./entry.ts";
import { AnswerTooLarge } from "./transport/answer-body.ts";
import type { Fetch } from "./transport/checked-fetch.ts";
import { createRemoteFetch } from "./transport/remote-fetch.ts";
import { StreamableTransport } from "./transport/streamable-transport.ts";

export interface ConnectionOptions {
  entry: RemoteEntry;
  /** fetch, limited to the addresses that this server may name. */
  fetch: Fetch;
  /** The secrets that the server is sent, to be redacted from its messages. Read for each message, because tokens change. */
  secrets: () => readonly Secret[];
  clock: Clock;
  onToolsChanged: () => void;
  onLog: (line: ServerLog) => void;
  /** Answers an elicitation of the server. Rejects with the error for the server when it cannot be shown. */
  onElicit: (params: unknown, signal: AbortSignal) => Promise<ElicitationAnswer>;
  /** The connection ended, and not by `close` or `retire`. */
  onLost: (connection: RemoteConnection) => void;
}

type RemoteTransport = StreamableTransport | SSEClientTransport;

/** One connection to a remote server, from handshake to close. */
export class RemoteConnection {
  readonly client: Client;
  readonly #transport: RemoteTransport;
  #requests = 0;
  #isClosing = false;
  #endsSession = false;
  #isFlooded = false;
  #ending: Promise<void> | undefined;

  private constructor(client: Client, transport: RemoteTransport) {
    this.client = client;
    this.#transport = transport;
  }

  /** Connects, in either protocol generation. Rejects with the SDK's error, and leaves nothing open. */
  static async open({
    entry,
    fetch,
    secrets,
    clock,
    onToolsChanged,
    onLog,
    onElicit,
    onLost,
  }: ConnectionOptions): Promise<RemoteConnection> {
    const transport = transportOf(entry, { fetch, secrets, onFlood: () => connection.#flood() });
    const client = new Client(
      { name: "mcp-dynamic-orchestrator", version: "1" },
      {
        // The SSE transport does not exist in 2026-07-28.
        versionNegotiation: { mode: entry.transport === "sse" ? "legacy" : "auto" },
        capabilities: { elicitation: elicitationCapability },
        listChanged: { tools: { autoRefresh: false, onChanged: onToolsChanged } },
      },
    );
    client.setRequestHandler("elicitation/create", ({ params }, { mcpReq }) => onElicit(params, mcpReq.signal));
    client.fallbackRequestHandler = async ({ method }) => {
      throw new ProtocolError(ProtocolErrorCode.MethodNotFound, unsupportedRequestMessage(method));
    };
    client.setNotificationHandler("notifications/message", { params: z.unknown() }, (params) => {
      const line = readServerLog(params);
      if (line) onLog(line);
    });
    const connection = new RemoteConnection(client, transport);
    using deadline = openDeadline({ clock, signal: new AbortController().signal, timeoutMs: limits.catalogFetchMs });
    try {
      const options = { signal: deadline.signal, timeout: limits.sdkTimeoutMs };
      await waitFor(client.connect(transport, options), deadline.signal);
    } catch (error) {
      await connection.close();
      throw error;
    }
    connection.#watch(onLost);
    askForLogs(client);
    return connection;
  }

  /** The server can tell this connection from others, so it may hold state for it. */
  get hasSession(): boolean {
    return this.#transport instanceof SSEClientTransport || this.#transport.sessionId !== undefined;
  }

  /** Keeps the connection open until `work` is done. */
  async request<T>(work: (client: Client) => Promise<T>): Promise<T> {
    this.#requests += 1;
    try {
      return await work(this.client);
    } catch (error) {
      // In `sse` one stream carries all answers: which one was too large is known only if a single request is in flight.
      throw this.#isFlooded && this.#requests === 1 ? new AnswerTooLarge() : error;
    } finally {
      this.#requests -= 1;
      if (this.#isClosing && this.#requests === 0) await this.#end();
    }
  }

  /**
   * Closes when the requests in flight are answered.
   *
   * @param endsSession whether to end the session at the server too
   */
  async retire({ endsSession }: { endsSession: boolean }): Promise<void> {
    this.#isClosing = true;
    this.#endsSession = endsSession;
    if (this.#requests === 0) await this.#end();
  }

  /** Closes at once; requests in flight fail. */
  async close(): Promise<void> {
    this.#isClosing = true;
    await this.#end();
  }

  #flood(): void {
    this.#isFlooded = true;
    void this.#end();
  }

  #watch(onLost: (connection: RemoteConnection) => void): void {
    this.client.onclose = () => {
      if (!this.#isClosing) onLost(this);
    };
    this.client.onerror = (error) => {
      // The `sse` stream ended. The SDK would reconnect to a new session as if it were the same one.
      if (SseError.isInstance(error)) void this.#end();
    };
  }

  #end(): Promise<void> {
    this.#ending ??= this.#finish();
    return this.#ending;
  }

  async #finish(): Promise<void> {
    if (this.#endsSession && this.#transport instanceof StreamableTransport) await this.#transport.endSession();
    await this.client.close();
    // Until the handshake is complete, the client does not close the transport.
    await this.#transport.close();
  }
}

function transportOf(
  { transport: kind, url, headers }: RemoteEntry,
  options: Pick<ConnectionOptions, "fetch" | "secrets"> & { onFlood: () => void },
): RemoteTransport {
  const fetch = createRemoteFetch({ fetch: options.fetch, transport: kind });
  const requestInit = { headers };
  if (kind === "sse") {
    const transport = new SSEClientTransport(url, {
      requestInit,
      fetch: (target, init) => fetch(target, init, { id: undefined, onTooLarge: options.onFlood }),
    });
    transport.onmessage = (message) => {
      redactMessage(message, options.secrets());
      stashResult(message);
    };
    return transport;
  }
  const transport = new StreamableTransport(url, { requestInit, fetch });
  // The SDK's client calls this handler before its own.
  transport.onmessage = (message) => {
    transport.received(message);
    redactMessage(message, options.secrets());
    stashResult(message);
  };
  return transport;
}

/** Changes the message in place, because the SDK's handler gets the same object. */
function redactMessage(message: object, secrets: readonly Secret[]): void {
  const redact = createRedact(secrets);
  if (redact) Object.assign(message, redactData(message, redact));
}
