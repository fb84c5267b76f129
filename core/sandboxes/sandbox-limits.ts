/** Limits on the sessions of the server `sandbox`. What runs in them has those of a program too. */
export const sandboxLimits = {
  /** A session that nobody uses for this long ends: the least that can be asked for, what is given unasked, and the most. */
  idleMsMin: 1_000,
  idleMs: 1_800_000,
  idleMsMax: 24 * 60 * 60_000,
  /** Commands and programs of them that run at once; others wait. Cloudflare allows ten isolates an object, and programs take eight. */
  runsAtOnce: 2,
  /** Wall time of one of them unless the caller sets another, and at most. It ends a little before the call that waits for it. */
  runMs: 30_000,
  runMsMax: 120_000,
  answerMs: 300,
  /** Commands of one call. */
  commandsCharsMax: 100_000,
  commandListMax: 200,
  /** What is returned of the output; and what commands may print before they are stopped. */
  outputCharsMax: 1024 * 1024,
  outputBytesMax: 32 * 1024 * 1024,
  /** Files that the commands of one call read and write, together. */
  shellFilesBytesMax: 64 * 1024 * 1024,
} as const;
