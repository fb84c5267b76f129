import { describe, expect, test } from "vitest";
import { argumentForm } from "../../../core/discovery/argument-form.ts";
import { discoveryLimits } from "../../../core/discovery/discovery-limits.ts";
import { readArguments, typedInitially } from "../../../core/discovery/read-arguments.ts";

/* The form with which a person tries a tool, from a schema that a stranger wrote. */

const formOf = (properties: object, more: object = {}) => argumentForm({ type: "object", properties, ...more });
const fieldOf = (property: unknown, more: object = {}) => formOf({ it: property }, more).fields[0];
const withoutMore = { more: "" };

describe("a field", { tags: ["console.try"] }, () => {
  test.each([
    [{ type: "string" }, { kind: "text" }],
    [{ type: "number" }, { kind: "number" }],
    [{ type: "integer" }, { kind: "integer" }],
    [{ type: "boolean" }, { kind: "boolean" }],
    [{ type: ["string", "null"] }, { kind: "text" }],
    [{ type: ["string", "number"] }, { kind: "json" }],
    [{ enum: ["a", 1, null] }, { kind: "choice", choices: ['"a"', "1", "null"] }],
    [{ const: "a" }, { kind: "choice", choices: ['"a"'] }],
    [
      { type: "array", items: { type: "string" } },
      { kind: "list", items: "text" },
    ],
    [
      { type: "array", items: { type: "integer" } },
      { kind: "list", items: "number" },
    ],
    [{ type: "array" }, { kind: "json" }],
    [
      { enum: ["a", "b"], enumNames: ["A \u202ename", "B"] },
      { kind: "choice", choices: ['"a"', '"b"'], labels: ["A name", "B"] },
    ],
    [
      { enum: ["a", "b"], enumNames: ["A"] },
      { kind: "choice", choices: ['"a"', '"b"'] },
    ],
    [
      {
        type: "string",
        oneOf: [
          { const: "a", title: "A" },
          { const: "b", title: "B" },
          { const: "c", title: "C" },
        ],
      },
      { kind: "choice", choices: ['"a"', '"b"', '"c"'], labels: ["A", "B", "C"] },
    ],
    [{ oneOf: [{ const: "a", title: "A" }, { type: "number" }] }, { kind: "json" }],
    [
      { type: "array", items: { type: "string", enum: ["x", "y"] } },
      { kind: "choices", choices: ['"x"', '"y"'] },
    ],
    [
      {
        type: "array",
        items: {
          anyOf: [
            { const: "x", title: "X" },
            { const: "y", title: "Y" },
          ],
        },
      },
      { kind: "choices", choices: ['"x"', '"y"'], labels: ["X", "Y"] },
    ],
    [
      { type: "string", format: "date" },
      { kind: "text", format: "date" },
    ],
    [{ type: "string", format: "secret" }, { kind: "text" }],
    [
      { type: "string", minLength: 2, maxLength: "x" },
      { kind: "text", least: 2 },
    ],
    [
      { type: "integer", minimum: -1, maximum: 5 },
      { kind: "integer", least: -1, most: 5 },
    ],
    [
      { type: "string", title: "Its \u200bname" },
      { kind: "text", title: "Its name" },
    ],
    [{ type: "object", properties: {} }, { kind: "json" }],
    [{ anyOf: [{ type: "integer" }, { type: "null" }] }, { kind: "integer" }],
    [{ anyOf: [{ type: "integer" }, { type: "string" }] }, { kind: "json" }],
    [{ allOf: [{ $ref: "#/$defs/Size" }] }, { kind: "choice", choices: ['"s"', '"m"'] }],
    [{ $ref: "#/$defs/Itself" }, { kind: "json" }],
    [{ $ref: "#/$defs/toString" }, { kind: "json" }],
    [{ enum: [] }, { kind: "json" }],
    [{ type: 7, enum: "x", description: 1 }, { kind: "json" }],
    [true, { kind: "json" }],
    [null, { kind: "json" }],
  ])("for %j is %j", (property, expected) => {
    const $defs = { Size: { enum: ["s", "m"] }, Itself: { $ref: "#/$defs/Itself" } };
    expect(fieldOf(property, { $defs })).toEqual({ name: "it", isRequired: false, description: "", ...expected });
  });

  test("says what it is, what is taken without it, and whether it must be given", () => {
    const { fields } = formOf(
      { a: { type: "string", description: "A \u202ename", default: "x" }, b: { type: "string" } },
      { required: ["b", 7] },
    );
    expect(fields).toEqual([
      { name: "b", kind: "text", isRequired: true, description: "" },
      { name: "a", kind: "text", isRequired: false, description: "A name", initial: '"x"' },
    ]);
  });
});

describe("a form", { tags: ["console.try"] }, () => {
  test("takes JSON for arguments that have no field", () => {
    expect(formOf({ a: {} }).takesMore).toBe(false);
    expect(formOf({ a: {} }, { additionalProperties: true }).takesMore).toBe(true);
    expect(argumentForm({}).takesMore).toBe(true);
    expect(argumentForm({ properties: "no" }).fields).toEqual([]);
  });

  test("is bounded, however large the schema", () => {
    const long = "x".repeat(100_000);
    const properties = Object.fromEntries(
      Array.from({ length: 5_000 }, (_, at) => [`p${at}`, { enum: Array(10_000).fill(1), description: long, default: long }]),
    );
    const form = formOf(properties);
    expect(form.fields).toHaveLength(discoveryLimits.formFieldsMax);
    expect(form.takesMore).toBe(true);
    expect(JSON.stringify(form).length).toBeLessThan(100_000);
  });
});

describe("what was typed", { tags: ["console.try"] }, () => {
  const form = formOf(
    {
      text: { type: "string" },
      count: { type: "integer" },
      price: { type: "number" },
      isFast: { type: "boolean" },
      size: { enum: ["s", 2] },
      tags: { type: "array", items: { type: "string" } },
      dishes: { type: "array", items: { enum: ["soup", 7] } },
      sizes: { type: "array", items: { type: "number" } },
      deep: { type: "object" },
    },
    { required: ["text"] },
  );
  const read = (typed: Record<string, string>, { more } = withoutMore) =>
    readArguments(form, { typed: (name) => typed[name] ?? "", more });

  test("becomes arguments of the right kinds", () => {
    const typed = {
      text: "a",
      count: "-3",
      price: "1.5",
      isFast: "false",
      size: "2",
      tags: "x\n\ny",
      dishes: '7\n"soup"',
      sizes: "1\n2",
      deep: "[{}]",
    };
    expect(read(typed, { more: '{ "further": 1 }' })).toEqual({
      args: {
        text: "a",
        count: -3,
        price: 1.5,
        isFast: false,
        size: 2,
        tags: ["x", "y"],
        dishes: [7, "soup"],
        sizes: [1, 2],
        deep: [{}],
        further: 1,
      },
      problems: new Map(),
    });
  });

  test("is left out where it is empty and may be", () => {
    expect(read({ text: "a" })).toEqual({ args: { text: "a" }, problems: new Map() });
    expect([...read({}).problems.keys()]).toEqual(["text"]);
  });

  test.each([
    ["count", "1.5"],
    ["count", "9007199254740993"],
    ["count", " "],
    ["price", "1e999"],
    ["price", "1,5"],
    ["isFast", "maybe"],
    ["size", '"xl"'],
    ["dishes", '"soup"\n"pie"'],
    ["sizes", "1\ntwo"],
    ["deep", "{"],
    ["deep", "[".repeat(1_000)],
  ])("is refused at its field where it does not fit: %s, %j", (name, text) => {
    expect([...read({ text: "a", [name]: text }).problems.keys()]).toEqual([name]);
  });

  test.each([
    ["n", "0", "This must be at least 1."],
    ["n", "1", undefined],
    ["n", "10", undefined],
    ["n", "10.5", "This must be at most 10."],
    ["t", "a", "This must be at least 2 characters."],
    ["t", "👩👩👩", undefined],
    ["t", "abcd", "This must be at most 3 characters."],
  ])("is refused outside of its bounds: %s, %j", (name, text, problem) => {
    const bounded = formOf({ n: { type: "number", minimum: 1, maximum: 10 }, t: { type: "string", minLength: 2, maxLength: 3 } });
    const { problems } = readArguments(bounded, { typed: (field) => (field === name ? text : ""), more: "" });
    expect(problems.get(name)).toBe(problem);
  });

  test.each(["[]", "null", "7", "{", "[".repeat(1_000)])("is refused as further arguments: %j", (more) => {
    expect([...read({ text: "a" }, { more }).problems.keys()]).toEqual([""]);
  });

  test("keeps names that mean something to JavaScript", () => {
    const hostile = argumentForm({ properties: JSON.parse('{"__proto__":{"type":"string"},"constructor":{"type":"string"}}') });
    const { args } = readArguments(hostile, { typed: () => "x", more: "" });
    expect(Object.entries(args)).toEqual([
      ["__proto__", "x"],
      ["constructor", "x"],
    ]);
  });
});

describe("what is taken without an answer", { tags: ["console.asked"] }, () => {
  test.each([
    [{ type: "string", default: "a\nb" }, "a\nb"],
    [{ type: "integer", default: 3 }, "3"],
    [{ type: "integer", default: 1.5 }, ""],
    [{ type: "boolean", default: false }, "false"],
    [{ enum: ["a", "b"], default: "b" }, '"b"'],
    [{ enum: ["a", "b"], default: "c" }, ""],
    [{ type: "array", items: { enum: ["a", "b"] }, default: ["b", "a"] }, '"b"\n"a"'],
    [{ type: "array", items: { type: "string" }, default: ["x", "y"] }, "x\ny"],
    [{ type: "object", default: { a: [1] } }, '{"a":[1]}'],
    [{ type: "string" }, ""],
  ])("stands in its field if it fits: %j", (property, typed) => {
    const field = fieldOf(property);
    expect(field && typedInitially(field)).toBe(typed);
  });
});
