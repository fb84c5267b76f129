import type { Clock } from "./clock.ts";

/** Calls `wake` once, after `ms` in which it was not paused. */
export class PausableTimer {
  readonly #clock: Clock;
  readonly #wake: () => void;
  #leftMs: number;
  #since: number;
  #holds = 0;
  #isOver = false;
  #stop: () => void = () => {};

  constructor(clock: Clock, { ms, wake }: { ms: number; wake: () => void }) {
    this.#clock = clock;
    this.#wake = wake;
    this.#leftMs = ms;
    this.#since = clock.now();
    this.#run();
  }

  /** Restarts with `ms` from now. */
  restart(ms: number): void {
    this.#leftMs = ms;
    this.#since = this.#clock.now();
    this.#run();
  }

  /** Pauses the timer until the result is disposed. */
  hold(): Disposable {
    this.#holds += 1;
    if (this.#holds === 1) {
      this.#stop();
      this.#leftMs -= this.#clock.now() - this.#since;
    }
    let isHeld = true;
    return {
      [Symbol.dispose]: () => {
        if (!isHeld) return;
        isHeld = false;
        this.#holds -= 1;
        if (this.#holds === 0) this.restart(this.#leftMs);
      },
    };
  }

  /** Cancels the timer. */
  stop(): void {
    this.#isOver = true;
    this.#stop();
  }

  #run(): void {
    this.#stop();
    if (this.#holds > 0 || this.#isOver) return;
    this.#stop = this.#clock.after(this.#leftMs, () => {
      this.#isOver = true;
      this.#wake();
    });
  }
}
