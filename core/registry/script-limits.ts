/** Limits on the files of scripts/ beside a registry. */
export const scriptLimits = {
  /** Files that a bridge advertises, and their text, which crosses the tunnel in one frame and which each of its sessions holds. */
  filesMax: 256,
  charsMax: 2_000_000,
} as const;
