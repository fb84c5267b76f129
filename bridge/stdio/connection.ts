import {
  Client,
  ProtocolError,
  ProtocolErrorCode,
  SdkError,
  SdkErrorCode,
  type VersionNegotiationMode,
} from "@modelcontextprotocol/client";
import { z } from "zod";
import { type ElicitationAnswer, elicitationCapability, unsupportedRequestMessage } from "../../core/mcp/elicitation.ts";
import { askForLogs, readServerLog } from "../../core/mcp/server-log.ts";
import type { ServerLog } from "../../core/mcp/upstream.ts";
import { createRedact, type Secret } from "../../core/registry/redaction.ts";
import type { Launch } from "./process-group.ts";
import { StdioTransport } from "./transport.ts";

/** A running server after its handshake, with the SDK's client. */
export interface StdioConnection {
  client: Client;
  transport: StdioTransport;
}

export interface ConnectOptions {
  launch: Launch;
  /** The secrets that the server is started with; redacted from its output. */
  secrets: readonly Secret[];
  /** Time for the handshake. */
  startTimeoutMs: number;
  /** Called with each transport before it starts, so that the caller can close it during the handshake. */
  onTransport: (transport: StdioTransport) => void;
  /** The server's list of tools changed. Notifications in quick succession are reported once. */
  onToolsChanged: () => void;
  onLog: (line: ServerLog) => void;
  /** Answers an elicitation of the server. Rejects with the error for the server when it cannot be shown. */
  onElicit: (params: unknown, signal: AbortSignal) => Promise<ElicitationAnswer>;
}

/**
 * Starts a server and performs the handshake: with `initialize`, and if the server refuses that, once more with the `server/discover` of
 * 2026-07-28.
 *
 * The SDK's "auto" mode tries `server/discover` first, which suits HTTP. Over stdio it is expensive with today's servers: one that exits
 * on a request before `initialize` has to be started twice, and one that ignores it costs a timeout. Servers of both generations accept
 * `initialize`; one that knows only the newer answers it with an error.
 *
 * Rejects with an Error whose message reads after the server's name; its processes have ended by then.
 */
export async function connectStdio(options: ConnectOptions): Promise<StdioConnection> {
  try {
    return await handshake(options, "legacy");
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return await handshake(options, "auto");
  }
}

async function handshake(options: ConnectOptions, mode: VersionNegotiationMode): Promise<StdioConnection> {
  const transport = new StdioTransport(options.launch, createRedact(options.secrets));
  const client = new Client(
    { name: "mcp-dynamic-orchestrator-bridge", version: "1" },
    {
      versionNegotiation: { mode },
      capabilities: { elicitation: elicitationCapability },
      listChanged: { tools: { autoRefresh: false, onChanged: options.onToolsChanged } },
    },
  );
  client.setRequestHandler("elicitation/create", ({ params }, { mcpReq }) => options.onElicit(params, mcpReq.signal));
  client.fallbackRequestHandler = async ({ method }) => {
    throw new ProtocolError(ProtocolErrorCode.MethodNotFound, unsupportedRequestMessage(method));
  };
  client.setNotificationHandler("notifications/message", { params: z.unknown() }, (params) => {
    const line = readServerLog(params);
    if (line) options.onLog(line);
  });
  options.onTransport(transport);
  try {
    await client.connect(transport, { timeout: options.startTimeoutMs });
    askForLogs(client);
    return { client, transport };
  } catch (error) {
    await transport.close();
    throw new Error(describeFailure(error, transport, options.startTimeoutMs), { cause: error });
  }
}

function describeFailure(error: unknown, transport: StdioTransport, startTimeoutMs: number): string {
  if (ProtocolError.isInstance(error)) return `refused the MCP handshake: ${error.message}.${transport.stderr}`;
  if (transport.ending) return `${transport.ending.text} before it was ready.${transport.stderr}`;
  if (SdkError.isInstance(error) && error.code === SdkErrorCode.RequestTimeout) {
    return `did not answer the MCP handshake within ${startTimeoutMs} ms (limits.startTimeoutMs in its registry entry gives it more).${transport.stderr}`;
  }
  // The SDK quotes its validator, which says nothing to anybody who has not written it.
  if (SdkError.isInstance(error)) return `answered the MCP handshake with something that is not MCP.${transport.stderr}`;
  return error instanceof Error ? error.message : String(error);
}

function isRefusal(error: unknown): boolean {
  return error instanceof Error && ProtocolError.isInstance(error.cause);
}
