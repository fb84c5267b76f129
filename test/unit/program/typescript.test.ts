import { describe, expect, test } from "vitest";
import { codeFrame } from "../../../core/program/code-frame.ts";
import { startSession } from "../../support/session.ts";

/* Every program in this file is compiled and executed. */

const run = (input: object) => startSession({ servers: [] }).run(input);

async function resultOf(input: object): Promise<unknown> {
  const outcome = await run(input);
  expect(outcome.errors).toBeUndefined();
  return outcome.result;
}

const decorator =
  "function twice<T extends (...args: any[]) => number>(f: T, _: ClassMethodDecoratorContext) { return function (this: any, ...a: any[]) { return f.apply(this, a) * 2; } as T; }";

describe("TypeScript with more than types", () => {
  test.each([
    ["an enum", "enum A { B = 1, C, D = C * 2, E = 'e' as any }\nreturn [A.C, A[2], A.D, A.E];", [2, "C", 4, "e"]],
    ["a const enum, exported", "export const enum A { B = 'b' }\nreturn A.B;", "b"],
    ["an enum with a member of its own name", "enum Kind { Kind = 'kind' }\nreturn Kind.Kind;", "kind"],
    [
      "a namespace with values",
      "namespace A { export const b = 1; export namespace C { export function d() { return b + 1; } } }\nreturn A.b + A.C.d();",
      3,
    ],
    ["a namespace merged with a class", "class A {}\nnamespace A { export const b = 1; }\nreturn A.b;", 1],
    ["a namespace with the old keyword module", "module A.B { export const c = 5; }\nreturn A.B.c;", 5],
    ["a namespace of types", "namespace A { export interface B { c: number } }\nconst b: A.B = { c: 1 };\nreturn b;", { c: 1 }],
    [
      "parameter properties",
      "class A { constructor(private readonly x: number, public y = 2) {} sum() { return this.x + this.y; } }\nreturn new A(1).sum();",
      3,
    ],
    [
      "an abstract class",
      "abstract class A { abstract f(): number; g() { return this.f(); } }\nclass B extends A { override f() { return 4; } }\nreturn new B().g();",
      4,
    ],
    [
      "overloads",
      "function f(a: string): string;\nfunction f(a: number): number;\nfunction f(a: any) { return a; }\nreturn f(1);",
      1,
    ],
    [
      "satisfies, as const and non-null",
      "const a = { b: [1, 2] as const } satisfies { b: readonly number[] };\nreturn a!.b![1];",
      2,
    ],
    [
      "generic arrow functions",
      "const id = <T,>(x: T): T => x; const more = async <T extends object>(x: T) => x;\nreturn [id(1), await more({ a: 1 })];",
      [1, { a: 1 }],
    ],
    ["a cast in angle brackets", "return <number>(1 as unknown) + 1;", 2],
    [
      "declarations of types in the middle",
      "declare const nothing: string; type A = 1; declare global { interface Z {} }\ninterface B { a: A }\nconst b: B = { a: 1 };\nreturn b.a;",
      1,
    ],
    ["a decorator", `${decorator}\nclass A { @twice two() { return 2; } }\nreturn new A().two();`, 4],
    [
      "a class decorator and a field decorator",
      "const seen: string[] = [];\nconst note = (_: unknown, { name }: { name: string | symbol | undefined }) => { seen.push(String(name)); };\n@note class A { @note x = 1; @note static y = 2; }\nnew A();\nreturn seen;",
      ["y", "x", "A"],
    ],
    ["an accessor", "class A { accessor x: number = 1; }\nconst a = new A(); a.x += 1;\nreturn [a.x, Object.keys(a)];", [2, []]],
    [
      "using",
      "const log: string[] = [];\n{ using a = { [Symbol.dispose]() { log.push('closed'); } }; log.push(typeof a); }\nreturn log;",
      ["object", "closed"],
    ],
    [
      "await using",
      "const log: string[] = [];\nconst open = () => ({ async [Symbol.asyncDispose]() { log.push('closed'); } });\nfor (const n of [1, 2]) { await using a = open(); log.push(`${n}`); }\nreturn log;",
      ["1", "closed", "2", "closed"],
    ],
    [
      "private names and static blocks",
      "class A { static #n = 0; #m = 1; static { A.#n = 2; } get sum() { return this.#m + A.#n; } }\nreturn new A().sum;",
      3,
    ],
    [
      "a type predicate and an assertion",
      "const is = (a: any): a is string => true; function sure(a: any): asserts a is string {}\nconst x: any = 1; sure(x);\nreturn is(x);",
      true,
    ],
  ])("runs: %s", { tags: ["execute.typescript"] }, async (_title, code, result) => {
    expect(await resultOf({ code })).toEqual(result);
  });

  test("keeps exact error positions after it was lowered", { tags: ["execute.typescript"] }, async () => {
    const bad = "class A { @twice two(a: string): number { const b = a as any; throw new Error(b); } }";
    const code = `${decorator}\n\n// a comment\n${bad}\nnew A().two("x");`;
    const at = { file: "main.ts", line: 4, column: bad.indexOf("new Error") + 1 };
    expect(await run({ code })).toMatchObject({ errors: [{ code: "uncaught_exception", ...at, frame: codeFrame(code, at) }] });
  });

  test("keeps exact error positions in a namespace", async () => {
    const bad = "namespace A { export type B = 1; export const c = (d: any): string => d.e.f; }";
    const at = { file: "main.ts", line: 1, column: bad.lastIndexOf("f") + 1 };
    expect(await run({ code: `${bad}\nreturn A.c({});` })).toMatchObject({ errors: [at] });
  });

  test("is held to the same import rules if it is lowered", async () => {
    const code = `import fs from "node:fs";\n${decorator}\nclass A { @twice two() { return fs; } }\nreturn new A().two();`;
    expect(await run({ code })).toMatchObject({ errors: [{ code: "import_not_allowed", line: 1, column: 1 }] });
  });
});

describe("several files", () => {
  test.each([
    ["re-exported under another name", { "main.ts": 'export { a as default } from "./a";', "a.ts": "export const a = 1;" }, 1],
    [
      "re-exported as a whole",
      {
        "main.ts": 'import { a, b } from "./all";\nreturn a + b;',
        "all.ts": 'export * from "./a";\nexport * from "./b";',
        "a.ts": "export const a = 1; export default 9;",
        "b.ts": "export const b = 2; export default 9;",
      },
      3,
    ],
    [
      "re-exported as a namespace",
      {
        "main.ts": 'import { all } from "./all";\nreturn all.a;',
        "all.ts": 'export * as all from "./a";',
        "a.ts": "export const a = 1;",
      },
      1,
    ],
    [
      "under names that are strings",
      { "main.ts": 'import { "a-b" as c } from "./a";\nreturn c;', "a.ts": 'const a = 1; export { a as "a-b" };' },
      1,
    ],
    [
      "in a cycle of functions",
      {
        "main.ts": 'import { even } from "./even";\nreturn even(10);',
        "even.ts": 'import { odd } from "./odd";\nexport function even(n: number): boolean { return n === 0 || odd(n - 1); }',
        "odd.ts": 'import { even } from "./even";\nexport const odd = (n: number): boolean => n !== 0 && even(n - 1);',
      },
      true,
    ],
    [
      "in a cycle, re-exported as a whole",
      {
        "main.ts": 'import { a } from "./a";\nreturn a();',
        "a.ts": 'import * as all from "./all";\nexport const a = () => all.later();\nexport const later = () => 7;',
        "all.ts": 'export * from "./a";',
      },
      7,
    ],
    [
      "with top-level await in each",
      {
        "main.ts": 'import { a } from "./a";\nconst b = await Promise.resolve(1);\nreturn a + b;',
        "a.ts": "export const a = await Promise.resolve(1);",
      },
      2,
    ],
    [
      "as live bindings",
      {
        "main.ts":
          'import { n, add } from "./a";\nimport * as all from "./a";\nadd();\nconst { n: taken } = all;\nreturn { n, taken };',
        "a.ts": "export let n = 0;\nexport function add() { n += 1; }",
      },
      { n: 1, taken: 1 },
    ],
    [
      "with defaults of all kinds",
      {
        "main.ts": 'import a from "./a";\nimport b from "./b";\nimport c, { d } from "./c";\nreturn [a(), new b().x, c, d];',
        "a.ts": "export default function () { return 1; }\n(0);",
        "b.ts": "export default class { x = 2 }",
        "c.ts": "export default [3];\nexport const d = 4;",
      },
      [1, 2, [3], 4],
    ],
    [
      "as JSON, whole and by name",
      {
        "main.ts":
          'import all, { a } from "./d.json";\nimport * as d from "./d.json";\nimport typed from "./d.json" with { type: "json" };\nreturn [all.a, a, d.a, typed.a];',
        "d.json": '{ "a": 1 }',
      },
      [1, 1, 1, 1],
    ],
    [
      "of types only",
      {
        "main.ts":
          'import type { A } from "./a";\nimport { type B, b } from "./a";\nexport type { A };\nconst c: A & B = b;\nexport default c;',
        "a.ts": "export type A = number; export interface B {}\nexport const b = 1;",
      },
      1,
    ],
    [
      "with a type exported by name",
      { "main.ts": 'import { a } from "./a";\nreturn a;', "a.ts": "type A = number;\nconst a: A = 1;\nexport { a, A };" },
      1,
    ],
    [
      "written in both languages",
      {
        "main.ts": 'import { a } from "./a.js";\nimport { b } from "./b";\nreturn a + b;',
        "a.ts": "export const a: number = 1;",
        "b.js": "export const b = 2;",
      },
      3,
    ],
    [
      "in a .tsx and a .jsx without any JSX",
      { "main.tsx": 'import { a } from "./a";\nconst id = <T,>(x: T) => x;\nreturn id(a);', "a.jsx": "export const a = 1;" },
      1,
    ],
    ["with a dynamic import", { "main.ts": 'const { a } = await import("./a");\nreturn a;', "a.ts": "export const a = 1;" }, 1],
    [
      "with an imported name in every syntactic position",
      {
        "main.ts":
          'import { a, tag } from "./a";\nconst o = { a, b: { a: 1 }, [a]: 1 };\nconst f = (a: number) => a;\nl: for (const x of [a]) { { const a = 5; if (a > 1) break l; } }\nreturn [o, f(2), tag`x`, typeof a, `${a}`]\n',
        "a.ts": "export const a = 3; export function tag(this: any, s: any) { return [s[0], this === undefined]; }",
      },
      [{ a: 3, b: { a: 1 }, "3": 1 }, 2, ["x", true], "number", "3"],
    ],
    [
      "called at the start of a line without semicolons",
      {
        "main.ts": 'import { f } from "./a"\nconst n = 1\nf(n)\nlet m = n\nif (m) f(m)\nelse f(0)\nreturn f(m)',
        "a.ts": "let n = 0\nexport const f = (by: number) => n += by",
      },
      3,
    ],
  ])("can be imported: %s", { tags: ["execute.typescript"] }, async (_title, files, result) => {
    const entrypoint = Object.keys(files)[0];
    expect(await resultOf({ files, entrypoint })).toEqual(result);
  });

  test("throw a ReferenceError for a constant of a circular import that is read too early", async () => {
    const files = {
      "main.ts": 'import { a } from "./a";\nreturn a;',
      "a.ts": 'import { b } from "./b";\nexport const a = b;',
      "b.ts": 'import { a } from "./a";\nexport const b = a;',
    };
    expect(await run({ files })).toMatchObject({
      ok: false,
      errors: [{ message: "ReferenceError: Cannot access 'a' before initialization", file: "b.ts", line: 2 }],
    });
  });

  test.each([
    [
      "of a class",
      'import { b } from "./b";\nexport class A {}\nexport const a = b;',
      'import { A } from "./a";\nexport const b = new A();',
      "A",
    ],
    ["of a default export", 'import "./b";\nexport default 1;', 'import one from "./a";\nexport const b = one;', "default"],
    ["of a re-export", 'import "./b";\nexport const a = 1;', 'import * as all from "./c";\nexport const b = all.a;', "a"],
  ])("throw it %s as well", async (_what, a, b, name) => {
    const files = { "main.ts": 'import "./a";\nreturn 1;', "a.ts": a, "b.ts": b, "c.ts": 'export * from "./a";' };
    const { errors } = await run({ files });
    expect(errors?.[0]?.message).toMatch(new RegExp(`^ReferenceError: Cannot access '${name}`));
  });

  test.each([
    ["with a name", "export function one() {\n  return 1;\n}", "import { one }", "one()"],
    ["exported by default", "export default function () {\n  return 1;\n}", "import one", "one()"],
    [
      "exported by default, generic",
      "export default function<T extends number>(x: T = 1 as T): T { return x; }",
      "import one",
      "one()",
    ],
    ["exported by default, async", "export default async function() { return 1; }", "import one", "await one()"],
    ["exported by default, a generator", "export default function* () { yield 1; }", "import one", "one().next().value"],
    [
      "exported by default, an async generator",
      "export default async function *() { yield 1; }",
      "import one",
      "(await one().next()).value",
    ],
    ["exported by default with a name", "export default function one() { return 1; }", "import one", "one()"],
  ])("can call a function of a circular import at once, as it is hoisted: %s", async (_what, one, importOne, called) => {
    const files = {
      "main.ts": 'import { a } from "./a";\nreturn a;',
      "a.ts": `import { b } from "./b";\nexport const a = b;\n${one}`,
      "b.ts": `${importOne} from "./a";\nexport const b = ${called};`,
    };
    expect(await resultOf({ files })).toBe(1);
  });

  test("may export a function without a name and with comments in odd places", async () => {
    const files = {
      "main.ts": 'import one from "./a";\nreturn one();',
      "a.ts": "export /* a */ default /* b */ function /* c */ (/* d */) { return 1; }",
    };
    expect(await resultOf({ files })).toBe(1);
  });
});

describe("names that a program declares", () => {
  test.each([
    [
      "exports, require and module",
      "const exports = 1; const require = 2; const module = 3;\nexport { exports };\nreturn [exports, require, module];",
      [1, 2, 3],
    ],
    [
      "a function require",
      'function require(a: string) { return a; }\nimport { args } from "runtime";\nreturn [require("x"), args];',
      ["x", null],
    ],
    [
      "names like those of the generated code",
      "const require$0 = 1, exports$0 = 2, guard$0 = 3, result$1 = 4;\nreturn [require$0, exports$0, guard$0, result$1];",
      [1, 2, 3, 4],
    ],
    [
      "names like those, written with escapes",
      "let n = 0; const \\u0067uard$\\u0030 = (x: number) => n += x;\nfor (let i = 0; i < 3; i++);\nreturn n;",
      0,
    ],
    [
      "globals",
      "const Object = 1, Promise = 2, JSON = 3, Symbol = 4;\nexport const x = Object;\nreturn [Object, Promise, JSON, Symbol];",
      [1, 2, 3, 4],
    ],
    [
      "meta and target",
      'import { meta } from "./a";\nfunction F(this: any) { return new.target === undefined; }\nreturn [meta, F.call({}), typeof import.meta];',
      [1, true, "object"],
    ],
  ])("may be %s", { tags: ["execute.typescript"] }, async (_title, code, result) => {
    expect(await resultOf({ files: { "main.ts": code, "a.ts": "export const meta = 1;" } })).toEqual(result);
  });
});

describe("an unsupported construct is refused by name, with its place:", () => {
  const jsx = "JSX is not supported";

  test.each([
    ["JSX", "main.ts", "const a: string = 'x';\nreturn <div>{a as any}</div>;", "<div", jsx],
    ["JSX in a .tsx", "main.tsx", "const f = (a: string) => <b>{a}</b>;\nreturn f('x');", "<b", jsx],
    ["a fragment in a .jsx", "main.jsx", "return <></>;", "<>", jsx],
    ["JSX in JavaScript", "main.js", "const a = 1;\nexport default () => <A b={a} />;", "<A", jsx],
    [
      "import x = require()",
      "main.ts",
      'const a: number = 1;\nimport fs = require("fs");\nreturn fs;',
      'require("fs',
      "There are no files here",
    ],
    [
      "require()",
      "main.ts",
      'const a: number = 1; const fs = require("fs");\nreturn fs;',
      'require("fs',
      "There are no files here",
    ],
    [
      "require() of what may be imported",
      "main.ts",
      'const a: number = 1; const path = require("path");\nreturn path;',
      'require("path',
      "Write `import`",
    ],
    ["export =", "main.ts", "const a: number = 1;\nexport = a;", "export =", "Write `export`"],
    ["module.exports", "main.ts", "const a: number = 1; module.exports = a;", "module", "Write `export`"],
    ["types in JavaScript", "main.js", "const a = 1;\nconst b: number = a;", "number", "TypeScript"],
  ])("%s", { tags: ["execute.typescript"] }, async (_title, file, source, at, message) => {
    const before = source.slice(0, source.indexOf(at)).split("\n");
    const place = { file, line: before.length, column: (before.at(-1) ?? "").length + 1 };
    const language = file.includes(".j") ? "js" : "ts";
    const outcome = await run({ files: { [file]: source }, entrypoint: file, language });
    expect(outcome.errors?.[0]).toMatchObject({
      phase: "compile",
      ...place,
      message: expect.stringContaining(message),
      frame: codeFrame(source, place),
    });
  });
});
