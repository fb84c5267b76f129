import type { JsonValue } from "../json.ts";
import type { LogLine } from "../log-line.ts";
import type { ServerEntry } from "../registry/registry.ts";
import type { Elicitation, ElicitationAnswer } from "./elicitation.ts";
import type { FeatureAnswer, FeatureRequest } from "./resources-and-prompts.ts";
import type { Tool } from "./tool.ts";
import type { CallToolResult } from "./tool-result.ts";

/** What is known of a server without asking it anything. */
export type Reachability =
  | { status: "not_connected" }
  | { status: "connected" }
  | { status: "bridge_offline"; reason: string }
  | { status: "auth_required"; url: string }
  | { status: "unavailable"; reason: string };

export interface UpstreamCallOptions {
  signal: AbortSignal;
  /** The wait for an answer, connecting included. A call begins it anew with each progress that its server tells. */
  timeoutMs: number;
  /** The wait for the answer in all, whatever progress is told; left out, it is not longer than `timeoutMs`. */
  totalMs?: number;
  onProgress?: (progress: Progress) => void;
  /**
   * What the server logs while this call is under way. Its messages do not say which call they belong to, so a listener hears each
   * line once, however many calls it was given with.
   */
  onLog?: (line: ServerLog) => void;
  /** Asks a person what the server wants to know; left out, nobody is asked. While it is open, the time of the call stands still. */
  onElicit?: (question: Elicitation, asking: Asking) => Promise<ElicitationAnswer>;
}

export interface Progress {
  progress: number;
  total?: number | undefined;
  message?: string | undefined;
}

/** A server's log message (MCP spec, server/utilities/logging) as a console line. A stranger's words, bounded. */
export interface ServerLog {
  level: LogLine["level"];
  message: string;
}

/**
 * The MCP servers. Connects on first use and keeps the client.
 *
 * Failures are UpstreamErrors, whose `delivery` says whether the server may have acted: `server_unavailable`,
 * `bridge_offline`, `auth_required` when it cannot be reached; `call_timeout` and `cancelled` when the answer was not
 * waited for; `invalid_arguments` and `tool_unknown` when it refused.
 */
export interface Upstream {
  /** Never connects and never waits. */
  reachability(server: ServerEntry): Reachability;
  /** Every tool, all pages. Malformed entries are left out, not fatal. */
  listTools(server: ServerEntry, options: UpstreamCallOptions): Promise<Tool[]>;
  /** The MCP result as it came; an `isError` result is a result, not a failure. */
  callTool(server: ServerEntry, call: ToolCall, options: UpstreamCallOptions): Promise<CallToolResult>;
  /** Its resources and prompts; a list is given whole. `tool_unknown` when it has none of them at all. */
  ask(server: ServerEntry, request: FeatureRequest, options: UpstreamCallOptions): Promise<FeatureAnswer>;
}

export interface ToolCall {
  tool: string;
  args: Record<string, JsonValue>;
}

/** How a question came: what it says of the call that it is taken to belong to. */
export interface Asking {
  /** False where its server had several calls under way and did not say which one asks. */
  isCertain: boolean;
  /** Nobody waits for the answer any more. */
  signal: AbortSignal;
}
