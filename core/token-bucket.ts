/** A token bucket: holds up to a minute's worth, refills evenly. */
export interface Bucket {
  tokens: number;
  filledAt: number;
}

/** Takes one token. `bucket` is the state after; `waitMs` is 0 when the token was there, else how long until one is. */
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
