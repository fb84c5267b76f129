/** Limits on what an answer shows of a result, and on what is kept of a run beside its result. */
export const answerLimits = {
  /** What the preview of a long result costs: enough to see its shape and its first items. */
  previewTokensMax: 800,
  /** Images in one answer, and the base64 of each and of all: model APIs take no more than five megabytes of one. */
  imagesShownMax: 8,
  imageCharsMax: 5 * 1024 * 1024,
  imagesCharsMax: 8 * 1024 * 1024,
  /** Base64 of another kind that is shorter than this stays where it is: an icon, a key, a hash. */
  binaryCharsMin: 1_000,
  /** Stored records of calls of one session. Each may be two megabytes, but only for a program that was refused in a loop. */
  callRecordsKeptMax: 16,
  callRecordsKeptBytesMax: 8 * 1024 * 1024,
} as const;
