import { OrchestratorError } from "../../core/errors.ts";
import { createCheckTurns } from "../sandbox/check-turns.ts";
import { LoggedProcess } from "../sandbox/logged-process.ts";
import { pause, pauseTogether } from "../sandbox/pause.ts";
import { type Address, answers, becomesReady } from "../sandbox/probe.ts";
import { cpuTimeOf } from "../sandbox/process-usage.ts";
import type { Launch } from "../stdio/process-group.ts";

export interface Supervised {
  /** Its name in messages. */
  name: string;
  launch: Launch;
  address: Address;
  /** Answers 2xx while the process is healthy. */
  healthPath: string;
  /** All of its output is appended here. */
  logFile: string;
}

export interface SupervisorOptions {
  /** Called at each restart, with the reason. */
  onRestart: (reason: string) => void;
  /** Called when the process answers again after a restart. */
  onBack: () => void;
}

/** How long a start may take: enough for a slow disk and a busy machine. */
const startMs = 60_000;
/** Time between two looks at whether a health check is due, and between two looks at a process that has not answered yet. */
const healthEveryMs = 1_000;
/** A process that computes for this long without answering is in an endless loop. One that waits for the processor is not. */
const frozenCpuMs = 8_000;
/** A process that neither answers nor computes for this long is stuck. */
const stuckMs = 30_000;
/** Computing less than this in `stuckMs` is none: timers and the garbage collector. */
const stuckCpuMs = 100;
/** Pause after a failed start: what was missing may come back, such as memory or a file. */
const failedStartMs = 5_000;

/**
 * Keeps one process running: starts it, checks its health, replaces it when it ends or makes no progress, and ends it together
 * with everything it started.
 */
export class Supervisor {
  readonly #supervised: Supervised;
  readonly #options: SupervisorOptions;
  readonly #stopped = new AbortController();
  #process: LoggedProcess | undefined;
  #watching: Promise<void> = Promise.resolve();

  constructor(supervised: Supervised, options: SupervisorOptions) {
    this.#supervised = supervised;
    this.#options = options;
  }

  /**
   * Resolves once the process answers.
   * @throws OrchestratorError `server_unavailable` with its last lines when it ends or does not get ready
   */
  async start(): Promise<void> {
    const process = await this.#spawnUntilReady();
    this.#watching = this.#watch(process);
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#process?.stop();
    await this.#watching;
  }

  async #spawnUntilReady(): Promise<LoggedProcess> {
    const { name, launch, logFile, address, healthPath } = this.#supervised;
    const process = new LoggedProcess(launch, { logFile });
    this.#process = process;
    const over = new AbortController();
    let ending: string | undefined;
    void process.ended.then((how) => {
      ending = how;
      over.abort();
    });
    const signal = AbortSignal.any([over.signal, this.#stopped.signal, AbortSignal.timeout(startMs)]);
    if (await becomesReady(address, { path: healthPath, signal })) return process;
    await process.stop();
    if (this.#stopped.signal.aborted) throw new OrchestratorError("cancelled", `${name} was stopped while it started.`);
    const how = ending ?? `did not answer within ${startMs / 1000} s`;
    throw new OrchestratorError("server_unavailable", `${name} ${how}. Its log: ${logFile}.${process.lastLines()}`);
  }

  async #watch(first: LoggedProcess): Promise<void> {
    let process: LoggedProcess | undefined = first;
    while (process !== undefined) {
      const over = new AbortController();
      const signal = AbortSignal.any([over.signal, this.#stopped.signal]);
      const reason = await Promise.race([process.ended, this.#untilFrozen(process, signal)]);
      over.abort();
      if (reason === undefined || this.#stopped.signal.aborted) return;
      this.#options.onRestart(reason);
      process = await this.#replace(process);
    }
  }

  /** Resolves with the reason when the process is frozen, and with undefined when `signal` aborts. */
  async #untilFrozen({ pid }: LoggedProcess, signal: AbortSignal): Promise<string | undefined> {
    const { address, healthPath } = this.#supervised;
    const isCheckDue = createCheckTurns();
    while (await pauseTogether(healthEveryMs, signal)) {
      if (!isCheckDue(pid === undefined ? undefined : await cpuTimeOf(pid))) continue;
      const decided = new AbortController();
      const undecided = AbortSignal.any([signal, decided.signal]);
      const answered = answers(address, { path: healthPath, signal: undecided }).then(() => true);
      const reason = await Promise.race([answered, whyFrozen(pid, undecided)]);
      decided.abort();
      if (typeof reason === "string") return reason;
    }
    return undefined;
  }

  async #replace(process: LoggedProcess): Promise<LoggedProcess | undefined> {
    await process.stop();
    while (!this.#stopped.signal.aborted) {
      try {
        const next = await this.#spawnUntilReady();
        this.#options.onBack();
        return next;
      } catch (error) {
        if (this.#stopped.signal.aborted) return undefined;
        this.#options.onRestart(error instanceof Error ? error.message : String(error));
      }
      await pause(failedStartMs, this.#stopped.signal);
    }
    return undefined;
  }
}

/** Called when a health check was sent. Resolves when the process will surely not answer it any more, or when `signal` aborts. */
async function whyFrozen(pid: number | undefined, signal: AbortSignal): Promise<string | undefined> {
  const askedAt = performance.now();
  const cpuBefore = pid === undefined ? undefined : await cpuTimeOf(pid);
  while (await pause(healthEveryMs, signal)) {
    const cpuNow = pid === undefined ? undefined : await cpuTimeOf(pid);
    // It has ended, which is noticed elsewhere.
    if (cpuBefore === undefined || cpuNow === undefined) continue;
    const cpuMs = cpuNow - cpuBefore;
    if (cpuMs >= frozenCpuMs) return `computed for ${frozenCpuMs / 1000} s without answering`;
    if (cpuMs < stuckCpuMs && performance.now() - askedAt >= stuckMs) return `did not answer for ${stuckMs / 1000} s`;
  }
  return undefined;
}
