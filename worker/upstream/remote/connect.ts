import { Client, ProtocolError, ProtocolErrorCode, type VersionNegotiationMode } from "@modelcontextprotocol/client";
import { z } from "zod";
import type { Clock } from "../../../core/clock.ts";
import { limits } from "../../../core/limits.ts";
import { type Deadline, waitFor } from "../../../core/mcp/deadline.ts";
import { type ElicitationAnswer, elicitationCapability, unsupportedRequestMessage } from "../../../core/mcp/elicitation.ts";
import { askForLogs, readServerLog } from "../../../core/mcp/server-log.ts";
import type { ServerLog } from "../../../core/mcp/upstream.ts";
import { createRedact, redactData, type Secret } from "../../../core/registry/redaction.ts";
import type { Fetch } from "../../../core/remote/fetch.ts";
import { connectInAnyForm } from "../../../core/remote/forms.ts";
import { createRemoteFetch, type RemoteFetch } from "../../../core/remote/remote-fetch.ts";
import { LoginRefusal } from "../oauth/authorised-fetch.ts";
import type { RemoteEntry } from "./entry.ts";
import { SseTransport } from "./transport/sse-transport.ts";
import { StreamableTransport } from "./transport/streamable-transport.ts";

export interface ConnectOptions {
  entry: RemoteEntry;
  /** fetch, limited to the addresses that this server may name. */
  fetch: Fetch;
  /** The secrets that the server is sent, to be redacted from its messages. Read for each message, because tokens change. */
  secrets: () => readonly Secret[];
  onToolsChanged: () => void;
  onLog: (line: ServerLog) => void;
  /** Answers an elicitation of the server. Rejects with the error for the server when it cannot be shown. */
  onElicit: (params: unknown, signal: AbortSignal) => Promise<ElicitationAnswer>;
  /** An event of an `sse` stream is too large; the stream ends there. */
  onTooLarge: () => void;
  clock: Clock;
}

export type RemoteTransport = StreamableTransport | SseTransport;

/** A server after its handshake. */
export interface Connected {
  client: Client;
  transport: RemoteTransport;
}

/** Rejects with the error of the SDK, and leaves nothing open. */
export function connect(options: ConnectOptions, deadline: Deadline): Promise<Connected> {
  const { url, headers, transport: kind } = options.entry;
  const requestInit = { headers };
  if (kind === "sse") return overSse(options, deadline);
  return connectInAnyForm<Connected>({
    fetch: options.fetch,
    overHttp(mode, fetch) {
      const remoteFetch = createRemoteFetch({ fetch, transport: "http", clock: options.clock });
      const transport = new StreamableTransport(url, { requestInit, fetch: remoteFetch });
      return handshake(options, { transport, mode, deadline });
    },
    overSse: () => overSse(options, deadline),
    hasTime: () => deadline.ended === undefined,
    statusIn: (error) => (error instanceof LoginRefusal ? error.status : undefined),
  });
}

function overSse(options: ConnectOptions, deadline: Deadline): Promise<Connected> {
  const { entry, onTooLarge, clock } = options;
  const fetch: RemoteFetch = createRemoteFetch({ fetch: options.fetch, transport: "sse", clock });
  const transport = new SseTransport(entry.url, { requestInit: { headers: entry.headers }, fetch, onTooLarge });
  return handshake(options, { transport, mode: "legacy", deadline });
}

async function handshake(
  options: ConnectOptions,
  { transport, mode, deadline }: { transport: RemoteTransport; mode: VersionNegotiationMode; deadline: Deadline },
): Promise<Connected> {
  // The SDK's client calls this handler before its own.
  transport.onmessage = (message) => {
    transport.received(message);
    redactMessage(message, options.secrets());
  };
  const client = clientOf(options, mode);
  try {
    const wait = { signal: deadline.signal, timeout: limits.sdkTimeoutMs };
    await waitFor(client.connect(transport, wait), deadline.signal);
  } catch (error) {
    await client.close();
    // Until the handshake is complete, the client does not close the transport.
    await transport.close();
    throw error;
  }
  askForLogs(client);
  return { client, transport };
}

function clientOf({ onToolsChanged, onLog, onElicit }: ConnectOptions, mode: VersionNegotiationMode): Client {
  const client = new Client(
    { name: "mcp-dynamic-orchestrator", version: "1" },
    {
      versionNegotiation: { mode },
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
  return client;
}

/** Changes the message in place, because the SDK's handler gets the same object. */
function redactMessage(message: object, secrets: readonly Secret[]): void {
  const redact = createRedact(secrets);
  if (redact) Object.assign(message, redactData(message, redact));
}
