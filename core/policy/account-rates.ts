import { type Bucket, takeTokens } from "../token-bucket.ts";
import { shareOf, type TakenTokens, type WantedTokens } from "./account.ts";
import { policyLimits } from "./policy-limits.ts";

/** Where the rates of an account outlast a restart. */
export interface RateStore {
  read(of: string): Bucket | undefined;
  write(of: string, bucket: Bucket): void;
  remove(of: string): void;
  all(): Iterable<[string, Bucket]>;
}

/** The rates of a principal: one true count for all its sessions. */
export class AccountRates {
  readonly #store: RateStore;

  constructor(store: RateStore) {
    this.#store = store;
  }

  /**
   * Grants what is needed and some more for later. When little is left it grants no more than is needed, so that what one session
   * keeps is not missed by another.
   */
  take(of: string, { perMinute, needed }: WantedTokens, now: number): TakenTokens {
    const share = shareOf(perMinute, policyLimits.rateShares);
    const { bucket, taken, waitMs } = takeTokens(this.#store.read(of), {
      perMinute,
      now,
      wanted: (tokens) => Math.max(needed, Math.min(share, Math.floor(tokens / 20))),
    });
    this.#store.write(of, bucket);
    this.#forget(now);
    return { granted: taken, retryAfterMs: waitMs };
  }

  #forget(now: number): void {
    const all = [...this.#store.all()];
    if (all.length <= policyLimits.ratesKeptMax) return;
    const byAge = all.toSorted(([, a], [, b]) => a.filledAt - b.filledAt);
    // What was last used a minute ago is full by now, as if it had never been used.
    for (const [of, { filledAt }] of byAge) if (now - filledAt >= 60_000) this.#store.remove(of);
  }
}

export function memoryRates(): RateStore {
  const buckets = new Map<string, Bucket>();
  return {
    read: (of) => buckets.get(of),
    write: (of, bucket) => void buckets.set(of, bucket),
    remove: (of) => void buckets.delete(of),
    all: () => buckets,
  };
}
