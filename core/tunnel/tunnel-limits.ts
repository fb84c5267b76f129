/** The limits of frames that are sent together, as in limits.ts. */
export const tunnelLimits = {
  /** Frames in one message, and their characters: how long one message keeps the session. */
  framesTogetherMax: 500,
  framesTogetherCharsMax: 64 * 1024,
} as const;
