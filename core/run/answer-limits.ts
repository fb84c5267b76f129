/** Limits on what an answer shows of a result, and on what is kept of a run beside its result. */
export const answerLimits = {
  /**
   * An answer as a whole, in tokens, unless the program returned or printed more than that by itself; and what comes with more: its
   * errors, calls and hints. Servers' errors and calls that fail would otherwise make it a hundred times as long.
   */
  answerTokensMax: 900,
  besideTokensMin: 300,
  /** What printed lines cost, unless `maxLogs` asks for them: 200 of twenty each. 64,000 rare characters would cost 128,000. */
  logsTokensMax: 4_000,
  /** Of these: the words that say that something is cut, with their handles; and the ids of a failed request and its run. */
  shortenedTokens: 75,
  requestIdTokens: 25,
  /** What is left of a message that is cut at least: less says nothing. */
  messageTokensMin: 40,
  /** What a result may cost that is shown whole: `limits.resultCharsInline` of English are a third, and of Chinese three times as many. */
  resultTokensInline: 32_000,
  /** What the preview of a long result costs: enough to see its shape and its first items. With what comes beside it, a whole answer. */
  previewTokensMax: 600,
  /** Images in one answer, and the base64 of each and of all: model APIs take no more than five megabytes of one. */
  imagesShownMax: 8,
  imageCharsMax: 5 * 1024 * 1024,
  imagesCharsMax: 8 * 1024 * 1024,
  /** Base64 of another kind that is shorter than this stays where it is: an icon, a key, a hash. */
  binaryCharsMin: 1_000,
  /** The same of text that is base64 and does not say of what: a token is shorter. */
  textBinaryCharsMin: 4_000,
  /** What else answers left out, of one session. Each may be two megabytes, but only for a program that was refused in a loop. */
  detailsKeptMax: 16,
  detailsKeptBytesMax: 8 * 1024 * 1024,
} as const;
