import { describe, expect, test } from "vitest";
import { readWords, toArguments } from "../../../bridge/commands/call-arguments.ts";
import { UsageError } from "../../../bridge/usage-error.ts";

const properties = {
  zone: { type: "string" },
  count: { type: "integer" },
  ratio: { type: ["number", "null"] },
  deep: { type: "boolean" },
  either: { type: ["string", "number"] },
};

const argumentsOf = (...words: string[]) => toArguments(readWords(words), { inputSchema: { type: "object", properties } });

describe("the arguments of a call", () => {
  test("are what people type", { tags: ["bridge.commands"] }, () => {
    expect(argumentsOf()).toEqual({});
    expect(argumentsOf('{"zone":"Asia/Tokyo"}')).toEqual({ zone: "Asia/Tokyo" });
    expect(argumentsOf("zone=Asia/Tokyo", "days:=[1,2]", "note=a=b := c", "empty=")).toEqual({
      ...{ zone: "Asia/Tokyo", days: [1, 2], note: "a=b := c", empty: "" },
    });
    expect(argumentsOf('{"zone":"a","count":1}', "zone=b")).toEqual({ zone: "b", count: 1 });
    expect(argumentsOf('text={"a":1}', 'json:={"a":1}', "url=https://x.example/?q=1")).toEqual({
      ...{ text: '{"a":1}', json: { a: 1 }, url: "https://x.example/?q=1" },
    });
  });

  test("become numbers and booleans where the tool wants nothing else", () => {
    expect(argumentsOf("count=3", "ratio=0.5", "deep=true", "zone=3", "either=3", "unknown=3")).toEqual({
      ...{ count: 3, ratio: 0.5, deep: true, zone: "3", either: "3", unknown: "3" },
    });
    // The server says what is wrong with these.
    expect(argumentsOf("count=three", "count2=", "deep=yes")).toEqual({ count: "three", count2: "", deep: "yes" });
  });

  test.each(["{", "[1]", "7", "plain", "=x", ":=1", "days:=[1", 'a:="'])("refuse %j, and say which forms there are", (word) => {
    expect(() => readWords([word])).toThrow(UsageError);
    expect(() => readWords([word])).toThrow("Write key=text, key:=json, or one JSON object");
  });

  test("cannot reach an object's prototype", () => {
    const args = argumentsOf("__proto__=x", 'constructor:={"a":1}');
    expect(Object.getPrototypeOf(args)).toBe(Object.prototype);
    expect(Object.keys(args)).toEqual(["__proto__", "constructor"]);
  });
});
