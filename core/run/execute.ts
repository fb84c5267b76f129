import { createGate, type Run } from "../calls/gate.ts";
import { createLedger } from "../calls/ledger.ts";
import { createRunNews, type RunProgress } from "../calls/progress.ts";
import { type Ask, createRunQuestions } from "../calls/questions.ts";
import type { SessionTraffic } from "../calls/quota.ts";
import type { ToolCaller } from "../calls/tool-caller.ts";
import type { Catalog, Catalogue } from "../catalog/catalog.ts";
import type { Observations } from "../catalog/observations.ts";
import type { Clock } from "../clock.ts";
import type { Help } from "../discovery/help.ts";
import type { ExecuteInput } from "../discovery/tool-definitions.ts";
import { OrchestratorError, toPublicError } from "../errors.ts";
import type { RunLine } from "../log-line.ts";
import type { Upstream } from "../mcp/upstream.ts";
import { type Draft, draftProgram, linkProgram } from "../program/program.ts";
import { withSourcePlaces } from "../program/stack-positions.ts";
import type { TypeCheck } from "../program/type-check.ts";
import type { Lower } from "../program/typescript-fallback.ts";
import { allowedServers } from "../registry/allow-list.ts";
import type { ServerEntry } from "../registry/registry.ts";
import type { Store } from "../store.ts";
import { withLoginUrls } from "./login-urls.ts";
import { type Outcome, outcomeOf } from "./outcome.ts";
import { createRunLog, type RunLog } from "./run-log.ts";
import { endOf, type RunEnd, unlessAborted } from "./run-time.ts";
import { createRuntimeCalls, runtimeId } from "./runtime-module.ts";
import type { Sandbox, SandboxReport } from "./sandbox.ts";

export interface RunOptions {
  signal: AbortSignal;
  onProgress: (progress: RunProgress) => void;
  /** Console lines and what servers log, while the program runs; each once, and all of them before the outcome. */
  onPrinted?: (lines: RunLine[]) => void;
  /** Asks a person what a server wants to know; left out, nobody can be asked. */
  onElicit?: Ask;
}

export interface ExecuteParts {
  servers: readonly ServerEntry[];
  catalog: Catalog;
  upstream: Upstream;
  sandbox: Sandbox;
  typeCheck: TypeCheck;
  lower: Lower;
  store: Store;
  observations: Observations;
  clock: Clock;
  /** From 0 to 1, exclusive; spreads retries. */
  random: () => number;
  traffic: SessionTraffic;
  newHandle: () => string;
  help: Help;
}

/**
 * One run: allow list → compile → tools of the imported servers → link → type-check → sandbox → outcome. Never rejects: whatever goes
 * wrong is an error in the outcome, together with every call already made.
 */
export async function execute(parts: ExecuteParts, input: ExecuteInput, options: RunOptions): Promise<Outcome> {
  const { clock, catalog } = parts;
  const startedAt = clock.now();
  const ledger = createLedger(clock.now);
  let draft: Draft | undefined;
  const log = createRunLog({
    linesMax: input.maxLogs,
    onPrinted: options.onPrinted ?? (() => {}),
    ownPlaces: (text) => withSourcePlaces(text, draft),
  });
  let report: SandboxReport | undefined;
  let failure: unknown;
  try {
    const allowed = allowedServers(parts.servers, input.allowedMcpIds);
    const drafting = draftProgram(input, { allowed, registered: parts.servers, lower: parts.lower });
    draft = await unlessAborted(drafting, { signal: options.signal, onAbort: wasCancelled });
    const loaded = await unlessAborted(loadCatalogues(catalog, draft), { signal: options.signal, onAbort: wasCancelled });
    const toolsOf = (server: ServerEntry) => loaded.catalogues.get(server.id)?.tools;
    const program = linkProgram(draft, (server) => toolsOf(server) ?? []);
    const checking = parts.typeCheck.check(draft, program, toolsOf);
    await unlessAborted(checking, { signal: options.signal, onAbort: wasCancelled });
    using end = endOf(options.signal, { clock, runMs: input.maxRuntimeMs });
    const run: Run = {
      allowed,
      toolsOf(server) {
        const failed = loaded.failures.get(server.id);
        if (failed) throw failed;
        return (loaded.catalogues.get(server.id) ?? catalog.cached(server))?.tools;
      },
      hasChanged: (server, tool) => loaded.catalogues.has(server.id) && catalog.hasChanged(server, tool),
      deadline: end.deadline,
      signal: end.signal,
      ledger,
      news: createRunNews({ clock, onProgress: options.onProgress, onLog: (server, line) => log.heard(server, line) }),
      ask: createRunQuestions({ onElicit: options.onElicit, end, clock }),
    };
    let hasWritten = false;
    const onWrite = () => {
      hasWritten = true;
    };
    using _turn = await parts.traffic.runs.acquire(options.signal);
    const running = parts.sandbox.run(program, callerOf(parts, run, { ...options, log, onWrite, end }), {
      argsJson: jsonOf(input.args ?? null),
      timeoutMs: input.maxRuntimeMs,
      logLinesMax: input.maxLogs,
      signal: end.signal,
      // Listing tools and waiting for a turn may take seconds; the program's own time starts when it does.
      onStart() {
        end.restart();
        log.restart();
      },
      onLost: () => end.pause(),
      deadline: end.deadline,
      hasActed: () => hasWritten || ledger.isTouched(),
    });
    report = await unlessAborted(running, { signal: end.signal, onAbort: hasRunTooLong(input.maxRuntimeMs) });
    log.add({ from: report.logsFrom ?? 0, lines: report.logs, dropped: report.logsDropped });
  } catch (error) {
    failure = error;
  }
  const calls = ledger.records();
  const callsOmitted = ledger.omitted();
  const ending = outcomeOf({ report, failure, draft, input, isCancelled: options.signal.aborted, keep: parts });
  return {
    ...ending,
    ...(ending.errors && { errors: withLoginUrls(ending.errors, parts) }),
    ...log.end(),
    ...(calls.length === 0 ? {} : { calls }),
    ...(callsOmitted === 0 ? {} : { callsOmitted }),
    durationMs: clock.now() - startedAt,
  };
}

/** Over MCP, args are JSON already; a caller in the same process may hand in anything. */
function jsonOf(args: unknown): string {
  try {
    return JSON.stringify(args) ?? "null";
  } catch (cause) {
    throw new OrchestratorError("invalid_input", "args: only JSON values can be passed to a program.", { cause });
  }
}

/** What could be listed, and why the rest could not. */
interface Loaded {
  catalogues: Map<string, Catalogue>;
  failures: Map<string, OrchestratorError>;
}

/** @throws OrchestratorError when a server that the program imports by name cannot be listed */
async function loadCatalogues(catalog: Catalog, { servers, optional }: Draft): Promise<Loaded> {
  const results = await Promise.allSettled(servers.map((server) => catalog.load(server)));
  const loaded: Loaded = { catalogues: new Map(), failures: new Map() };
  for (const [index, result] of results.entries()) {
    const server = servers[index];
    if (server === undefined) continue;
    if (result.status === "fulfilled") loaded.catalogues.set(server.id, result.value);
    else if (optional.has(server)) loaded.failures.set(server.id, loadFailure(server, result.reason));
    else throw loadFailure(server, result.reason);
  }
  return loaded;
}

const wasCancelled = () => new OrchestratorError("cancelled", "The request was cancelled.");
const hasRunTooLong = (maxRuntimeMs: number) => () =>
  new OrchestratorError("run_timeout", `The program did not stop at its limit of ${maxRuntimeMs} ms and was given up on.`);

/** The program was not started, so nothing was called: that is said by the phase. */
function loadFailure(server: ServerEntry, reason: unknown): OrchestratorError {
  const { code, message, suggestions, url } = toPublicError(reason);
  return new OrchestratorError(code, message, {
    phase: "load",
    server: server.id,
    cause: reason,
    ...(suggestions ? { suggestions } : {}),
    ...(url === undefined ? {} : { url }),
  });
}

interface CallerOptions extends Pick<RunOptions, "onProgress"> {
  onWrite: () => void;
  log: RunLog;
  end: RunEnd;
}

/** The one function user code has: tools through the gate, and the orchestrator's own few under a reserved id. */
function callerOf(parts: ExecuteParts, run: Run, { onProgress, onWrite, log, end }: CallerOptions): ToolCaller {
  const gate = createGate({
    run,
    upstream: parts.upstream,
    clock: parts.clock,
    random: parts.random,
    traffic: parts.traffic,
    registered: parts.servers,
  });
  const runtime = createRuntimeCalls({
    store: parts.store,
    clock: parts.clock,
    help: (args) => parts.help(args, run.allowed),
    onProgress,
    onPrinted: (batch) => log.add(batch),
    onWrite,
    heldMs: end.heldMs,
  });
  return {
    async callMcpTool(id, tool, argsJson, form) {
      if (id === runtimeId) return runtime.call(String(tool), String(argsJson));
      const reply = await gate.callMcpTool(id, tool, argsJson, form);
      if (reply.ok && form === "value") recordResult(parts, run, { id, tool, value: reply.value });
      return end.heldBeforeMs === 0 ? reply : { ...reply, heldMs: end.heldBeforeMs };
    },
  };
}

function recordResult({ observations }: ExecuteParts, run: Run, call: { id: string; tool: string; value: unknown }): void {
  const server = run.allowed.find((candidate) => candidate.id === call.id);
  const tool = server && run.toolsOf(server)?.find((candidate) => candidate.name === call.tool);
  if (server && tool) observations.record(server, tool, call.value);
}
