import { describe, expect, test } from "vitest";
import { schemaBounds } from "../../../core/codegen/bounds.ts";
import { TypeScope } from "../../../core/codegen/types.ts";
import { diagnose } from "../../support/typescript.ts";

/** The whole text for one schema: its named types and `T`. */
function declare(schema: unknown): string {
  const scope = new TypeScope(["T"]);
  const text = scope.typeOf(schema, { root: schema, nameHint: "thing args" });
  return `${scope.declarations().join("")}export type T = ${text};\n`;
}

function typeOf(schema: unknown): string {
  return new TypeScope().typeOf(schema, { root: schema, nameHint: "thing args" });
}

/** Complaints about values that must be of the type, or must not. */
function check(schema: unknown, values: { right?: string[]; wrong?: string[] }): string[] {
  const lines = [
    'import type { T } from "declared";',
    ...(values.right ?? []).map((value, index) => `export const right${index}: T = ${value};`),
    ...(values.wrong ?? []).map((value, index) => `// @ts-expect-error\nexport const wrong${index}: T = ${value};`),
  ];
  return diagnose({ "declared.d.ts": declare(schema), "values.ts": lines.join("\n") });
}

describe("plain types", () => {
  test.each([
    [{ type: "string" }, "string"],
    [{ type: "integer" }, "number"],
    [{ type: "boolean" }, "boolean"],
    [{ type: "null" }, "null"],
    [{ type: ["string", "null"] }, "string | null"],
    [{ type: "string", nullable: true }, "string | null"],
    [{ enum: ["a", 1, null, true] }, '"a" | 1 | null | true'],
    [{ enum: [1, 2, 2] }, "1 | 2"],
    [{ type: "string", enum: ["a", 1, null] }, '"a"'],
    [{ type: ["string", "null"], enum: ["a", null] }, '"a" | null'],
    [{ type: "string", nullable: true, enum: ["a", null] }, '"a" | null'],
    [{ type: "integer", enum: [1, 2] }, "1 | 2"],
    [{ type: "string", enum: [1, 2] }, "1 | 2"],
    [{ enum: [] }, "never"],
    [{ const: "a" }, '"a"'],
    [{ const: { a: [1] } }, "{ a: [1] }"],
    [{ const: {} }, "{ [key: string]: never }"],
    [true, "unknown"],
    [false, "never"],
    [undefined, "unknown"],
    [{}, "unknown"],
    [null, "unknown"],
    [{ type: "file" }, "unknown"],
    [{ type: 3 }, "unknown"],
  ])("%j is %s", (schema, expected) => {
    expect(typeOf(schema)).toBe(expected);
  });
});

describe("arrays and tuples", () => {
  test.each([
    [{ type: "array", items: { enum: ["a", "b"] } }, '("a" | "b")[]'],
    [{ type: "array" }, "unknown[]"],
    [{ items: { type: "array", items: { type: "string" } } }, "string[][]"],
    [{ prefixItems: [{ type: "string" }, { type: "number" }] }, "[string, number]"],
    [{ prefixItems: [{ type: "string" }], items: false }, "[string]"],
    [{ prefixItems: [{ type: "string" }], items: { type: ["number", "null"] } }, "[string, ...(number | null)[]]"],
    [{ items: [{ type: "string" }, { type: ["number", "null"] }], minItems: 1 }, "[string, (number | null)?]"],
    [{ items: [{ type: "string" }], additionalItems: true }, "[string, ...unknown[]]"],
  ])("%j is %s", (schema, expected) => {
    expect(typeOf(schema)).toBe(expected);
    expect(diagnose({ "declared.d.ts": declare(schema) })).toEqual([]);
  });
});

describe("objects", () => {
  test("an object that names no properties takes any", () => {
    expect(typeOf({ type: "object" })).toBe("{ [key: string]: unknown }");
    expect(typeOf({ type: "object", additionalProperties: true })).toBe("{ [key: string]: unknown }");
    expect(typeOf({ type: "object", additionalProperties: { type: "number" } })).toBe("{ [key: string]: number }");
  });

  test("a closed object without properties takes none", () => {
    const schema = { type: "object", properties: {}, additionalProperties: false };
    expect(check(schema, { right: ["{}"], wrong: ["{ a: 1 }"] })).toEqual([]);
  });

  test("refuses a misspelt property and a wrong literal", () => {
    const schema = { type: "object", properties: { unit: { enum: ["km", "mi"] }, far: { type: "boolean" } }, required: ["unit"] };
    expect(
      check(schema, {
        right: ['{ unit: "km" }', '{ unit: "mi", far: true }'],
        wrong: ['{ unit: "ml" }', '{ unit: "km", fa: true }', "{}"],
      }),
    ).toEqual([]);
  });

  test("takes further properties only where the schema says so", () => {
    const base = { type: "object", properties: { a: { type: "string" } } };
    expect(check(base, { wrong: ["{ b: 1 }"] })).toEqual([]);
    expect(
      check({ ...base, additionalProperties: { type: "number" } }, { right: ['{ a: "x", b: 1 }'], wrong: ["{ a: 1 }"] }),
    ).toEqual([]);
    expect(check({ ...base, additionalProperties: true }, { right: ["{ b: [] }"] })).toEqual([]);
    expect(
      check(
        { ...base, patternProperties: { "^x-": { type: "string" } }, additionalProperties: false },
        { right: ['{ "x-b": "y" }'] },
      ),
    ).toEqual([]);
  });

  test("of an index signature beside other properties takes what one of them may be, and nothing else", () => {
    const schema = { type: "object", properties: { a: { type: "string" } }, additionalProperties: { type: "number" } };
    expect(typeOf(schema)).toBe("{ a?: string; [key: string]: number | string | undefined }");
    expect(check(schema, { right: ['{ a: "x", b: 1 }', "{ b: 1 }"], wrong: ["{ a: 1 }", "{ b: [] }", "{ b: true }"] })).toEqual(
      [],
    );
  });

  test("a pattern does not bind the properties that another part of the schema names", () => {
    const schema = {
      allOf: [
        { type: "object", properties: { a: { type: "array" } }, required: ["a"] },
        { type: "object", patternProperties: { "^x-": { type: "string" } } },
      ],
    };
    expect(check(schema, { right: ["{ a: [] }", '{ a: [], "x-b": "y" }'], wrong: ["{ a: 1 }"] })).toEqual([]);
  });

  test.each([
    ["an alternative to anything", { anyOf: [{ properties: { b: { type: "number" } } }, {}] }],
    ["a condition", { if: false, else: { properties: { b: { type: "number" } } } }],
    ["a condition inside of allOf", { allOf: [{ if: false, else: { properties: { b: { type: "number" } } } }] }],
    ["a reference to nowhere", { $ref: "https://example.com/b.json" }],
  ])("what %s may name is not refused as misspelt", (_, rest) => {
    const schema = { type: "object", properties: { a: { type: "string" } }, ...rest };
    expect(check(schema, { right: ['{ a: "x", b: 1 }'], wrong: ["{ a: 1 }"] })).toEqual([]);
  });

  test("a bare object beside a known one lets nothing misspelt pass", () => {
    const schema = { allOf: [{ type: "object", properties: { a: { type: "string" } } }, { type: "object" }] };
    expect(check(schema, { right: ['{ a: "x" }', "{}"], wrong: ["{ b: 1 }"] })).toEqual([]);
  });

  test("keeps a precise index signature where every property fits it", () => {
    const schema = {
      type: "object",
      properties: { a: { type: "number" } },
      required: ["a"],
      additionalProperties: { type: "number" },
    };
    expect(check(schema, { right: ["{ a: 1, b: 2 }"], wrong: ['{ a: 1, b: "2" }'] })).toEqual([]);
  });

  test("asks for a required property that the schema does not describe", () => {
    expect(check({ type: "object", required: ["a"] }, { right: ["{ a: 1 }"], wrong: ["{}"] })).toEqual([]);
  });

  test("quotes property names that are no identifiers, and loses none", () => {
    const properties = JSON.parse(
      '{ "__proto__": { "type": "string" }, "constructor": { "type": "string" }, "foo-bar": { "type": "number" }, "a\\"b": {}, "\\u2028": {}, "`${x}`": {}, "": {}, "1": {}, "*/": {} }',
    );
    const schema = { type: "object", properties, required: ["__proto__", "constructor", "foo-bar"] };
    const rest = '"foo-bar": 1, \'a"b\': 0, "\\u2028": 0, "`${x}`": 0, "": 0, 1: 0, "*/": 0';
    expect(
      check(schema, {
        right: [`{ ["__proto__"]: "p", constructor: "c", ${rest} }`],
        wrong: [`{ ["__proto__"]: 1, constructor: "c", ${rest} }`],
      }),
    ).toEqual([]);
  });

  test("documents properties, on one line when that is short", () => {
    const schema = {
      type: "object",
      properties: {
        n: { type: "integer", description: "How many.", default: 5, minimum: 1, maximum: 10 },
        s: { type: "string" },
      },
    };
    expect(typeOf(schema)).toBe("{\n  /** How many. @default 5 @minimum 1 @maximum 10 */\n  n?: number;\n  s?: string;\n}");
  });
});

describe("combinations", () => {
  test("allOf is an intersection with what stands beside it", () => {
    const schema = {
      type: "object",
      properties: { a: { type: "string" } },
      required: ["a"],
      allOf: [{ properties: { b: { type: "number" } } }],
    };
    expect(check(schema, { right: ['{ a: "x", b: 1 }', '{ a: "x" }'], wrong: ["{ b: 1 }", '{ a: "x", c: 1 }'] })).toEqual([]);
  });

  test("anyOf of required lists asks for one of them", () => {
    const schema = {
      type: "object",
      properties: { path: { type: "string" }, url: { type: "string" } },
      anyOf: [{ required: ["path"] }, { required: ["url"] }],
    };
    expect(
      check(schema, { right: ['{ path: "x" }', '{ url: "x" }'], wrong: ["{}", "{ path: 1 }", '{ path: "x", uri: "y" }'] }),
    ).toEqual([]);
  });

  test("a discriminated oneOf tells its alternatives apart", () => {
    const schema = {
      oneOf: [
        { type: "object", properties: { kind: { const: "a" }, n: { type: "number" } }, required: ["kind", "n"] },
        { type: "object", properties: { kind: { const: "b" }, s: { type: "string" } }, required: ["kind"] },
      ],
    };
    expect(
      check(schema, { right: ['{ kind: "a", n: 1 }', '{ kind: "b" }'], wrong: ['{ kind: "a" }', '{ kind: "b", n: 1 }'] }),
    ).toEqual([]);
  });

  test("an alternative that says nothing makes the whole unknown, and beside a type changes nothing", () => {
    expect(typeOf({ anyOf: [{ type: "string" }, {}] })).toBe("unknown");
    expect(typeOf({ type: "string", anyOf: [{ format: "email" }, { format: "uri" }] })).toBe("string");
    expect(typeOf({ type: "object", oneOf: [{ type: "array" }] })).toBe("unknown[]");
  });
});

describe("references", () => {
  test("resolves two levels, and declares each definition once", () => {
    const schema = {
      type: "object",
      properties: { from: { $ref: "#/$defs/Point" }, to: { $ref: "#/$defs/Point" } },
      required: ["from"],
      $defs: {
        Point: { type: "object", properties: { unit: { $ref: "#/$defs/unit" } }, required: ["unit"] },
        unit: { enum: ["km", "mi"] },
      },
    };
    expect(declare(schema)).toBe(
      'export type Point = { unit: Unit };\nexport type Unit = "km" | "mi";\nexport type T = { from: Point; to?: Point };\n',
    );
    expect(check(schema, { right: ['{ from: { unit: "km" } }'], wrong: ['{ from: { unit: "ml" } }'] })).toEqual([]);
  });

  test("follows draft-07 definitions, any JSON pointer and anchors", () => {
    const schema = {
      properties: {
        a: { $ref: "#/definitions/a~1b%20c" },
        b: { $ref: "#/properties/list/items" },
        list: { type: "array", items: { type: "object", properties: { x: { type: "number" } } } },
        c: { $ref: "#named" },
      },
      definitions: { "a/b c": { type: "string" }, other: { $anchor: "named", type: "boolean" } },
    };
    expect(
      check(schema, { right: ['{ a: "s", b: { x: 1 }, c: true }'], wrong: ["{ a: 1 }", '{ b: { x: "1" } }', "{ c: 1 }"] }),
    ).toEqual([]);
  });

  test("follows addresses within the document, dynamic references and anchors of older drafts", () => {
    const schema = {
      $id: "https://example.com/schema.json",
      properties: {
        a: { $ref: "https://example.com/schema.json#/$defs/A" },
        b: { $ref: "https://example.com/b.json" },
        c: { $dynamicRef: "#node" },
        d: { $ref: "#old" },
        e: { $recursiveRef: "#" },
      },
      $defs: {
        A: { type: "string" },
        B: { $id: "https://example.com/b.json", type: "number" },
        C: { $dynamicAnchor: "node", type: "boolean" },
        D: { $id: "#old", type: "null" },
      },
    };
    expect(
      check(schema, {
        right: ['{ a: "s", b: 1, c: true, d: null, e: { a: "s" } }'],
        wrong: ["{ a: 1 }", '{ b: "1" }', "{ c: 1 }", "{ d: 1 }", "{ e: { a: 1 } }"],
      }),
    ).toEqual([]);
  });

  test("a type may contain itself, by definition or by #", () => {
    const tree = {
      $ref: "#/$defs/Tree",
      $defs: { Tree: { type: "object", properties: { children: { type: "array", items: { $ref: "#/$defs/Tree" } } } } },
    };
    expect(check(tree, { right: ["{ children: [{ children: [] }] }"], wrong: ["{ children: [{ child: 1 }] }"] })).toEqual([]);

    const self = { type: "object", properties: { next: { $ref: "#" }, value: { type: "number" } } };
    expect(declare(self)).toBe("export type ThingArgs = { next?: ThingArgs; value?: number };\nexport type T = ThingArgs;\n");
    expect(check(self, { right: ["{ next: { next: {} } }"], wrong: ['{ next: { value: "1" } }'] })).toEqual([]);
  });

  test.each([
    ["itself", { a: { $ref: "#/$defs/a" } }],
    ["each other", { a: { $ref: "#/$defs/b" }, b: { $ref: "#/$defs/a" } }],
    ["itself in a union", { a: { anyOf: [{ $ref: "#/$defs/a" }, { type: "string" }] } }],
    [
      "itself in an intersection",
      { a: { allOf: [{ $ref: "#/$defs/b" }], properties: { x: {} } }, b: { allOf: [{ $ref: "#/$defs/a" }] } },
    ],
    [
      "another that was entered through a property",
      {
        a: { anyOf: [{ properties: { x: { $ref: "#/$defs/b" } } }, { $ref: "#/$defs/b" }] },
        b: { anyOf: [{ $ref: "#/$defs/a" }, { type: "string" }] },
      },
    ],
  ])("a definition that is only %s still compiles", (_, $defs) => {
    expect(diagnose({ "declared.d.ts": declare({ $ref: "#/$defs/a", $defs }) })).toEqual([]);
  });

  test("a reference to nowhere, to another document or to Object's own is unknown", () => {
    expect(typeOf({ $ref: "#/$defs/missing" })).toBe("unknown");
    expect(typeOf({ $ref: "https://example.com/schema.json" })).toBe("unknown");
    expect(typeOf({ $ref: "#/constructor" })).toBe("unknown");
    expect(typeOf({ $ref: "#/%E0%A4%A" })).toBe("unknown");
  });

  test("equal names are shared when they mean the same and told apart when they do not", () => {
    const scope = new TypeScope();
    const schemaWith = (user: unknown) => ({
      $ref: "#/$defs/User",
      $defs: { User: user, unrelated: { const: JSON.stringify(user) } },
    });
    const user = { type: "object", properties: { id: { type: "string" } } };
    const typeFor = (root: unknown, nameHint: string) => scope.typeOf(root, { root, nameHint });

    expect(typeFor(schemaWith(user), "one")).toBe("User");
    expect(typeFor({ ...schemaWith(user), title: "another document" }, "two")).toBe("User");
    expect(typeFor(schemaWith({ type: "string" }), "three")).toBe("ThreeUser");
    expect(typeFor(schemaWith({ type: "number" }), "three")).toBe("ThreeUserType2");
    expect(scope.declarations()).toHaveLength(3);
  });

  test("tells apart definitions of the same text whose references differ", () => {
    const scope = new TypeScope();
    const rootWith = (b: unknown) => ({ $ref: "#/$defs/A", $defs: { A: { type: "array", items: { $ref: "#/$defs/B" } }, B: b } });
    const one = rootWith({ type: "string" });
    const two = rootWith({ type: "number" });
    expect(scope.typeOf(one, { root: one, nameHint: "one" })).toBe("A");
    expect(scope.typeOf(two, { root: two, nameHint: "two" })).toBe("TwoA");
  });

  test("names are legal and free, whatever the definition is called", () => {
    for (const name of ["string", "any", "1", "", "*/", "日本", "__proto__", "T", "items"]) {
      const schema = {
        $ref: `#/$defs/${encodeURIComponent(name)}`,
        $defs: JSON.parse(`{ ${JSON.stringify(name)}: { "type": "number" } }`),
      };
      expect(check(schema, { right: ["1"], wrong: ['"1"'] }), name).toEqual([]);
    }
  });
});

describe("bounds", () => {
  const nested = (levels: number, inner: unknown): unknown =>
    levels === 0 ? inner : { type: "array", items: nested(levels - 1, inner) };

  test("a type as deep as the bound is whole, one level deeper ends in unknown", () => {
    expect(typeOf(nested(schemaBounds.depthMax, { type: "string" }))).toBe(`string${"[]".repeat(schemaBounds.depthMax)}`);
    expect(typeOf(nested(schemaBounds.depthMax + 1, { type: "string" }))).toBe(
      `unknown${"[]".repeat(schemaBounds.depthMax + 1)}`,
    );
  });

  test("an enum over the bound is its primitive type", () => {
    const values = Array.from({ length: schemaBounds.literalsMax }, (_, index) => `v${index}`);
    expect(typeOf({ enum: values })).toContain('"v999"');
    expect(typeOf({ enum: [...values, "one more"] })).toBe("string");
  });

  test("an object with too many properties lets the rest pass", () => {
    const properties = Object.fromEntries(
      Array.from({ length: schemaBounds.membersMax + 1 }, (_, index) => [`p${index}`, { type: "string" }]),
    );
    expect(
      check({ type: "object", properties }, { right: [`{ p${schemaBounds.membersMax}: "x", p0: "x" }`], wrong: ["{ p0: 1 }"] }),
    ).toEqual([]);
  });

  test("nesting that would exhaust the stack, and definitions without end, cost types and nothing else", () => {
    const deep = JSON.parse(`${'{"items":'.repeat(100_000)}{}${"}".repeat(100_000)}`);
    expect(typeOf({ ...deep, default: deep, $ref: "#/items" })).toBeTypeOf("string");

    const $defs = Object.fromEntries(
      Array.from({ length: 2_000 }, (_, index) => [
        `D${index}`,
        { properties: { next: { $ref: `#/$defs/D${index + 1}` }, other: { $ref: `#/$defs/D${(index * 7) % 2_000}` } } },
      ]),
    );
    expect(diagnose({ "declared.d.ts": declare({ $ref: "#/$defs/D0", $defs }) })).toEqual([]);
  });

  test("combinations that grow at every level stay within the number of nodes", () => {
    const wide = (level: number): unknown =>
      level === 0 ? {} : { properties: Object.fromEntries("abcdefghij".split("").map((name) => [name, wide(level - 1)])) };
    expect(typeOf(wide(5)).split("unknown").length).toBeLessThan(schemaBounds.nodesMax * 10);
  });
});
