import { beforeEach, describe, expect, test } from "vitest";
import { serverEntry, textResult, tool } from "../../support/builders.ts";
import { FakeUpstream } from "../../support/fakes.ts";
import { startSession } from "../../support/session.ts";

/* Every program in this file is compiled, linked and executed. */

let upstream: FakeUpstream;

beforeEach(() => {
  const answers = { current_time: textResult('{"hour":12}'), "convert-time": textResult("converted") };
  const clocks = [tool("current_time"), tool("convert-time"), tool("delete")];
  upstream = new FakeUpstream({
    time: { tools: clocks, answers },
    "sequential-thinking": { tools: [tool("think")], answers: { think: textResult("thought") } },
    fetch: { tools: [tool("fetch")], answers: { fetch: textResult("fetched") } },
    offline: { tools: new Error("never asked") },
  });
});

function run(input: object) {
  const servers = ["time", "sequential-thinking", "fetch"].map((id) => serverEntry(id));
  return startSession({ servers, upstream }).run(input);
}

/** The result of a program that must succeed. */
async function resultOf(input: object): Promise<unknown> {
  const outcome = await run(input);
  expect(outcome.errors).toBeUndefined();
  return outcome.result;
}

describe("an entrypoint", () => {
  test.each([
    ["a default export that is a function, called with args", "export default async (args) => args.n + 1;", 8],
    ["a default export that is an expression's function, without a semicolon", "export default async (args) => args.n + 1", 8],
    ["a default export without a semicolon, and a statement after it", "export default (args) => args.n + two\nvar two = 2", 9],
    [
      "a default export that is a named function",
      "export default async function run({ n }: { n: number }) { return n * 2; }",
      14,
    ],
    ["a default export that is a value", "export default { a: 1 };", { a: 1 }],
    ["a default export that is a promise", "export default Promise.resolve([1]);", [1]],
    ["a default export by name", "const answer = 42; export { answer as default };", 42],
    ["a top-level return", "const n: number = 1; return n + 1;", 2],
    ["a return in an if", "if (args.n === 7) { return 'seven'; }\nreturn 'other';", "seven"],
    ["a return in a try", "try { throw new Error('x'); } catch (e) { return e.message; } finally { }", "x"],
    ["a return in a loop", "for (const n of [1, 2, 3]) { if (n === 2) return n; }", 2],
    ["a return in a switch", "switch (args.n) { case 7: { return 'case'; } }", "case"],
    ["a return in a labelled block", "out: { return 1; }", 1],
    ["a return of undefined after awaits", "await Promise.resolve(); return;", undefined],
    ["a bare async arrow function", "async (args) => args.n", 7],
    ["a bare arrow function after comments and types", "// hello\ninterface A { n: number }\n(args: A) => args.n;", 7],
    ["a bare function expression", "(async function (args) { return args.n })", 7],
    ["a module that declares main", "async function main(args) { return args.n; }", 7],
    ["a module that exports main", "export async function main({ n }) { return n; }", 7],
    ["main as a constant", "const main = async (args) => args.n;", 7],
    ["main with a trailing comment", "const main = () => 1 // one", 1],
    ["imports before a bare function", 'import { args } from "runtime";\nasync () => args.n', 7],
    ["code after a shebang line", "#!/usr/bin/env node\nreturn time.current_time();", { hour: 12 }],
    ["a bare function as the first statement that uses a server", "async () => (await time.current_time({})).hour", 12],
    ["a class with a static block", "class A { static n = 0; static { A.n = 2; } }\nreturn A.n;", 2],
  ])("may be %s", { tags: ["execute.entry-forms"] }, async (_title, code, result) => {
    expect(await resultOf({ code, args: { n: 7 } })).toEqual(result);
  });

  test.each([
    ["awaited", "await main();"],
    ["not awaited", "main();"],
    ["with a catch", "main().catch((error) => { throw error; });"],
    ["as void", "void main();"],
    ["into a constant", "const result = await main();\nconsole.log(result);"],
    ["inside a try", "try {\n  await main();\n} catch (error) {\n  console.error(error);\n}"],
    ["inside a condition, without semicolons", "const isDirect = true\nif (isDirect) main()"],
    ["as an argument of a call", "console.log(await main());"],
    [
      "inside an immediately called async function",
      "(async () => {\n  const result = await main();\n  console.log(result);\n})();",
    ],
    ["after a line without a semicolon", "const x = 1\nmain()"],
    ["with arguments", "await main(1, 2);"],
    ["and prints its value", "main().then(console.log);"],
    ["and prints its value or error", "main().then((r) => console.log(r)).catch(console.error);"],
    ["and awaits the printing", "await main().then((r) => { console.log(r); });"],
    ["as void, with a chain", "void main().then(console.log).finally(() => {});"],
    ["and passes its value on", "main().then((r) => r);"],
  ])("that calls main %s runs it once and returns its result", { tags: ["execute.main-once"] }, async (_title, callOfMain) => {
    const code = `async function main() {\n  const { hour } = await time.current_time({});\n  return { hour };\n}\n${callOfMain}`;
    expect(await resultOf({ code })).toEqual({ hour: 12 });
    expect(upstream.called).toHaveLength(1);
  });

  test.each([
    ["in another function that is called", "async function start() { return main(); }\nexport default start;"],
    ["by passing it to a function", "const run = async (f) => { await f(); };\nawait run(main);"],
  ])("that calls main %s runs it once", async (_title, callOfMain) => {
    await resultOf({ code: `async function main() { return time.current_time({}); }\n${callOfMain}` });
    expect(upstream.called).toHaveLength(1);
  });

  test("that calls main before its declaration runs it once", async () => {
    expect(await resultOf({ code: "main();\nasync function main() { return time.current_time({}); }" })).toEqual({ hour: 12 });
    expect(upstream.called).toHaveLength(1);
  });

  test("that transforms what main returns has the transformed value as its result", async () => {
    const code = "async function main() { return time.current_time({}); }\nmain().then((now) => [now.hour]);";
    expect(await resultOf({ code })).toEqual([12]);
  });

  test("that handles main's failure itself has no result", async () => {
    const outcome = await run({
      code: "async function main() { throw new Error('no'); }\nmain().then(console.log).catch((e) => console.error(e.message));",
    });
    expect(outcome).toMatchObject({ ok: true, logs: [{ level: "error", message: "no" }] });
    expect(outcome).not.toHaveProperty("result");
  });

  test("whose main throws fails with the place of the error", async () => {
    const outcome = await run({ code: "async function main() {\n  throw new Error('no');\n}\nmain();" });
    expect(outcome).toMatchObject({
      ok: false,
      errors: [{ code: "uncaught_exception", message: "no", file: "main.ts", line: 2 }],
    });
  });

  test.each(["(async () => { return time.current_time({}); })();", "void (async () => time.current_time({}))()"])(
    "that is an immediately called async function is awaited: %s",
    async (code) => {
      expect(await resultOf({ code })).toEqual({ hour: 12 });
    },
  );

  test("without a value answers with a hint how to return one", async () => {
    expect(await run({ code: "await time.current_time({});" })).toMatchObject({
      ok: true,
      hint: expect.stringContaining("`return`"),
    });
    expect(await run({ code: "return undefined;" })).toMatchObject({ ok: true, hint: "The program returned undefined." });
    expect(await run({ code: "return null;" })).not.toHaveProperty("hint");
    expect(await run({ code: "" })).toMatchObject({ ok: true, hint: expect.any(String) });
  });
});

describe("args", () => {
  test.each([
    ["as a bare name", "return args;"],
    ["by import", 'import { args } from "runtime"; return args;'],
    ["as a parameter", "export default (args) => args;"],
  ])("are available %s", { tags: ["clients.forms"] }, async (_title, code) => {
    expect(await resultOf({ code, args: { a: [1] } })).toEqual({ a: [1] });
    expect(await resultOf({ code })).toBeUndefined();
  });

  test("are a variable of the program if it declares one of that name", async () => {
    expect(await resultOf({ code: "const args = 5; return args;", args: 1 })).toBe(5);
  });
});

describe("a server", () => {
  test.each([
    ["by a named import", 'import { time } from "mcp-clients"; return time.current_time({});'],
    ["by a renamed import", 'import { time as clock } from "mcp-clients"; return clock.current_time({});'],
    ["as a namespace import", 'import * as time from "mcp-clients/time"; return time.current_time({});'],
    ["as a default import", 'import time from "mcp-clients/time"; return time.current_time({});'],
    ["by importing one function", 'import { current_time } from "mcp-clients/time"; return current_time({});'],
    [
      "by the default import of a tool's module",
      'import current_time from "mcp-clients/time/current_time"; return current_time({});',
    ],
    [
      "by a named import from a tool's module",
      'import { current_time as now } from "mcp-clients/time/current_time"; return now({});',
    ],
    [
      "through a namespace import of all clients",
      'import * as clients from "mcp-clients"; return clients.time.current_time({});',
    ],
    ["by a dynamic import of the clients", 'const { time } = await import("mcp-clients"); return time.current_time({});'],
    ["by a dynamic import of its module", 'const time = await import("mcp-clients/time"); return time.current_time({});'],
    ["as a bare identifier", "return time.current_time({});"],
    [
      "as a bare identifier inside a function",
      "const f = async () => { const { hour } = await time.current_time({}); return { hour }; };\nreturn f();",
    ],
    ["through $call", 'return time.$call("current_time", {});'],
    ["without arguments", "return time.current_time();"],
  ])("can be used %s", { tags: ["clients.forms"] }, async (_title, code) => {
    expect(await resultOf({ code })).toEqual({ hour: 12 });
    expect(await resultOf({ code, language: "js" })).toEqual({ hour: 12 });
    expect(new Set(upstream.listed)).toEqual(new Set(["time"]));
  });

  test("whose id or tool name is not an identifier is used by its identifier form", async () => {
    expect(await resultOf({ code: "return sequential_thinking.think();" })).toBe("thought");
    expect(
      await resultOf({ code: 'import { sequential_thinking } from "mcp-clients"; return sequential_thinking.think();' }),
    ).toBe("thought");
    expect(await resultOf({ code: 'import * as s from "mcp-clients/sequential-thinking"; return s.think();' })).toBe("thought");
    expect(await resultOf({ code: "return time.convert_time();" })).toBe("converted");
    expect(await resultOf({ code: 'import convert from "mcp-clients/time/convert-time"; return convert();' })).toBe("converted");
    expect(await resultOf({ code: 'import { delete_ } from "mcp-clients/time"; return delete_();' })).toBe("ok");
  });

  test("named like a global function takes precedence over it as a bare identifier", async () => {
    expect(await resultOf({ code: "return fetch.fetch({ url: 'https://a' });" })).toBe("fetched");
  });

  test("offers raw results and the names of its tools", { tags: ["clients.names"] }, async () => {
    expect(await resultOf({ code: 'return time.$raw("convert-time");' })).toEqual(textResult("converted"));
    expect(await resultOf({ code: "return time.$tools;" })).toEqual(["current_time", "convert-time", "delete"]);
  });
});

describe("a name that the program declares", () => {
  test.each([
    ["a parameter", "const f = (time: number) => time + 1; return f(1);", 2],
    ["a constant", "const time = 3; return time;", 3],
    ["a destructured constant", "const { time } = { time: 3 }; return time;", 3],
    ["a loop variable", "let sum = 0; for (const time of [1, 2]) sum += time; return sum;", 3],
    ["a catch variable", "try { throw 3; } catch (time) { return time; }", 3],
    ["a function", "function time() { return 3; }\nreturn time();", 3],
    ["a class", "class time { static n = 3 }\nreturn time.n;", 3],
    ["a property", "const o = { time: 3 }; return o.time;", 3],
    ["a hoisted variable", "f(); function f() { time = 3; }\nvar time; return time;", 3],
    ["the name of a function expression", "return (function time(n: number): number { return n ? time(n - 1) : 3; })(2);", 3],
  ])("does not mean the server: %s", async (_title, code, result) => {
    expect(await resultOf({ code })).toBe(result);
    expect(upstream.listed).toEqual([]);
  });

  test("in one scope means the server in another", async () => {
    expect(await resultOf({ code: "const f = (time) => time; return f((await time.current_time()).hour);" })).toBe(12);
  });
});

describe("several files", () => {
  test.each([
    ["with the extension", "./util.ts"],
    ["without the extension", "./util"],
    ["with .js for a .ts file", "./util.js"],
  ])("can import each other %s", async (_title, specifier) => {
    const files = {
      "main.ts": `import { double } from "${specifier}"; export default double(2);`,
      "util.ts": "export const double = (n: number) => n * 2;",
    };
    expect(await resultOf({ files })).toBe(4);
  });

  test("can import parents, children, an index file and re-exports", async () => {
    const files = {
      "src/main.ts": 'import { a } from "../lib"; import { b } from "./deep/b"; return a + b;',
      "lib/index.ts": 'export * from "./a.js";',
      "lib/a.ts": 'export { default as a } from "./one.js";',
      "lib/one.js": "export default 1;",
      "src/deep/b.ts": 'import { a } from "../../lib/index.ts"; export const b = a + 1;',
    };
    expect(await resultOf({ files, entrypoint: "./src/main.ts" })).toBe(3);
  });

  test("can import JSON", async () => {
    const files = { "main.ts": 'import data from "./data.json"; return data.list[1];', "data.json": '{"list":[1,"\u2028two"]}' };
    expect(await resultOf({ files })).toBe("\u2028two");
    const attribute = 'import data from "./data.json" with { type: "json" }; return data.list[0];';
    expect(await resultOf({ files: { ...files, "main.ts": attribute } })).toBe(1);
  });

  test("can import each other in a cycle", async () => {
    const files = {
      "main.ts": 'import { even } from "./even"; return even(10);',
      "even.ts": 'import { odd } from "./odd"; export function even(n: number): boolean { return n === 0 || odd(n - 1); }',
      "odd.ts": 'import { even } from "./even"; export function odd(n: number): boolean { return n !== 0 && even(n - 1); }',
    };
    expect(await resultOf({ files })).toBe(true);
  });

  test("are evaluated once each, and never if nothing imports them", async () => {
    const files = {
      "main.ts": 'import "./count"; import "./other"; return globalThis.counted;',
      "other.ts": 'import "./count";',
      "count.ts": "globalThis.counted = (globalThis.counted ?? 0) + 1;",
      "unused.ts": "throw new Error('never');",
    };
    expect(await resultOf({ files })).toBe(1);
  });

  test("can use servers in any of them, also by bare name", async () => {
    const files = {
      "main.ts": 'import { now } from "./now"; return now();',
      "now.ts": "export const now = () => time.current_time();",
    };
    expect(await resultOf({ files })).toEqual({ hour: 12 });
  });

  test("start at main.ts, or else index.ts, main.js or index.js", async () => {
    const all = { "main.ts": "return 1", "index.ts": "return 2", "main.js": "return 3", "index.js": "return 4" };
    expect(await resultOf({ files: all })).toBe(1);
    const { "main.ts": _main, ...rest } = all;
    expect(await resultOf({ files: rest })).toBe(2);
    expect(await resultOf({ files: { "index.js": "return 4", "main.js": "return 3" } })).toBe(3);
    expect(await resultOf({ files: { "index.js": "return 4" } })).toBe(4);
  });
});

describe("TypeScript", () => {
  test.each([
    ["enums", "enum Level {\n  Low = 1,\n  High,\n}\nreturn Level.High;", 2],
    [
      "types, generics and assertions",
      "type A<T> = { a: T }; const a = { a: 1 } as unknown as A<number>; return a!.a satisfies number;",
      1,
    ],
    [
      "classes with modifiers",
      "class P { constructor(private readonly n: number) {} get() { return this.n; } }\nreturn new P(3).get();",
      3,
    ],
    [
      "overloads",
      "function f(a: string): string; function f(a: number): number; function f(a: any) { return a; }\nreturn f(1);",
      1,
    ],
    ["optional chaining and nullish values", "const a: { b?: number } | undefined = undefined; return a?.b ?? 5;", 5],
    [
      "type-only imports from anywhere",
      'import type { A } from "some-package"; import { type B } from "another"; const a: A | B = 1; return a;',
      1,
    ],
  ])("runs with %s", async (_title, code, result) => {
    expect(await resultOf({ code })).toEqual(result);
  });

  test("does not load own files from which only types are imported", async () => {
    const files = {
      "main.ts":
        'import { Shape } from "./types"; import type { Other } from "./types"; const s: Shape & Other = { n: 1 }; return s.n;',
      "types.ts": "export interface Shape { n: number }\nexport type Other = object;\nthrow new Error('never');",
    };
    expect(await resultOf({ files })).toBe(1);
  });

  test("is a syntax error in a JavaScript program", async () => {
    expect(await run({ code: "const n: number = 1; return n;", language: "js" })).toMatchObject({
      ok: false,
      errors: [{ code: "syntax_error", file: "main.js", line: 1 }],
    });
    expect(await resultOf({ code: "const a = 1; const b = 2; return a < b > (0);", language: "js" })).toBe(true);
  });
});
