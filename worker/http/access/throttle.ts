import { type Bucket, takeToken } from "../../../core/token-bucket.ts";
import { accessLimits } from "./access-limits.ts";

/**
 * Slows down whoever guesses: after some wrong tokens an address has to wait, also with a right one. Tokens that were right before
 * are let through, because others may share the address. In memory and bounded: a new isolate starts anew.
 */
export class Throttle {
  readonly #buckets = new Map<string, Bucket>();
  readonly #right = new Set<string>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** How long this caller has to wait before it may try; 0 if not at all. */
  waitMs(caller: string, tokenHash: Uint8Array): number {
    const bucket = this.#buckets.get(caller);
    if (bucket === undefined || this.#right.has(markOf(tokenHash))) return 0;
    return takeToken(bucket, this.#rate()).waitMs;
  }

  wasWrong(caller: string, tokenHash: Uint8Array): void {
    this.#right.delete(markOf(tokenHash));
    const { bucket } = takeToken(this.#buckets.get(caller), this.#rate());
    this.#buckets.delete(caller);
    this.#buckets.set(caller, bucket);
    dropOldest(this.#buckets, accessLimits.wrongCallersMax);
  }

  wasRight(tokenHash: Uint8Array): void {
    this.#right.add(markOf(tokenHash));
    dropOldest(this.#right, accessLimits.rightTokensMax);
  }

  #rate() {
    return { perMinute: accessLimits.wrongTokensPerMinute, now: this.#now() };
  }
}

/** Tokens themselves are not kept. */
function markOf(tokenHash: Uint8Array): string {
  return String.fromCharCode(...tokenHash);
}

/** Maps and sets keep their entries in the order of insertion. */
function dropOldest(entries: Map<string, unknown> | Set<string>, max: number): void {
  const oldest = entries.keys().next();
  if (entries.size > max && !oldest.done) entries.delete(oldest.value);
}
