import type { Clock } from "../clock.ts";
import type { OrchestratorError } from "../errors.ts";
import { limits } from "../limits.ts";
import { callLimitsOf } from "../registry/call-limits.ts";
import type { ServerEntry } from "../registry/registry.ts";
import { graceLimits } from "./grace-limits.ts";

/**
 * The clock of one run, and the only one: the gate, the sandbox and the isolate all ask it. The time starts with the program and
 * stands still while a person is being asked something.
 */
export class RunTime implements Disposable {
  readonly #clock: Clock;
  readonly #runMs: number;
  readonly #caller: AbortSignal;
  readonly #controller = new AbortController();
  #stopTimer = () => {};
  #startedAt: number;
  #enteredAt: number;
  #heldBeforeMs = 0;
  #holds = 0;
  #heldSince = 0;
  #released = Promise.withResolvers<void>();

  /** @param caller ends the run when it aborts */
  constructor(caller: AbortSignal, { clock, runMs }: { clock: Clock; runMs: number }) {
    this.#clock = clock;
    this.#runMs = runMs;
    this.#caller = caller;
    this.#startedAt = clock.now();
    this.#enteredAt = this.#startedAt;
    if (caller.aborted) this.#abort();
    caller.addEventListener("abort", this.#abort, { once: true });
  }

  /** Aborts with the caller's signal, or when the isolate should long have reported. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** When the program's time is up, in milliseconds since the epoch. Moves back while the time stands still. */
  deadline(): number {
    return this.#startedAt + this.#runMs + this.#heldBeforeMs + this.#heldNowMs();
  }

  /** From now on the program waits for nothing but a process. */
  enter(): void {
    this.#enteredAt = this.#clock.now();
  }

  /** The program starts: it has all its time from now on. */
  restart(): void {
    this.#startedAt = this.#clock.now();
    this.#heldBeforeMs = 0;
    this.#startTimer();
  }

  /** The program has lost its process: its time stands still until it starts again, but not for ever. */
  lose(): void {
    this.#startTimer(this.#untilLateMs());
  }

  /** The time stands still until the hold is disposed. */
  hold(): Disposable {
    this.#holds += 1;
    if (this.#holds === 1) this.#stand();
    let isHeld = true;
    return {
      [Symbol.dispose]: () => {
        if (isHeld) this.#holds -= 1;
        if (isHeld && this.#holds === 0) this.#goOn();
        isHeld = false;
      },
    };
  }

  /** How long the time has stood still in all. Resolves once it does not stand still. */
  async heldMs(): Promise<number> {
    while (this.#holds > 0) await this.#released.promise;
    return this.#heldBeforeMs;
  }

  [Symbol.dispose](): void {
    this.#stopTimer();
    this.#caller.removeEventListener("abort", this.#abort);
    // Calls that the program did not wait for end with it.
    this.#abort();
  }

  /** With a reason: without one an exception is made, whose stack takes time. */
  readonly #abort = () => this.#controller.abort("ended");

  /** A holder that was evicted never disposes its hold: no hold counts for longer than a person may take to answer. */
  #heldNowMs(): number {
    return this.#holds === 0 ? 0 : Math.min(this.#clock.now() - this.#heldSince, limits.answerMs);
  }

  #stand(): void {
    this.#heldSince = this.#clock.now();
    this.#released = Promise.withResolvers();
    this.#stopTimer();
  }

  #goOn(): void {
    this.#heldBeforeMs += this.#clock.now() - this.#heldSince;
    this.#released.resolve();
    this.#startTimer();
  }

  /** What remains of `outcomeLateMs` after the wait for a process. */
  #untilLateMs(): number {
    return graceLimits.outcomeLateMs - (this.#startedAt - this.#enteredAt);
  }

  #startTimer(graceMs = Math.max(graceLimits.runGraceMsMin, Math.min(limits.runGraceMs, this.#untilLateMs()))): void {
    this.#stopTimer();
    if (this.#holds > 0 || this.signal.aborted) return;
    this.#stopTimer = this.#clock.after(this.deadline() + graceMs - this.#clock.now(), this.#abort);
  }
}

/**
 * How long a program may take whose caller did not say: its own time, and what one call of the slowest server that it uses may take.
 * Otherwise the run would cut calls that their server's limits allow.
 */
export function defaultRunMs(used: readonly ServerEntry[]): number {
  const longest = Math.max(0, ...used.map((server) => callLimitsOf(server).timeoutMs));
  return Math.min(limits.runMs + longest, limits.runMsMax);
}

/**
 * Stops waiting when `signal` aborts, whatever the other side does then: a run always ends.
 * @throws what `onAbort` makes
 */
export async function unlessAborted<T>(
  waited: Promise<T>,
  { signal, onAbort }: { signal: AbortSignal; onAbort: () => OrchestratorError },
): Promise<T> {
  let stop = () => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(onAbort());
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
  });
  try {
    return await Promise.race([waited, aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
