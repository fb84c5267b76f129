import { describe, expect, test } from "vitest";
import { CallToolResult, contentOf, errorTextOf, toValue } from "../../../core/mcp/tool-result.ts";
import { textResult } from "../../support/builders.ts";

const image = { type: "image", data: "aGk=", mimeType: "image/png" };

describe("the value of a result", () => {
  test("is its structured content, whatever the text says", { tags: ["clients.values"] }, () => {
    expect(toValue({ ...textResult("other"), structuredContent: { a: 1 } })).toEqual({ a: 1 });
    expect(toValue({ ...textResult("other"), structuredContent: {} })).toEqual({});
  });

  test("is the text where structured content is null", () => {
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
  ])("of one text %j is %j", { tags: ["clients.values"] }, (text, value) => {
    expect(toValue(textResult(text))).toEqual(value);
  });

  test("of several texts is all of them, joined and not parsed", () => {
    expect(toValue(textResult('{"a":1}', "two"))).toBe('{"a":1}\ntwo');
  });

  test("of one image is the block, of an image and a text both blocks", () => {
    expect(toValue({ content: [image] })).toEqual(image);
    expect(toValue({ content: [{ type: "text", text: "seen" }, image] })).toEqual([{ type: "text", text: "seen" }, image]);
  });

  test("whose content is null is that of one without content", () => {
    expect(toValue(CallToolResult.parse({ content: null }))).toBe("");
  });

  test("that is an error without a text is told by its data", () => {
    expect(errorTextOf(CallToolResult.parse({ isError: true, structuredContent: { reason: "full" } }))).toBe('{"reason":"full"}');
    expect(errorTextOf(CallToolResult.parse({ isError: true }))).toBe("the tool reported an error without a message");
  });

  test("of no content is an empty text", () => {
    expect(toValue({ content: [] })).toBe("");
  });

  test("of a text block without text is the block", () => {
    expect(toValue({ content: [{ type: "text" }] })).toEqual({ type: "text" });
  });
});

test("a result is read loosely: a type of its own costs nothing, no content at all is none", () => {
  expect(CallToolResult.parse({ content: [{ type: "hologram", x: 1 }], more: true })).toEqual({
    content: [{ type: "hologram", x: 1 }],
    more: true,
  });
  expect(CallToolResult.parse({})).toEqual({ content: [] });
  expect(CallToolResult.safeParse({ content: "text" }).success).toBe(false);
});

test("the words of an error are its texts, or that it has none", () => {
  expect(errorTextOf({ content: [{ type: "text", text: "a" }, image, { type: "text", text: "b" }] })).toBe("a\nb");
  expect(errorTextOf({ content: [image] })).toContain("without a message");
  expect(contentOf({ content: [image] })).toEqual([image]);
});
