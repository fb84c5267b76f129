/** The limits of what bridges hold open, as in limits.ts. */
export const bridgeLimits = {
  /** Sockets of a session that have not said hello. Each may hold a frame of which parts have arrived. */
  silentSocketsMax: 32,
  /** What is shown of a server's output: first and last lines each, and the length of one. */
  outputLinesMax: 40,
  outputLineCharsMax: 1_000,
} as const;
