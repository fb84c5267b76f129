import type { ToolCaller } from "../../core/calls/tool-caller.ts";
import { OrchestratorError } from "../../core/errors.ts";
import { cpuBudgetMs } from "../../core/limit-messages.ts";
import { limits } from "../../core/limits.ts";
import type { Program } from "../../core/program/program.ts";
import type { SandboxOptions, Sandbox as SandboxPort, SandboxReport } from "../../core/run/sandbox.ts";
import { ProcessLost, runIn } from "./attempt.ts";
import type { EndingReason, SandboxHost } from "./host.ts";
import { lossError, waitedError } from "./loss-errors.ts";
import { Pause } from "./pause.ts";
import type { Process } from "./processes.ts";
import { type Company, type Lease, leaseForRenewal, leaseProcess } from "./slots.ts";
import { isKnown, isProven, isSuspect, noteEnd, noteFault, noteLoss, noteStart, standingOf } from "./suspects.ts";

/**
 * The least time that a program may wait for a process; its own time limit, if that is longer. A process is replaced within a
 * second. A program that is expected to block its process waits less: for its own session, it only takes longer to fail.
 */
const processWaitMsMin = 2_000;
const suspectWaitMs = 1_500;
/** The least time for a process to start that ran for nobody: it takes less than a second, except on a very busy machine. */
const startWaitMsMin = 5_000;
/** Attempts to run a program that is lost with its process through no fault of its own. */
const attemptsMax = 3;
/**
 * A program that is tried again after it was lost waits until this long after its limit, counted from when it came, and may compute until
 * then, or for so long in any case. If it is the one at fault, it has had its limit already, and its client an outcome 3 s after that.
 */
const lateMsMax = 1_700;
const againCpuMsMin = 300;
/** A restarted process can be reached only shortly after it runs. */
const reconnectDelayMs = 100;
/** How long a program waits to arrive in a process that does not answer, before it goes to one that does. */
const arrivalMs = 500;

/** Implements the sandbox port, for one session, with a number of processes, given by name. */
export function createSandbox(processes: ReadonlyMap<string, Process>, { session: name }: { session: string }): SandboxPort {
  const session = { name };
  return { run: (program, caller, options) => new ProgramRun({ processes, session, program, caller, options }).run() };
}

interface ProgramRunParts {
  processes: ReadonlyMap<string, Process>;
  /** Stands for the session. No other has its name. */
  session: { name: string };
  program: Program;
  caller: ToolCaller;
  options: SandboxOptions;
}

/** One program, in one process after another, until it ends by itself or is not tried again. */
class ProgramRun {
  readonly #parts: ProgramRunParts;
  readonly #names: readonly string[];
  /** Without a watch, the platform limits each isolate, and no program can harm another. */
  readonly #isWatched: boolean;
  readonly #isSuspect: boolean;
  readonly #pause: Pause;
  #company: Company;
  #lost = 0;
  /** Until when it is tried again, in milliseconds since the epoch. */
  readonly #lateAt: number;

  constructor(parts: ProgramRunParts) {
    this.#parts = parts;
    this.#names = [...parts.processes.keys()];
    this.#isWatched = [...parts.processes.values()].some(({ watch }) => watch !== undefined);
    this.#isSuspect = this.#isWatched && isSuspect(parts);
    this.#company = this.#isSuspect ? "session" : "anyone";
    this.#pause = new Pause(Math.max(parts.options.timeoutMs, processWaitMsMin));
    this.#lateAt = Date.now() + parts.options.timeoutMs + lateMsMax;
  }

  /** @throws OrchestratorError */
  async run(): Promise<SandboxReport> {
    const { session, options } = this.#parts;
    const { signal } = options;
    noteStart(session.name);
    for (let lease = await this.#enter(); ; lease = await this.#enter()) {
      for (;;) {
        const report = await this.#attempt(lease);
        if (report !== undefined) return report;
        // One that waited for its turn keeps its place until it has started there.
        if (!lease.isHeld) break;
        await pauseOr(() => lease.lose(), signal);
      }
    }
  }

  async #enter(): Promise<Lease> {
    const { session, program, options } = this.#parts;
    options.signal.throwIfAborted();
    const lease = await leaseProcess(this.#names, {
      session,
      company: this.#company,
      expiresAt: () => (this.#pause.isOn ? this.#pause.until : options.deadline()) + limits.runGraceMs,
      until: Math.min(
        this.#pause.until,
        this.#lost === 0 ? Number.POSITIVE_INFINITY : this.#lateAt,
        this.#isSuspect ? Date.now() + suspectWaitMs : Number.POSITIVE_INFINITY,
      ),
      standing: standingOf({ session, program }),
      signal: options.signal,
    });
    if (lease === undefined) throw this.#waited();
    return lease;
  }

  /**
   * Runs it in the process once. Undefined if it is to be tried again: in the same process if the lease is still held.
   * @throws OrchestratorError
   */
  async #attempt(lease: Lease): Promise<SandboxReport | undefined> {
    const { processes, session, program, caller, options } = this.#parts;
    const process = processes.get(lease.process);
    if (process === undefined) throw new Error(`no sandbox process ${lease.process}`);
    const host = process.watch?.host;
    const leasedAt = Date.now();
    try {
      await untilReady(process, Math.max(this.#pause.until - leasedAt, startWaitMsMin));
      const report = await runIn(process, {
        ...{ program, session: session.name, caller, options, lease },
        blockedMsMax: () => this.#blockedMsMax(),
        onArrival: () => {
          this.#pause.end();
          options.onStart();
        },
        isOverdue: () => this.#pause.isOver || (Date.now() - leasedAt > arrivalMs && lease.isBetterElsewhere(this.#names)),
      });
      lease.release();
      if (this.#isWatched) (isFault(report) ? noteFault : noteEnd)({ session, program });
      if (host) await renewIfDue(host, lease.process);
      return report;
    } catch (error) {
      if (!(error instanceof ProcessLost)) {
        lease.release();
        throw error;
      }
      options.onLost();
      this.#pause.begin();
      if (error.arrivedAt === undefined) await this.#missed(lease, error);
      else await this.#lose(lease, error, error.reason ?? reasonOf(host, lease.process, error.arrivedAt));
      return undefined;
    }
  }

  #blockedMsMax(): number {
    const budgetMs = cpuBudgetMs(this.#parts.options.timeoutMs);
    return this.#lost === 0 ? budgetMs : Math.min(budgetMs, Math.max(this.#lateAt - Date.now(), againCpuMsMin));
  }

  /** It was not in the process when that was lost, so it cannot have caused the loss. */
  async #missed(lease: Lease, { cause }: ProcessLost): Promise<void> {
    const keepsPlace = this.#company !== "anyone" && !this.#pause.isOver;
    if (!keepsPlace) lease.lose();
    if (this.#pause.isOver) throw this.#waited(cause);
    if (!keepsPlace) await pauseOr(() => {}, this.#parts.options.signal);
  }

  /** @throws OrchestratorError if it is not tried again */
  async #lose(lease: Lease, { cause }: ProcessLost, reasonAsked: EndingReason | Promise<EndingReason | undefined>) {
    const { session, program, options } = this.#parts;
    lease.lose();
    noteLoss({ session, program });
    this.#lost += 1;
    const reason = await reasonAsked;
    // Of several, the one whose very text blocked a process within the last minute is the likeliest to have done it again.
    const isLikeliest = lease.wasAlone || isKnown(program);
    const isAtFault = (reason === "cpu" || reason === "memory") && isLikeliest;
    if (isAtFault) noteFault({ session, program });
    const hasActed = options.hasActed();
    if (isAtFault || hasActed || this.#lost >= attemptsMax || Date.now() > this.#lateAt) {
      throw lossError({
        ...{ reason, isAtFault, hasActed, isAgain: this.#lost > 1, programs: lease.suspects },
        ...{ timeoutMs: options.timeoutMs, cause },
      });
    }
    // A text that ended by itself before did hardly do it. One that is new may have, so it runs where it can harm nobody.
    this.#company = this.#lost === 1 && isProven(program) ? "anyone" : "nobody";
  }

  #waited(cause?: unknown) {
    return waitedError({ waitedMs: this.#pause.waitedMs, isSuspect: this.#isSuspect, cause });
  }
}

/** @throws OrchestratorError when it does not start; ProcessLost when nobody can say */
async function untilReady(process: Process, withinMs: number): Promise<void> {
  try {
    await process.ready(withinMs);
  } catch (cause) {
    throw cause instanceof OrchestratorError ? cause : new ProcessLost(undefined, { cause });
  }
}

/** Whether a program that ended by itself had held up the process, or filled it. */
function isFault({ outcome }: SandboxReport): boolean {
  return outcome.kind === "cpu_exceeded" || outcome.kind === "memory_exceeded";
}

/** @throws when the run ends meanwhile, after `onEnd` */
async function pauseOr(onEnd: () => void, signal: AbortSignal): Promise<void> {
  try {
    await scheduler.wait(reconnectDelayMs, { signal });
  } catch (error) {
    onEnd();
    throw error;
  }
}

async function reasonOf(host: SandboxHost | undefined, process: string, since: number): Promise<EndingReason | undefined> {
  try {
    return await host?.endingOf(process, since);
  } catch {
    // The host itself is gone or busy. Then nobody is blamed.
    return undefined;
  }
}

/**
 * workerd never frees some 70 KB of each isolate that it loaded. Before that adds up to the memory limit, the process is replaced
 * while it is empty. The program that ended last is answered after that.
 */
async function renewIfDue(host: SandboxHost, process: string): Promise<void> {
  const lease = leaseForRenewal(process, { programsMax: limits.programsPerProcess, expiresAfterMs: limits.runGraceMs });
  if (lease === undefined) return;
  try {
    await host.renew(process);
  } catch {
    // The host is busy or gone. The program has ended well all the same, and the process is renewed another time.
  } finally {
    lease.release();
  }
}
