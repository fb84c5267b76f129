import {
  type JSONRPCMessage,
  ProtocolError,
  SdkError,
  SdkErrorCode,
  SdkHttpError,
  UnauthorizedError,
} from "@modelcontextprotocol/client";
import { UpstreamError } from "../../core/errors.ts";
import type { Deadline } from "../../core/mcp/deadline.ts";
import { Peer, type Work } from "../../core/mcp/peer.ts";
import type { Tool } from "../../core/mcp/tool.ts";
import type { CallToolResult } from "../../core/mcp/tool-result.ts";
import type { ToolCall } from "../../core/mcp/upstream.ts";
import { type Environment, interpolate, interpolateRecord } from "../../core/registry/interpolation.ts";
import { createRedact, redactData, secretsOf } from "../../core/registry/redaction.ts";
import { type FileEntry, isReachedByBridge } from "../../core/registry/registry.ts";
import { NotMcp } from "../../core/remote/answer-body.ts";
import { AddressRefusal } from "../../core/remote/fetch.ts";
import { systemClock } from "../clock.ts";
import { connectInAForm } from "./remote-handshake.ts";

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
  const redact = createRedact(secretsOf(entry, environment));
  /** Translates failures, and redacts the secrets that the server was sent. */
  const exchange = async <T>(work: Promise<T>, deadline?: Deadline): Promise<T> => {
    try {
      return await work;
    } catch (cause) {
      const reason = failureReason(cause, { entry, address, deadline });
      throw new Error(redact === undefined ? reason : redact(reason), { cause });
    }
  };
  const received = (message: JSONRPCMessage) => {
    if (redact) Object.assign(message, redactData(message, redact));
  };
  const client = await exchange(connectInAForm({ kind: mcp.transport, address, requestInit, received, signal, timeoutMs }));
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
  const other = causesOf(error).find((cause) => cause instanceof NotMcp || cause instanceof AddressRefusal);
  if (other instanceof AddressRefusal) return `it ${other.message}`.replace(/\.$/, "");
  if (other !== undefined) return `${address.host}${other.message}`.replace(/\.$/, "");
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
  const root = causesOf(error).at(-1);
  if (root === undefined) return String(error);
  return "code" in root && typeof root.code === "string" ? root.code : root.message;
}

/** An error and its causes, which the SDK keeps in the data of some of its errors. */
function causesOf(error: unknown): Error[] {
  if (!(error instanceof Error)) return [];
  const inner = error.cause ?? ("data" in error && isCaused(error.data) ? error.data.cause : undefined);
  return [error, ...causesOf(inner)];
}

function isCaused(data: unknown): data is { cause: unknown } {
  return typeof data === "object" && data !== null && "cause" in data;
}
