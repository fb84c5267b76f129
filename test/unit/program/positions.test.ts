import { readdirSync, readFileSync } from "node:fs";
import { tokenizer } from "acorn";
import { describe, expect, test } from "vitest";
import { OrchestratorError } from "../../../core/errors.ts";
import { limits } from "../../../core/limits.ts";
import { codeFrame } from "../../../core/program/code-frame.ts";
import { compileFile } from "../../../core/program/compile.ts";
import { type Place, placeAt } from "../../../core/program/source-positions.ts";
import { createStackPositions } from "../../../core/program/stack-positions.ts";
import { errorResult, serverEntry, tool } from "../../support/builders.ts";
import { FakeUpstream } from "../../support/fakes.ts";
import { startSession } from "../../support/session.ts";

/*
 * Every program in this file is executed. The mark ‸ stands before the character at which its error must be reported, and is
 * removed first.
 */

async function errorOf(input: { code: string } | { files: Record<string, string> }) {
  const upstream = new FakeUpstream({ hub: { tools: [tool("create")], answers: { create: errorResult("No.") } } });
  const outcome = await startSession({ servers: [serverEntry("hub")], upstream }).run(input);
  return outcome.errors?.[0];
}

/** The program without its mark, and the position of the mark. */
function marked(text: string): { source: string; line: number; column: number } {
  const [before = "", after] = text.split("‸");
  if (after === undefined) throw new Error(`no mark in ${text}`);
  const lines = before.split("\n");
  return { source: before + after, line: lines.length, column: (lines.at(-1) ?? "").length + 1 };
}

/** The position that an error must report. */
function placeOf(file: string, text: string) {
  const { source, line, column } = marked(text);
  return { file, line, column, frame: codeFrame(source, { file, line, column }) };
}

/** The forms of an entrypoint, around code that fails. */
const forms: [title: string, program: (wrong: string) => string][] = [
  ["a default export that is an arrow function", (wrong) => `export default async (input: { n: number }) => {\n  ${wrong}\n};`],
  [
    "an arrow function in one line",
    (wrong) => `export default async (input: Map<string, number>): Promise<void> => { ${wrong} };`,
  ],
  ["a default export that is a function", (wrong) => `export default async function run(input?: unknown) {\n${wrong} }`],
  ["a default export without a name", (wrong) => `export default async function (input?: unknown) { ${wrong} }`],
  [
    "a module that declares main",
    (wrong) => `type A = { a: 1 };\nasync function main(input: A) { const q = input as A; ${wrong} }`,
  ],
  ["a module that exports main", (wrong) => `export async function main() {\n\t${wrong}\n}`],
  ["main as a constant", (wrong) => `const main = async <T,>(input: T): Promise<void> => { ${wrong} };`],
  ["main that is called", (wrong) => `async function main(): Promise<void> { ${wrong} }\nawait main();`],
  ["main with a chain", (wrong) => `async function main() { ${wrong} }\nmain().then(console.log);`],
  ["main with a catch", (wrong) => `async function main() { ${wrong} }\nmain().catch((e: unknown) => { throw e; });`],
  ["statements with a return", (wrong) => `const n: number = 1; ${wrong}\nreturn n;`],
  ["statements without a return", (wrong) => `interface A { a: 1 }\nlet a!: A; ${wrong}`],
  ["statements after imports", (wrong) => `import {\n  progress,\n  session as kept,\n} from "runtime"; ${wrong}\nprogress(1);`],
  ["a bare arrow function", (wrong) => `async (input: { n: number }) => { ${wrong} }`],
  ["a bare function expression", (wrong) => `(async function (input: any): Promise<any> { ${wrong} })`],
  ["an immediately called async function", (wrong) => `(async (): Promise<void> => { ${wrong} })();`],
  ["a default export by name", (wrong) => `const run = async () => { ${wrong} };\nexport { run as default };`],
  ["statements in a loop", (wrong) => `for (const n of [1] as number[]) { ${wrong} }`],
];

const typed = "const list = ([1, 2] as const satisfies readonly number[]); ";

describe.each(forms)("the position is exact in %s for", (_title, program) => {
  test("an error that is thrown", { tags: ["execute.positions"] }, async () => {
    const text = program(`${typed}throw ‸new RangeError("no");`);
    expect(await errorOf({ code: marked(text).source })).toMatchObject({
      code: "uncaught_exception",
      message: "RangeError: no",
      ...placeOf("main.ts", text),
    });
  });

  test("an error that the engine throws", { tags: ["execute.positions"] }, async () => {
    const text = program(`${typed}(list as any).nothing!.‸x;`);
    expect(await errorOf({ code: marked(text).source })).toMatchObject({
      code: "uncaught_exception",
      ...placeOf("main.ts", text),
    });
  });

  test("an error of a tool", { tags: ["execute.positions"] }, async () => {
    const text = program(`${typed}const made: any = await hub.‸create({ list } as any);`);
    expect(await errorOf({ code: marked(text).source })).toMatchObject({ code: "tool_error", ...placeOf("main.ts", text) });
  });

  test("a syntax error", { tags: ["execute.positions"] }, async () => {
    const text = program(`${typed}const b: number = ‸;`);
    expect(await errorOf({ code: marked(text).source })).toMatchObject({ code: "syntax_error", ...placeOf("main.ts", text) });
  });
});

describe("an error has its exact place", () => {
  const thrown = "‸new Error('x')";

  test.each([
    ["in an expression-bodied arrow", "const f = (a: any): string => a.b.‸c as string; return f({ b: undefined });"],
    ["in a nested arrow", `const f = (a: number) => (b: number) => { throw ${thrown}; };\nreturn f(1)(2);`],
    ["in an arrow that returns an object", "const f = (a: any) => ({ x: a.‸b!.c });\nreturn f(undefined);"],
    [
      "at a call of an import",
      'import { create } from "mcp-clients/hub";\nconst a: any = 1;\nif (a as any) return (await ‸create({ a }));',
    ],
    [
      "at a call of an import without semicolons",
      'import { create } from "mcp-clients/hub"\nconst a: any = 1\nawait ‸create({ a })',
    ],
    ["through $call", 'const a = 1 as any; return await hub.‸$call("create", {});'],
    ["in a getter", `class A { private declare a: 1; get x(): number { throw ${thrown}; } }\nreturn new A().x;`],
    ["in a constructor", `class A { constructor(private readonly a: string, public b = 2) { throw ${thrown}; } }\nnew A("a");`],
    ["in a field", "class A<T> { readonly a?: T; x: number = (undefined as any).‸y; }\nnew A<string>();"],
    ["in a static block", `class A { static #a: number; static { throw ${thrown}; } }`],
    ["in a generator", `function* g(n: number): Generator<number> { yield n; throw ${thrown}; }\nreturn [...g(1)];`],
    ["in a template", "const a: any = undefined; return `a${a as any} ${(a as any).‸b}`;"],
    ["after templates", `const t = (a: any): string => \`\${a as any}\${a}\${\`\`}\`; t(1); throw ${thrown};`],
    ["after a regular expression", `const r: RegExp = /["'\\/\`{]/u; throw ${thrown};`],
    ["after an enum", `enum A { B = "b", C = 1 << 2 }\nconst c: A = A.C; throw ${thrown};`],
    ["in an enum", "enum A { B = (undefined as any).‸x.y }\nreturn A.B;"],
    ["in a loop without a block", `for (const n of [1] as number[]) if (n as number) throw ${thrown};`],
    ["in a while without a block", "let n: any = 1; while (n as any) n = n.x.‸y;"],
    ["after a line separator in a string", `const s: string = "a\u2028b"; throw ${thrown};`],
    ["after characters outside of the BMP", `const s: string = "😀é"; throw ${thrown};`],
    ["with Windows line ends", `const s: string = "a";\r\nconst t: string = s;\r\nthrow ${thrown};\r\n`],
    ["after a byte order mark", `\uFEFFconst s: string = "a"; throw ${thrown};`],
    ["after a shebang line", `#!/usr/bin/env node\nconst s: string = "a"; throw ${thrown};`],
    ["after a default export with comments and line breaks", `export /* a */\ndefault /* b */ (() => { throw ${thrown}; })();`],
    [
      "in a function called through Function.prototype.call",
      `const f = function (this: any, a?: string) { throw ${thrown}; };\nf.call(1 as any);`,
    ],
  ])("%s", async (_title, text) => {
    expect(await errorOf({ code: marked(text).source })).toMatchObject(placeOf("main.ts", text));
  });

  test.each(["lib/f.ts", "lib/f.js", "lib/f.mts", "lib/f.mjs"])(
    "in the file %s",
    { tags: ["execute.positions"] },
    async (file) => {
      const note = file.includes("ts") ? ": number" : "";
      const text = `export const one${note} = 1; export function f(a${note}) {\n  const b${note} = a; throw ‸new Error("x");\n}`;
      const files = { "main.ts": `import { f } from "./${file}";\nreturn f(1);`, [file]: marked(text).source };
      expect(await errorOf({ files })).toMatchObject(placeOf(file, text));
    },
  );
});

test("every identifier of our own source maps back to its position", { tags: ["execute.positions"] }, () => {
  const folder = new URL("../../../core/", import.meta.url);
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
  expect(files).toContain("program/compile.ts");
  const misplaced = files.flatMap((file) => misplacedNames(file, readFileSync(new URL(file, folder), "utf8")));
  expect(misplaced).toEqual([]);
});

const nothing = { clientNames: new Map<string, string>(), isOwnFile: () => false };

function misplacedNames(file: string, source: string): string[] {
  const { javascript, positions } = compileFile({ file, source, language: "ts", isEntry: false, ...nothing });
  const found = positions(limits.positionsCharsMax);
  const name = file.replaceAll("/", "-");
  const stack = createStackPositions({ positions: found ? { [name]: found } : {}, sources: new Map([[name, source]]) });
  const sourceOf = ({ line, column }: Place) => {
    const { line: sourceLine, column: sourceColumn } = stack.positionIn(`${name}:${line}:${column}`);
    return sourceLine === undefined || sourceColumn === undefined ? undefined : { line: sourceLine, column: sourceColumn };
  };
  const lines = source.split("\n");
  return [...tokenizer(javascript, { ecmaVersion: "latest", sourceType: "module" })].flatMap(({ type, start, end }) => {
    const name = javascript.slice(start, end);
    const place = sourceOf(placeAt(javascript, start));
    // Generated code has names of its own.
    if (type.label !== "name" || name.includes("$") || place === undefined) return [];
    const isThere = lines[place.line - 1]?.startsWith(name, place.column - 1);
    return isThere ? [] : [`${file}:${place.line}:${place.column} ${name}`];
  });
}

test("a printed stack has the positions of the user's files", { tags: ["execute.positions"] }, async () => {
  const code =
    "const f = (a: any): string => a.b.c as string;\ntry { f({}); } catch (e) { console.error(e); }\nconsole.log('    at main.ts:1:5');";
  const { logs } = await startSession({ servers: [] }).run({ code });
  expect(logs?.[0]?.message).toMatch(/at f \(.*main\.ts:1:35\)\n.*main\.ts:2:7/);
  expect(logs?.[1]?.message).toBe("    at main.ts:1:5");
});

describe("a syntax error has its exact place", () => {
  test.each([
    ["in TypeScript", "const a: number = 1; const b = (a as any ‸}"],
    ["in what type stripping leaves", "const a: number = 1; let ‸a = 2;"],
    ["of a top-level name declared twice", "import { progress } from 'runtime';\nlet ‸progress: any = 1;"],
    ["of a wrong escape", 'const a: string = "ok"; const b = "\\x‸z";'],
  ])("%s", (_title, text) => {
    const { source, line, column } = marked(text);
    expect(placeOfRefusal(source)).toEqual({
      file: "main.ts",
      line,
      column,
      frame: codeFrame(source, { file: "", line, column }),
    });
  });
});

function placeOfRefusal(source: string) {
  try {
    compileFile({ file: "main.ts", source, language: "ts", isEntry: true, ...nothing });
  } catch (error) {
    if (error instanceof OrchestratorError) {
      const { file, line, column, frame } = error.details;
      return { file, line, column, frame };
    }
  }
  throw new Error("the source compiles");
}

test("a frame shows the part of a long line in which the position is", () => {
  const line = `${"a".repeat(300)}fails${"z".repeat(300)}`;
  const at = (column: number) => codeFrame(line, { file: "main.ts", line: 1, column }).split("\n");
  for (const column of [1, 101, 301, 605, 606]) {
    const [shown = "", caret = ""] = at(column);
    expect(shown.length).toBeLessThanOrEqual(166);
    expect(shown[caret.indexOf("^")]).toBe(line[column - 1]);
  }
  expect(at(301)[0]).toMatch(/^> 1 \| …a+failsz+$/);
  expect(at(1)[0]).toMatch(/^> 1 \| a+$/);
  expect(at(5_000)).toHaveLength(1);
});
