import { expect, test } from "vitest";
import { problemsOf } from "../../../core/saved/validate.ts";

const circle = {
  type: "object",
  properties: { kind: { const: "circle" }, radius: { type: "number" } },
  required: ["kind", "radius"],
};
const square = {
  type: "object",
  properties: { kind: { const: "square" }, side: { type: "number" } },
  required: ["kind", "side"],
};
const schema = {
  type: "object",
  properties: {
    shape: { anyOf: [circle, { $ref: "#/$defs/square" }] },
    when: {
      anyOf: [
        { type: "string", const: "auto" },
        { type: "boolean", const: true },
      ],
    },
    value: { anyOf: [{ type: "string" }, { type: "array", items: { type: "string" } }] },
  },
  $defs: { square },
};

test.each([
  [{ shape: { kind: "square", radius: 1 } }, "shape.side is missing"],
  [{ shape: { kind: "circle", radius: "1" } }, "shape.radius is a string; it takes number"],
  [
    { shape: { kind: "triangle" } },
    'shape fits none of its alternatives (shape.radius is missing; shape.kind is not "circle"; shape.side is missing; shape.kind is not "square")',
  ],
  [{ when: false }, "when fits none of its alternatives (when is a boolean; it takes string; when is not true)"],
  [{ value: ["a", 1] }, "value[1] is a number; it takes string"],
  [{ value: 1 }, "value fits none of its alternatives (value is a number; it takes string; value is a number; it takes array)"],
])("what %j lacks is told of the alternative that was meant, or of all", (args, problem) => {
  expect(problemsOf(args, schema)).toEqual([problem]);
});

test.each([
  [{ shape: { kind: "square", side: 1 } }],
  [{ shape: { kind: "circle", radius: 1 }, when: true, value: "a" }],
  [{ when: "auto", value: ["a"] }],
])("%j fits", (args) => {
  expect(problemsOf(args, schema)).toEqual([]);
});

test("arguments of megabytes are compared with thousands of values, and told, without being written each time", () => {
  const values = Array.from({ length: 6_000 }, (_, at) => at);
  const rows = Array.from({ length: 200_000 }, (_, at) => at);
  expect(problemsOf({ x: rows }, { type: "object", properties: { x: { enum: values } } })).toEqual([
    `x is ${JSON.stringify(rows).slice(0, 60)}…; it takes 0, 1, 2, 3, 4, 5, 6, 7`,
  ]);
  const like = { enum: values.map((at) => [at]) };
  expect(problemsOf(rows, like)[0]).toMatch(/^args is \[0,1,2/);
  const alternatives = { anyOf: values.map((at) => ({ const: at })) };
  expect(problemsOf("x".repeat(4_000_000), alternatives)[0]).toMatch(/^args fits none of its alternatives/);
});

test("values in their hundreds of thousands are not compared with lists of thousands each", () => {
  const values = Array.from({ length: 150_000 }, () => 0);
  const entries = Array.from({ length: 8_000 }, (_, at) => at + 1);
  const tooMany = Array.from({ length: 8 }, () => expect.stringContaining("too many alternatives"));
  const types = entries.map(() => "string");
  expect(problemsOf({ values }, { properties: { values: { items: { type: [...types, "number"] } } } })).toEqual(tooMany);
  expect(problemsOf({ values }, { properties: { values: { items: { enum: [...entries, 0] } } } })).toEqual(tooMany);
  const properties = Object.fromEntries(entries.map((name) => [`p${name}`, {}]));
  const $defs = { wide: { properties, required: Object.keys(properties) } };
  const choice = { anyOf: [{ anyOf: Array.from({ length: 1_000 }, () => ({ $ref: "#/$defs/wide" })) }, {}] };
  const objects = values.slice(0, 200).map(() => ({}));
  expect(problemsOf({ objects }, { properties: { objects: { items: choice } }, $defs })).toEqual(tooMany);
});

test("lists as long as programs write them are looked through for each value", () => {
  const values = Array.from({ length: 150_000 }, () => "k14");
  const kinds = Array.from({ length: 15 }, (_, at) => `k${at}`);
  expect(problemsOf({ values }, { properties: { values: { items: { type: "string", enum: kinds } } } })).toEqual([]);
});

test("a name of megabytes is shortened, however many fields are missing below it", () => {
  const required = Array.from({ length: 3_000 }, (_, at) => `p${at}`);
  const below = { anyOf: [{ required }, { required: required.toReversed() }] };
  const problems = problemsOf({ ["x".repeat(2_000_000)]: {} }, { additionalProperties: below });
  expect(problems[0]).toMatch(/^x{100}….p0 is missing$/);
  expect(problems).toHaveLength(8);
});

test.each([
  [[1, { a: [2] }], [1, { a: [2] }], []],
  [{ a: 1, b: 2 }, { b: 2, a: 1 }, []],
  [[1], [1, 2], ["args is [1]; it takes [1,2]"]],
  [{ a: 1 }, [1], ['args is {"a":1}; it takes [1]']],
  [{ a: undefined }, { b: undefined }, ["args is {}; it takes {}"]],
  [null, {}, ["args is null; it takes {}"]],
])("%j is compared with %j", (value, wanted, problems) => {
  expect(problemsOf(value, { enum: [wanted] })).toEqual(problems);
});
