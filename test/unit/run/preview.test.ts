import { describe, expect, test } from "vitest";
import { previewOf } from "../../../core/run/preview.ts";

function sizeOf(value: unknown): number {
  return JSON.stringify(value).length;
}

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
  ])("of %s has the same type and at most the given size", (_title, value) => {
    const preview = previewOf(value, 24_000);
    expect(sizeOf(preview)).toBeLessThanOrEqual(24_000);
    expect(Array.isArray(preview)).toBe(Array.isArray(value));
    expect(typeof preview).toBe(typeof value);
  });

  test("of a deeply nested value says how many fields are left out", () => {
    let deep: unknown = "x".repeat(100);
    for (let level = 0; level < 1_000; level++) deep = { deep, other: [1] };
    const preview = JSON.stringify(previewOf(deep, 2_000));
    expect(preview.length).toBeLessThanOrEqual(2_000);
    expect(preview).toContain("2 fields");
  });

  test("is well-formed text even if the cut falls inside a character", () => {
    expect(String(previewOf(`x${"😀".repeat(3_000)}`, 2_500)).isWellFormed()).toBe(true);
  });

  test("says how many characters or items it leaves out", () => {
    expect(previewOf("x".repeat(3_000), 2_500)).toBe(`${"x".repeat(2_000)}… 1000 more characters`);
    const items = Array.from({ length: 60 }, (_, index) => index);
    expect(previewOf(items, 1_000)).toEqual([...items.slice(0, 50), "… 10 more items"]);
  });

  test("keeps a field named __proto__", () => {
    const value: unknown = JSON.parse(`{"__proto__":{"a":1},"b":"${"x".repeat(5_000)}"}`);
    expect(JSON.stringify(previewOf(value, 3_000))).toContain('"__proto__":{"a":1}');
  });
});
