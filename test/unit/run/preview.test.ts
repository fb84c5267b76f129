import { createHash } from "node:crypto";
import { countTokens } from "gpt-tokenizer/encoding/o200k_base";
import { describe, expect, test } from "vitest";
import { previewOf } from "../../../core/run/preview.ts";

describe("a preview", () => {
  test.each([[{ a: [1, "two", null, true] }], ["text"], [[]], [{}], [null], [0]])(
    "of a small value is the value itself: %j",
    (value) => {
      expect(previewOf(value, 1_000)).toEqual(value);
    },
  );

  test.each([
    ["a string of a megabyte", "x".repeat(1_000_000)],
    ["an array of a hundred thousand items", Array.from({ length: 100_000 }, (_, index) => ({ index, name: `n${index}` }))],
    [
      "an object of ten thousand fields",
      Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`key${index}`, index])),
    ],
    ["keys of a hundred thousand characters", { ["k".repeat(100_000)]: 1, ["l".repeat(100_000)]: 2 }],
    ["characters that JSON escapes", "\u0000".repeat(100_000)],
    [
      "a wide and deep value",
      Array.from({ length: 100 }, () => Array.from({ length: 100 }, () => Array.from({ length: 10 }, () => "x".repeat(90)))),
    ],
    ["ids", Array.from({ length: 1_000 }, (_, n) => ({ id: createHash("sha256").update(String(n)).digest("base64"), n }))],
    ["numbers", Array.from({ length: 10_000 }, (_, n) => [Math.sin(n), n * 1_234_567])],
    ["Chinese", Array.from({ length: 1_000 }, (_, n) => `${n}${"龘靐齉爩鱻麤".repeat(60)}`)],
    ["emoji", Array.from({ length: 1_000 }, (_, n) => `${n}${"🧑🏽‍🚀🏳️‍🌈".repeat(60)}`)],
    [
      "rows",
      Array.from({ length: 5_000 }, (_, n) => ({ n, name: `row ${n}`, tags: ["a", "b"], at: new Date(n * 1e9).toISOString() })),
    ],
  ])("of %s has the same type and costs at most the given tokens", { tags: ["results.handle"] }, (_title, value) => {
    const preview = previewOf(value, 800);
    expect(countTokens(JSON.stringify(preview))).toBeLessThanOrEqual(800);
    expect(Array.isArray(preview)).toBe(Array.isArray(value));
    expect(typeof preview).toBe(typeof value);
  });

  test("of a deeply nested value says how many fields are left out", () => {
    let deep: unknown = "x".repeat(100);
    for (let level = 0; level < 1_000; level++) deep = { deep, other: [1] };
    const preview = JSON.stringify(previewOf(deep, 200));
    expect(preview).toContain("2 fields");
  });

  test("is well-formed text even if the cut falls inside a character", () => {
    expect(String(previewOf(`x${"😀".repeat(3_000)}`, 800)).isWellFormed()).toBe(true);
  });

  test("says how many characters or items it leaves out", () => {
    expect(previewOf("x".repeat(3_000), 800)).toBe(`${"x".repeat(2_000)}… 1000 more characters`);
    const items = Array.from({ length: 60 }, (_, index) => index);
    expect(previewOf(items, 800)).toEqual([...items.slice(0, 50), "… 10 more items"]);
  });

  test("keeps a field named __proto__", () => {
    const value: unknown = JSON.parse(`{"__proto__":{"a":1},"b":"${"x".repeat(5_000)}"}`);
    expect(JSON.stringify(previewOf(value, 800))).toContain('"__proto__":{"a":1}');
  });
});
