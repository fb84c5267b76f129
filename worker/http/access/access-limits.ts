/** The limits of who may call, as in limits.ts. */
export const accessLimits = {
  /** Length of a token or a passphrase that is looked at; a JWT with many claims takes a tenth of it. */
  tokenCharsMax: 16_384,
  /** Wrong tokens of one caller per minute, and the callers that are remembered. Clients retry a few times by themselves. */
  wrongTokensPerMinute: 20,
  wrongCallersMax: 10_000,
  /** Accepted tokens that are remembered, so that another's wrong ones from the same address do not lock their holder out. */
  rightTokensMax: 1_000,
  /** How long a browser stays logged in to the pages of this orchestrator. */
  browserLoginMs: 7 * 24 * 3_600_000,
  /** Tolerated difference between the clocks of a token's issuer and of this machine. */
  tokenClockSecondsMax: 60,
  /** The keys of a token's issuer: time for one answer, the shortest time between two, and how long they are kept. */
  keysRequestMs: 5_000,
  keysGapMs: 5_000,
  keysKeptMs: 600_000,
} as const;
