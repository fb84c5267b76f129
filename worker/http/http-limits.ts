/** The limits of HTTP requests, as in limits.ts. */
export const httpLimits = {
  /** Time for the body of a request to /mcp to arrive, and for that of a refused one, which nobody reads. */
  bodyMs: 30_000,
  refusedBodyMs: 2_000,
  /** A form, or another body of a few words: whoever sends one may be anybody. */
  formBytesMax: 64 * 1024,
  /** What is read of a body that nobody wants, so that its sender sees the answer: whoever sends more sees the connection close. */
  unreadBytesMax: 16 * 1024 * 1024,
  /** Of an address at which there is nothing. */
  shownPathChars: 200,
  /** Changed tools on one page, and the characters of what has changed in one of them. */
  shownChangesMax: 20,
  shownDifferenceChars: 20_000,
} as const;
