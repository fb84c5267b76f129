/** Milliseconds since the epoch, and a timer that can be taken back. */
export interface Clock {
  now(): number;
  /** Calls `wake` once after `ms`, unless the returned function is called first. */
  after(ms: number, wake: () => void): () => void;
}
