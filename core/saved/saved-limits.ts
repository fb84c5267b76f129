/** Limits on saved programs. Those that users meet are in docs/saved.md. */
export const savedLimits = {
  /** Saved programs of one principal. A model reads their list. */
  toolsMax: 256,
  /** Source of one saved program, all its files together. */
  codeCharsMax: 200_000,
  /** Wall time of one call. */
  timeoutMs: 30_000,
  timeoutMsMin: 1_000,
  timeoutMsMax: 120_000,
  titleCharsMax: 100,
  descriptionCharsMax: 2_000,
  /** JSON of one schema: every session holds those of all saved programs. */
  schemaCharsMax: 32_000,
  examplesMax: 10,
  exampleCharsMax: 2_000,
  /** Earlier revisions of one saved program that can be rolled back to, and the length of all of them. */
  revisionsMax: 20,
  revisionsCharsMax: 1_000_000,
  /** Names of deleted programs that are remembered, so that an old revision number never fits a new program. */
  goneMax: 1_000,
  /** How often a change without `expectedRevision` is made anew when another one was faster. */
  changeAttemptsMax: 5,
  /** Saved programs that wait for each other: a program that calls itself must end. */
  depthMax: 4,
  /** Saved programs of a session that run at once, for each depth, so that none waits for one that waits for it. */
  runsAtOnce: 4,
  /** Sources that a session keeps in memory. */
  sourcesKeptCharsMax: 2_000_000,
  /** Steps to check the arguments of one call: alternatives inside alternatives multiply. */
  validationStepsMax: 200_000,
  /** Problems of arguments that are reported at once. */
  problemsMax: 8,
  /** Saved programs that are checked again for one list, after the tools that they use have changed. */
  recheckedMax: 16,
} as const;
