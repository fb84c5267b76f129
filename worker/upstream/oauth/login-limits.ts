/** Limits on logins to remote servers. */
export const loginLimits = {
  /** Validity of a login URL: a person has to see it and find the time. */
  loginLinkMs: 60 * 60_000,
  /** Concurrent logins of one session. */
  loginAttemptsMax: 16,
  /** Length of a value that returns in a callback URL; ours have a tenth of it. */
  loginTextCharsMax: 4_000,
  /** Size of one response of an authorization server. Metadata takes a few kilobytes. */
  loginAnswerBytesMax: 256 * 1024,
  /** A token is renewed this long before it expires, or a tenth of its lifetime if that is shorter. */
  tokenMarginMs: 30_000,
  /** Text of a server quoted within an error message. */
  strangerSentenceCharsMax: 300,
} as const;
