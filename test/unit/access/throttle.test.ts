import { expect, test } from "vitest";
import { accessLimits } from "../../../worker/http/access/access-limits.ts";
import { Throttle } from "../../../worker/http/access/throttle.ts";
import { hashOf } from "../../../worker/http/access/verifier.ts";

function world() {
  let now = 0;
  const throttle = new Throttle(() => now);
  const guess = (caller: string, count: number) => {
    for (let round = 0; round < count; round += 1) throttle.wasWrong(caller, hashOf(`guess ${round}`));
  };
  return { throttle, guess, pass: (ms: number) => (now += ms) };
}

test("after some wrong tokens an address waits, with a right one too, and others do not", { tags: ["access.throttled"] }, () => {
  const { throttle, guess, pass } = world();
  guess("a", accessLimits.wrongTokensPerMinute - 1);
  expect(throttle.waitMs("a", hashOf("right"))).toBe(0);
  guess("a", 1);

  expect(throttle.waitMs("a", hashOf("right"))).toBe(60_000 / accessLimits.wrongTokensPerMinute);
  expect(throttle.waitMs("b", hashOf("right"))).toBe(0);
  pass(60_000 / accessLimits.wrongTokensPerMinute);
  expect(throttle.waitMs("a", hashOf("right"))).toBe(0);
});

test("whoever was let in before is let in still, until the token is wrong", () => {
  const { throttle, guess } = world();
  throttle.wasRight(hashOf("right"));
  guess("a", accessLimits.wrongTokensPerMinute);
  expect(throttle.waitMs("a", hashOf("right"))).toBe(0);

  throttle.wasWrong("a", hashOf("right"));
  expect(throttle.waitMs("a", hashOf("right"))).toBeGreaterThan(0);
});

test("only so many addresses are remembered, the latest", () => {
  const { throttle, guess } = world();
  guess("first", accessLimits.wrongTokensPerMinute);
  for (let caller = 0; caller < accessLimits.wrongCallersMax; caller += 1) throttle.wasWrong(String(caller), hashOf("x"));

  expect(throttle.waitMs("first", hashOf("x"))).toBe(0);
});
