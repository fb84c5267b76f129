import type { Clock } from "../clock.ts";
import { OrchestratorError } from "../errors.ts";
import { type Account, type Holder, shareOf } from "./account.ts";
import { policyLimits } from "./policy-limits.ts";

interface Waiting {
  admit(): void;
  fail(error: unknown): void;
}

export interface PlaceShareParts {
  of: string;
  account: Account;
  holder: Holder;
  clock: Clock;
  /** Gives places back to the account, in the background. */
  giveBack: (places: Record<string, number>) => void;
  /** Into how many shares all places are divided. A session takes one at once. */
  shares: number;
  /** How many may wait here, and for how long. */
  queue: { max: number; ms: number };
  /** The refusal of one that waited for too long, or that would have to wait behind too many, where so many may be at once. */
  refuse: (most: number) => OrchestratorError;
}

/** What a place is taken from. */
interface Bounds {
  /** Places of the principal, in all its sessions together. */
  most: number;
  /** Of these, as many as this session may use. */
  here?: number;
}

/** A session's share of the places of one kind: calls in flight at a server, or runs, hold them; further ones wait in order. */
export class PlaceShare {
  readonly #parts: PlaceShareParts;
  readonly #waiting: Waiting[] = [];
  #most = 0;
  #here = Number.POSITIVE_INFINITY;
  #held = 0;
  #used = 0;
  /** What the session may keep while others wait. */
  #fair = Number.POSITIVE_INFINITY;
  #isAsking = false;
  /** The fewest places that were idle since the timer was set; undefined while it is not. */
  #leastIdle: number | undefined;
  /** When a place was last taken or given back here. */
  #usedAt = 0;
  #stopIdleTimer = () => {};

  constructor(parts: PlaceShareParts) {
    this.#parts = parts;
  }

  /** Undefined while it asks: the account may have granted some by then. */
  get held(): number | undefined {
    return this.#isAsking ? undefined : this.#held;
  }

  /**
   * Resolves with a place, which is free again when it is disposed.
   * @throws OrchestratorError `cancelled` when the signal aborts meanwhile; the refusal
   */
  async acquire({ most, here = Number.POSITIVE_INFINITY }: Bounds, signal: AbortSignal): Promise<Disposable> {
    this.#most = most;
    this.#here = here;
    if (signal.aborted) throw cancelled();
    if (this.#waiting.length > 0 || !this.#hasRoom()) await this.#wait(signal);
    else this.#use();
    return this.#place();
  }

  /** Other sessions wait, and this one may keep so many places. */
  mayKeep(fair: number): void {
    // While it asks, the account says so with each answer.
    if (this.#isAsking) return;
    this.#fair = fair;
    const spare = Math.min(this.#held - this.#used, this.#held - fair);
    if (spare > 0) this.#giveBack(spare);
  }

  /** No run is under way: what is not used goes back at once. */
  returnIdle(): Record<string, number> {
    this.#unwatchIdle();
    const idle = this.#held - this.#used;
    if (this.#isAsking || idle <= 0) return {};
    this.#held -= idle;
    return { [this.#parts.of]: idle };
  }

  #use(): void {
    this.#used += 1;
    this.#usedAt = this.#parts.clock.now();
    if (this.#leastIdle !== undefined) this.#leastIdle = Math.min(this.#leastIdle, this.#held - this.#used);
  }

  #hasRoom(): boolean {
    return this.#used < Math.min(this.#held, this.#most, this.#here);
  }

  /** The refusal names the bound that is reached: the session's own, or that of its principal. */
  #refusal(): OrchestratorError {
    return this.#parts.refuse(this.#used < this.#here ? this.#most : this.#here);
  }

  async #wait(signal: AbortSignal): Promise<void> {
    const { clock, queue } = this.#parts;
    if (this.#waiting.length >= queue.max) throw this.#refusal();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiting = { admit: resolve, fail: reject };
    const leave = (error: OrchestratorError) => {
      const index = this.#waiting.indexOf(waiting);
      if (index < 0) return;
      this.#waiting.splice(index, 1);
      reject(error);
    };
    const onAbort = () => leave(cancelled());
    signal.addEventListener("abort", onAbort, { once: true });
    const stopTimer = clock.after(queue.ms, () => leave(this.#refusal()));
    this.#waiting.push(waiting);
    void this.#ask();
    try {
      await promise;
    } finally {
      stopTimer();
      signal.removeEventListener("abort", onAbort);
    }
  }

  /** Asks the account for as long as any wait that could have a place here. */
  async #ask(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    const { account, of, holder } = this.#parts;
    try {
      while (this.#waiting.length > 0) {
        this.#admit();
        const needed = Math.min(this.#waiting.length, this.#here - this.#used);
        if (needed <= 0) break;
        const share = Math.min(this.#share(), this.#here - this.#used);
        const wanted = { holder, most: this.#most, needed, share, fair: this.#fair };
        const { granted, fair } = await account.takePlaces(of, wanted);
        this.#held += granted;
        this.#fair = fair;
        this.#admit();
      }
    } catch (error) {
      for (const waiting of this.#waiting.splice(0)) waiting.fail(error);
    } finally {
      this.#isAsking = false;
      this.#fair = Number.POSITIVE_INFINITY;
      this.#settleIdle();
    }
  }

  /** A place passes from hand to hand before the waiting call goes on, so that nobody takes it in between. */
  #admit(): void {
    while (this.#hasRoom()) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#use();
      next.admit();
    }
  }

  #place(): Disposable {
    let isHeld = true;
    return {
      [Symbol.dispose]: () => {
        if (!isHeld) return;
        isHeld = false;
        // While it had all places that it may use it asked for none, so that it does not know whether others wait.
        const isAsked = this.#used < this.#here || this.#waiting.length === 0;
        this.#used -= 1;
        this.#usedAt = this.#parts.clock.now();
        if (this.#held > this.#fair || !isAsked) this.#giveBack(1);
        else this.#admit();
        if (this.#waiting.length === 0) this.#settleIdle();
        else void this.#ask();
      },
    };
  }

  /** Keeps a share of the places for the next calls, for a moment. Where places are scarce it keeps none. */
  #settleIdle(): void {
    if (this.#waiting.length > 0 || this.#isAsking) return;
    const share = this.#share();
    const idle = this.#held - this.#used;
    const kept = share === 1 ? 0 : share;
    if (idle > kept) this.#giveBack(idle - kept);
    if (this.#leastIdle === undefined) this.#watchIdle();
  }

  /** Those that were idle all the time go back, also while others of them are used over and over; the rest when that was the last use. */
  #watchIdle(ms: number = policyLimits.idlePlaceMs): void {
    const idle = this.#held - this.#used;
    if (idle <= 0) return;
    this.#leastIdle = idle;
    const { clock } = this.#parts;
    this.#stopIdleTimer = clock.after(ms, () => {
      const spare = Math.min(this.#leastIdle ?? 0, this.#held - this.#used);
      this.#leastIdle = undefined;
      // What is idle is settled when the account has answered.
      if (this.#isAsking) return;
      if (spare > 0) this.#giveBack(spare);
      this.#watchIdle(Math.max(0, this.#usedAt + policyLimits.idlePlaceMs - clock.now()));
    });
  }

  #unwatchIdle(): void {
    this.#stopIdleTimer();
    this.#leastIdle = undefined;
  }

  #share(): number {
    return shareOf(this.#most, this.#parts.shares);
  }

  #giveBack(count: number): void {
    this.#held -= count;
    this.#parts.giveBack({ [this.#parts.of]: count });
  }
}

function cancelled(): OrchestratorError {
  return new OrchestratorError("cancelled", "The run ended while it waited for its turn.");
}
