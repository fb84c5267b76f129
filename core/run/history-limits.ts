/** The limits of what a session keeps of its runs, as in limits.ts. */
export const historyLimits = {
  /** The last runs that a person may look at. */
  runsMax: 100,
  /** The JSON of a run's input, and that of its answer. */
  partCharsMax: 32_768,
} as const;
