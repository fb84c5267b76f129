import type { RunAudit } from "../audit/run-audit.ts";
import { addUnmade, createLedger } from "../calls/ledger.ts";
import type { ExecuteInput } from "../discovery/tool-definitions.ts";
import { OrchestratorError, type PublicError, toPublicError } from "../errors.ts";
import { isDeeperJson } from "../json.ts";
import { limits } from "../limits.ts";
import type { CallingRun } from "../mcp/upstream.ts";
import { RefusedProgram } from "../program/reader.ts";
import { allowedServers } from "../registry/allow-list.ts";
import type { ServerEntry } from "../registry/registry.ts";
import type { ProgramCall, ProgramEnding, Programs, SavedProgram } from "../saved/programs.ts";
import { savedLimits } from "../saved/saved-limits.ts";
import { createSemaphore, type Semaphore } from "../semaphore.ts";
import type { ExecuteParts } from "./execute.ts";
import { withLoginUrls } from "./login-urls.ts";
import { outcomeOf } from "./outcome.ts";
import { type Prepared, prepare } from "./prepare.ts";
import { createRunLog } from "./run-log.ts";
import { runProgram } from "./run-program.ts";
import type { SandboxReport } from "./sandbox.ts";
import { createToolValues } from "./tool-values.ts";
import { valuesApart } from "./values-apart.ts";

/**
 * Runs saved programs on behalf of a call of another program: each in an isolate of its own, with its own servers, time and values. Of
 * its caller it gets the arguments, the deadline and the person who may be asked.
 */
export function createPrograms(parts: ExecuteParts): Programs {
  /** One for each depth, so that none waits for a turn that only its own caller could give back. */
  const turns: Semaphore[] = Array.from({ length: savedLimits.depthMax }, () => createSemaphore(savedLimits.runsAtOnce));

  return {
    async read(program, signature, { connects = true } = {}) {
      const { signal } = new AbortController();
      try {
        const allowed = allowedServers(parts.servers, program.allowedMcpIds);
        const options = { signal, onProgress: () => {} };
        const prepared = await prepare(parts, { input: inputOf(program, {}), allowed, options, signature, connects });
        const { used, servers, signature: read } = prepared;
        if (read === undefined) throw new Error("the reader read no signature");
        const unknown = servers.map(({ id }) => id).filter((id) => !used.some((known) => known.id === id));
        return { kind: "ready", signature: read, used, unknown };
      } catch (error) {
        return { kind: "refused", errors: problemsIn(error) };
      }
    },
    async run(program, call) {
      try {
        const allowed = allowedServers(parts.servers, program.allowedMcpIds);
        const { options } = call;
        const onProgress = ({ message }: { message?: string | undefined }) => options.onProgress?.({ progress: 0, message });
        const reading = { input: inputOf(program, {}), allowed, options: { signal: options.signal, onProgress } };
        const prepared = await prepare(parts, reading);
        const runs = turns[call.caller.chain.length] ?? createSemaphore(1);
        return await runPrepared(parts, { program, call, prepared, allowed, runs });
      } catch (error) {
        return isProblem(error) ? { kind: "stale", errors: problemsIn(error) } : failed(error);
      }
    },
    hasServer: (id) => parts.servers.some((server) => server.id === id),
    knownTools(id) {
      const server = parts.servers.find((candidate) => candidate.id === id);
      return server && parts.catalog.cached(server)?.tools;
    },
  };
}

interface ToRun {
  program: SavedProgram;
  call: ProgramCall;
  prepared: Prepared;
  allowed: readonly ServerEntry[];
  /** Where it waits for its turn. */
  runs: Semaphore;
}

async function runPrepared(parts: ExecuteParts, { program, call, prepared, allowed, runs }: ToRun): Promise<ProgramEnding> {
  const { caller, options } = call;
  const { clock } = parts;
  const ledger = createLedger(clock.now);
  const values = createToolValues();
  caller.nest((room) => ledger.records(room));
  const journal = caller.journal?.();
  const runMs = Math.max(1, Math.min(call.timeoutMs, caller.deadline() - clock.now()));
  const input = inputOf(program, { args: call.args, maxRuntimeMs: runMs });
  const log = createRunLog({
    linesMax: limits.serverLogLinesTold,
    onPrinted(lines) {
      for (const { level, message } of lines) options.onLog?.({ level, message });
    },
    ownPlaces: (text) => prepared.positions.withSourcePlaces(text),
  });
  const nested = {
    ...parts,
    traffic: { ...parts.traffic, enterRun: (signal: AbortSignal) => runs.acquire(signal) },
    store: valuesApart(parts.store, program.name),
    files: allowed.some(isSandbox) ? parts.files : undefined,
  };
  let heard = 0;
  let report: SandboxReport | undefined;
  let failure: unknown;
  try {
    report = await runProgram(nested, {
      ...{ prepared, input, runMs, allowed, ledger, log, values },
      chain: [...caller.chain, program.name],
      options: {
        signal: options.signal,
        onProgress({ progress, ...news }) {
          heard += 1;
          options.onProgress?.({ progress: progress ?? heard, ...news });
        },
        ...(caller.canAsk ? { onElicit: caller.ask } : {}),
        ...(caller.approve ? { approve: caller.approve } : {}),
        ...(journal ? { journal: () => ({ ...journal, program: () => journal }) } : {}),
        ...(caller.auditCall && { audit: partOf(caller.auditCall, [...caller.chain, program.name]) }),
      },
    });
  } catch (error) {
    failure = error;
  } finally {
    log.end();
    addUnmade(ledger, journal);
  }
  return endingOf(parts, {
    report,
    failure,
    prepared,
    runMs,
    values,
    hasArgs: true,
    isCancelled: options.signal.aborted,
    bounds: parts.bounds ?? {},
    moreTime: runMs < call.timeoutMs ? undefined : `the timeoutMs of ${program.name} (at most ${savedLimits.timeoutMsMax})`,
  });
}

/** Its shell reads and writes the files of the session, so that whoever may use it may have them. */
function isSandbox({ id, mcp }: ServerEntry): boolean {
  return id === "sandbox" && mcp.transport === "built_in";
}

/** The calls are written down as those of the run that the program is part of. */
function partOf(auditCall: NonNullable<CallingRun["auditCall"]>, chain: readonly string[]): RunAudit {
  return { run: "", call: (call) => auditCall({ within: chain, ...call }), waited() {}, end() {} };
}

function endingOf(parts: ExecuteParts, ended: Omit<Parameters<typeof outcomeOf>[0], "keep">): ProgramEnding {
  const { report } = ended;
  if (report?.outcome.kind === "returned") {
    const { resultJson: json } = report.outcome;
    if (json !== undefined && json.length > limits.resultCharsMax) return failed(tooLarge());
    if (json !== undefined && isDeeperJson(json, limits.resultDepthMax)) return failed(tooLarge());
    return { kind: "returned", json };
  }
  const { errors = [] } = outcomeOf({ ...ended, keep: parts });
  const [error] = withLoginUrls(errors, parts);
  return { kind: "failed", error: error ?? toPublicError(new Error("a program ended without a result or an error")) };
}

function inputOf(
  { source, allowedMcpIds }: SavedProgram,
  rest: Pick<Partial<ExecuteInput>, "args" | "maxRuntimeMs">,
): ExecuteInput {
  return {
    ...source,
    ...(allowedMcpIds ? { allowedMcpIds: [...allowedMcpIds] } : {}),
    ...{ maxRuntimeMs: limits.runMs, maxLogs: limits.serverLogLinesTold, ...rest },
  };
}

/** Whether a program cannot be run as it is, whoever calls it and whenever. */
function isProblem(error: unknown): boolean {
  return error instanceof RefusedProgram || (error instanceof OrchestratorError && refusals.includes(error.code));
}

const refusals: readonly string[] = ["invalid_input", "server_unknown", "syntax_error", "import_not_allowed", "compile_limit"];

/** @throws the error itself if it says nothing of the program */
function problemsIn(error: unknown): PublicError[] {
  if (error instanceof RefusedProgram) return error.errors;
  if (isProblem(error)) return [toPublicError(error)];
  throw error;
}

function failed(error: unknown): ProgramEnding {
  return { kind: "failed", error: toPublicError(error) };
}

function tooLarge(): OrchestratorError {
  return new OrchestratorError(
    "output_limit",
    `The result is longer than ${limits.resultCharsMax} characters of JSON, or nests deeper than ${limits.resultDepthMax} levels.`,
  );
}
