import { createRunElicitations } from "../calls/elicitation.ts";
import { createGate } from "../calls/gate.ts";
import type { Ledger } from "../calls/ledger.ts";
import { createRunNotifications } from "../calls/progress.ts";
import type { Run } from "../calls/run.ts";
import type { ToolCaller } from "../calls/tool-caller.ts";
import type { Catalog } from "../catalog/catalog.ts";
import type { Observations } from "../catalog/observations.ts";
import type { Clock } from "../clock.ts";
import type { Help } from "../discovery/help.ts";
import type { ExecuteInput } from "../discovery/tool-definitions.ts";
import { OrchestratorError } from "../errors.ts";
import { createFileCalls, type RunFiles } from "../files/file-calls.ts";
import type { JournalScope } from "../journal/journal-scope.ts";
import { isDeeperJson } from "../json.ts";
import { limits } from "../limits.ts";
import type { Tool } from "../mcp/tool.ts";
import type { Upstream } from "../mcp/upstream.ts";
import type { Pins } from "../policy/pins.ts";
import type { Traffic } from "../policy/traffic.ts";
import type { ServerEntry } from "../registry/registry.ts";
import type { Store } from "../store.ts";
import { journaledRuntime } from "./journaled-runtime.ts";
import { type MayPauseParts, mayPause } from "./may-pause.ts";
import { createCallCount, type OperatorBounds } from "./operator-bounds.ts";
import type { Prepared } from "./prepare.ts";
import { RunApprovals } from "./run-approvals.ts";
import type { RunLog } from "./run-log.ts";
import type { RunOptions } from "./run-options.ts";
import { RunTime, unlessAborted } from "./run-time.ts";
import { createRuntimeCalls, runtimeId } from "./runtime-module.ts";
import type { Sandbox, SandboxReport } from "./sandbox.ts";
import type { ToolValues } from "./tool-values.ts";

export interface RunParts extends MayPauseParts {
  upstream: Upstream;
  sandbox: Sandbox;
  catalog: Catalog;
  store: Store;
  files?: RunFiles | undefined;
  observations: Observations;
  clock: Clock;
  /** From 0 to 1, exclusive; spreads retries. */
  random: () => number;
  traffic: Traffic;
  help: Help;
  /** What was accepted of the servers' tools; left out, all of them are. */
  pins?: Pick<Pins, "check">;
  bounds?: OperatorBounds;
}

/** One run of a program: what it may use, and where everything it does is written down. */
export interface RunOf {
  prepared: Prepared;
  input: ExecuteInput;
  runMs: number;
  allowed: readonly ServerEntry[];
  ledger: Ledger;
  log: RunLog;
  values: ToolValues;
  options: RunOptions;
  /** The saved programs that wait for this one, and its own name, if it is one. */
  chain?: readonly string[];
}

/**
 * Runs a prepared program in the sandbox, once it is the session's turn.
 * @throws OrchestratorError when the sandbox is broken, or killed the program over a bound; `run_timeout` when it never reports
 */
export async function runProgram(parts: RunParts, of: RunOf): Promise<SandboxReport> {
  const { prepared, input, runMs, ledger, log, options } = of;
  const argsJson = jsonOf(input.args ?? null);
  const journal = journalOf(parts, prepared, options);
  using time = new RunTime(options.signal, { clock: parts.clock, runMs });
  using caller = callerOf(parts, { ...of, journal }, time);
  const askedAt = parts.clock.now();
  using _turn = await parts.traffic.enterRun(options.signal);
  const turnAt = parts.clock.now();
  time.enter();
  let isLost = false;
  const running = parts.sandbox.run(prepared.program, caller, {
    argsJson,
    timeoutMs: runMs,
    logLinesMax: input.maxLogs,
    signal: time.signal,
    // Listing tools and waiting for a turn may take seconds: the program's own time starts with the program.
    onStart() {
      const isolateMs = parts.clock.now() - turnAt;
      options.audit?.waited({ queueMs: turnAt - askedAt, isolateMs, isReadBefore: prepared.isReadBefore });
      isLost = false;
      time.restart();
      log.restart();
      journal?.restart();
    },
    onLost() {
      isLost = true;
      time.lose();
    },
    deadline: () => time.deadline(),
    // What is recorded is not done again.
    hasActed: () => !(journal && journal.whyNot() === undefined) && (caller.hasWritten || ledger.isTouched()),
    ...(journal && { determinism: journal.determinism() }),
  });
  const onTheWay = journal ? Promise.race([running, journal.astray]) : running;
  const report = await unlessAborted(onTheWay, {
    signal: time.signal,
    onAbort: () => (isLost ? notStartedAgain() : neverReported(runMs)),
  });
  log.add({ from: report.logsFrom ?? 0, lines: report.logs, dropped: report.logsDropped });
  return report;
}

/** What was recorded in an earlier life of the run counts, whatever the registry says by now: nothing of it is made again. */
function journalOf(parts: RunParts, { servers, toolsOf }: Prepared, { journal }: RunOptions): JournalScope | undefined {
  const kept = journal?.();
  if (kept === undefined) return undefined;
  const knownTools = (server: ServerEntry) => {
    try {
      return toolsOf(server);
    } catch {
      // They could not be listed, which calls say. There may be some by then.
      return undefined;
    }
  };
  return mayPause({ ...parts, knownTools }, servers) || kept.unmade().length > 0 ? kept.program() : undefined;
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

function neverReported(runMs: number): OrchestratorError {
  return new OrchestratorError(
    "run_timeout",
    `The program did not stop at its limit of ${runMs} ms and was given up on: its process did not answer. If the program computes little, another one blocked the process; run it again.`,
  );
}

function notStartedAgain(): OrchestratorError {
  return new OrchestratorError(
    "program_lost",
    "The sandbox process that ran the program was lost, and no other was ready in time. Run it again.",
  );
}

/** Random, because several sessions may share a server's process. */
function newCaller({ clock, random }: Pick<RunParts, "clock" | "random">): string {
  return `${clock.now().toString(36)}.${random().toString(36).slice(2)}`;
}

interface RunCaller extends ToolCaller, Disposable {
  /** A value of the session was changed, which outlives the run. */
  readonly hasWritten: boolean;
}

/** The one function that user code has: tools through the gate, and the runtime module's own under a reserved id. */
function callerOf(
  parts: RunParts,
  { prepared, allowed, ledger, log, values, options, journal, chain = [] }: RunOf & { journal: JournalScope | undefined },
  time: RunTime,
): RunCaller {
  const { clock } = parts;
  const { ask, approve } = personOf(parts, { ledger, options, time });
  const run: Run = {
    chain,
    allowed,
    toolsOf: prepared.toolsOf,
    toolsNow: createToolsNow(parts, { prepared, ledger }),
    hasChanged: prepared.hasChanged,
    deadline: () => time.deadline(),
    signal: time.signal,
    ledger,
    journal,
    audit: options.audit,
    countCall: createCallCount(parts.bounds ?? {}),
    notifications: createRunNotifications({
      clock,
      onProgress: options.onProgress,
      onLog: (server, line) => log.heard(server, line),
    }),
    canAsk: options.onElicit !== undefined,
    ask,
    approve,
    checkPin: parts.pins?.check,
    caller: newCaller(parts),
  };
  const gate = createGate({ ...parts, run, registered: parts.servers });
  let hasWritten = false;
  const onWrite = () => {
    hasWritten = true;
  };
  const files = parts.files && createFileCalls(parts.files, onWrite);
  const runtimeCalls = createRuntimeCalls({
    ...{ store: parts.store, files, clock, onWrite, signal: time.signal },
    help: (args) => parts.help(args, allowed),
    onProgress: options.onProgress,
    onPrinted: (batch) => log.add(batch),
    heldMs: () => time.heldMs(),
  });
  const runtime = journaledRuntime(runtimeCalls, journal);
  return {
    get hasWritten() {
      return hasWritten;
    },
    [Symbol.dispose]: () => files?.[Symbol.dispose](),
    async callMcpTool(id, tool, argsJson, form) {
      if (id === runtimeId) return runtime.call(String(tool), String(argsJson));
      const reply = await gate.callMcpTool(id, tool, argsJson, form);
      values.note({ server: String(id), tool: String(tool) }, reply);
      if (reply.ok && form === "value" && reply.valueJson === undefined)
        recordResult(parts, run, { id, tool, value: reply.value });
      return reply;
    },
  };
}

/** How a person is asked: what servers want to know, and whether calls may be made. */
function personOf(
  { clock, asksForApproval }: RunParts,
  { ledger, options, time }: Pick<RunOf, "ledger" | "options"> & { time: RunTime },
): Pick<Run, "ask" | "approve"> {
  const { onElicit, decide, isDecidedApart = false } = options;
  const ask = createRunElicitations({ onElicit, end: time, clock });
  if (options.approve) return { ask, approve: options.approve };
  if (!asksForApproval) return { ask };
  const { approve } = new RunApprovals({
    asked: options.journal?.().asked,
    decide,
    ask: onElicit && !isDecidedApart ? ask : undefined,
    end: time,
    clock,
    done: () => ledger.begun(),
  });
  return { ask, approve };
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
