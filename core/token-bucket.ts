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
  const before = bucket ?? { tokens: perMinute, filledAt: now };
  const refilled = before.tokens + ((now - before.filledAt) / 60_000) * perMinute;
  const tokens = Math.min(perMinute, refilled);
  if (tokens < 1) {
    return { bucket: { tokens, filledAt: now }, waitMs: Math.ceil(((1 - tokens) / perMinute) * 60_000) };
  }
  return { bucket: { tokens: tokens - 1, filledAt: now }, waitMs: 0 };
}
