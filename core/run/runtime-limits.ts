/** Limits on what one run calls of the module `runtime`, so that a flood of it holds up no other session. */
export const runtimeLimits = {
  /**
   * Calls of one run to `session`, `results`, `help` and `progress` in flight at once (all session values can be read at once), how
   * many of them are worked on at once, and how many there may be in all.
   */
  runtimeCallsInFlightMax: 300,
  runtimeCallsAtOnce: 4,
  runtimeCallsPerRun: 20_000,
  /** JSON that they send and receive over the whole run: sixteen results of maximum length. */
  runtimeCharsPerRun: 128 * 1024 * 1024,
  /** The longest pause after one of them. The pause is as long as the work, so that a flood leaves other requests half of the time. */
  runtimePauseMs: 50,
  /** JSON of the arguments of one of the runtime's calls: a session value and its key. */
  runtimeArgumentsCharsMax: 256 * 1024 + 4_000,
} as const;
