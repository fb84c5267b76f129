import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { createWriteStream } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { OrchestratorError } from "../../core/errors.ts";
import { limits } from "../../core/limits.ts";
import { LastLines } from "../stdio/last-lines.ts";
import { createLineSplitter } from "../stdio/line-splitter.ts";
import { describeExit, type Launch, spawnGroup, stopGroup } from "../stdio/process-group.ts";
import { becomesHealthy, healthTimeoutMs, isHealthy } from "./health.ts";

export interface Supervised {
  /** Its name in messages. */
  name: string;
  launch: Launch;
  /** Answers 2xx while the process is healthy. */
  healthUrl: string;
  /** All of its output is appended here. */
  logFile: string;
  /** Removes what an earlier process left behind. Called before each start. */
  prepare: () => Promise<void>;
  /** Called with each line that it prints. */
  onLine?: (line: string) => void;
}

export interface SupervisorOptions {
  /** Called at each restart, with the reason. */
  onRestart: (reason: string) => void;
}

/** How long a start may take: enough for a cold first build on a slow disk. */
const startMs = 60_000;
/** Time between two health checks. */
const healthEveryMs = 1_000;
/** Failed health checks in a row after which the process is replaced. One can fail on a busy machine. */
const missesMax = 2;
/** Failed starts in a row after which the process is not started again. */
const startsMax = 3;

/**
 * Keeps one process running: starts it, checks its health, replaces it when it ends or stops answering, and ends it together
 * with everything it started.
 */
export class Supervisor {
  readonly #process: Supervised;
  readonly #options: SupervisorOptions;
  readonly #ended = new AbortController();
  #child: ChildProcessWithoutNullStreams | undefined;
  #exit: Promise<string> = Promise.resolve("");
  #lastLines = new LastLines();
  #watching: Promise<void> = Promise.resolve();

  constructor(process: Supervised, options: SupervisorOptions) {
    this.#process = process;
    this.#options = options;
  }

  /**
   * Resolves once the process answers.
   * @throws OrchestratorError `server_unavailable` with its last lines when it ends or does not get ready
   */
  async start(): Promise<void> {
    await this.#spawnUntilReady();
    this.#watching = this.#watch();
  }

  async stop(): Promise<void> {
    this.#ended.abort();
    if (this.#child) await stopGroup(this.#child);
    await this.#watching;
  }

  async #spawnUntilReady(): Promise<void> {
    await this.#process.prepare();
    const child = spawnGroup(this.#process.launch);
    this.#child = child;
    this.#lastLines = new LastLines();
    this.#exit = new Promise((resolve) => {
      child.once("error", (error) => resolve(`could not be started: ${error.message}`));
      child.once("exit", (code, signal) => resolve(describeExit(code, signal).text));
    });
    child.stdin.on("error", () => {
      // The process ended before its stdin was closed. The exit event tells how.
    });
    child.stdin.end();
    this.#record(child);

    let ending: string | undefined;
    void this.#exit.then((text) => {
      ending = text;
    });
    const isOver = () => ending !== undefined || this.#ended.signal.aborted;
    if (await becomesHealthy(this.#process.healthUrl, { withinMs: startMs, isOver })) return;
    await stopGroup(child);
    if (this.#ended.signal.aborted)
      throw new OrchestratorError("cancelled", `${this.#process.name} was stopped while it started.`);
    const how = ending ?? `did not answer within ${startMs / 1000} s`;
    throw new OrchestratorError(
      "server_unavailable",
      `${this.#process.name} ${how}. Its log: ${this.#process.logFile}.${this.#lastLines.toMessage()}`,
    );
  }

  async #watch(): Promise<void> {
    let misses = 0;
    while (!this.#ended.signal.aborted) {
      const ending = await Promise.race([this.#exit, this.#pause()]);
      if (this.#ended.signal.aborted) return;
      if (ending === undefined) {
        misses = (await isHealthy(this.#process.healthUrl)) ? 0 : misses + 1;
        if (misses < missesMax) continue;
      }
      if (this.#ended.signal.aborted) return;
      this.#options.onRestart(ending ?? `did not answer ${missesMax} times in ${healthTimeoutMs / 1000} s each`);
      await this.#replace();
      misses = 0;
    }
  }

  async #replace(): Promise<void> {
    if (this.#child) await stopGroup(this.#child);
    for (let attempt = 1; attempt <= startsMax && !this.#ended.signal.aborted; attempt++) {
      try {
        await this.#spawnUntilReady();
        return;
      } catch (error) {
        if (this.#ended.signal.aborted) return;
        this.#options.onRestart(error instanceof Error ? error.message : String(error));
      }
    }
  }

  async #pause(): Promise<undefined> {
    try {
      await delay(healthEveryMs, undefined, { signal: this.#ended.signal });
    } catch {
      // Stopped while waiting; the caller checks the signal.
    }
    return undefined;
  }

  #record(child: ChildProcessWithoutNullStreams): void {
    const log = createWriteStream(this.#process.logFile, { flags: "a" });
    log.on("error", () => {
      // A log that cannot be written, for instance on a full disk, must not stop the orchestrator.
    });
    const onLine = (line: string) => {
      this.#lastLines.add(line);
      this.#process.onLine?.(line);
    };
    for (const stream of [child.stdout, child.stderr]) {
      const lines = createLineSplitter({ lineCharsMax: limits.stderrLineCharsMax, onLine });
      stream.on("data", (chunk: Buffer) => {
        log.write(chunk);
        lines.push(chunk);
      });
    }
    child.once("close", () => log.end());
  }
}
