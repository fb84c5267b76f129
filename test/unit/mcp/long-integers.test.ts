import { describe, expect, test } from "vitest";
import { keepDigits } from "../../../core/mcp/integers.ts";

/* Integers that a double cannot hold stay exact, as text. Everything else is the JSON that it was. */

describe("an integer in JSON text", { tags: ["clients.values"] }, () => {
  test.each([
    ["12345678901234567890", '"12345678901234567890"'],
    ["-12345678901234567890", '"-12345678901234567890"'],
    ["[1,12345678901234567890 ,-2]", '[1,"12345678901234567890" ,-2]'],
    ['{"id":98765432109876543210,"n":1}', '{"id":"98765432109876543210","n":1}'],
    ['["\\"",98765432109876543210]', '["\\"","98765432109876543210"]'],
  ])("that is too long becomes text: %s", (json, written) => {
    expect(keepDigits(json)).toBe(written);
  });

  test.each([
    ["9007199254740991"],
    ["[0.12345678901234567890]"],
    ["[1.2345678901234567890e5]"],
    ["[1e308,1e-400]"],
    ['{"commit":"3e4567"}'],
    ["[12345678901234567890e1]"],
    ["[12345678901234567890.5]"],
    ['"12345678901234567890"'],
    ['{"12345678901234567890":"-12345678901234567890"}'],
    ['["a \\" 12345678901234567890",1]'],
    // Not JSON: it stays what it was, and whoever parses it says so.
    ["[00000000000000000001]"],
    ['"12345678901234567890'],
  ])("that a double holds, or that is part of another value, stays: %s", (json) => {
    expect(keepDigits(json)).toBe(json);
  });

  test.each([
    ["1e400", '"1e400"'],
    ['{"a":-1.5E+999,"b":[2e400 ]}', '{"a":"-1.5E+999","b":["2e400" ]}'],
    ["[1e1234567890123456789]", '["1e1234567890123456789"]'],
    [`[${"9".repeat(400)}]`, `["${"9".repeat(400)}"]`],
    [`[${"9".repeat(400)}.5]`, `["${"9".repeat(400)}.5"]`],
  ])("or any number that no double holds becomes text and not null: %s", (json, written) => {
    expect(keepDigits(json)).toBe(written);
  });

  test("is found among megabytes in one pass", () => {
    const json = JSON.stringify(Array.from({ length: 200_000 }, (_, index) => ({ id: `${index}`.padStart(20, "1"), n: index })));
    expect(keepDigits(json)).toBe(json);
  });

  test("is found behind millions of strings, which are not copied one by one", () => {
    const strings = '"",'.repeat(5_000_000);
    expect(keepDigits(`[${strings}12345678901234567890]`)).toBe(`[${strings}"12345678901234567890"]`);
  });
});
