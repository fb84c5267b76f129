import { describe, expect, test } from "vitest";
import { schemaBounds } from "../../../core/codegen/bounds.ts";
import { TypeScope } from "../../../core/codegen/types.ts";
import { diagnose } from "../../support/typescript.ts";

/** The whole declaration for one schema: its named types and `T`. */
function declare(schema: unknown): string {
  const scope = new TypeScope(["T"]);
  const text = scope.typeOf(schema, { root: schema, nameHint: "thing args" });
  return `${scope.declarations().join("")}export type T = ${text};\n`;
}

function typeOf(schema: unknown): string {
  return new TypeScope().typeOf(schema, { root: schema, nameHint: "thing args" });
}

/** Compiler errors for values that must be of the type and values that must not. */
function check(schema: unknown, values: { right?: string[]; wrong?: string[] }): string[] {
  const lines = [
    'import type { T } from "declared";',
    ...(values.right ?? []).map((value, index) => `export const right${index}: T = ${value};`),
    ...(values.wrong ?? []).map((value, index) => `// @ts-expect-error\nexport const wrong${index}: T = ${value};`),
  ];
  return diagnose({ "declared.d.ts": declare(schema), "values.ts": lines.join("\n") });
}

describe("a plain schema", () => {
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
  ])("%j becomes %s", (schema, expected) => {
    expect(typeOf(schema)).toBe(expected);
  });
});

describe("an array or tuple schema", () => {
  test.each([
    [{ type: "array", items: { enum: ["a", "b"] } }, '("a" | "b")[]'],
    [{ type: "array" }, "unknown[]"],
    [{ items: { type: "array", items: { type: "string" } } }, "string[][]"],
    [{ prefixItems: [{ type: "string" }, { type: "number" }] }, "[string, number]"],
    [{ prefixItems: [{ type: "string" }], items: false }, "[string]"],
    [{ prefixItems: [{ type: "string" }], items: { type: ["number", "null"] } }, "[string, ...(number | null)[]]"],
    [{ items: [{ type: "string" }, { type: ["number", "null"] }], minItems: 1 }, "[string, (number | null)?]"],
    [{ items: [{ type: "string" }], additionalItems: true }, "[string, ...unknown[]]"],
  ])("%j becomes %s", (schema, expected) => {
    expect(typeOf(schema)).toBe(expected);
    expect(diagnose({ "declared.d.ts": declare(schema) })).toEqual([]);
  });
});

describe("an object schema", () => {
  test("without named properties accepts any", () => {
    expect(typeOf({ type: "object" })).toBe("{ [key: string]: unknown }");
    expect(typeOf({ type: "object", additionalProperties: true })).toBe("{ [key: string]: unknown }");
    expect(typeOf({ type: "object", additionalProperties: { type: "number" } })).toBe("{ [key: string]: number }");
  });

  test("that is closed and names no properties accepts none", () => {
    const schema = { type: "object", properties: {}, additionalProperties: false };
    expect(check(schema, { right: ["{}"], wrong: ["{ a: 1 }"] })).toEqual([]);
  });

  test("rejects a misspelt property and a wrong literal", () => {
    const schema = { type: "object", properties: { unit: { enum: ["km", "mi"] }, far: { type: "boolean" } }, required: ["unit"] };
    expect(
      check(schema, {
        right: ['{ unit: "km" }', '{ unit: "mi", far: true }'],
        wrong: ['{ unit: "ml" }', '{ unit: "km", fa: true }', "{}"],
      }),
    ).toEqual([]);
  });

  test("accepts further properties only if it explicitly allows them", () => {
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

  test("with properties and additionalProperties gets an index signature of all their types", () => {
    const schema = { type: "object", properties: { a: { type: "string" } }, additionalProperties: { type: "number" } };
    expect(typeOf(schema)).toBe("{ a?: string; [key: string]: number | string | undefined }");
    expect(check(schema, { right: ['{ a: "x", b: 1 }', "{ b: 1 }"], wrong: ["{ a: 1 }", "{ b: [] }", "{ b: true }"] })).toEqual(
      [],
    );
  });

  test("with a pattern does not constrain properties that another part of the schema names", () => {
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
  ])("accepts properties that %s may name", (_, rest) => {
    const schema = { type: "object", properties: { a: { type: "string" } }, ...rest };
    expect(check(schema, { right: ['{ a: "x", b: 1 }'], wrong: ["{ a: 1 }"] })).toEqual([]);
  });

  test("still rejects misspelt properties if it is combined with a bare object", () => {
    const schema = { allOf: [{ type: "object", properties: { a: { type: "string" } } }, { type: "object" }] };
    expect(check(schema, { right: ['{ a: "x" }', "{}"], wrong: ["{ b: 1 }"] })).toEqual([]);
  });

  test("keeps its precise index signature if every property fits it", () => {
    const schema = {
      type: "object",
      properties: { a: { type: "number" } },
      required: ["a"],
      additionalProperties: { type: "number" },
    };
    expect(check(schema, { right: ["{ a: 1, b: 2 }"], wrong: ['{ a: 1, b: "2" }'] })).toEqual([]);
  });

  test("requires a property that it lists as required but does not describe", () => {
    expect(check({ type: "object", required: ["a"] }, { right: ["{ a: 1 }"], wrong: ["{}"] })).toEqual([]);
  });

  test("keeps every property name, quoting those that are not identifiers", () => {
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

  test("documents its properties, on one line if that is short", () => {
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

describe("a combined schema", () => {
  test("intersects allOf with the keywords beside it", () => {
    const schema = {
      type: "object",
      properties: { a: { type: "string" } },
      required: ["a"],
      allOf: [{ properties: { b: { type: "number" } } }],
    };
    expect(check(schema, { right: ['{ a: "x", b: 1 }', '{ a: "x" }'], wrong: ["{ b: 1 }", '{ a: "x", c: 1 }'] })).toEqual([]);
  });

  test("requires one of the lists in an anyOf of required lists", () => {
    const schema = {
      type: "object",
      properties: { path: { type: "string" }, url: { type: "string" } },
      anyOf: [{ required: ["path"] }, { required: ["url"] }],
    };
    expect(
      check(schema, { right: ['{ path: "x" }', '{ url: "x" }'], wrong: ["{}", "{ path: 1 }", '{ path: "x", uri: "y" }'] }),
    ).toEqual([]);
  });

  test("distinguishes the alternatives of a discriminated oneOf", () => {
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

  test("is unknown with an empty alternative, unless a type stands beside it", () => {
    expect(typeOf({ anyOf: [{ type: "string" }, {}] })).toBe("unknown");
    expect(typeOf({ type: "string", anyOf: [{ format: "email" }, { format: "uri" }] })).toBe("string");
    expect(typeOf({ type: "object", oneOf: [{ type: "array" }] })).toBe("unknown[]");
  });
});

describe("a reference", () => {
  test("resolves through two levels, with each definition declared once", () => {
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

  test("may name a draft-07 definition, any JSON pointer or an anchor", () => {
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

  test("may be dynamic, name an $id within the document, or an anchor of older drafts", () => {
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

  test("may be recursive, through a definition or through #", () => {
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
      "another that was first reached through a property",
      {
        a: { anyOf: [{ properties: { x: { $ref: "#/$defs/b" } } }, { $ref: "#/$defs/b" }] },
        b: { anyOf: [{ $ref: "#/$defs/a" }, { type: "string" }] },
      },
    ],
  ])("compiles if its definition is only %s", (_, $defs) => {
    expect(diagnose({ "declared.d.ts": declare({ $ref: "#/$defs/a", $defs }) })).toEqual([]);
  });

  test("is unknown if its target is missing, in another document or an inherited property", () => {
    expect(typeOf({ $ref: "#/$defs/missing" })).toBe("unknown");
    expect(typeOf({ $ref: "https://example.com/schema.json" })).toBe("unknown");
    expect(typeOf({ $ref: "#/constructor" })).toBe("unknown");
    expect(typeOf({ $ref: "#/%E0%A4%A" })).toBe("unknown");
  });

  test("shares its name with equal definitions only, across documents", () => {
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

  test("distinguishes definitions with the same text whose own references differ", () => {
    const scope = new TypeScope();
    const rootWith = (b: unknown) => ({ $ref: "#/$defs/A", $defs: { A: { type: "array", items: { $ref: "#/$defs/B" } }, B: b } });
    const one = rootWith({ type: "string" });
    const two = rootWith({ type: "number" });
    expect(scope.typeOf(one, { root: one, nameHint: "one" })).toBe("A");
    expect(scope.typeOf(two, { root: two, nameHint: "two" })).toBe("TwoA");
  });

  test("gets a legal and unused name, whatever the definition is called", () => {
    for (const name of ["string", "any", "1", "", "*/", "日本", "__proto__", "T", "items"]) {
      const schema = {
        $ref: `#/$defs/${encodeURIComponent(name)}`,
        $defs: JSON.parse(`{ ${JSON.stringify(name)}: { "type": "number" } }`),
      };
      expect(check(schema, { right: ["1"], wrong: ['"1"'] }), name).toEqual([]);
    }
  });
});

describe("a schema beyond the limits", () => {
  const nested = (levels: number, inner: unknown): unknown =>
    levels === 0 ? inner : { type: "array", items: nested(levels - 1, inner) };

  test("ends in unknown one level below the maximum depth", () => {
    expect(typeOf(nested(schemaBounds.depthMax, { type: "string" }))).toBe(`string${"[]".repeat(schemaBounds.depthMax)}`);
    expect(typeOf(nested(schemaBounds.depthMax + 1, { type: "string" }))).toBe(
      `unknown${"[]".repeat(schemaBounds.depthMax + 1)}`,
    );
  });

  test("becomes the primitive type of an enum with too many literals", () => {
    const values = Array.from({ length: schemaBounds.literalsMax }, (_, index) => `v${index}`);
    expect(typeOf({ enum: values })).toContain('"v999"');
    expect(typeOf({ enum: [...values, "one more"] })).toBe("string");
  });

  test("accepts the properties beyond the maximum unchecked", () => {
    const properties = Object.fromEntries(
      Array.from({ length: schemaBounds.membersMax + 1 }, (_, index) => [`p${index}`, { type: "string" }]),
    );
    expect(
      check({ type: "object", properties }, { right: [`{ p${schemaBounds.membersMax}: "x", p0: "x" }`], wrong: ["{ p0: 1 }"] }),
    ).toEqual([]);
  });

  test("only loses types through extreme nesting or endless definitions", () => {
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

  test("stays within the maximum number of nodes if it grows at every level", () => {
    const wide = (level: number): unknown =>
      level === 0 ? {} : { properties: Object.fromEntries("abcdefghij".split("").map((name) => [name, wide(level - 1)])) };
    expect(typeOf(wide(5)).split("unknown").length).toBeLessThan(schemaBounds.nodesMax * 10);
  });
});
