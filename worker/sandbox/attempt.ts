import type { ToolCaller } from "../../core/calls/tool-caller.ts";
import { OrchestratorError } from "../../core/errors.ts";
import { cpuBudgetMs } from "../../core/limit-messages.ts";
import type { Program } from "../../core/program/program.ts";
import { type SandboxOptions, SandboxReport } from "../../core/run/sandbox.ts";
import { CallerTarget } from "./isolate/caller-target.ts";
import { untilFrozen } from "./liveness.ts";
import type { Process, Watch } from "./processes.ts";
import type { Stay } from "./slots.ts";

/** How much later than the guard in the program the watch over its process comes: the guard knows the line. */
const guardGraceMs = 300;

/** The connection to the process broke: it ended, or was ended, or could not be reached. */
export class ProcessLost extends Error {
  override readonly name = "ProcessLost";
  /** When the program arrived there, in milliseconds since the epoch: what became of the process before was not its doing. */
  readonly arrivedAt: number | undefined;

  constructor(arrivedAt: number | undefined, options?: ErrorOptions) {
    super("the sandbox process was lost", options);
    this.arrivedAt = arrivedAt;
  }
}

interface Attempt {
  program: Program;
  caller: ToolCaller;
  options: SandboxOptions;
  stay: Stay;
}

/**
 * Runs a program once in one process, and has the process replaced when it freezes meanwhile.
 * @throws ProcessLost
 */
export async function runIn(process: Process, { program, caller, options, stay }: Attempt): Promise<SandboxReport> {
  const { argsJson, timeoutMs, logLinesMax, signal } = options;
  const target = new CallerTarget(caller);
  const ended = new AbortController();
  const running = process.start(program, target, { argsJson, timeoutMs, logLinesMax });
  // Letting go of it ends it on the other side. Whoever aborted no longer waits for it here.
  const letGo = () => {
    ended.abort();
    target[Symbol.dispose]();
    running.letGo();
  };
  signal.addEventListener("abort", letGo, { once: true });
  try {
    if (process.watch === undefined) return readReport(await running.report);
    const frozen = replaceWhenFrozen(process.watch, { options, stay, target, signal: ended.signal });
    return readReport(await Promise.race([running.report, frozen]));
  } catch (cause) {
    if (cause instanceof OrchestratorError || cause instanceof ProcessLost) throw cause;
    throw new ProcessLost(target.arrivedAt, { cause });
  } finally {
    signal.removeEventListener("abort", letGo);
    letGo();
  }
}

interface Watched extends Pick<Attempt, "options" | "stay"> {
  target: CallerTarget;
  /** The program has ended. */
  signal: AbortSignal;
}

/** @throws ProcessLost once the process is replaced */
async function replaceWhenFrozen({ ping, host }: Watch, { options, stay, target, signal }: Watched): Promise<never> {
  const frozenSince = await untilFrozen(ping, {
    frozenMs: cpuBudgetMs(options.timeoutMs) + guardGraceMs,
    onAnswer: (isAnswering) => stay.sawAnswer(isAnswering),
    signal,
  });
  await host.replace(stay.process, frozenSince);
  throw new ProcessLost(target.arrivedAt ?? frozenSince);
}

function readReport(reported: unknown): SandboxReport {
  const report = SandboxReport.safeParse(reported);
  if (report.success) return report.data;
  throw new OrchestratorError("internal", "The sandbox answered something that is no report. Run the program again.", {
    cause: report.error,
  });
}
