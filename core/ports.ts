import { z } from "zod";
import type { CallForm } from "./calls/call-form.ts";
import type { Asking } from "./calls/approval.ts";
import type { Elicitation, ElicitationAnswer } from "./mcp/elicitation.ts";
import type { FeatureAnswer, FeatureRequest } from "./mcp/resources-and-prompts.ts";
import type { Lower } from "./program/typescript-fallback.ts";
import type { Program } from "./program/program.ts";
import type { ServerEntry } from "./registry/registry.ts";
import type { CallToolResult } from "./mcp/tool-result.ts";
import type { Tool } from "./mcp/tool.ts";
import type { TypeCheckInput, TypeProblem } from "./program/type-check.ts";

/*
 * The four seams of the orchestrator. Everything on the other side of them is a platform's business; the contract
 * suites in test/contract hold for every implementation.
 */

export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };

/** Milliseconds since the epoch, and a timer that can be taken back. */
export interface Clock {
  now(): number;
  /** Calls `wake` once after `ms`, unless the returned function is called first. */
  after(ms: number, wake: () => void): () => void;
}

/**
 * What a session keeps between runs and conversations. Synchronous, because a run's bookkeeping must not interleave
 * with another's; Durable Object SQLite storage is. Values are JSON data; an unknown key reads as undefined. A write is durable before its run is answered.
 */
export interface Store {
  read(key: string): unknown;
  write(key: string, value: unknown): void;
  remove(key: string): void;
  /** Keys that start with `prefix`, in ascending order. */
  keys(prefix: string): string[];
  /** Size of the values under those keys, as UTF-8 JSON; found without reading them. */
  bytes(prefix: string): number;
}

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

/** What user code can reach: this one function. It never rejects; a refusal is a value. */
export interface ToolCaller {
  /** @param argsJson JSON text, so that nothing but data crosses the boundary. */
  callMcpTool(id: string, tool: string, argsJson: string, form: CallForm): Promise<CallReply>;
}

/** `heldMs`: for how long in all the run's time has stood still, when it has. */
export type CallReply = ({ ok: true; value: unknown } | { ok: false; error: CallError }) & { heldMs?: number };

export interface CallError {
  code: string;
  message: string;
  /** What an `isError` result held. */
  content?: JsonValue | undefined;
  suggestions?: string[] | undefined;
}

export const LogLine = z.object({
  level: z.enum(["debug", "log", "info", "warn", "error"]),
  message: z.string(),
});
export type LogLine = z.infer<typeof LogLine>;

/** A line of a run's log: a server's where it names one, else the program's. */
export interface RunLine extends LogLine {
  server?: string | undefined;
}

/** What the isolate reports. Untrusted: user code shares the isolate with whatever wrote this. */
export const SandboxReport = z.object({
  outcome: z.discriminatedUnion("kind", [
    /** JSON text of the result; absent when the program returned undefined. */
    z.object({ kind: z.literal("returned"), resultJson: z.string().optional() }),
    z.object({
      kind: z.literal("threw"),
      code: z.string(),
      message: z.string(),
      stack: z.string(),
      server: z.string().optional(),
      tool: z.string().optional(),
      suggestions: z.array(z.string()).optional(),
    }),
    z.object({ kind: z.literal("timed_out") }),
    /** The result has more characters of JSON, or more levels, than may leave. */
    z.object({ kind: z.literal("too_large") }),
    z.object({ kind: z.literal("too_deep"), path: z.string() }),
    /** Stopped for computing longer than it may. */
    z.object({ kind: z.literal("cpu_exceeded"), stack: z.string() }),
    /** Ended by the platform for using more memory than it may. */
    z.object({ kind: z.literal("memory_exceeded") }),
    /** A module of the program did not compile or link: the runtime's own words. */
    z.object({ kind: z.literal("not_loaded"), message: z.string() }),
  ]),
  /** What was printed and is not known to have arrived; `logsFrom` is the number of the first line. */
  logs: z.array(LogLine),
  logsFrom: z.number().int().min(0).optional(),
  /** All lines of the run that were not kept. */
  logsDropped: z.number().int().min(0),
});
export type SandboxReport = z.infer<typeof SandboxReport>;

/** The TypeScript compiler, wherever it lives. Rejects only when it is broken: then programs run unchecked. */
export interface TypeChecker {
  /** Makes JavaScript of a file that holds more than types besides it. */
  lower: Lower;
  /** What would fail when the program runs, in the order of its files; empty when nothing is known to. */
  check(input: TypeCheckInput): Promise<TypeProblem[]>;
}

export interface SandboxOptions {
  argsJson: string;
  timeoutMs: number;
  logLinesMax: number;
  signal: AbortSignal;
  /** The program starts now, and its time with it. */
  onStart: () => void;
  /** Its process was lost, perhaps for what another program in it did: its time stands still until it starts again. */
  onLost: () => void;
  /** When its time is up, in milliseconds since the epoch. It may stand still meanwhile, and is later then. */
  deadline: () => number;
  /** Whether the program has done anything that outlives it. One that has is not started again. */
  hasActed: () => boolean;
}

/**
 * Where a program runs: no network, no environment, nothing but `caller`. Resolves with what the isolate reports
 * and rejects only when the sandbox itself is broken (`internal`) or was killed over a bound (`cpu_limit`, `memory_limit`).
 */
export interface Sandbox {
  run(program: Program, caller: ToolCaller, options: SandboxOptions): Promise<SandboxReport>;
}
