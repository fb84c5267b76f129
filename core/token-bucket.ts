/** A token bucket. It holds the tokens of one minute and refills continuously. */
export interface Bucket {
  tokens: number;
  filledAt: number;
}

/** Takes one token. `bucket` is the new state; `waitMs` is 0 if there was a token, otherwise the time until there is one. */
export function takeToken(
  bucket: Bucket | undefined,
  { perMinute, now }: { perMinute: number; now: number },
): { bucket: Bucket; waitMs: number } {
  const { bucket: after, waitMs } = takeTokens(bucket, { perMinute, now, wanted: () => 1 });
  return { bucket: after, waitMs };
}

/**
 * Takes several tokens, or as many as there are.
 * @param wanted how many of those that there are
 */
export function takeTokens(
  bucket: Bucket | undefined,
  { perMinute, now, wanted }: { perMinute: number; now: number; wanted: (tokens: number) => number },
): { bucket: Bucket; taken: number; waitMs: number } {
  const before = bucket ?? { tokens: perMinute, filledAt: now };
  const refilled = before.tokens + ((now - before.filledAt) / 60_000) * perMinute;
  const tokens = Math.min(perMinute, refilled);
  if (tokens < 1) {
    return { bucket: { tokens, filledAt: now }, taken: 0, waitMs: Math.ceil(((1 - tokens) / perMinute) * 60_000) };
  }
  const taken = Math.min(Math.floor(tokens), wanted(tokens));
  return { bucket: { tokens: tokens - taken, filledAt: now }, taken, waitMs: 0 };
}
