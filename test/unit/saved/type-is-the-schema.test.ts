import { expect, test } from "vitest";
import type { Reading } from "../../../core/program/reader.ts";
import { nodeReader } from "../../support/program-reader.ts";

async function read(source: string, file = "main.ts", others: Record<string, string> = {}): Promise<Reading> {
  return nodeReader.read(
    {
      entry: file,
      sources: { [file]: source, ...others },
      language: file.endsWith(".js") ? "js" : "ts",
      allowed: [],
      registered: [],
      listings: [],
      signature: { input: true, output: true },
    },
    new AbortController().signal,
  );
}

async function signatureOf(source: string, file?: string, others?: Record<string, string>) {
  const reading = await read(source, file, others);
  if (reading.kind !== "ready") throw new Error(JSON.stringify(reading));
  return reading.signature;
}

async function refusalOf(source: string) {
  const reading = await read(source);
  if (reading.kind !== "refused") throw new Error(JSON.stringify(reading));
  return reading.errors;
}

test("types, default values and comments of the entrypoint are its input and output schema", {
  tags: ["saved.types"],
}, async () => {
  const signature = await signatureOf(`interface Row { day: string; total: number }
/** Reports a week. */
export default async ({ since, top = 10 }: { since: string; /** how many */ top?: number }): Promise<Row[]> =>
  [{ day: since, total: top }];`);
  expect(signature).toEqual({
    description: "Reports a week.",
    tags: [],
    inputSchema: {
      type: "object",
      properties: { since: { type: "string" }, top: { type: "number", description: "how many", default: 10 } },
      required: ["since"],
      additionalProperties: false,
    },
    outputSchema: {
      type: "array",
      items: { type: "object", properties: { day: { type: "string" }, total: { type: "number" } }, required: ["day", "total"] },
    },
  });
});

test.each([
  ["a function named main", "async function main({ city }: { city: string }) { return city.length; }"],
  ["a bare function", "async ({ city }: { city: string }) => city.length"],
  ["a default function", "export default function report({ city }: { city: string }) { return city.length; }"],
  ["a constant that is exported", "const run = async ({ city }: { city: string }) => city.length;\nexport default run;"],
  [
    "a constant of a generic type",
    "type Run<I, O> = (input: I) => O;\nconst run: Run<{ city: string }, number> = ({ city }) => city.length;\nexport default run;",
  ],
  [
    "what a function made of another",
    "const twice = <I>(run: (input: I) => number) => (input: I) => 2 * run(input);\nexport default twice(({ city }: { city: string }) => city.length);",
  ],
  ["statements that say what args is", "const { city }: { city: string } = args;\nreturn city.length;"],
  ["statements that assert what args is", "const { city } = args as { city: string };\nreturn city.length;"],
])("the schema of %s", async (_form, source) => {
  expect(await signatureOf(source)).toMatchObject({
    inputSchema: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
    outputSchema: { type: "number" },
  });
});

test("an untyped program has the names of the arguments that it reads, and no types", async () => {
  expect(await signatureOf("const { text } = args;\nreturn { upper: String(text).toUpperCase() };")).toMatchObject({
    inputSchema: { type: "object", properties: { text: {} } },
    outputSchema: { type: "object", properties: { upper: { type: "string" } }, required: ["upper"] },
  });
  expect(await signatureOf("return args.a + args.b;")).toMatchObject({ inputSchema: { properties: { a: {}, b: {} } } });
  const one = await signatureOf("return 1;");
  expect(one).toMatchObject({ inputSchema: { type: "object" } });
  expect(one?.outputSchema).toEqual({ type: "number" });
  expect((await signatureOf("return true;"))?.outputSchema).toEqual({ type: "boolean" });
  const either = 'if (args.a) return "a";\nreturn 1;';
  expect((await signatureOf(either))?.outputSchema).toEqual({ anyOf: [{ type: "string" }, { type: "number" }] });
});

test("unions, literals, lists, tuples, records and null are what JSON Schema has for them", async () => {
  const signature = await signatureOf(`type Unit = "day" | "week";
export default (input: { unit: Unit; level: 1 | 2; flag: true; on: boolean; ids: string[]; pair: [string, number?];
  map: Record<string, number>; note: string | null; any: unknown; either: number | { a: string } }) => input.unit;`);
  expect(signature?.inputSchema.properties).toEqual({
    unit: { type: "string", enum: ["day", "week"] },
    level: { type: "number", enum: [1, 2] },
    flag: { type: "boolean", const: true },
    on: { type: "boolean" },
    ids: { type: "array", items: { type: "string" } },
    pair: { type: "array", prefixItems: [{ type: "string" }, { type: "number" }], items: false, minItems: 1 },
    map: { type: "object", additionalProperties: { type: "number" } },
    note: { type: ["string", "null"] },
    any: {},
    either: {
      anyOf: [
        { type: "number" },
        { type: "object", properties: { a: { type: "string" } }, required: ["a"], additionalProperties: false },
      ],
    },
  });
});

test.each([
  ["import type { Query } from './types';", "Query"],
  ["import { type Query } from './types.ts';", "Query"],
  ["import type * as all from './again';", "all.Query"],
  ["", "import('./types').Query"],
])(
  "a type of another file is what that file says, though only types are imported of it: %s %s",
  {
    tags: ["saved.types"],
  },
  async (statement, type) => {
    const signature = await signatureOf(`${statement}\nexport default async (query: ${type}) => query.since.length;`, "main.ts", {
      "again.ts": "export type * from './types';",
      "types.ts": "export interface Query { /** first day */ since: string; top?: number }",
    });
    expect(signature).toMatchObject({
      inputSchema: {
        properties: { since: { type: "string", description: "first day" }, top: { type: "number" } },
        required: ["since"],
      },
      outputSchema: { type: "number" },
    });
  },
);

test("nothing is checked in a file of which only types are imported: it does not run", async () => {
  const source = "import type { Query } from './types';\nexport default async ({ since }: Query) => since;";
  const types = "import { gone } from './gone';\nexport interface Query { since: string }\ngone.call(nowhere);";
  expect(await signatureOf(source, "main.ts", { "types.ts": types })).toMatchObject({ outputSchema: { type: "string" } });
});

test.each([
  ["an optional unknown", "{ any?: unknown }", { properties: { any: {} } }],
  [
    "a part after the variable one",
    "{ path: [number, ...string[], boolean] }",
    {
      properties: {
        path: {
          type: "array",
          prefixItems: [{ type: "number" }],
          items: { anyOf: [{ type: "string" }, { type: "boolean" }] },
          minItems: 2,
        },
      },
    },
  ],
  [
    "a key that must not be there",
    "{ id: string; name?: never } | { id?: never; name: string }",
    {
      anyOf: [
        { type: "object", properties: { id: { type: "string" } }, required: ["id"], additionalProperties: false },
        { type: "object", properties: { name: { type: "string" } }, required: ["name"], additionalProperties: false },
      ],
    },
  ],
  ["a text with a pattern", "{ width: `${number}px` }", { properties: { width: { type: "string" } } }],
  [
    "numbered keys",
    "{ rows: { [row: number]: string } }",
    {
      properties: { rows: { type: "object", additionalProperties: { type: "string" } } },
    },
  ],
  ["any object", "object", { type: "object" }],
  [
    "a comment on the same line, in a type made of another",
    "Omit<{ a: string; /** how many @deprecated */ b?: number }, 'a'>",
    {
      properties: { b: { type: "number", description: "how many", deprecated: true } },
    },
  ],
])("the schema of arguments with %s", async (_what, type, expected) => {
  expect((await signatureOf(`export default (input: ${type}) => 1;`))?.inputSchema).toEqual(expect.objectContaining(expected));
});

const row = "interface Row { id: string; /** how many */ count: number; tags: string[] }\n";
const fewZones = Array.from({ length: 150 }, (_, n) => `zone${n}`);

/** Each is the type of one argument. */
test.each([
  [
    "a mapped type",
    "{ [Key in keyof Row]?: Row[Key] }",
    { properties: { id: { type: "string" }, count: { description: "how many" } } },
  ],
  [
    "a mapped type with an alias",
    "Optional<Row>",
    { properties: { id: { type: "string" }, count: { description: "how many" } } },
  ],
  [
    "a mapped type inside itself",
    "Deep<{ a: Row }>",
    { properties: { a: { type: "object", properties: { id: { type: "string" } } } } },
  ],
  ["other names for keys", "{ [Key in keyof Row as `by_${Key}`]: 1 }", { required: ["by_id", "by_count", "by_tags"] }],
  ["a conditional type", "Item<Row['tags']>", { type: "string" }],
  ["a choice of alternatives", "Extract<{ k: 'a'; n: 1 } | { k: 'b' }, { k: 'a' }>", { properties: { n: { const: 1 } } }],
  ["texts made of texts", "`${'asc' | 'desc'}-${keyof Row}`", { enum: expect.arrayContaining(["asc-id", "desc-tags"]) }],
  ["keys with a pattern", "{ [key: `x-${string}`]: number }", { additionalProperties: { type: "number" } }],
  ["very many literals", fewZones.map((zone) => `"${zone}"`).join(" | "), { enum: fewZones }],
])("%s is computed", { tags: ["saved.types"] }, async (_what, type, expected) => {
  const aliases = `type Optional<T> = { [Key in keyof T]?: T[Key] };
type Deep<T> = { [Key in keyof T]?: T[Key] extends object ? Deep<T[Key]> : T[Key] };
type Item<T> = T extends (infer U)[] ? U : never;\n`;
  const signature = await signatureOf(`${row}${aliases}export default (input: { it: ${type} }) => 1;`);
  expect(signature?.inputSchema).toMatchObject({ properties: { it: expected } });
});

const endless = `type Numbers<N, A extends 0[] = []> = A["length"] extends N ? A : Numbers<N, [...A, 0]>;
type Even<T> = T extends [unknown, ...infer Rest] ? Odd<Rest> : true;
type Odd<T> = T extends [unknown, ...infer Rest] ? Even<Rest> : false;
type Wide = ${Array.from({ length: 101 }, (_, at) => `{ n${at}: 1 }`).join(" | ")};
type Many = ${Array.from({ length: 9 }, (_, at) => `{ n${at}: 1 }`).join(" & ")};
`;

test.each([
  ["itself", "Numbers<999>", "is computed from itself again"],
  ["another that leads back to it", "Even<[1, 2]>", "is computed from itself again"],
  ["a part of it", "Numbers<999>['length']", "is computed from itself again"],
  ["it among others", "string | Numbers<9>", "is computed from itself again"],
  ["it as well", "{ b: 1 } & Numbers<9>", "is computed from itself again"],
  ["it with all members optional", "Partial<Even<[]>>", "is computed from itself again"],
  ["a list of it", "{ c: Even<[1]>[] }", "is computed from itself again"],
  ["very many alternatives", "Wide", "has more than 100 alternatives"],
  ["very many parts", "Many", "is made of more than 8"],
])(
  "a type that would keep the compiler busy is refused with its place: %s",
  { tags: ["saved.types"] },
  async (_what, type, why) => {
    const [error] = await refusalOf(`${endless}export default (input: { ok: string;\n  a: ${type} }) => 1;`);
    expect(error).toMatchObject({ file: "main.ts", line: 7, message: expect.stringMatching(/^args\.a.*inputSchema\.$/) });
    expect(error?.message).toContain(why);
  },
);

test("of such a type, a program has as many as it likes that are not its arguments or its result", async () => {
  const source = `${endless}const zeros: Numbers<3> = [0, 0, 0];
export default ({ a }: { a: string }): { b: number } => ({ b: zeros.length });`;
  expect(await signatureOf(source)).toMatchObject({
    inputSchema: { properties: { a: { type: "string" } } },
    outputSchema: { properties: { b: { type: "number" } } },
  });
  const result = await refusalOf(`${endless}export default (): Numbers<3> => [0, 0, 0];`);
  expect(result).toMatchObject([{ line: 6, message: expect.stringMatching(/^the result .* outputSchema\.$/) }]);
});

test("a type that is used twice inside itself is one definition", async () => {
  const json = "type Json = string | number | null | Json[] | { [key: string]: Json };\n";
  expect((await signatureOf(`${json}export default (input: { a: Json; b: Json }) => 1;`))?.inputSchema).toMatchObject({
    properties: { a: { $ref: "#/$defs/Json" }, b: { $ref: "#/$defs/Json" } },
    $defs: { Json: { anyOf: expect.arrayContaining([{ type: "array", items: { $ref: "#/$defs/Json" } }]) } },
  });
});

test("what it returns has the schema of what is written", async () => {
  const source = `class Point { #at = 1; x = 2; get y() { return 3; } far() { return 4; } }
class Named { toJSON() { return "it"; } }
export default async () => ({
  point: new Point(), named: new Named(), later: Promise.resolve(1), all: new Set(["a"]),
  by: new Map([["a", 1]]), byNumber: new Map([[1, 1]]),
});`;
  expect((await signatureOf(source))?.outputSchema?.properties).toEqual({
    point: { type: "object", properties: { x: { type: "number" } }, required: ["x"] },
    named: { type: "string" },
    later: { type: "number" },
    all: { type: "array", items: { type: "string" } },
    by: { type: "object", additionalProperties: { type: "number" } },
    byNumber: {},
  });
});

test("a default value may be a constant", async () => {
  const source = `const topMax = 10;
const units = { long: "km" } as const;
enum Level { Low, High }
export default ({ top = topMax, unit = units.long, level = Level.High, all = [topMax], now = Date.now() }: {
  top?: number; unit?: string; level?: Level; all?: number[]; now?: number }) => top;`;
  expect(await signatureOf(source)).toMatchObject({
    inputSchema: {
      properties: {
        top: { default: 10 },
        unit: { default: "km" },
        level: { default: 1 },
        all: { default: [10] },
        now: { type: "number" },
      },
    },
  });
});

test.each([
  ["a text or nothing", "Promise<string | undefined>", { type: ["string", "null"] }],
  [
    "an object or nothing",
    "Promise<{ id: number } | undefined>",
    {
      anyOf: [{ type: "object", properties: { id: { type: "number" } }, required: ["id"] }, { type: "null" }],
    },
  ],
  ["a list with gaps", "(number | undefined)[]", { type: "array", items: { type: ["number", "null"] } }],
  ["a field that may be undefined", "{ id: number | undefined }", { type: "object", properties: { id: { type: "number" } } }],
])("what it returns as %s says where it may be missing", async (_what, type, expected) => {
  expect((await signatureOf(`export default (): ${type} => JSON.parse("null");`))?.outputSchema).toEqual(expected);
});

test("a type that contains itself is a definition", async () => {
  const signature = await signatureOf(`interface Tree { name: string; children: Tree[] }
export default ({ tree }: { tree: Tree }) => tree.name;`);
  expect(signature?.inputSchema).toMatchObject({
    properties: { tree: { $ref: "#/$defs/Tree" } },
    $defs: { Tree: { properties: { children: { type: "array", items: { $ref: "#/$defs/Tree" } } } } },
  });
});

test("tags of a comment are constraints, and @param describes an argument", async () => {
  const signature = await signatureOf(`/**
 * Finds rows.
 * @param input.query what to look for
 * @example { "query": "a" }
 */
export default function find(input: { query: string; /** @minimum 1 @integer */ top?: number }) { return []; }`);
  expect(signature).toMatchObject({
    description: "Finds rows.",
    tags: [{ name: "example", text: '{ "query": "a" }' }],
    inputSchema: {
      properties: { query: { type: "string", description: "what to look for" }, top: { type: "integer", minimum: 1 } },
    },
  });
});

test("JSDoc types of a JavaScript program are its schema", async () => {
  const source = `/** Counts.\n * @param {{ text: string, times?: number }} input */\nexport default ({ text, times = 2 }) => text.length * times;`;
  expect(await signatureOf(source, "main.js")).toMatchObject({
    inputSchema: { properties: { text: { type: "string" }, times: { type: "number", default: 2 } }, required: ["text"] },
  });
});

test.each([
  ["a function", "export default async (input: {\n  then: () => void }) => 1;", 2, "args.then is a function"],
  ["a bigint", "export default async (input: {\n  id: bigint }) => 1;", 2, "args.id is a bigint"],
  ["a Date that it takes", "export default async (input: {\n  at: Date }) => 1;", 2, "args.at is a Date"],
  ["a Map that it takes", "export default async (input: {\n\n  map: Map<string, number> }) => 1;", 3, "args.map is a Map"],
  [
    "a URL that it takes",
    "export default async (input: {\n  at: URL }) => 1;",
    2,
    "args.at is a URL, which JSON does not have. Use a string",
  ],
  ["a Request that it takes", "export default async (input: {\n  to: Request[] }) => 1;", 2, "args.to[] is a Request"],
  ["a Blob that it takes", "export default async (\n  input: Blob) => 1;", 2, "args is a Blob"],
  [
    "a Response that it returns",
    "export default async (): Promise<{\n  page: Response }> => fetchIt();\nconst fetchIt: any = 1;",
    2,
    "the result.page is a Response",
  ],
  [
    "an overloaded function",
    "export default function f(input: { a: string }): 1;\nexport default function f(input: { b: string }): 2;\nexport default function f(input: any): any { return input; }",
    1,
    "several overloads. Use a union",
  ],
  ["a choice of no objects", "export default async (city: string | number) => 1;", 1, "takes one object with named arguments"],
  ["no object", "export default async (city: string) => 1;", 1, "takes one object with named arguments"],
  ["a list that it yields", "export default async function* () {\n  yield 1;\n}", 1, "AsyncGenerator"],
  [
    "a name that is no type",
    "export default async (input: {\n  row: Rwo }) => input.row;",
    2,
    "args.row has the type Rwo, which is not declared",
  ],
  [
    "an import of no file",
    "import type { Row } from './rows';\nexport default async (input: Row) => 1;",
    2,
    "args has the type Row",
  ],
  ["a second parameter", "export default async (input: { a: string },\n  b: string) => 1;", 2, "second parameter"],
])("%s is refused with the line and the reason", { tags: ["saved.types"] }, async (_what, source, line, reason) => {
  expect(await refusalOf(source)).toEqual([
    expect.objectContaining({ code: "type_error", file: "main.ts", line, message: expect.stringContaining(reason) }),
  ]);
});

test("in JavaScript, a name that is no type says nothing", async () => {
  const source =
    "/** Counts.\n * @param {{ rows: Rwo[], top: number }} input\n * @returns {Promise<Rwo>} */\nexport default async ({ rows, top }) => rows[top];";
  const reading = await read(source, "main.js");
  expect(reading).toMatchObject({
    isChecked: true,
    signature: { inputSchema: { properties: { rows: { type: "array" }, top: { type: "number" } } } },
  });
  expect(reading).not.toHaveProperty("signature.outputSchema");
});

test("a type of its own that has the name of a global is what it says", async () => {
  const source = "interface Request { id: string }\nexport default ({ id }: Request): Request => ({ id });";
  expect(await signatureOf(source)).toMatchObject({
    inputSchema: { properties: { id: { type: "string" } } },
    outputSchema: { properties: { id: { type: "string" } } },
  });
});

test("defaults inside an argument are in its schema, and what has one may be left out", async () => {
  const source = `type Page = { size: number; from: number; unit: string };
export default ({ page: { size = 10, from, unit = "rows" } = { size: 5, from: 0, unit: "pages" }, q: { text = "a" } }: { page: Page; q: { text?: string } }) => size + from + unit + text;`;
  expect((await signatureOf(source))?.inputSchema).toEqual({
    type: "object",
    properties: {
      page: {
        type: "object",
        properties: {
          size: { type: "number", default: 10 },
          from: { type: "number" },
          unit: { type: "string", default: "rows" },
        },
        required: ["from"],
        additionalProperties: false,
        default: { size: 5, from: 0, unit: "pages" },
      },
      q: { type: "object", properties: { text: { type: "string", default: "a" } }, additionalProperties: false },
    },
    required: ["q"],
    additionalProperties: false,
  });
});

test("a Date or URL that it returns is a text, as the result of a run is", async () => {
  expect(await signatureOf("export default (): URL => new URL('https://example.com');")).toMatchObject({
    outputSchema: { type: "string" },
  });
  expect(await signatureOf("export default () => ({ at: new Date() });")).toMatchObject({
    outputSchema: { properties: { at: { type: "string", format: "date-time" } } },
  });
});

test("what was given is not read from types, which may then be anything", async () => {
  const reading = await nodeReader.read(
    {
      entry: "main.ts",
      sources: { "main.ts": "export default async (city: string) => 1n;" },
      language: "ts",
      allowed: [],
      registered: [],
      listings: [],
      signature: { input: false, output: false },
    },
    new AbortController().signal,
  );
  expect(reading).toMatchObject({ kind: "ready", signature: { inputSchema: { type: "object" } } });
});

test("a program that types without end is refused, and not read for ever", async () => {
  const fields = Array.from({ length: 2_000 }, (_, n) => `f${n}: string`).join("; ");
  expect(await refusalOf(`export default (input: { ${fields} }) => 1;`)).toMatchObject([
    { code: "type_error", message: expect.stringContaining("too large") },
  ]);
});
