import {
  Client,
  ProtocolError,
  SdkError,
  SdkErrorCode,
  SdkHttpError,
  SSEClientTransport,
  StreamableHTTPClientTransport,
  type Transport,
  UnauthorizedError,
} from "@modelcontextprotocol/client";
import { UpstreamError } from "../../core/errors.ts";
import type { Deadline } from "../../core/mcp/deadline.ts";
import { stashResult } from "../../core/mcp/lenient-results.ts";
import { Peer, type Work } from "../../core/mcp/peer.ts";
import type { Tool } from "../../core/mcp/tool.ts";
import type { CallToolResult } from "../../core/mcp/tool-result.ts";
import type { ToolCall } from "../../core/mcp/upstream.ts";
import { type Environment, interpolate, interpolateRecord } from "../../core/registry/interpolation.ts";
import { createRedact, redactData, secretsOf } from "../../core/registry/redaction.ts";
import { type FileEntry, isReachedByBridge } from "../../core/registry/registry.ts";
import { systemClock } from "../clock.ts";

export type RemoteEntry = FileEntry & { mcp: { transport: "http" | "sse" } };

export function isRemoteEntry(entry: FileEntry): entry is RemoteEntry {
  return !isReachedByBridge(entry);
}

export interface RemoteOptions {
  environment: Environment;
  signal: AbortSignal;
  /** For the handshake and for listing tools. */
  timeoutMs: number;
}

/** The client of a remote server, connected. Its failures are Errors whose messages name the next step. */
export interface RemoteClient {
  listTools(): Promise<Tool[]>;
  callTool(call: ToolCall, timeoutMs: number): Promise<CallToolResult>;
  close(): Promise<void>;
}

/** Connects to a remote server from this machine, as the Worker does from its own. */
export async function connectRemote(
  entry: RemoteEntry,
  { environment, signal, timeoutMs }: RemoteOptions,
): Promise<RemoteClient> {
  const { mcp } = entry;
  const url = interpolate(mcp.url, environment);
  const headers = interpolateRecord(mcp.headers, environment);
  const missing = [...new Set([...url.missing, ...headers.missing])];
  if (missing.length > 0) throw new Error(`set ${missing.join(", ")} in .dev.vars or in the environment`);
  if (!URL.canParse(url.value)) throw new Error("its url is not valid; correct mcp.url");
  const address = new URL(url.value);
  // A header whose optional secret is not set is left out.
  const requestInit = { headers: Object.fromEntries(Object.entries(headers.value).filter(([, value]) => value !== "")) };
  const client = new Client({ name: "mcp-bridge", version: "1" }, { versionNegotiation: { mode: "auto" } });
  const transport: Transport =
    mcp.transport === "sse"
      ? new SSEClientTransport(address, { requestInit })
      : new StreamableHTTPClientTransport(address, { requestInit });
  const redact = createRedact(secretsOf(entry, environment));
  // The SDK's client calls this handler before its own.
  transport.onmessage = (message) => {
    if (redact) Object.assign(message, redactData(message, redact));
    stashResult(message);
  };
  /** Translates failures, and redacts the secrets that the server was sent. */
  const exchange = async <T>(work: Promise<T>, deadline?: Deadline): Promise<T> => {
    try {
      return await work;
    } catch (cause) {
      const reason = failureReason(cause, { entry, address, deadline });
      throw new Error(redact === undefined ? reason : redact(reason), { cause });
    }
  };
  try {
    await exchange(client.connect(transport, { signal, timeout: timeoutMs }));
  } catch (error) {
    await client.close();
    throw error;
  }
  const perform = <T>(work: Work<T>, { deadline }: { deadline: Deadline }) => exchange(work(client), deadline);
  const peer = new Peer({ server: entry.id, clock: systemClock, perform });
  return {
    listTools: () => peer.listTools({ signal, timeoutMs }),
    callTool: (call, callTimeoutMs) => peer.callTool(call, { signal, timeoutMs: callTimeoutMs }),
    close: () => client.close(),
  };
}

/** Names the host, not the whole URL, which may contain a key. */
function failureReason(
  error: unknown,
  { entry, address, deadline }: { entry: RemoteEntry; address: URL; deadline: Deadline | undefined },
): string {
  if (error instanceof UpstreamError) return error.message.replace(/\.$/, "");
  const status = error instanceof SdkHttpError ? error.status : undefined;
  if (error instanceof UnauthorizedError || status === 401 || status === 403) {
    return entry.auth === "oauth"
      ? `${address.host} asks for a login, which the orchestrator keeps and this command does not have: describe_mcp or a program that uses ${entry.id} gives the address to open`
      : `${address.host} asks for credentials; set them in mcp.headers, or auth to "oauth"`;
  }
  if (status !== undefined) return `${address.host} answered with HTTP status ${status}; check mcp.url`;
  if (ProtocolError.isInstance(error)) return `${address.host} refused: ${error.message}`;
  const isHandshakeLate = SdkError.isInstance(error) && error.code === SdkErrorCode.RequestTimeout;
  if (isHandshakeLate || deadline?.ended === "idle") return `${address.host} did not answer in time`;
  return `${address.host} does not answer (${rootCauseOf(error)}); check the network and mcp.url`;
}

/** The innermost cause, by its code if it has one: ECONNREFUSED, ENOTFOUND. */
function rootCauseOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause !== undefined) return rootCauseOf(error.cause);
  if ("data" in error && isCaused(error.data)) return rootCauseOf(error.data.cause);
  return "code" in error && typeof error.code === "string" ? error.code : error.message;
}

function isCaused(data: unknown): data is { cause: unknown } {
  return typeof data === "object" && data !== null && "cause" in data && data.cause !== undefined;
}
