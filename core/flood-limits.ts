/** The limits that keep one program, one request or one server from holding up all sessions. Part of `limits`. */
export const floodLimits = {
  /** Nesting of the arguments of a program and of a call: what passes them on is recursive too. */
  argumentsDepthMax: 200,
  /** Nesting of a server's answer: far deeper than documents are, far less than what exhausts a stack. */
  answerDepthMax: 1_000,
  /** Nesting of one request to /mcp: `argumentsDepthMax` and what is around them. */
  requestDepthMax: 256,
  /** JSON of the arguments of a run's calls in flight, all together. The isolate, its process and the session each hold it. */
  argumentCharsInFlightMax: 32 * 1024 * 1024,
  /** Calls of one run to tools that do not exist, for which the closest names are searched: among thousands that takes milliseconds. */
  suggestionsPerRunMax: 50,
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
  /** The part of a query that is searched: its first characters, words, and unknown words that are looked up as misspellings. */
  queryCharsMax: 1_000,
  queryWordsMax: 100,
  queryCorrectionsMax: 12,
  /** A longer word of a query is an id or data, and no spelling of anything. */
  wordCharsMax: 64,
  /** Domains and tags by which one request filters. */
  listFiltersMax: 100,
  /** Values examined of one result: twenty items on each of six levels would be millions. */
  observedValuesMax: 10_000,
  /**
   * The least time that a program may wait for a process; its own time limit, if that is longer. A process is replaced within a
   * second. A program that is expected to block its process waits less: for its own session, it only takes longer to fail.
   */
  processWaitMsMin: 2_000,
  suspectWaitMs: 1_500,
} as const;
