import { expect, test } from "vitest";
import { type Bucket, takeToken } from "../../core/token-bucket.ts";

function takeMany(count: number, { bucket, perMinute, now }: { bucket?: Bucket; perMinute: number; now: number }) {
  let state = bucket;
  let waitMs = 0;
  for (let index = 0; index < count; index++) ({ bucket: state, waitMs } = takeToken(state, { perMinute, now }));
  return { bucket: state, waitMs };
}

test("the tokens of one minute are available at once, but not one more", () => {
  expect(takeMany(60, { perMinute: 60, now: 0 }).waitMs).toBe(0);
  expect(takeMany(61, { perMinute: 60, now: 0 }).waitMs).toBe(1_000);
});

test("a token is refilled after its share of the minute, not a millisecond before", () => {
  const { bucket } = takeMany(60, { perMinute: 60, now: 0 });
  expect(takeToken(bucket, { perMinute: 60, now: 999 }).waitMs).toBe(1);
  expect(takeToken(bucket, { perMinute: 60, now: 1_000 }).waitMs).toBe(0);
});

test("a refused call takes no token", () => {
  const { bucket } = takeMany(100, { perMinute: 60, now: 0 });
  expect(takeToken(bucket, { perMinute: 60, now: 1_000 }).waitMs).toBe(0);
});

test("an idle hour accumulates no more than the tokens of one minute", () => {
  const { bucket } = takeMany(1, { perMinute: 2, now: 0 });
  expect(takeMany(2, { ...(bucket ? { bucket } : {}), perMinute: 2, now: 3_600_000 }).waitMs).toBe(0);
  expect(takeMany(3, { ...(bucket ? { bucket } : {}), perMinute: 2, now: 3_600_000 }).waitMs).toBe(30_000);
});
