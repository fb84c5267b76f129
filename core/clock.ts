/** The current time, in milliseconds since the epoch, and timers. */
export interface Clock {
  now(): number;
  /** Calls `wake` once after `ms`, unless the returned function cancels it first. */
  after(ms: number, wake: () => void): () => void;
}
