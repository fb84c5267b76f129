/** The bounds of what is recorded of a run that may have to wait for a person longer than its process lives. */
export const journalLimits = {
  /** Calls of one run that are recorded, those of the module runtime too; and, as JSON, all their answers and the arguments that wait. */
  entriesMax: 5_000,
  charsMax: 4 * 1024 * 1024,
  /** Arguments that are longer or nest deeper are compared by their text, not by their value. */
  comparedCharsMax: 256 * 1024,
  comparedDepthMax: 200,
  /** How long a program that is run again may take until its next recorded call. Then it has taken another way. */
  stallMs: 5_000,
  /** Random bytes that a program is given: 256 UUIDs. After that they are new in each life of the run. */
  entropyBytes: 4_096,
} as const;
