import {
  InsufficientScopeError,
  ProtocolError,
  ProtocolErrorCode,
  SdkError,
  SdkErrorCode,
  SdkHttpError,
  SseError,
  UnauthorizedError,
} from "@modelcontextprotocol/client";
import { type ErrorCode, UpstreamError } from "../../../core/errors.ts";
import { limits } from "../../../core/limits.ts";
import type { Deadline } from "../../../core/mcp/deadline.ts";
import { moreThanIsRead } from "../../../core/mcp/message-bounds.ts";
import { isOwnAnswerRefused } from "../../../core/mcp/tool-result.ts";
import { remoteTransportOf, type ServerEntry } from "../../../core/registry/registry.ts";
import { AnswerTooLarge, NotMcp } from "../../../core/remote/answer-body.ts";
import { AddressRefusal } from "../../../core/remote/fetch.ts";
import { SessionRefusal } from "../../../core/remote/remote-fetch.ts";
import { LoginRefusal } from "../oauth/authorised-fetch.ts";
import type { ServerLogin } from "../oauth/server-login.ts";
import { LostAnswer } from "./transport/streamable-transport.ts";

export interface FailedRequest {
  server: ServerEntry;
  login: ServerLogin;
  /** For a call. */
  tool?: string | undefined;
  /** The request has not been sent yet. */
  isConnecting: boolean;
  /** Omitted for a failed connect, which all waiting requests share. */
  deadline?: Deadline;
}

interface Verdict {
  code: ErrorCode;
  delivery: UpstreamError["delivery"];
  /** Reads after the server's name, or the tool's. */
  message: string;
  retryable?: false;
}

/** Translates what the SDK's client threw for a request to a remote server. */
export function toUpstreamError(error: unknown, request: FailedRequest): UpstreamError {
  const known = causeOf(error, UpstreamError);
  if (known) return known;
  const { server, tool, isConnecting, login } = request;
  if (needsLogin(error)) return login.refused();
  const { code, delivery, message, retryable } = judge(error, request);
  if (code === "server_unavailable" && retryable !== false)
    console.warn({ event: "server_unreachable", server: server.id, error: forLog(error) });
  return new UpstreamError(code, `${tool === undefined ? server.id : `${server.id}.${tool}`}${message}`, {
    server: server.id,
    ...(tool !== undefined && { tool }),
    ...(retryable === false && { retryable }),
    delivery: isConnecting ? "not_sent" : delivery,
    cause: error,
  });
}

function judge(error: unknown, { server, tool, isConnecting, deadline }: FailedRequest): Verdict {
  const refusal = causeOf(error, AddressRefusal);
  if (refusal) return unavailable(` cannot be reached: it ${refusal.message}`, { delivery: "not_sent", retryable: false });
  if (causeOf(error, SessionRefusal)) {
    const message =
      " does not know the session that it has just opened. The fault is the server's, and only its operator can fix it.";
    return unavailable(message, { delivery: "not_sent", retryable: false });
  }
  const other = causeOf(error, NotMcp);
  if (other) return unavailable(other.message, { delivery: "answered", retryable: false });
  const lost = ProtocolError.isInstance(error) && error.data instanceof LostAnswer ? error.data.reason : undefined;
  if (lost === "too_large" || causeOf(error, AnswerTooLarge)) return tooLarge;
  if (lost === "stream_ended")
    return unavailable(" did not answer: the server ended the stream of its answer. The call may have happened.");
  if (ProtocolError.isInstance(error)) {
    const isArguments = argumentRefusals.includes(error.code) && tool !== undefined && !isOwnAnswerRefused(error.message);
    return { code: isArguments ? "invalid_arguments" : "tool_error", delivery: "answered", message: `: ${error.message}` };
  }
  if (deadline?.ended === "cancelled") return { code: "cancelled", delivery: "sent", message: " was cancelled." };
  if (deadline?.ended !== undefined) {
    return { code: "call_timeout", delivery: "sent", message: ` did not answer within ${deadline.wait}.` };
  }
  if (isConnecting && isOutOfTime(error))
    return unavailable(` did not answer the MCP handshake within ${limits.catalogFetchMs} ms.`);
  if (SdkError.isInstance(error) && error.code === SdkErrorCode.ConnectionClosed)
    return unavailable(" did not answer: the server closed the connection. The call may have happened.");
  // An answer that the SDK's validator refuses. It quotes the validator, which says nothing to anybody who has not written it.
  if (isUnreadable(error)) {
    const message = " answered with something that is not MCP. Only the server's operator can fix that.";
    return unavailable(message, { delivery: "answered", retryable: false });
  }
  return unreachable(server, error);
}

function isUnreadable(error: unknown): boolean {
  const codes: readonly string[] = [SdkErrorCode.InvalidResult, SdkErrorCode.ClientHttpUnexpectedContent];
  for (let cause = error; cause instanceof Error; cause = causeIn(cause)) {
    if (cause instanceof SyntaxError || cause.name === "ZodError" || (SdkError.isInstance(cause) && codes.includes(cause.code)))
      return true;
  }
  return false;
}

const tooLarge: Verdict = {
  code: "output_limit",
  delivery: "answered",
  message: ` answered more than ${limits.remoteAnswerBytesMax} bytes, or ${moreThanIsRead}. Ask for less at a time.`,
};

function unavailable(message: string, { delivery = "sent", retryable }: Partial<Verdict> = {}): Verdict {
  return { code: "server_unavailable", delivery, message, ...(retryable === false && { retryable }) };
}

/**
 * Names the host, not the whole URL, which may contain a key. The runtime's error for a failed connection goes to the log only, because
 * it does not help a model.
 */
function unreachable(server: ServerEntry, error: unknown): Verdict {
  const url = remoteTransportOf(server)?.url ?? "";
  const host = URL.canParse(url) ? ` at ${new URL(url).host}` : "";
  const status = statusOf(error);
  if (status === undefined) return unavailable(` did not answer${host}. Check the network and the address.`);
  if (status === 429) {
    return {
      code: "rate_limited",
      delivery: "not_sent",
      message: `${host} was called too often (HTTP status 429). Wait before the next call.`,
    };
  }
  return unavailable(
    `${host} answered with HTTP status ${status}.`,
    isRefusedByStatus(error) ? { delivery: "answered", retryable: false } : {},
  );
}

/** Whether the status means that the request was refused and not executed. A 5xx or a timeout does not. */
export function isRefusedByStatus(error: unknown): boolean {
  const status = statusOf(error);
  return status !== undefined && status >= 300 && status < 500 && ![401, 403, 408, 429].includes(status);
}

function needsLogin(error: unknown): boolean {
  if (causeOf(error, UnauthorizedError) || causeOf(error, InsufficientScopeError)) return true;
  return [401, 403].includes(statusOf(error) ?? 0);
}

/** The HTTP status that the server answered with, if it is why a request failed. */
export function statusOf(error: unknown): number | undefined {
  return causeOf(error, SdkHttpError)?.status ?? causeOf(error, SseError)?.code ?? causeOf(error, LoginRefusal)?.status;
}

/** The first error of that class in the chain of causes: during the handshake the SDK wraps its transport's errors. */
function causeOf<T>(error: unknown, kind: abstract new (...args: never[]) => T): T | undefined {
  for (let cause = error; cause instanceof Error; cause = causeIn(cause)) if (cause instanceof kind) return cause;
  return undefined;
}

function causeIn(error: Error): unknown {
  if (error.cause !== undefined) return error.cause;
  return SdkError.isInstance(error) && isCaused(error.data) ? error.data.cause : undefined;
}

function isCaused(data: unknown): data is { cause: unknown } {
  return typeof data === "object" && data !== null && "cause" in data;
}

/** The root cause, without the server's own text, which may repeat a secret that it was sent. */
function forLog(error: unknown): string {
  const status = statusOf(error);
  if (status !== undefined) return `HTTP status ${status}`;
  let bottom = error;
  while (bottom instanceof Error && causeIn(bottom) !== undefined) bottom = causeIn(bottom);
  return bottom instanceof Error ? `${bottom.name}: ${bottom.message.slice(0, limits.reasonCharsMax)}` : String(bottom);
}

function isOutOfTime(error: unknown): boolean {
  return error === "idle" || (SdkError.isInstance(error) && error.code === SdkErrorCode.RequestTimeout);
}

/** Codes for refused arguments; 2025-11-25 has a separate one for an unknown resource. */
const argumentRefusals: readonly number[] = [ProtocolErrorCode.InvalidParams, ProtocolErrorCode.ResourceNotFound];
