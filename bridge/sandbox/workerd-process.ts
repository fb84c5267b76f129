import { rm } from "node:fs/promises";
import { OrchestratorError, reportBug } from "../../core/errors.ts";
import type { Launch } from "../stdio/process-group.ts";
import { createCheckTurns } from "./check-turns.ts";
import { LoggedProcess } from "./logged-process.ts";
import { pause, pauseTogether } from "./pause.ts";
import { answers, becomesReady } from "./probe.ts";
import { cpuTimeOf, memoryOf, watchComputing } from "./process-usage.ts";

/** Why a process ended: over a limit, by itself, because it had run enough programs, or because nobody needed it. */
export type EndingReason = "cpu" | "memory" | "crash" | "renewed" | "idle";

export interface Ending {
  reason: EndingReason;
  /** Milliseconds since the epoch. */
  at: number;
}

export interface WorkerdOptions {
  /** In messages. */
  name: string;
  launch: Launch;
  /** Where it listens. It answers 2xx to a GET once it can do its work. */
  socketPath: string;
  logFile: string;
  memoryMiB: number;
  /** Replaced when it has not answered for this long, even if nobody asks for it. */
  frozenMs: number;
  /** Set for a process that starts when it is first needed, and ends when it was not needed for this long. */
  idleMs?: number;
  onEnding: (ending: Ending) => void;
}

const livenessEveryMs = 1_000;
/** How long a start may take: enough for a slow disk and a busy machine. */
const startMs = 60_000;
/** Pauses before the next start after one, two, and more in a row in which it never answered. */
const pausesMs = [100, 1_000, 5_000];
/** How often its computing time is remembered: for twenty seconds of a process that computes. */
const readingsMax = 400;
/** What V8 prints when it cannot allocate more memory. */
const outOfMemory = /out of memory|allocation failed/i;

/**
 * One workerd process: killed when it uses too much memory or no longer answers, and restarted whenever it ends, which takes about
 * 150 ms, as long as it is needed.
 */
export class WorkerdProcess {
  readonly #options: WorkerdOptions;
  readonly #stopped = new AbortController();
  #process: LoggedProcess | undefined;
  #startedAt = 0;
  /** Its computing time when it was last looked at, and each time that this had changed. */
  #cpuMs = 0;
  #readings: { at: number; cpuMs: number }[] = [];
  /** Until when it is needed, in milliseconds since the epoch. */
  #neededUntil = 0;
  /** Starts in a row, the present one included, in which it has not answered yet. */
  #unanswered = 0;
  #hasFailed = false;
  /** Why it is being killed, until it has exited. */
  #reason: EndingReason | undefined;
  #lastEnding: Ending | undefined;
  #onEnding = new Set<() => void>();
  /** Resolves when the process answers. While it restarts, this is the promise of the next one; undefined while it is not needed. */
  #running: PromiseWithResolvers<void> | undefined;

  constructor(options: WorkerdOptions) {
    this.#options = options;
    if (options.idleMs === undefined) this.#neededUntil = Number.POSITIVE_INFINITY;
  }

  /**
   * Starts the process if it does not run, and keeps it for `idleMs`. Resolves when it answers.
   * @throws OrchestratorError `server_unavailable` with its last lines, when it ends instead
   */
  async ensure(): Promise<void> {
    if (this.#options.idleMs !== undefined) this.#neededUntil = Date.now() + this.#options.idleMs;
    if (this.#running === undefined) this.#spawn();
    await this.#running?.promise;
  }

  /** Whether it can do its work, or could when it is started: false once a start has failed, until one succeeds. */
  get isWell(): boolean {
    return !this.#hasFailed;
  }

  /** How long it has computed since then. Undefined when it does not run; too long when it was started, or last at rest, long ago. */
  async computedSince(since: number): Promise<number | undefined> {
    const before = this.#readings.findLast(({ at }) => at <= since)?.cpuMs ?? 0;
    const cpuMs = this.#process?.pid && (await cpuTimeOf(this.#process.pid));
    return cpuMs && Math.max(0, cpuMs - before);
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#process?.kill();
  }

  /** Kills it if it started before `frozenSince`; otherwise its predecessor had frozen. Resolves when the new process answers. */
  async replaceFrozen(frozenSince: number): Promise<void> {
    if (frozenSince >= this.#startedAt) await this.#end("cpu");
    await this.#running?.promise;
  }

  /** Kills it; called while no program runs in it. Resolves when the new process answers. */
  async renew(): Promise<void> {
    await this.#end("renewed");
    await this.#running?.promise;
  }

  /** How it ended after `since`, once the new process answers. Undefined when it does not end within `waitMs`. */
  async endingAfter(since: number, waitMs: number): Promise<Ending | undefined> {
    const deadline = AbortSignal.timeout(waitMs);
    while (!deadline.aborted) {
      if (this.#lastEnding !== undefined && this.#lastEnding.at >= since) {
        await this.#running?.promise;
        return this.#lastEnding;
      }
      await this.#nextEnding(deadline);
    }
    return undefined;
  }

  #spawn(): void {
    const running = Promise.withResolvers<void>();
    // Whoever waits gets the error; nobody has to.
    running.promise.catch(() => {});
    this.#running = running;
    void this.#run(running, this.#pauseMs()).catch((error: unknown) => {
      reportBug(error);
      running.reject(error);
    });
  }

  #pauseMs(): number {
    return pausesMs[Math.min(this.#unanswered, pausesMs.length) - 1] ?? 0;
  }

  /** From the start of one process to its end. */
  async #run(running: PromiseWithResolvers<void>, pauseMs: number): Promise<void> {
    if (pauseMs > 0) await pause(pauseMs, this.#stopped.signal);
    // A killed process leaves its socket behind, and its successor could not listen there.
    await rm(this.#options.socketPath, { force: true });
    if (this.#stopped.signal.aborted) return;
    this.#unanswered += 1;
    const child = new LoggedProcess(this.#options.launch, {
      logFile: this.#options.logFile,
      onLine: (line) => {
        if (outOfMemory.test(line)) this.#reason ??= "memory";
      },
    });
    this.#process = child;
    this.#startedAt = Date.now();
    this.#cpuMs = 0;
    this.#readings = [];
    const over = new AbortController();
    void this.#watch(child, running, over.signal).catch(reportBug);
    const how = await child.ended;
    over.abort();
    this.#ended(running, `${this.#options.name} ${how}.${child.lastLines()}`);
  }

  /** Until the process has ended. */
  async #watch(child: LoggedProcess, running: PromiseWithResolvers<void>, over: AbortSignal): Promise<void> {
    if (child.pid !== undefined) void this.#watchMemory(child, child.pid, over).catch(reportBug);
    const signal = AbortSignal.any([over, AbortSignal.timeout(startMs)]);
    if (!(await becomesReady(this.#options, { signal }))) return void child.kill();
    this.#unanswered = 0;
    this.#hasFailed = false;
    running.resolve();
    await this.#watchLiveness(over);
  }

  #ended(running: PromiseWithResolvers<void>, how: string): void {
    this.#process = undefined;
    this.#hasFailed = this.#unanswered > 0;
    running.reject(new OrchestratorError("server_unavailable", `${how} Its log: ${this.#options.logFile}`));
    if (this.#stopped.signal.aborted) return;
    const ending = { reason: this.#reason ?? "crash", at: Date.now() };
    this.#reason = undefined;
    this.#lastEnding = ending;
    this.#running = undefined;
    // The next one starts before anybody learns of the end, so that whoever does waits for it.
    if (Date.now() < this.#neededUntil) this.#spawn();
    for (const wake of this.#onEnding) wake();
    this.#options.onEnding(ending);
  }

  /** Resolves when it has exited. */
  async #end(reason: EndingReason): Promise<void> {
    const child = this.#process;
    if (child?.pid === undefined) return;
    this.#reason ??= reason;
    await child.kill();
  }

  #nextEnding(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        this.#onEnding.delete(wake);
        signal.removeEventListener("abort", wake);
        resolve();
      };
      this.#onEnding.add(wake);
      signal.addEventListener("abort", wake, { once: true });
    });
  }

  async #watchMemory(child: LoggedProcess, pid: number, over: AbortSignal): Promise<void> {
    const bytesMax = this.#options.memoryMiB * 2 ** 20;
    await watchComputing(
      pid,
      async (cpuMs) => {
        this.#cpuMs = cpuMs;
        this.#readings.push({ at: Date.now(), cpuMs });
        if (this.#readings.length > readingsMax) this.#readings.shift();
        const bytes = await memoryOf(pid);
        if (bytes !== undefined && bytes > bytesMax && this.#process === child) await this.#end("memory");
      },
      over,
    );
  }

  /** Without it, a program whose session is gone could compute for ever: no Worker would ask for a replacement. */
  async #watchLiveness(over: AbortSignal): Promise<void> {
    const isCheckDue = createCheckTurns();
    while (await pauseTogether(livenessEveryMs, over)) {
      if (Date.now() > this.#neededUntil) return this.#end("idle");
      if (!isCheckDue(this.#cpuMs)) continue;
      const askedAt = Date.now();
      const signal = AbortSignal.any([over, AbortSignal.timeout(this.#options.frozenMs)]);
      const isWell = await answers(this.#options, { signal });
      // No answer for another reason means that the process ends.
      if (!isWell && Date.now() - askedAt >= this.#options.frozenMs) return this.#end("cpu");
    }
  }
}
