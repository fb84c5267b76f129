import {
  Client,
  SdkHttpError,
  SSEClientTransport,
  StreamableHTTPClientTransport,
  UnauthorizedError,
} from "@modelcontextprotocol/client";
import { type Environment, interpolate, interpolateRecord } from "../core/interpolation.ts";
import type { ServerEntry } from "../core/registry.ts";

export type RemoteEntry = ServerEntry & { mcp: { transport: "http" | "sse" } };

export function isRemoteEntry(entry: ServerEntry): entry is RemoteEntry {
  return entry.mcp.transport !== "stdio";
}

export interface RemoteOptions {
  environment: Environment;
  signal: AbortSignal;
  timeoutMs: number;
}

/**
 * Connects to a remote server from this machine, as the Worker would from its own; `close` the client.
 *
 * @throws Error in words that name the next step
 */
export async function connectRemote({ id, mcp, auth }: RemoteEntry, options: RemoteOptions): Promise<Client> {
  const url = interpolate(mcp.url, options.environment);
  const headers = interpolateRecord(mcp.headers, options.environment);
  const missing = [...new Set([...url.missing, ...headers.missing])];
  if (missing.length > 0) throw new Error(`set ${missing.join(", ")} in .dev.vars or in the environment`);
  if (!URL.canParse(url.value)) throw new Error("its url is no address; correct mcp.url");
  const address = new URL(url.value);
  const requestInit = { headers: headers.value };
  const client = new Client({ name: "mcp-bridge", version: "1" }, { versionNegotiation: { mode: "auto" } });
  const transport =
    mcp.transport === "sse"
      ? new SSEClientTransport(address, { requestInit })
      : new StreamableHTTPClientTransport(address, { requestInit });
  try {
    await client.connect(transport, { signal: options.signal, timeout: options.timeoutMs });
    return client;
  } catch (cause) {
    await client.close();
    throw new Error(whyNot(cause, { id, address, isOauth: auth === "oauth" }), { cause });
  }
}

/** Names the host and not the whole address, which may carry a key. */
function whyNot(error: unknown, { id, address, isOauth }: { id: string; address: URL; isOauth: boolean }): string {
  const status = error instanceof SdkHttpError ? error.status : undefined;
  if (error instanceof UnauthorizedError || status === 401 || status === 403) {
    return isOauth
      ? `${address.host} asks for a login: call a tool of ${id}, and open the address that the error names`
      : `${address.host} asks for credentials; set them in mcp.headers, or auth to "oauth"`;
  }
  if (status !== undefined) return `${address.host} answered with HTTP status ${status}; check mcp.url`;
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
