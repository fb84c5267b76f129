import {
  Client,
  ProtocolError,
  ProtocolErrorCode,
  SdkError,
  SdkErrorCode,
  SdkHttpError,
  SSEClientTransport,
  StreamableHTTPClientTransport,
  type Transport,
  UnauthorizedError,
} from "@modelcontextprotocol/client";
import { z } from "zod";
import { loosely, loosen } from "../../core/mcp/lenient-results.ts";
import { readAllTools, type Tool } from "../../core/mcp/tool.ts";
import { CallToolResult } from "../../core/mcp/tool-result.ts";
import type { ToolCall } from "../../core/mcp/upstream.ts";
import { type Environment, interpolate, interpolateRecord } from "../../core/registry/interpolation.ts";
import { createRedact, redactData, secretsOf } from "../../core/registry/redaction.ts";
import { type FileEntry, isReachedByBridge } from "../../core/registry/registry.ts";

export type RemoteEntry = FileEntry & { mcp: { transport: "http" | "sse" } };

export function isRemoteEntry(entry: FileEntry): entry is RemoteEntry {
  return !isReachedByBridge(entry);
}

export interface RemoteOptions {
  environment: Environment;
  signal: AbortSignal;
  /** Of each request, the first included. */
  timeoutMs: number;
}

/** A remote server that answered the handshake. Its failures are Errors in words that name the next step. */
export interface RemoteServer {
  listTools(): Promise<Tool[]>;
  callTool(call: ToolCall, timeoutMs: number): Promise<CallToolResult>;
  close(): Promise<void>;
}

/** Connects to a remote server from this machine, as the Worker would from its own. */
export async function connectRemote(
  entry: RemoteEntry,
  { environment, signal, timeoutMs }: RemoteOptions,
): Promise<RemoteServer> {
  const { mcp } = entry;
  const url = interpolate(mcp.url, environment);
  const headers = interpolateRecord(mcp.headers, environment);
  const missing = [...new Set([...url.missing, ...headers.missing])];
  if (missing.length > 0) throw new Error(`set ${missing.join(", ")} in .dev.vars or in the environment`);
  if (!URL.canParse(url.value)) throw new Error("its url is no address; correct mcp.url");
  const address = new URL(url.value);
  // An optional key that is not set is not sent empty.
  const requestInit = { headers: Object.fromEntries(Object.entries(headers.value).filter(([, value]) => value !== "")) };
  const client = new Client({ name: "mcp-bridge", version: "1" }, { versionNegotiation: { mode: "auto" } });
  const transport: Transport =
    mcp.transport === "sse"
      ? new SSEClientTransport(address, { requestInit })
      : new StreamableHTTPClientTransport(address, { requestInit });
  // The client calls this handler before its own reads the message.
  transport.onmessage = loosen;
  const redact = createRedact(secretsOf(entry, environment)) ?? ((text: string) => text);
  /** One exchange with it; what fails is told in our words, and what it says passes without the secrets it was given. */
  const ask = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (cause) {
      throw new Error(redact(whyNot(cause, { entry, address })), { cause });
    }
  };
  try {
    await ask(client.connect(transport, { signal, timeout: timeoutMs }));
  } catch (error) {
    await client.close();
    throw error;
  }
  return {
    async listTools() {
      const requestPage = async (params: { cursor?: string }) =>
        redactData(await client.request({ method: "tools/list", params }, AnyPage, { signal, timeout: timeoutMs }), redact);
      // A server of prompts or resources alone does not know the method: it has no tools.
      const pages = readAllTools(requestPage).catch((error: unknown) => {
        if (isMethodNotFound(error)) return [];
        throw error;
      });
      return ask(pages);
    },
    async callTool({ tool, args }, callTimeoutMs) {
      const options = { signal, timeout: callTimeoutMs, maxTotalTimeout: callTimeoutMs };
      const result = await ask(
        client.request({ method: "tools/call", params: { name: tool, arguments: args } }, AnyResult, options),
      );
      return CallToolResult.parse(redactData(result, redact));
    },
    close: () => client.close(),
  };
}

const AnyPage = loosely(z.unknown());
const AnyResult = loosely(CallToolResult);

function isMethodNotFound(error: unknown): boolean {
  return ProtocolError.isInstance(error) && error.code === ProtocolErrorCode.MethodNotFound;
}

/** Names the host and not the whole address, which may carry a key. */
function whyNot(error: unknown, { entry, address }: { entry: RemoteEntry; address: URL }): string {
  const status = error instanceof SdkHttpError ? error.status : undefined;
  if (error instanceof UnauthorizedError || status === 401 || status === 403) {
    return entry.auth === "oauth"
      ? `${address.host} asks for a login, which the orchestrator keeps and this command does not have: describe_mcp or a program that uses ${entry.id} gives the address to open`
      : `${address.host} asks for credentials; set them in mcp.headers, or auth to "oauth"`;
  }
  if (status !== undefined) return `${address.host} answered with HTTP status ${status}; check mcp.url`;
  if (ProtocolError.isInstance(error)) return `${address.host} refused: ${error.message}`;
  if (SdkError.isInstance(error) && error.code === SdkErrorCode.RequestTimeout) return `${address.host} did not answer in time`;
  return `${address.host} does not answer (${wordsOf(error)}); check the network and mcp.url`;
}

/** What happened at the bottom of it: ECONNREFUSED, ENOTFOUND. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause !== undefined) return wordsOf(error.cause);
  if ("data" in error && isCaused(error.data)) return wordsOf(error.data.cause);
  return "code" in error && typeof error.code === "string" ? error.code : error.message;
}

function isCaused(data: unknown): data is { cause: unknown } {
  return typeof data === "object" && data !== null && "cause" in data && data.cause !== undefined;
}
