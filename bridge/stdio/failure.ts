import { ProtocolError, ProtocolErrorCode } from "@modelcontextprotocol/client";
import { UpstreamError } from "../../core/errors.ts";
import type { Deadline } from "../../core/mcp/deadline.ts";
import { isUnread } from "../../core/mcp/lenient-messages.ts";
import { listAllTools, type PeerRequest } from "../../core/mcp/peer.ts";
import { isOwnAnswerRefused } from "../../core/mcp/tool-result.ts";
import type { StdioConnection } from "./connection.ts";

export interface FailedRequest {
  server: string;
  /** Undefined when the server was not reached. */
  connection: StdioConnection | undefined;
  /** `output`: what the server has printed while it starts; undefined when it runs. */
  request: PeerRequest | { kind: "start"; deadline: Deadline; output: string | undefined };
}

/** Translates an error of the SDK, with what is known about the process and the deadline. */
export async function toUpstreamError(error: unknown, failed: FailedRequest): Promise<UpstreamError> {
  if (error instanceof UpstreamError) return error;
  const { server, connection, request } = failed;
  const { deadline } = request;
  const tool = "tool" in request ? request.tool : undefined;
  const subject = tool === undefined ? server : `${server}.${tool}`;
  const about = { server, ...(tool !== undefined && { tool }), cause: error };
  const sent = { ...about, delivery: connection === undefined ? "not_sent" : "sent" } as const;

  if (isProtocolError(error)) {
    const answered = { ...about, delivery: "answered" } as const;
    if (error.data === isUnread) return new UpstreamError("output_limit", `${subject} ${error.message}`, answered);
    if (!isRefusalOfArguments(error)) return new UpstreamError("tool_error", `${subject}: ${error.message}`, answered);
    return (await isUnknownTool(error, failed))
      ? new UpstreamError("tool_unknown", `${server} has no tool "${tool}". List its tools again.`, answered)
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
      if (request.kind === "start" && request.output !== undefined)
        return new UpstreamError("call_timeout", stillStarting(subject, deadline, request.output), sent);
      return new UpstreamError("call_timeout", `${subject} did not answer within ${deadline.wait}.`, sent);
    case undefined:
      return new UpstreamError("server_unavailable", `${subject} did not answer: ${messageOf(error)}`, sent);
  }
}

/** The start goes on when a caller has given up, so that the next one finds it further, or done. */
function stillStarting(server: string, deadline: Deadline, output: string): string {
  return `${server} was still starting after ${deadline.wait}. Its start goes on: try again, or set limits.startTimeoutMs in its registry entry if it takes minutes.${output}`;
}

/**
 * Invalid arguments and an unknown tool share one JSON-RPC code: only the list of tools tells them apart. It is requested after the
 * failure, so that successful calls do not pay for it.
 */
async function isUnknownTool({ code }: ProtocolError, { connection, request }: FailedRequest): Promise<boolean> {
  if (code !== ProtocolErrorCode.InvalidParams || request.kind !== "call" || connection === undefined) return false;
  try {
    const tools = await listAllTools(connection.client, request.deadline);
    return !tools.some(({ name }) => name === request.tool);
  } catch {
    // Without the list, the server's own message is reported.
    return false;
  }
}

/** Protocol version 2025-11-25 has a separate code for a resource that does not exist. */
function isRefusalOfArguments({ code, message }: ProtocolError): boolean {
  if (isOwnAnswerRefused(message)) return false;
  return code === ProtocolErrorCode.InvalidParams || code === ProtocolErrorCode.ResourceNotFound;
}

function isProtocolError(error: unknown): error is ProtocolError {
  return ProtocolError.isInstance(error);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
