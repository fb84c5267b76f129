import type { Ask } from "../../core/calls/elicitation.ts";
import type { CallReply } from "../../core/calls/tool-caller.ts";
import type { Clock } from "../../core/clock.ts";
import { UpstreamError } from "../../core/errors.ts";
import type { JsonValue } from "../../core/json.ts";
import { askFeature, type FeatureAnswer, type FeatureRequest, hasNoFeature } from "../../core/mcp/resources-and-prompts.ts";
import type { Tool } from "../../core/mcp/tool.ts";
import type { CallToolResult } from "../../core/mcp/tool-result.ts";
import type { Reachability, ToolCall, Upstream, UpstreamCallOptions } from "../../core/mcp/upstream.ts";
import type { ServerEntry } from "../../core/registry/registry.ts";
import { shownResultOf } from "../../core/run/preview.ts";
import type { Sandbox, SandboxReport } from "../../core/run/sandbox.ts";
import { type Store, storeOfTexts } from "../../core/store.ts";
import { textResult } from "./builders.ts";

/* In-memory implementations of the ports of core/. The sandbox that runs programs is in node-sandbox.ts. */

/** A clock that a test moves. What waits for no time at all only gives others a turn. */
export class ManualClock implements Clock {
  #now: number;
  #timers: { at: number; wake: () => void }[] = [];

  constructor(now = 1_000_000) {
    this.#now = now;
  }

  now = (): number => this.#now;

  after(ms: number, wake: () => void): () => void {
    const timer = { at: this.#now + ms, wake };
    this.#timers.push(timer);
    if (ms === 0) queueMicrotask(() => this.advance(0));
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Number of pending timers; a finished run leaves none. */
  get pending(): number {
    return this.#timers.length;
  }

  /** Advances by `ms` and fires the timers that are due, in order of time. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (let next = this.#due(end); next !== undefined; next = this.#due(end)) {
      this.#now = Math.max(this.#now, next.at);
      this.#timers = this.#timers.filter((timer) => timer !== next);
      next.wake();
    }
    this.#now = end;
  }

  #due(end: number) {
    return this.#timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
  }
}

/** Stores JSON text, so that values read are never shared with those written. */
export function memoryStore(): Store {
  const entries = new Map<string, string>();
  return storeOfTexts({
    readJson: (key) => entries.get(key),
    writeJson(key, json) {
      entries.set(key, json);
    },
    remove(key) {
      entries.delete(key);
    },
    keys: (prefix) => [...entries.keys()].filter((key) => key.startsWith(prefix)).sort(),
    bytes: (prefix) =>
      [...entries].filter(([key]) => key.startsWith(prefix)).reduce((sum, [, text]) => sum + Buffer.byteLength(text), 0),
  });
}

export type Answer =
  | CallToolResult
  | Error
  | ((args: Record<string, JsonValue>, options: UpstreamCallOptions) => CallToolResult | Promise<CallToolResult>);

interface FakeServer {
  tools: Tool[] | Error | ((options: UpstreamCallOptions) => Tool[] | Promise<Tool[]>);
  /** Tool name → answer to a call; by default the text "ok". */
  answers?: Record<string, Answer>;
  /** Method → raw result of a request for resources or prompts. */
  features?: Partial<Record<FeatureRequest["method"], unknown>>;
  reachability?: Reachability;
}

/** Servers with scripted answers. Records all requests. */
export class FakeUpstream implements Upstream {
  readonly servers: Map<string, FakeServer>;
  readonly listed: string[] = [];
  readonly called: { server: string; tool: string; args: unknown; timeoutMs: number; totalMs: number | undefined }[] = [];
  readonly asked: unknown[] = [];

  constructor(servers: Record<string, FakeServer> = {}) {
    this.servers = new Map(Object.entries(servers));
  }

  reachability(server: ServerEntry): Reachability {
    return this.servers.get(server.id)?.reachability ?? { status: "not_connected" };
  }

  async listTools(server: ServerEntry, options: UpstreamCallOptions): Promise<Tool[]> {
    this.listed.push(server.id);
    const tools = this.servers.get(server.id)?.tools ?? offline(server);
    if (tools instanceof Error) throw tools;
    return typeof tools === "function" ? tools(options) : tools;
  }

  async callTool(server: ServerEntry, { tool, args }: ToolCall, options: UpstreamCallOptions): Promise<CallToolResult> {
    this.called.push({ server: server.id, tool, args, timeoutMs: options.timeoutMs, totalMs: options.totalMs });
    const answer = this.servers.get(server.id)?.answers?.[tool] ?? textResult("ok");
    if (answer instanceof Error) throw answer;
    return typeof answer === "function" ? answer(args, options) : answer;
  }

  async ask(server: ServerEntry, request: FeatureRequest): Promise<FeatureAnswer> {
    this.asked.push({ server: server.id, ...request });
    const answer = this.servers.get(server.id)?.features?.[request.method];
    if (answer instanceof Error) throw answer;
    if (answer === undefined) throw hasNoFeature(server.id, request);
    return askFeature({ server: server.id, capabilities: { resources: {}, prompts: {} }, request, send: async () => answer });
  }
}

export function offline(server: { id: string }): UpstreamError {
  return new UpstreamError("server_unavailable", `${server.id} cannot be reached.`, { delivery: "not_sent" });
}

/** A client without support for elicitation. */
export const nobodyAsks: Ask = async () => ({ kind: "unasked", reason: "Nobody is there." });

/** Never answers: fails like a cancelled call when the signal aborts. */
export function neverAnswers(_args: unknown, { signal }: UpstreamCallOptions): Promise<CallToolResult> {
  return new Promise((_resolve, reject) => {
    const cancel = () => reject(new UpstreamError("cancelled", "The call was cancelled.", { delivery: "sent" }));
    if (signal.aborted) cancel();
    signal.addEventListener("abort", cancel, { once: true });
  });
}

/** A sandbox that runs no program and returns a scripted report. */
export function scriptedSandbox(run: Sandbox["run"]): Sandbox {
  return { run };
}

export function returned(value: unknown, rest: Partial<Omit<SandboxReport, "outcome">> = {}): SandboxReport {
  const resultJson = JSON.stringify(value);
  const shown = resultJson === undefined ? undefined : shownResultOf(resultJson);
  return { outcome: { kind: "returned", resultJson, shown }, logs: [], logsDropped: 0, ...rest };
}

export function valueIn(reply: CallReply): unknown {
  if (reply.ok) return reply.valueJson === undefined ? reply.value : JSON.parse(reply.valueJson);
  throw new Error(`the call failed: ${reply.error.code} ${reply.error.message}`);
}
