import type { Clock } from "../clock.ts";
import type { Account } from "./account.ts";
import { policyLimits } from "./policy-limits.ts";

/** A session's share of one rate of its principal. */
export class RateShare {
  readonly #parts: { of: string; account: Account; clock: Clock };
  #tokens = 0;
  #usableUntil = 0;
  /** The account had none: until then it is not asked again. */
  #empty = { perMinute: 0, until: 0 };
  #needed = 0;
  #asking: Promise<void> | undefined;

  constructor(parts: { of: string; account: Account; clock: Clock }) {
    this.#parts = parts;
  }

  /** Takes one. Returns how long until there is one; 0 if it was taken. */
  async take(perMinute: number): Promise<number> {
    for (;;) {
      const now = this.#parts.clock.now();
      if (now >= this.#usableUntil) this.#tokens = 0;
      if (this.#tokens > 0) {
        this.#tokens -= 1;
        return 0;
      }
      if (this.#empty.perMinute === perMinute && now < this.#empty.until) return this.#empty.until - now;
      this.#needed += 1;
      this.#asking ??= this.#ask(perMinute).finally(() => {
        this.#asking = undefined;
      });
      await this.#asking.finally(() => {
        this.#needed -= 1;
      });
    }
  }

  async #ask(perMinute: number): Promise<void> {
    const { of, account, clock } = this.#parts;
    const { granted, retryAfterMs } = await account.takeTokens(of, { perMinute, needed: this.#needed });
    this.#tokens += granted;
    this.#usableUntil = clock.now() + policyLimits.rateLeaseMs;
    if (granted === 0) this.#empty = { perMinute, until: clock.now() + Math.max(1, retryAfterMs) };
  }
}
