import {
  Client,
  ProtocolError,
  ProtocolErrorCode,
  SdkError,
  SdkErrorCode,
  type VersionNegotiationMode,
} from "@modelcontextprotocol/client";
import { z } from "zod";
import { limits } from "../../core/limits.ts";
import { type ElicitationAnswer, elicitationCapability, unsupportedRequestMessage } from "../../core/mcp/elicitation.ts";
import { askForLogs, readServerLog } from "../../core/mcp/server-log.ts";
import type { ServerLog } from "../../core/mcp/upstream.ts";
import { createRedact, type Secret } from "../../core/registry/redaction.ts";
import type { Launch } from "./process-group.ts";
import { StdioTransport } from "./transport.ts";

/** A process that runs and has shaken hands, with the SDK's client of it. */
export interface StdioConnection {
  client: Client;
  transport: StdioTransport;
}

export interface ConnectOptions {
  launch: Launch;
  /** What the server is started with and must not repeat. */
  secrets: readonly Secret[];
  /** Called with each transport before it starts, so that the caller can close what is still starting. */
  onTransport: (transport: StdioTransport) => void;
  /** The server said that its tools changed; once for many times in quick succession. */
  onToolsChanged: () => void;
  onLog: (line: ServerLog) => void;
  /** The server asks a person. Rejects with the error for the server when the question cannot be shown. */
  onElicit: (params: unknown, signal: AbortSignal) => Promise<ElicitationAnswer>;
}

/**
 * Starts a server and shakes hands: `initialize` first, and only when the server refuses that, once more with the
 * `server/discover` of 2026-07-28.
 *
 * The SDK's "auto" tries them the other way round, which suits HTTP. Over stdio that is costly with the servers of today: one that
 * exits at a request before `initialize` needs a second process, and one that ignores it a timeout. Servers of both generations
 * accept `initialize`; one that knows only the new generation answers it with an error.
 *
 * Rejects with a reason that reads after the server's name; its processes have ended by then.
 */
export async function connectStdio(options: ConnectOptions): Promise<StdioConnection> {
  try {
    return await shakeHands(options, "legacy");
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return await shakeHands(options, "auto");
  }
}

async function shakeHands(options: ConnectOptions, mode: VersionNegotiationMode): Promise<StdioConnection> {
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
    await client.connect(transport, { timeout: limits.catalogFetchMs });
    askForLogs(client);
    return { client, transport };
  } catch (error) {
    await transport.close();
    throw new Error(describeFailure(error, transport), { cause: error });
  }
}

function describeFailure(error: unknown, transport: StdioTransport): string {
  if (ProtocolError.isInstance(error)) return `refused the MCP handshake: ${error.message}.${transport.stderr}`;
  if (transport.ending) return `${transport.ending.text} before it was ready.${transport.stderr}`;
  if (SdkError.isInstance(error) && error.code === SdkErrorCode.RequestTimeout) {
    return `did not answer the MCP handshake within ${limits.catalogFetchMs} ms.${transport.stderr}`;
  }
  return error instanceof Error ? error.message : String(error);
}

function isRefusal(error: unknown): boolean {
  return error instanceof Error && ProtocolError.isInstance(error.cause);
}
