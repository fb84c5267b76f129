import { describe, expect, test } from "vitest";
import { keepDigits, withoutIntegerMark, writeIntegers } from "../../core/mcp/integers.ts";
import { cutText, escapeInvisible, startOf, wellFormed, wellFormedJson, withoutInvisible } from "../../core/text.ts";

const half = "\ud83d";

describe("a text that is cut", () => {
  test("has at most that many characters, and an ellipsis only where something is missing", () => {
    expect(cutText("abc", 3)).toBe("abc");
    expect(cutText("abcd", 3)).toBe("abc…");
    expect(cutText("", 0)).toBe("");
  });

  test.each([1, 2, 3, 4])("never ends with half of a character, at %i characters", (chars) => {
    expect(startOf("🚀🚀🚀", chars).isWellFormed()).toBe(true);
    expect(cutText("x🚀🚀🚀", chars).isWellFormed()).toBe(true);
  });
});

describe("well-formed data", () => {
  test("has no lone surrogate in texts, keys and lists", () => {
    const data = { [`key${half}`]: [`a${half}b`, { deep: "\udc00" }], whole: "🚀" };
    expect(wellFormed(data)).toEqual({ "key\ufffd": ["a\ufffdb", { deep: "\ufffd" }], whole: "🚀" });
  });

  test("is the same object when there is nothing to mend, even if a text speaks of escapes", () => {
    const data = { path: "C:\\ud83d", twice: "\\\\ud83d" };
    expect(wellFormed(data)).toBe(data);
    expect(wellFormed(undefined)).toBeUndefined();
  });

  test("keeps an escaped pair in JSON text, and mends a half of one", () => {
    expect(JSON.parse(wellFormedJson('["\\ud83d\\ude80","\\ud83d","\\\\ud83d","\\ude80x"]'))).toEqual([
      "🚀",
      "\ufffd",
      "\\ud83d",
      "\ufffdx",
    ]);
  });

  test.each([
    ["\\ud83d\\ud83d\\ude80", "\\ufffd\\ud83d\\ude80"],
    ["\\ud83d\\ude80\\ude80", "\\ud83d\\ude80\\ufffd"],
    ["\\\\ud83d\\ude80", "\\\\ud83d\\ufffd"],
    ["\\\\\\ud83d\\\\ude80", "\\\\\\ufffd\\\\ude80"],
    ["\\uD83D\\uDE80\\uDe80", "\\uD83D\\uDE80\\ufffd"],
  ])("tells halves from pairs where they follow one another: %s", (json, mended) => {
    expect(wellFormedJson(`"${json}"`)).toBe(`"${mended}"`);
  });

  test("is mended in one pass, however many halves there are", () => {
    const count = 2_000_000;
    expect(wellFormedJson("\\ud83d".repeat(count))).toBe("\\ufffd".repeat(count));
  });
});

test("invisible characters are removed from a text, and those that a person sees are not", () => {
  const hidden = [..."ignore"].map((letter) => String.fromCodePoint(0xe0000 + letter.charCodeAt(0))).join("");
  expect(withoutInvisible(`Not found${hidden}\u200b\u202e.`)).toBe("Not found.");
  expect(withoutInvisible("👩‍🚀 né, 日本")).toBe("👩‍🚀 né, 日本");
});

describe("numbers that a double cannot hold", () => {
  test.each([
    ['{"id":1915883588174806058}', { id: "1915883588174806058" }],
    ["[-9007199254740992, 9007199254740991]", ["-9007199254740992", 9007199254740991]],
    ['{"price":12345678901234567890.0,"x":0.1234567890123456789}', { price: "12345678901234567890", x: 0.12345678901234568 }],
    ['{"id12345678901234567890":"12345678901234567890"}', { id12345678901234567890: "12345678901234567890" }],
    ['["\\\\", 12345678901234567890, "\\"12345678901234567890"]', ["\\", "12345678901234567890", '"12345678901234567890']],
  ])("in %s keep their digits as text", (json, value) => {
    expect(JSON.parse(keepDigits(json))).toEqual(value);
  });

  test("leave other texts as they are", () => {
    for (const text of ["", "no JSON 12", '{"a":1}', '"12345678901234567890']) expect(keepDigits(text)).toBe(text);
  });

  test("are found in a long text in one pass", () => {
    const json = JSON.stringify(Array.from({ length: 200_000 }, (_, index) => `"\\${index}`));
    expect(keepDigits(`[12345678901234567890,${json}]`)).toBe(`["12345678901234567890",${json}]`);
  });
});

test("a marked BigInt is written as the integer that it is, and a text that only looks like one is not", () => {
  const args = { id: "\u0000integer:1915883588174806058", list: ["\u0000integer:-5"], text: "integer:7" };
  expect(writeIntegers(JSON.stringify(args))).toBe('{"id":1915883588174806058,"list":[-5],"text":"integer:7"}');
  const forged = JSON.stringify({ a: '\u0000integer:1,"b":2' });
  expect(writeIntegers(forged)).toBe(forged);
  expect(withoutIntegerMark("\u0000integer:12")).toBe("12");
});

test("what nobody sees is shown as escapes that JSON reads back", { tags: ["console.pages"] }, () => {
  const value = { text: "a\u202eb\u200b", tag: "\u{e0041}" };
  const shown = escapeInvisible(JSON.stringify(value));
  expect(shown).toBe(String.raw`{"text":"a\u202eb\u200b","tag":"\udb40\udc41"}`);
  expect(JSON.parse(shown)).toEqual(value);
  expect(escapeInvisible("👩‍🚀 né, 日本")).toBe("👩‍🚀 né, 日本");
});
