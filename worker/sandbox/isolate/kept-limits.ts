/** Limits on isolates that are kept to run their program again. */
export const keptLimits = {
  /**
   * Isolates that one process keeps until it is renewed: workerd frees none of them before. Each takes one to two megabytes, and
   * what its last run left uncollected.
   */
  keptIsolatesMax: 24,
  keptIsolatesPerSession: 8,
  /** A program whose isolate could not be used again so often always runs in a fresh one. */
  keptFailuresMax: 2,
  /** An isolate is loaded anew after this many runs. */
  keptRunsMax: 1_000,
  /** A program runs in an isolate that is kept if its session has run it within this time. */
  keptWithinMs: 10 * 60_000,
  /** Programs that a process remembers to have run. */
  programsKnownMax: 500,
  /** A run that exchanged more text than this, or computed longer, may have left much memory to collect. */
  keptRunCharsMax: 4 * 1024 * 1024,
  keptRunCpuMs: 250,
} as const;
