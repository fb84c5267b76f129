import type { AskedCall, AskedEntry } from "../journal/asked-calls.ts";
import type { JournalScope } from "../journal/journal-scope.ts";
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
  /** The same for all calls whose questions reach the same person, such as those of one run. */
  caller?: string;
  /** The run that makes the call, for a server that runs programs itself. */
  within?: CallingRun;
}

/** A run, as a program knows it that runs on behalf of one of its calls: what such a program does is part of that run. */
export interface CallingRun {
  /** The saved programs that call each other, the outermost first; empty for the program that a client sent. */
  chain: readonly string[];
  /** Milliseconds since the epoch. Moves back while a person is being asked. */
  deadline(): number;
  canAsk: boolean;
  ask(
    asked: { server: string; tool: string; question: Elicitation },
    signal: AbortSignal,
  ): Promise<{ kind: "answered"; answer: ElicitationAnswer } | { kind: "unasked"; reason: string }>;
  /** Resolves when a person allows a call, and rejects when not; left out where nobody has to be asked. */
  approve?: ((call: AskedCall, entry?: AskedEntry) => Promise<void>) | undefined;
  /** Where the calls of such a program are recorded, if they are. Asked for when it starts. */
  journal?(): JournalScope | undefined;
  /** From now on these calls are shown below the call that is being made. */
  nest(calls: (room: CallsRoom) => readonly NestedCall[]): void;
  /** Writes a call down for the operator, as one of that run; left out, nothing is. */
  auditCall?(call: { server: string; tool: string; argsJson: string; within?: readonly string[] }): {
    exempt(pattern: string): void;
    sent(): void;
    settle(outcome: NestedCall["outcome"]): void;
    answered(value: unknown): void;
    end(error?: unknown): void;
  };
}

/** How many more calls can be written down of a run. Whoever writes down some takes them away. */
export interface CallsRoom {
  left: number;
}

/** A call as the record of a run shows it. */
export interface NestedCall {
  server: string;
  tool: string;
  outcome: "succeeded" | "failed" | "not_started" | "unknown";
  durationMs: number;
  calls?: readonly NestedCall[];
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
  /** Why a tool that the list leaves out cannot be called now; undefined if nothing is known of it. */
  whyAbsent?(server: ServerEntry, tool: string): string | undefined;
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
