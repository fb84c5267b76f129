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
    /** A request for resources or prompts; `tool` is the generated client's method for it. */
    | { kind: "ask"; tool: string };
}

/** Translates an error that the SDK threw, using what is known about the process and the deadline. */
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
      ? new UpstreamError("tool_unknown", `${server} has no tool "${request.tool}". List its tools again.`, answered)
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
      return new UpstreamError("server_unavailable", `${subject} did not answer: ${messageOf(error)}`, sent);
  }
}

export function isInvalidParams(error: unknown): boolean {
  return isProtocolError(error) && error.code === ProtocolErrorCode.InvalidParams;
}

/** Protocol version 2025-11-25 has a separate code for a resource that does not exist. */
function isRefusalOfArguments({ code }: ProtocolError): boolean {
  return code === ProtocolErrorCode.InvalidParams || code === ProtocolErrorCode.ResourceNotFound;
}

export function isMethodNotFound(error: unknown): boolean {
  return isProtocolError(error) && error.code === ProtocolErrorCode.MethodNotFound;
}

function isProtocolError(error: unknown): error is ProtocolError {
  return ProtocolError.isInstance(error);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
