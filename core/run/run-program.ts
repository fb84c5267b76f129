import { createRunElicitations } from "../calls/elicitation.ts";
import { createGate } from "../calls/gate.ts";
import type { Ledger } from "../calls/ledger.ts";
import { createRunNotifications } from "../calls/progress.ts";
import type { SessionTraffic } from "../calls/quota.ts";
import type { Run } from "../calls/run.ts";
import type { ToolCaller } from "../calls/tool-caller.ts";
import type { Catalog } from "../catalog/catalog.ts";
import type { Observations } from "../catalog/observations.ts";
import type { Clock } from "../clock.ts";
import type { Help } from "../discovery/help.ts";
import type { ExecuteInput } from "../discovery/tool-definitions.ts";
import { OrchestratorError } from "../errors.ts";
import { isDeeperJson } from "../json.ts";
import { limits } from "../limits.ts";
import type { Tool } from "../mcp/tool.ts";
import type { Upstream } from "../mcp/upstream.ts";
import type { ServerEntry } from "../registry/registry.ts";
import type { Store } from "../store.ts";
import type { Prepared } from "./prepare.ts";
import type { RunLog } from "./run-log.ts";
import type { RunOptions } from "./run-options.ts";
import { RunTime, unlessAborted } from "./run-time.ts";
import { createRuntimeCalls, runtimeId } from "./runtime-module.ts";
import type { Sandbox, SandboxReport } from "./sandbox.ts";

export interface RunParts {
  servers: readonly ServerEntry[];
  upstream: Upstream;
  sandbox: Sandbox;
  catalog: Catalog;
  store: Store;
  observations: Observations;
  clock: Clock;
  /** From 0 to 1, exclusive; spreads retries. */
  random: () => number;
  traffic: SessionTraffic;
  help: Help;
}

/** One run of a program: what it may use, and where everything it does is written down. */
export interface RunOf {
  prepared: Prepared;
  input: ExecuteInput;
  allowed: readonly ServerEntry[];
  ledger: Ledger;
  log: RunLog;
  options: RunOptions;
}

/**
 * Runs a prepared program in the sandbox, once it is the session's turn.
 * @throws OrchestratorError when the sandbox is broken, or killed the program over a bound; `run_timeout` when it never reports
 */
export async function runProgram(parts: RunParts, of: RunOf): Promise<SandboxReport> {
  const { prepared, input, ledger, log, options } = of;
  const argsJson = jsonOf(input.args ?? null);
  using time = new RunTime(options.signal, { clock: parts.clock, runMs: input.maxRuntimeMs });
  const caller = callerOf(parts, of, time);
  using _turn = await parts.traffic.runs.acquire(options.signal);
  const running = parts.sandbox.run(prepared.program, caller, {
    argsJson,
    timeoutMs: input.maxRuntimeMs,
    logLinesMax: input.maxLogs,
    signal: time.signal,
    // Listing tools and waiting for a turn may take seconds: the program's own time starts with the program.
    onStart() {
      time.restart();
      log.restart();
    },
    onLost: () => time.pause(),
    deadline: () => time.deadline(),
    hasActed: () => caller.hasWritten || ledger.isTouched(),
  });
  const report = await unlessAborted(running, { signal: time.signal, onAbort: () => neverReported(input.maxRuntimeMs) });
  log.add({ from: report.logsFrom ?? 0, lines: report.logs, dropped: report.logsDropped });
  return report;
}

/** Over MCP, args are JSON already; a caller in the same process may pass anything. */
function jsonOf(args: unknown): string {
  let json: string;
  try {
    json = JSON.stringify(args) ?? "null";
  } catch (cause) {
    const isDeep = cause instanceof RangeError;
    throw isDeep
      ? tooDeep()
      : new OrchestratorError("invalid_input", "args: only JSON values can be passed to a program.", { cause });
  }
  if (isDeeperJson(json, limits.argumentsDepthMax)) throw tooDeep();
  return json;
}

function tooDeep(): OrchestratorError {
  return new OrchestratorError(
    "invalid_input",
    `args: they nest deeper than ${limits.argumentsDepthMax} levels. Pass flatter ones.`,
  );
}

function neverReported(maxRuntimeMs: number): OrchestratorError {
  return new OrchestratorError("run_timeout", `The program did not stop at its limit of ${maxRuntimeMs} ms and was given up on.`);
}

interface RunCaller extends ToolCaller {
  /** A value of the session was changed, which outlives the run. */
  readonly hasWritten: boolean;
}

/** The one function that user code has: tools through the gate, and the runtime module's own under a reserved id. */
function callerOf(parts: RunParts, { prepared, allowed, ledger, log, options }: RunOf, time: RunTime): RunCaller {
  const { clock } = parts;
  const run: Run = {
    allowed,
    toolsOf: prepared.toolsOf,
    toolsNow: createToolsNow(parts, { prepared, ledger }),
    hasChanged: prepared.hasChanged,
    deadline: () => time.deadline(),
    signal: time.signal,
    ledger,
    notifications: createRunNotifications({
      clock,
      onProgress: options.onProgress,
      onLog: (server, line) => log.heard(server, line),
    }),
    canAsk: options.onElicit !== undefined,
    ask: createRunElicitations({ onElicit: options.onElicit, end: time, clock }),
  };
  const gate = createGate({ ...parts, run, registered: parts.servers });
  let hasWritten = false;
  const runtime = createRuntimeCalls({
    store: parts.store,
    clock,
    help: (args) => parts.help(args, allowed),
    onProgress: options.onProgress,
    onPrinted: (batch) => log.add(batch),
    onWrite() {
      hasWritten = true;
    },
    heldMs: () => time.heldMs(),
    signal: time.signal,
  });
  return {
    get hasWritten() {
      return hasWritten;
    },
    async callMcpTool(id, tool, argsJson, form) {
      if (id === runtimeId) return runtime.call(String(tool), String(argsJson));
      const reply = await gate.callMcpTool(id, tool, argsJson, form);
      if (reply.ok && form === "value" && reply.valueJson === undefined)
        recordResult(parts, run, { id, tool, value: reply.value });
      return reply;
    },
  };
}

/**
 * Lists a server's tools again for names that the program's listing lacks: at most once for all calls that it has made so far, and
 * `relistsMax` times in all, so that a misspelt name in a loop asks nothing.
 */
function createToolsNow(
  { catalog }: RunParts,
  { prepared, ledger }: Pick<RunOf, "prepared" | "ledger">,
): (server: ServerEntry) => Promise<readonly Tool[]> {
  const asked = new Map<string, { calls: number; times: number; tools: Promise<readonly Tool[]> }>();
  return (server) => {
    const before = prepared.toolsOf(server) ?? [];
    const calls = ledger.succeeded(server.id);
    const last = asked.get(server.id);
    if (calls === 0) return Promise.resolve(before);
    if (last !== undefined && (last.calls === calls || last.times >= limits.relistsMax)) return last.tools;
    // Without a new listing, the old one says which names are close.
    const tools = catalog.refresh(server).then(
      (listing) => listing.tools,
      () => before,
    );
    asked.set(server.id, { calls, times: (last?.times ?? 0) + 1, tools });
    return tools;
  };
}

function recordResult({ observations }: RunParts, run: Run, call: { id: string; tool: string; value: unknown }): void {
  const server = run.allowed.find((candidate) => candidate.id === call.id);
  const tool = server && run.toolsOf(server)?.find((candidate) => candidate.name === call.tool);
  if (server && tool) observations.record(server, tool, call.value);
}
