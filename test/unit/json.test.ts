import { describe, expect, test } from "vitest";
import { finderIn, hasField, hasMoreItems, hasMoreNames, hasMoreParts, isDeeper, isDeeperJson } from "../../core/json.ts";

/* Depth is counted without recursion or without going deeper than the bound, so that no depth exhausts the stack. */

const nested = (levels: number) => "[".repeat(levels) + "]".repeat(levels);

describe("the depth of JSON text", { tags: ["limits.depth"] }, () => {
  test.each([
    ["", 0, false],
    ["1", 0, false],
    ["[]", 0, true],
    ["[]", 1, false],
    [nested(200), 200, false],
    [nested(201), 200, true],
    [nested(1_000_000), 200, true],
    ["{".repeat(300), 200, true],
    // Many levels, but never at once.
    [`[${"[],".repeat(500)}[]]`, 2, false],
    // Brackets in strings are text.
    [JSON.stringify("[".repeat(500)), 0, false],
    [JSON.stringify({ "[[[[": ['\\"[[[[[[', "\\"] }), 2, false],
    [JSON.stringify(["\\", [['"']]]), 2, true],
    [JSON.stringify(["\\", [['"']]]), 3, false],
    // A string that does not end hides the rest; whoever parses it says so.
    [`"${"[".repeat(500)}`, 3, false],
  ])("of %.20s is over %i: %s", (json, levels, isOver) => {
    expect(isDeeperJson(json, levels)).toBe(isOver);
  });

  test("is found in a text of many strings in one pass", () => {
    const json = JSON.stringify(Array.from({ length: 200_000 }, () => "\\".repeat(20)));
    expect(isDeeperJson(json, 1)).toBe(false);
  });
});

describe("the parts of JSON text", { tags: ["limits.depth"] }, () => {
  test.each([
    ["", 0, false],
    ["123456", 0, false],
    ["[[],[],{}]", 4, false],
    ["[[],[],{}]", 3, true],
    ['{"a":1,"b":[]}', 6, false],
    ['{"a":1,"b":[]}', 5, true],
    // What is in a string is text, also when it is the name of a field.
    [JSON.stringify({ "[{:": "[[[[{{{{::::", b: '\\"[[[[' }), 5, false],
    ["[".repeat(4_000_000), 1_000, true],
  ])("of %.20s are more than %i: %s", (json, parts, isOver) => {
    expect(hasMoreParts(json, parts)).toBe(isOver);
  });
});

const named = (count: number, write: (at: number) => string) => `[${Array.from({ length: count }, (_, at) => write(at)).join()}]`;

test.each([
  ["of one object", `{${Array.from({ length: 1_001 }, (_, at) => `"name${at}":0`).join()}}`, true],
  ["of many objects", named(1_001, (at) => `{"${at}" \n: []}`), true],
  ["at the limit", named(1_000, (at) => `{"name${at}":0}`), false],
  ["that come again", named(10_000, (at) => `{"name${at % 1_000}":"${at}"}`), false],
  ["that are values", named(10_000, (at) => `"name${at}:"`), false],
  ["in a text", JSON.stringify(named(10_000, (at) => `{"name${at}":0}`)), false],
  ["of a text that does not end", `${named(500, (at) => `{"name${at}":0}`)}"${"x:".repeat(10_000)}`, false],
])("names %s are more than a thousand: %s", { tags: ["servers.no-delay"] }, (_where, json, isOver) => {
  expect(hasMoreNames(json, 1_000)).toBe(isOver);
});

test("a hundred thousand different names are told apart", { tags: ["servers.no-delay"] }, () => {
  const json = named(100_000, (at) => `{"k${at}":0}`);
  expect(hasMoreNames(json, 95_000)).toBe(true);
  expect(hasMoreNames(json, 100_000)).toBe(false);
});

test.each([
  ['{"method":1}', true],
  ['{ "a" : [{}] , "\\u006dethod" \n : {} }', true],
  ['{"a":{"method":1}}', false],
  ['{"a":"method","b":["method"]}', false],
  ['{"a\\\\":"\\"method\\":"}', false],
  ['["method",1]', false],
  ["", false],
  ['{"method', false],
])("that %s has a field of the name method is %s", { tags: ["limits.depth"] }, (json, has) => {
  expect(hasField(json, "method")).toBe(has);
});

describe("the depth of data", { tags: ["limits.depth"] }, () => {
  test.each([
    [undefined, 0, false],
    ["text", 0, false],
    [[], 0, true],
    [[], 1, false],
    [{ a: [{}] }, 3, false],
    [{ a: [{}] }, 2, true],
    [{ a: 1, b: { c: [] } }, 2, true],
  ])("of %j is over %i: %s", (data, levels, isOver) => {
    expect(isDeeper(data, levels)).toBe(isOver);
  });

  test("is found however deep it is", () => {
    expect(isDeeper(JSON.parse(nested(500_000)), 1_000)).toBe(true);
    expect(isDeeper(JSON.parse(nested(1_000)), 1_000)).toBe(false);
  });
});

test("more fields and items of lists than a bound are counted outside of strings", () => {
  const list = (count: number) => `[${'"a,,\\",",'.repeat(count)}1]`;
  expect([hasMoreItems(list(100), 100), hasMoreItems(list(101), 100)]).toEqual([false, true]);
  expect(hasMoreItems(JSON.stringify({ a: ",".repeat(1_000) }), 100)).toBe(false);
  expect(hasMoreItems('{"a":1,"b":2}', 0)).toBe(true);
});

test("a pattern is found next from any place that is not before the last one", () => {
  const next = finderIn("a1bb22", /\d/g);
  expect([0, 1, 2, 4, 5, 6].map(next)).toEqual([1, 1, 4, 4, 5, Number.POSITIVE_INFINITY]);
});
