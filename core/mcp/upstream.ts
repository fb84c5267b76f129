import type { JsonValue } from "../json.ts";
import type { LogLine } from "../log-line.ts";
import type { ServerEntry } from "../registry/registry.ts";
import type { Elicitation, ElicitationAnswer } from "./elicitation.ts";
import type { FeatureAnswer, FeatureRequest } from "./resources-and-prompts.ts";
import type { Tool } from "./tool.ts";
import type { CallToolResult } from "./tool-result.ts";

/** What is known about a server without a request to it. */
export type Reachability =
  | { status: "not_connected" }
  | { status: "connected" }
  | { status: "bridge_offline"; reason: string }
  | { status: "auth_required"; url: string }
  | { status: "unavailable"; reason: string };

export interface UpstreamCallOptions {
  signal: AbortSignal;
  /** The longest wait for an answer, connecting included. Restarted by every progress notification of a call. */
  timeoutMs: number;
  /** The longest wait in total, whatever the progress. If omitted, `timeoutMs` is, and progress does not restart it. */
  totalMs?: number;
  onProgress?: (progress: Progress) => void;
  /**
   * The server's log messages during this call. They do not say which call they belong to, so a listener that is shared by several
   * calls gets each line once.
   */
  onLog?: (line: ServerLog) => void;
  /** Elicits input from a person for the server. If omitted, nobody is asked. The call's times are paused until the answer. */
  onElicit?: (question: Elicitation, asking: Asking) => Promise<ElicitationAnswer>;
  /** False where `onElicit` can only refuse, because the caller has nobody to ask. */
  canElicit?: boolean;
}

export interface Progress {
  progress: number;
  total?: number | undefined;
  message?: string | undefined;
}

/** A server's log message (MCP spec, server/utilities/logging) as a console line. Untrusted and bounded. */
export interface ServerLog {
  level: LogLine["level"];
  message: string;
}

/**
 * The MCP servers. Connects on first use and keeps the connection.
 *
 * Failures are UpstreamErrors, whose `delivery` says whether the server may have acted: `server_unavailable`,
 * `bridge_offline`, `auth_required` when it cannot be reached; `call_timeout` and `cancelled` when the wait ended
 * without an answer; `invalid_arguments` and `tool_unknown` when it refused the call.
 */
export interface Upstream {
  /** Never connects and never waits. */
  reachability(server: ServerEntry): Reachability;
  /** The tools of all pages. Malformed ones are left out. */
  listTools(server: ServerEntry, options: UpstreamCallOptions): Promise<Tool[]>;
  /** The MCP result as the server sent it; an `isError` result is a result, not a failure. */
  callTool(server: ServerEntry, call: ToolCall, options: UpstreamCallOptions): Promise<CallToolResult>;
  /** Requests resources or prompts; a list has all pages. `tool_unknown` when the server does not have the capability. */
  ask(server: ServerEntry, request: FeatureRequest, options: UpstreamCallOptions): Promise<FeatureAnswer>;
}

export interface ToolCall {
  tool: string;
  args: Record<string, JsonValue>;
}

/** How an elicitation was received. */
export interface Asking {
  /** False when the server had several calls in flight and did not say which of them elicits. */
  isCertain: boolean;
  /** Aborts when nobody waits for the answer any more. */
  signal: AbortSignal;
}
