/** Limits of stdio servers: how they start, what is kept of their output, and when they end. */
export const stdioLimits = {
  /** A stdio server's output kept for errors: lines, the first ones among them, the length of each, and of all in one error. */
  stderrLines: 20,
  stderrFirstLines: 4,
  stderrLineCharsMax: 500,
  stderrCharsShownMax: 3_400,
  /** Bytes of several lines that are read without a pause: the shortest lines in them take a few milliseconds. */
  turnBytes: 4_096,
  /** A longer line that does not end is looked at again, whether it is a whole message, only when it is twice as long. */
  unendedCharsMax: 256 * 1024,
  /** The longest message that a server writes over several lines. */
  messageLinesMax: 100_000,
  messageLinesCharsMax: 4 * 1024 * 1024,
  /** Time for a stdio server's start; one that its command installs first has `limits.installedStartMs`. */
  serverStartMs: 60_000,
  /** Interval at which callers are told that a server is still starting. */
  startNoticeMs: 5_000,
  /** A stdio server that gets no calls for this long is stopped; the next call starts it again. */
  serverIdleMs: 15 * 60_000,
  /** A server that has not answered a ping for this long, sent when a call got no answer, is started afresh by the next call. */
  silenceMs: 5_000,
  /** Delay before the restart of a server that failed twice in a row; it doubles with each further failure. */
  restartMs: 500,
  /** Consecutive failures after which a server is not restarted for a while, and the first and longest such pause. */
  serverFailuresMax: 4,
  leftAloneMs: 30_000,
  leftAloneMsMax: 5 * 60_000,
  /** Time for a server to finish its calls after its entry was changed or removed. */
  drainMs: 10_000,
  /** Time for a stdio server to exit after its stdin was closed, before it gets SIGTERM. */
  inputEndMs: 300,
} as const;
