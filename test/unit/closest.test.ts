import { describe, expect, test } from "vitest";
import { closestTo, isMisspelling, isSameName } from "../../core/closest.ts";

describe("a name in another case, or with other separators", () => {
  test.each([
    ["read_file", "ReadFile"],
    ["read-file", "read file"],
    ["搜索_文件", "搜索文件"],
  ])("is the same: %s and %s", (one, other) => {
    expect(isSameName(one, other)).toBe(true);
  });

  test.each([
    ["read_file", "read_files"],
    ["文件a", "目录a"],
    ["поиск1", "список1"],
    ["!", "?"],
  ])("is another: %s and %s", (one, other) => {
    expect(isSameName(one, other)).toBe(false);
  });
});

test("names of other scripts are close to those that look alike, and to no others", () => {
  expect(closestTo("搜索文", ["搜索文件", "天气预报"])).toEqual(["搜索文件"]);
  expect(isMisspelling("天气预报今天", ["搜索文件"])).toBe(false);
});
