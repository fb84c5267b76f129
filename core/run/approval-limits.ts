/** The bounds of calls that wait for a person. */
export const approvalLimits = {
  /** Calls that are made at once are asked about at once: they arrive one after another. */
  gatherMs: 50,
  /** Calls of a tool that one decision for all of them covers, unless the person says another number. */
  toolCallsMax: 1_000,
  /** Calls shown on one page, and the characters of the arguments of each. What is not shown cannot be allowed one by one. */
  shownCallsMax: 200,
  shownArgumentsChars: 4_000,
  /** Calls of one question to a client, and the characters of all of them: a form is smaller than a page. */
  askedCallsMax: 50,
  askedChars: 4_000,
  /** Questions to its client that a run remembers, so that a late answer finds it. */
  askedClientsMax: 20,
  /** Calls that were made before, shown on the page. */
  shownDoneMax: 100,
  /** Lines and characters of a program on the page. */
  shownProgramChars: 60_000,
  /** Calls that wait, listed in an answer, and what is shown of their arguments. */
  answeredCallsMax: 3,
  answeredArgumentsChars: 40,
  /** How long a decision is awaited, and how long the outcome of a run is kept for its client. */
  decisionMs: 24 * 60 * 60_000,
  outcomeMs: 60 * 60_000,
  /** A process in which a program waits for a decision is let go after this. The program is run again when it is decided. */
  processMs: 5 * 60_000,
  /** A run that was decided about is looked after this often, in case its process is lost. */
  lookMs: 30_000,
  /** How long a program that is run again waits for the bridges of its servers, which the same restart has cut off. */
  bridgesMs: 15_000,
  bridgesLookMs: 200,
  /** Processes in which the program of one run is run: one that ends them all is not worth more. */
  livesMax: 20,
  /**
   * Approvals of a session that are kept, whether they wait or have ended; the bytes stored of all of them, from which on no run and no
   * outcome is added; and the outcome of one.
   */
  keptMax: 50,
  keptBytesMax: 24 * 1024 * 1024,
  outcomeCharsMax: 4 * 1024 * 1024,
} as const;
