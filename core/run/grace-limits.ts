/** Limits on how late a run may end whose program waited for a process. `limits.runGraceMs` is for those that did not wait. */
export const graceLimits = {
  /** An outcome comes so long after the limit of a run, counted from when its program could run, if the least grace period allows it. */
  outcomeLateMs: 2_800,
  /** The least grace period: enough for the report of an isolate that answers. */
  runGraceMsMin: 300,
} as const;
