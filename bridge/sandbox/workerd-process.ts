import { AsyncLocalStorage } from "node:async_hooks";
import type { ChildProcess } from "node:child_process";
import { subscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare, type V4MiniflareOptions } from "miniflare";
import { reportBug } from "../../core/errors.ts";
import { memoryEveryMs, memoryOf } from "./process-memory.ts";

/** Why a process was ended: over its bound, by itself, or because it had run enough programs. */
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
  /** So long without an answer, and it is replaced whoever asks for it or not. */
  frozenMs: number;
  onEnding: (ending: Ending) => void;
}

const pulseEveryMs = 1_000;
/** The engine's own words when it can get no more memory. */
const outOfMemory = /out of memory|allocation failed/i;

/**
 * One workerd, watched: ended when it uses too much memory or no longer answers, and started again whenever it has ended, which
 * takes it a seventh of a second. Starting and starting again is Miniflare's work; this knows the process and why it ended.
 */
export class WorkerdProcess {
  readonly #options: WorkerdOptions;
  readonly #miniflare: Miniflare;
  readonly #stopped = new AbortController();
  #child: ChildProcess | undefined;
  #startedAt = 0;
  /** Why it is being ended, before it is gone. */
  #verdict: EndingReason | undefined;
  #lastEnding: Ending | undefined;
  #onEnding = new Set<() => void>();
  /** Resolves when the process answers, the one that is starting if there is none. */
  #running = Promise.withResolvers<void>();

  constructor(options: WorkerdOptions) {
    this.#options = options;
    const onRestart = () => this.#running.resolve();
    this.#miniflare = starting.run(
      this,
      () => new Miniflare(convertV4MiniflareOptions({ ...withDefaults(options), unsafeHandleRuntimeRestart: onRestart })),
    );
  }

  /** Resolves once it answers. */
  async start(): Promise<void> {
    await this.#miniflare.ready;
    this.#running.resolve();
    void this.#watchMemory().catch(reportBug);
    void this.#watchPulse().catch(reportBug);
  }

  /** Where it listens, now and after each replacement. */
  async address(): Promise<URL> {
    await this.#running.promise;
    return await this.#miniflare.ready;
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#miniflare.dispose();
  }

  /** Ends it for having frozen at a time, unless that was its predecessor. Resolves when its successor answers. */
  async replaceFrozen(frozenSince: number): Promise<void> {
    if (frozenSince >= this.#startedAt) await this.#end("cpu");
    await this.#running.promise;
  }

  /** Ends it while nothing runs in it. Resolves when its successor answers. */
  async renew(): Promise<void> {
    await this.#end("renewed");
    await this.#running.promise;
  }

  /** Why it ended after `since`, told when its successor answers; undefined when it did not end within `waitMs`. */
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

  /** Called for each process that Miniflare starts for this one. */
  adopt(child: ChildProcess): void {
    this.#child = child;
    this.#startedAt = Date.now();
    child.stderr?.on("data", (chunk: Buffer) => {
      if (outOfMemory.test(chunk.toString())) this.#verdict ??= "memory";
    });
    child.once("exit", () => {
      if (this.#child === child) this.#child = undefined;
      if (this.#stopped.signal.aborted) return;
      const ending = { reason: this.#verdict ?? "crash", at: Date.now() };
      this.#verdict = undefined;
      this.#lastEnding = ending;
      this.#running = Promise.withResolvers();
      for (const wake of this.#onEnding) wake();
      this.#options.onEnding(ending);
    });
  }

  /** Resolves when it is gone. */
  async #end(reason: EndingReason): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    this.#verdict ??= reason;
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

  /** For when nobody is left to ask: a program whose session is gone goes on computing. */
  async #watchPulse(): Promise<void> {
    while (await this.#pause(pulseEveryMs)) {
      const address = await this.address();
      const askedAt = Date.now();
      try {
        const answer = await fetch(address, { signal: AbortSignal.timeout(this.#options.frozenMs) });
        await answer.body?.cancel();
      } catch {
        // Refused while it starts again, or silent: only the second is frozen, and then it is older than the question.
        if (Date.now() - askedAt >= this.#options.frozenMs) await this.replaceFrozen(askedAt);
      }
    }
  }

  /** False when it was stopped meanwhile. */
  async #pause(ms: number): Promise<boolean> {
    try {
      await delay(ms, undefined, { signal: this.#stopped.signal });
      return true;
    } catch {
      return false;
    }
  }
}

/** Whose process is being started: Miniflare starts it, at first and again, in the context it was made in. */
const starting = new AsyncLocalStorage<WorkerdProcess>();

subscribe("child_process", (message) => {
  if (typeof message === "object" && message !== null && "process" in message) {
    starting.getStore()?.adopt(message.process as ChildProcess);
  }
});

function withDefaults({ name, worker }: WorkerdOptions): V4MiniflareOptions {
  return { ...worker, name, host: "127.0.0.1", port: 0, cf: false, telemetry: { enabled: false }, log: new Log(LogLevel.ERROR) };
}
