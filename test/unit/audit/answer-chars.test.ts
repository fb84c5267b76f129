import { expect, test } from "vitest";
import { charsOf } from "../../../core/audit/answer-chars.ts";

const tags = ["console.numbers"];

test("counts about the characters of the JSON", { tags }, () => {
  for (const value of [
    null,
    true,
    12.5,
    "text",
    [],
    [1, 2, 3],
    { a: "b", c: [{ d: null }] },
    Array.from({ length: 1_001 }, (_, id) => ({ id, tags: ["a"] })),
  ]) {
    const { length } = JSON.stringify(value);
    expect(Math.abs(charsOf(value, 1_000_000) - length)).toBeLessThanOrEqual(1 + length / 10);
  }
});

test("counts no image, no sound and no blob", { tags }, () => {
  const data = "A".repeat(10_000);
  const value = [{ type: "image", data }, { type: "audio", data }, { type: "resource", blob: data }, "seen"];
  expect(charsOf(value, 1_000_000)).toBeLessThan(60);
});

test("stops at the bound, however large or deep the value is", { tags }, () => {
  let deep: unknown = "end";
  for (let level = 0; level < 100_000; level++) deep = [deep];
  let looked = 0;
  const watched = new Proxy(Array(1_000_000).fill(1), { get: count });
  function count(of: object, key: PropertyKey): unknown {
    looked += 1;
    return Reflect.get(of, key);
  }
  for (const value of [deep, watched, "x".repeat(1_000_000)]) expect(charsOf(value, 1_000)).toBe(1_000);
  expect(charsOf("x".repeat(998), 1_000)).toBe(1_000);
  expect(charsOf("x".repeat(997), 1_000)).toBe(999);
  expect(looked).toBeLessThan(100);
});
