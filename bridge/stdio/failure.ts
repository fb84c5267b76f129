import { ProtocolError, ProtocolErrorCode } from "@modelcontextprotocol/client";
import { UpstreamError } from "../../core/errors.ts";
import type { Deadline } from "../../core/mcp/deadline.ts";
import type { StdioClient } from "./client.ts";

export interface FailedRequest {
  server: string;
  /** Undefined when the server was not reached. */
  connection: StdioClient | undefined;
  deadline: Deadline;
  request:
    | { kind: "start" }
    | { kind: "list" }
    | { kind: "call"; tool: string; isListed: boolean }
    /** About resources or prompts, by the member of a client that does. */
    | { kind: "ask"; tool: string };
}

/** What became of a request, from what the SDK threw and what is known of the process. */
export function toUpstreamError(error: unknown, failed: FailedRequest): UpstreamError {
  if (error instanceof UpstreamError) return error;
  const { server, connection, deadline, request } = failed;
  const tool = "tool" in request ? request.tool : undefined;
  const subject = tool === undefined ? server : `${server}.${tool}`;
  const about = { server, ...(tool !== undefined && { tool }), cause: error };
  const sent = { ...about, delivery: request.kind === "start" ? "not_sent" : "sent" } as const;

  if (isProtocolError(error)) {
    const answered = { ...about, delivery: "answered" } as const;
    if (!isRefusalOfArguments(error)) return new UpstreamError("tool_error", `${subject}: ${error.message}`, answered);
    return request.kind === "call" && !request.isListed
      ? new UpstreamError("tool_unknown", `${server} has no tool "${request.tool}". Ask it for its tools again.`, answered)
      : new UpstreamError("invalid_arguments", `${subject} refused its arguments: ${error.message}`, answered);
  }
  if (connection?.transport.ending) {
    const { ending, stderr } = connection.transport;
    return new UpstreamError("server_unavailable", `${subject} did not answer: the server ${ending.text}.${stderr}`, sent);
  }
  switch (deadline.ended) {
    case "cancelled":
      return new UpstreamError("cancelled", `${subject} was cancelled.`, sent);
    case "idle":
    case "late":
      return new UpstreamError("call_timeout", `${subject} did not answer within ${deadline.wait}.`, sent);
    case undefined:
      return new UpstreamError("server_unavailable", `${subject} did not answer: ${wordsOf(error)}`, sent);
  }
}

export function isInvalidParams(error: unknown): boolean {
  return isProtocolError(error) && error.code === ProtocolErrorCode.InvalidParams;
}

/** A resource that is not there has a code of its own in 2025-11-25. */
function isRefusalOfArguments({ code }: ProtocolError): boolean {
  return code === ProtocolErrorCode.InvalidParams || code === ProtocolErrorCode.ResourceNotFound;
}

export function isMethodNotFound(error: unknown): boolean {
  return isProtocolError(error) && error.code === ProtocolErrorCode.MethodNotFound;
}

function isProtocolError(error: unknown): error is ProtocolError {
  return ProtocolError.isInstance(error);
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
