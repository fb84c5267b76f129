/** How long a program may wait in all until it runs: before its first start, and again each time it lost its process. */
export class Pause {
  readonly #mostMs: number;
  #beforeMs = 0;
  #since: number | undefined = Date.now();

  constructor(mostMs: number) {
    this.#mostMs = mostMs;
  }

  begin(): void {
    this.#since ??= Date.now();
  }

  end(): void {
    this.#beforeMs = this.waitedMs;
    this.#since = undefined;
  }

  get isOn(): boolean {
    return this.#since !== undefined;
  }

  get waitedMs(): number {
    return this.#beforeMs + (this.#since === undefined ? 0 : Date.now() - this.#since);
  }

  /** When it is over if it goes on, in milliseconds since the epoch. */
  get until(): number {
    return Date.now() + this.#mostMs - this.waitedMs;
  }

  get isOver(): boolean {
    return this.isOn && this.waitedMs >= this.#mostMs;
  }
}
