import type { ToolCaller } from "../../core/calls/tool-caller.ts";
import { OrchestratorError } from "../../core/errors.ts";
import type { Program } from "../../core/program/program.ts";
import { type SandboxOptions, SandboxReport } from "../../core/run/sandbox.ts";
import type { EndingReason } from "./host.ts";
import { CallerTarget } from "./isolate/caller-target.ts";
import { untilFrozen } from "./liveness.ts";
import type { Process, Watch } from "./processes.ts";
import type { Lease } from "./slots.ts";

/** The guard inside the program gets this head start over the process watch, because only the guard knows the line. */
const guardGraceMs = 300;

/** The connection to the process was lost: the process ended, was killed, or could not be reached in time. */
export class ProcessLost extends Error {
  override readonly name = "ProcessLost";
  /** When the program arrived in the process, in milliseconds since the epoch. It did not cause what happened before then. */
  readonly arrivedAt: number | undefined;
  /** Set when the process was replaced for it: then nobody has to be asked. */
  readonly reason: EndingReason | undefined;

  constructor(arrivedAt: number | undefined, { reason, ...options }: ErrorOptions & { reason?: EndingReason } = {}) {
    super("the sandbox process was lost", options);
    this.arrivedAt = arrivedAt;
    this.reason = reason;
  }
}

interface Attempt {
  program: Program;
  /** Its name. */
  session: string;
  caller: ToolCaller;
  options: SandboxOptions;
  lease: Lease;
  /** The program has reached the process and starts now. */
  onArrival: () => void;
  /** Asked while the program has not arrived: whether to stop waiting for that. */
  isOverdue: () => boolean;
  /** For how long it may keep its process from answering from now on, in milliseconds. */
  blockedMsMax: () => number;
}

/**
 * Runs a program once in one process. If the process freezes, it is replaced, also when `signal` has aborted meanwhile: whoever left a
 * program must not leave its process to the others as it is.
 * @throws ProcessLost; OrchestratorError `cancelled` after an abort, once the process answers
 */
export async function runIn(process: Process, attempt: Attempt): Promise<SandboxReport> {
  const { program, session, caller, options, lease } = attempt;
  const { argsJson, timeoutMs, logLinesMax, determinism, signal } = options;
  let arrivedAt: number | undefined;
  const arrive = () => {
    lease.arrive();
    attempt.onArrival();
  };
  const ended = new AbortController();
  const arrived = async () => {
    if (ended.signal.aborted || signal.aborted) throw new Error("The program runs elsewhere by now, or its run has ended.");
    arrivedAt = Date.now();
    arrive();
  };
  const target = new CallerTarget(caller);
  if (process.watch === undefined) arrive();
  const link = { caller: target, arrived };
  const running = process.start(program, link, { session, argsJson, timeoutMs, logLinesMax, determinism });
  // Also cancels the program in its process, should it still run. After an abort nobody waits for its report.
  const leave = () => {
    target.close();
    running.dispose();
  };
  signal.addEventListener("abort", leave, { once: true });
  try {
    if (process.watch === undefined) return readReport(await running.report);
    const watched = { ...attempt, arrivedAt: () => arrivedAt, run: signal, signal: ended.signal };
    const frozen = replaceWhenFrozen(process.watch, watched);
    const report = running.report.catch((cause: unknown) => (signal.aborted ? frozen : Promise.reject(cause)));
    return readReport(await Promise.race([report, frozen]));
  } catch (cause) {
    if (cause instanceof OrchestratorError || cause instanceof ProcessLost) throw cause;
    throw new ProcessLost(arrivedAt, { cause });
  } finally {
    signal.removeEventListener("abort", leave);
    // With a reason, so that no exception is made.
    ended.abort("ended");
    leave();
  }
}

interface Watched extends Pick<Attempt, "lease" | "isOverdue" | "blockedMsMax"> {
  /** When the program arrived in the process; undefined while it has not. */
  arrivedAt: () => number | undefined;
  /** Aborted when nobody waits for the program any more. */
  run: AbortSignal;
  /** Aborted when the program has ended. */
  signal: AbortSignal;
}

/** @throws ProcessLost after the process was replaced, or when the program is overdue there; OrchestratorError `cancelled` */
async function replaceWhenFrozen({ ping, host }: Watch, watched: Watched): Promise<never> {
  const { lease, arrivedAt, isOverdue, blockedMsMax, run, signal } = watched;
  let leftAt: number | undefined;
  run.addEventListener("abort", () => (leftAt = Date.now()), { once: true, signal });
  const frozenSince = await untilFrozen(ping, {
    frozenMs: () => blockedMsMax() + guardGraceMs,
    onAnswer(isAnswering, askedAt) {
      lease.sawAnswer(isAnswering);
      // It was told to stop before it was asked this.
      if (isAnswering && leftAt !== undefined && askedAt > leftAt) throw new OrchestratorError("cancelled", "The run has ended.");
      if (arrivedAt() === undefined && isOverdue()) throw new ProcessLost(undefined);
    },
    signal,
  });
  await host.replace(lease.process, frozenSince);
  lease.sawAnswer(true);
  throw new ProcessLost(arrivedAt(), { reason: "cpu" });
}

function readReport(reported: unknown): SandboxReport {
  const report = SandboxReport.safeParse(reported);
  if (report.success) return report.data;
  throw new OrchestratorError("internal", "The sandbox answered with an invalid report. Run the program again.", {
    cause: report.error,
  });
}
