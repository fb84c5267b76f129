import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { createWriteStream } from "node:fs";
import { LastLines } from "../stdio/last-lines.ts";
import { createLineSplitter } from "../stdio/line-splitter.ts";
import { describeExit, type Launch, spawnGroup, stopGroup } from "../stdio/process-group.ts";
import { stdioLimits } from "../stdio/stdio-limits.ts";

export interface LoggedOptions {
  /** All of its output is appended here. */
  logFile: string;
  /** Called with each line that it prints. */
  onLine?: (line: string) => void;
}

/** A child process whose output goes to a file, and whose last lines can be put into an error. */
export class LoggedProcess {
  /** Resolves when it has exited, with how: "exited with code 3". */
  readonly ended: Promise<string>;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lastLines = new LastLines();
  #hasEnded = false;
  #stopping: Promise<void> | undefined;

  constructor(launch: Launch, options: LoggedOptions) {
    const child = spawnGroup(launch);
    this.#child = child;
    this.ended = new Promise((resolve) => {
      child.once("error", (error) => resolve(`could not be started: ${error.message}`));
      child.once("exit", (code, signal) => resolve(describeExit(code, signal).text));
    });
    void this.ended.then(() => {
      this.#hasEnded = true;
      // Whatever it started ends with it.
      return stopGroup(child);
    });
    child.stdin.on("error", () => {
      // The process ended before its stdin was closed. The exit event tells how.
    });
    child.stdin.end();
    this.#record(options);
  }

  /** Undefined when it could not be started, or has ended. */
  get pid(): number | undefined {
    return this.#hasEnded ? undefined : this.#child.pid;
  }

  /** Ready to be appended to a message; empty when it printed nothing. */
  lastLines(): string {
    return this.#lastLines.toMessage();
  }

  /** SIGTERM, and SIGKILL for what is left a little later. Once, however many ask for it. */
  stop(): Promise<void> {
    this.#stopping ??= stopGroup(this.#child);
    return this.#stopping;
  }

  /** SIGKILL, for a process that has nothing to save. */
  kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    return this.stop();
  }

  #record({ logFile, onLine }: LoggedOptions): void {
    const log = createWriteStream(logFile, { flags: "a", mode: 0o600 });
    log.on("error", () => {
      // A log that cannot be written, for instance on a full disk, must not stop the orchestrator.
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      const lines = createLineSplitter({
        lineCharsMax: stdioLimits.stderrLineCharsMax,
        onLine: (line) => {
          this.#lastLines.add(line);
          onLine?.(line);
        },
      });
      stream.on("data", (chunk: Buffer) => {
        log.write(chunk);
        lines.push(chunk);
      });
    }
    this.#child.once("close", () => log.end());
  }
}
