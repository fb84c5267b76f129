import { AsyncLocalStorage } from "node:async_hooks";
import type { ChildProcess } from "node:child_process";
import { subscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare, type V4MiniflareOptions } from "miniflare";
import { reportBug } from "../../core/errors.ts";
import { memoryEveryMs, memoryOf } from "./process-memory.ts";

/** Why a process ended: over a limit, by itself, or because it had run enough programs. */
export type EndingReason = "cpu" | "memory" | "crash" | "renewed";

export interface Ending {
  reason: EndingReason;
  /** Milliseconds since the epoch. */
  at: number;
}

export interface WorkerdOptions {
  name: string;
  worker: V4MiniflareOptions;
  memoryMiB: number;
  /** Replaced when it has not answered for this long, even if nobody asks for it. */
  frozenMs: number;
  onEnding: (ending: Ending) => void;
}

const livenessEveryMs = 1_000;
/** What V8 prints when it cannot allocate more memory. */
const outOfMemory = /out of memory|allocation failed/i;

/**
 * One workerd process, killed when it uses too much memory or no longer answers, and restarted whenever it ends, which takes
 * about 150 ms. Miniflare starts and restarts it; this class knows the process and why it ended.
 */
export class WorkerdProcess {
  readonly #options: WorkerdOptions;
  readonly #miniflare: Miniflare;
  readonly #stopped = new AbortController();
  #child: ChildProcess | undefined;
  #startedAt = 0;
  /** Why it is being killed, until it has exited. */
  #reason: EndingReason | undefined;
  #lastEnding: Ending | undefined;
  #onEnding = new Set<() => void>();
  /** Resolves when the process answers. While it restarts, this is the promise of the next one. */
  #running = Promise.withResolvers<void>();

  constructor(options: WorkerdOptions) {
    this.#options = options;
    const onRestart = () => this.#running.resolve();
    this.#miniflare = starting.run(
      this,
      () => new Miniflare(convertV4MiniflareOptions({ ...withDefaults(options), unsafeHandleRuntimeRestart: onRestart })),
    );
  }

  /** Resolves when it answers. */
  async start(): Promise<void> {
    await this.#miniflare.ready;
    this.#running.resolve();
    void this.#watchMemory().catch(reportBug);
    void this.#watchLiveness().catch(reportBug);
  }

  /** The address of the running process; waits while it restarts. */
  async address(): Promise<URL> {
    await this.#running.promise;
    return await this.#miniflare.ready;
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#miniflare.dispose();
  }

  /** Kills it if it started before `frozenSince`; otherwise its predecessor had frozen. Resolves when the new process answers. */
  async replaceFrozen(frozenSince: number): Promise<void> {
    if (frozenSince >= this.#startedAt) await this.#end("cpu");
    await this.#running.promise;
  }

  /** Kills it; called while no program runs in it. Resolves when the new process answers. */
  async renew(): Promise<void> {
    await this.#end("renewed");
    await this.#running.promise;
  }

  /** How it ended after `since`, once the new process answers. Undefined when it does not end within `waitMs`. */
  async endingAfter(since: number, waitMs: number): Promise<Ending | undefined> {
    const deadline = AbortSignal.timeout(waitMs);
    while (!deadline.aborted) {
      if (this.#lastEnding !== undefined && this.#lastEnding.at >= since) {
        await this.#running.promise;
        return this.#lastEnding;
      }
      await this.#nextEnding(deadline);
    }
    return undefined;
  }

  /** Called for each process that Miniflare starts for this instance. */
  adopt(child: ChildProcess): void {
    this.#child = child;
    this.#startedAt = Date.now();
    child.stderr?.on("data", (chunk: Buffer) => {
      if (outOfMemory.test(chunk.toString())) this.#reason ??= "memory";
    });
    child.once("exit", () => {
      if (this.#child === child) this.#child = undefined;
      if (this.#stopped.signal.aborted) return;
      const ending = { reason: this.#reason ?? "crash", at: Date.now() };
      this.#reason = undefined;
      this.#lastEnding = ending;
      this.#running = Promise.withResolvers();
      for (const wake of this.#onEnding) wake();
      this.#options.onEnding(ending);
    });
  }

  /** Resolves when it has exited. */
  async #end(reason: EndingReason): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    this.#reason ??= reason;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
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

  async #watchMemory(): Promise<void> {
    const bytesMax = this.#options.memoryMiB * 2 ** 20;
    while (await this.#pause(memoryEveryMs)) {
      const pid = this.#child?.pid;
      if (pid === undefined) continue;
      const bytes = await memoryOf(pid);
      if (bytes !== undefined && bytes > bytesMax && this.#child?.pid === pid) await this.#end("memory");
    }
  }

  /** Without it, a program whose session is gone could compute for ever: no Worker would ask for a replacement. */
  async #watchLiveness(): Promise<void> {
    while (await this.#pause(livenessEveryMs)) {
      const address = await this.address();
      const askedAt = Date.now();
      try {
        const answer = await fetch(address, { signal: AbortSignal.timeout(this.#options.frozenMs) });
        await answer.body?.cancel();
      } catch {
        // Either the connection was refused, because the process restarts, or no answer came in time, because it is frozen.
        if (Date.now() - askedAt >= this.#options.frozenMs) await this.replaceFrozen(askedAt);
      }
    }
  }

  /** False when it was stopped during the pause. */
  async #pause(ms: number): Promise<boolean> {
    try {
      await delay(ms, undefined, { signal: this.#stopped.signal });
      return true;
    } catch {
      return false;
    }
  }
}

/** The instance whose process is being started: Miniflare starts and restarts processes in the async context that created it. */
const starting = new AsyncLocalStorage<WorkerdProcess>();

subscribe("child_process", (message) => {
  if (typeof message === "object" && message !== null && "process" in message) {
    starting.getStore()?.adopt(message.process as ChildProcess);
  }
});

function withDefaults({ name, worker }: WorkerdOptions): V4MiniflareOptions {
  return { ...worker, name, host: "127.0.0.1", port: 0, cf: false, telemetry: { enabled: false }, log: new Log(LogLevel.ERROR) };
}
