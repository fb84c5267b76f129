import { describe, expect, test } from "vitest";
import { limits } from "../../../core/limits.ts";
import { contentOf, errorTextOf, readToolResult, toValue } from "../../../core/mcp/tool-result.ts";
import { textResult } from "../../support/builders.ts";

const read = (result: unknown) => readToolResult(result, { server: "notes", tool: "read" });
const image = { type: "image", data: "aGk=", mimeType: "image/png" };

describe("the value of a result", () => {
  test("is its structured content, even if the text differs", { tags: ["clients.values"] }, () => {
    expect(toValue({ ...textResult("other"), structuredContent: { a: 1 } })).toEqual({ a: 1 });
    expect(toValue({ ...textResult("other"), structuredContent: {} })).toEqual({});
  });

  test("is the text if the structured content is null", () => {
    expect(toValue({ ...textResult("other"), structuredContent: null })).toBe("other");
  });

  test.each([
    ['{"a":1}', { a: 1 }],
    [' \n[1,"2"]', [1, "2"]],
    ["12345678901234567890", "12345678901234567890"],
    ["true", "true"],
    ["null", "null"],
    ['"quoted"', '"quoted"'],
    ["{not json}", "{not json}"],
    ["[draft] title", "[draft] title"],
    ["", ""],
    ["plain", "plain"],
    ['{"id":12345678901234567890,"n":42,"x":1.5e300}', { id: "12345678901234567890", n: 42, x: 1.5e300 }],
    ["[-98765432109876543210,9007199254740991]", ["-98765432109876543210", 9007199254740991]],
    ['{"text":"12345678901234567890"}', { text: "12345678901234567890" }],
  ])("with the one text %j is %j", { tags: ["clients.values"] }, (text, value) => {
    expect(toValue(textResult(text))).toEqual(value);
  });

  test.each([
    ["lists", "[", "]"],
    ["objects", '{"a":', "}"],
  ])("with one text of nested %s is what they say, or the text if that nests too deep to be passed on", (_kind, open, close) => {
    const nested = (levels: number) => open.repeat(levels) + (open === "[" ? "" : "1") + close.repeat(levels);
    expect(toValue(textResult(nested(limits.answerDepthMax)))).toBeTypeOf("object");
    for (const levels of [limits.answerDepthMax + 1, 5_000, 1_000_000]) {
      expect(toValue(textResult(nested(levels))) === nested(levels)).toBe(true);
    }
  });

  test("with one text of more different names than are read is the text", { tags: ["servers.no-delay"] }, () => {
    const named = (count: number) =>
      JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, at) => [`name${at}`, at])));
    expect(toValue(textResult(named(limits.answerNamesMax)))).toBeTypeOf("object");
    expect(toValue(textResult(named(limits.answerNamesMax + 20_000)))).toBeTypeOf("string");
  });

  test("with several texts is their lines, joined and not parsed", () => {
    expect(toValue(textResult('{"a":1}', "two"))).toBe('{"a":1}\ntwo');
  });

  test("with an image is the image block, and with a text and an image both blocks", () => {
    expect(toValue({ content: [image] })).toEqual(image);
    expect(toValue({ content: [{ type: "text", text: "seen" }, image] })).toEqual([{ type: "text", text: "seen" }, image]);
  });

  test("with the content null is an empty text", () => {
    expect(toValue(read({ content: null }))).toBe("");
  });

  test("that is an error without text has its structured content as message, or says that there is none", () => {
    expect(errorTextOf(read({ isError: true, structuredContent: { reason: "full" } }))).toBe('{"reason":"full"}');
    expect(errorTextOf(read({ isError: true }))).toBe("the tool reported an error without a message");
  });

  test("without content is an empty text", () => {
    expect(toValue({ content: [] })).toBe("");
  });

  test("with a text block without text is that block", () => {
    expect(toValue({ content: [{ type: "text" }] })).toEqual({ type: "text" });
  });
});

test("a result is parsed leniently: unknown content types are kept and missing content is an empty list", () => {
  expect(read({ content: [{ type: "hologram", x: 1 }], more: true })).toEqual({
    content: [{ type: "hologram", x: 1 }],
    more: true,
  });
  expect(read({})).toEqual({ content: [] });
});

describe("a result of another shape", () => {
  const valueIn = (result: unknown) => toValue(read(result));

  test.each([
    [{ content: "done" }, "done"],
    [{ content: { type: "text", text: "done" } }, "done"],
    [{ content: { text: '{"a":1}' } }, { a: 1 }],
    [{ content: ["one", "two"] }, "one\ntwo"],
    [{ content: [null, { rows: 2 }] }, { rows: 2 }],
    [{ content: [{ type: "text", text: 42 }] }, "42"],
    [{ content: [{ type: "text", text: { a: 1 } }] }, { a: 1 }],
    [[], ""],
    [[{ type: "text", text: "done" }], "done"],
    [
      [1, 2],
      [1, 2],
    ],
    ["done", "done"],
    [{ toolResult: { a: 1 } }, { a: 1 }],
    [
      { temperature: 20, unit: "C" },
      { temperature: 20, unit: "C" },
    ],
    [{}, ""],
    [{ _meta: {} }, ""],
  ])("such as %j is read as %j", (result, value) => {
    expect(valueIn(result)).toEqual(value);
  });

  test.each([null, "false", 0, "", false])("is no error if isError is %j", (isError) => {
    expect(read({ content: [], isError }).isError).toBe(false);
  });

  test.each([true, "true", 1])("is an error if isError is %j", (isError) => {
    expect(read({ content: [], isError }).isError).toBe(true);
  });

  test.each([7, null, true])("such as %j is an error of the tool", (result) => {
    expect(() => valueIn(result)).toThrow("notes.read returned something that is not a tool result.");
  });
});

test("the message of an error is its texts, or says that there is none", () => {
  expect(errorTextOf({ content: [{ type: "text", text: "a" }, image, { type: "text", text: "b" }] })).toBe("a\nb");
  expect(errorTextOf({ content: [image] })).toContain("without a message");
  expect(contentOf({ content: [image] })).toEqual([image]);
});
