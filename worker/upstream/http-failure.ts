import {
  ProtocolError,
  ProtocolErrorCode,
  SdkError,
  SdkErrorCode,
  SdkHttpError,
  UnauthorizedError,
} from "@modelcontextprotocol/client";
import { UpstreamError } from "../../core/errors.ts";
import type { ServerEntry } from "../../core/registry.ts";

/** What became of a request to a remote server, from what its client threw. */
export function toUpstreamError(
  error: unknown,
  { server, tool, hasConnected }: { server: ServerEntry; tool?: string; hasConnected: boolean },
): UpstreamError {
  if (error instanceof UpstreamError) return error;
  const subject = tool === undefined ? server.id : `${server.id}.${tool}`;
  const about = { server: server.id, ...(tool === undefined ? {} : { tool }), cause: error };
  const delivery = hasConnected ? "sent" : "not_sent";

  if (needsLogin(error)) {
    return new UpstreamError("auth_required", `${server.id} asks for a login. Set its credentials in the registry's headers.`, {
      ...about,
      delivery: "not_sent",
    });
  }
  if (ProtocolError.isInstance(error)) {
    const isArguments = error.code === ProtocolErrorCode.InvalidParams && tool !== undefined;
    return new UpstreamError(isArguments ? "invalid_arguments" : "tool_error", `${subject}: ${error.message}`, {
      ...about,
      delivery: "answered",
    });
  }
  if (SdkError.isInstance(error) && error.code === SdkErrorCode.RequestTimeout) {
    return new UpstreamError(hasConnected ? "call_timeout" : "server_unavailable", `${subject} did not answer in time.`, {
      ...about,
      delivery,
    });
  }
  if (isAbort(error)) return new UpstreamError("cancelled", `${subject} was cancelled.`, { ...about, delivery });
  console.warn({ event: "server_unreachable", server: server.id, error: error instanceof Error ? error.stack : String(error) });
  return new UpstreamError("server_unavailable", unreachable(subject, server, error), { ...about, delivery });
}

export function isMethodNotFound(error: unknown): boolean {
  return ProtocolError.isInstance(error) && error.code === ProtocolErrorCode.MethodNotFound;
}

function needsLogin(error: unknown): boolean {
  return error instanceof UnauthorizedError || (error instanceof SdkHttpError && (error.status === 401 || error.status === 403));
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError";
}

/**
 * Names the host and not the whole address, which may carry a key. What the runtime says of a connection that failed is of
 * use to whoever reads its log, and to no model.
 */
function unreachable(subject: string, server: ServerEntry, error: unknown): string {
  const url = server.mcp.transport === "stdio" ? "" : server.mcp.url;
  const host = URL.canParse(url) ? ` at ${new URL(url).host}` : "";
  return error instanceof SdkHttpError && error.status !== undefined
    ? `${subject}${host} answered with HTTP status ${error.status}.`
    : `${subject} did not answer${host}. Check the network and the address.`;
}
