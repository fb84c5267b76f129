import type { Clock } from "./clock.ts";

/** Wakes once, after so much time in which it was not held. */
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

  /** So much time from now on. */
  restart(ms: number): void {
    this.#leftMs = ms;
    this.#since = this.#clock.now();
    this.#run();
  }

  /** Its time stands still until disposed. */
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

  /** It does not wake any more. */
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
