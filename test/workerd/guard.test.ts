import { describe, expect, test } from "vitest";
import { limits } from "../../core/limits.ts";
import { run } from "./run.ts";

/* Without a separate sandbox process, as under plain `wrangler dev`: only the guard in the program can stop it. */

const limited = { maxRuntimeMs: 300 };

describe("a program that computes without end is stopped", () => {
  test.each([
    ["a loop", "const a: number = 1;\nwhile (a as any) {}", 2, 19],
    ["a loop that catches", "for (;;) {\n  try { for (;;) {} } catch {}\n}", undefined, undefined],
    ["a recursion that catches", "const f = (): any => { try { return f(); } catch { return f(); } };\nf();", 1, undefined],
    [
      "a chain of microtasks that nobody awaits",
      "const f = (): any => { Promise.resolve().then(f); };\nf();\nawait new Promise((resolve) => setTimeout(resolve, 5));\nreturn 1;",
      1,
      undefined,
    ],
    ["an async loop", "for (;;) await null;", 1, 10],
    ["a swallowed end, and a result", "try { for (;;); } catch {}\nreturn 1;", 1, undefined],
    ["toJSON of the result", "return { toJSON() { for (;;); } };", 1, undefined],
    ["an endless generator", "function* g() { for (;;) yield; }\nnew Set(g());", 1, undefined],
    ["a decorated method", "const d = (f: any, _: any) => f;\nclass A { @d f() { for (;;); } }\nnew A().f();", 2, 28],
    [
      "one that has changed the built-ins",
      "const g: any = globalThis; Date.now = () => 0; g.setTimeout = g.queueMicrotask = () => 0; Object.freeze(Error);\nfor (;;) { try { for (;;); } catch {} }",
      2,
      undefined,
    ],
  ])("%s", { tags: ["sandbox.guard"] }, async (_title, code, line, column) => {
    const outcome = await run({ code, ...limited });
    expect(outcome).toMatchObject({ ok: false, errors: [{ code: "cpu_limit", phase: "limit", file: "main.ts" }] });
    if (line !== undefined) expect(outcome.errors?.[0]).toMatchObject({ line });
    if (column !== undefined) expect(outcome.errors?.[0]).toMatchObject({ column });
  });

  test("even if it goes on after its end", { tags: ["sandbox.guard"] }, async () => {
    const code = "const f = () => { Promise.resolve().then(f); };\nf();\nsetTimeout(() => { for (;;); }, 0);\nreturn 1;";
    expect(await run({ code, ...limited })).toMatchObject({ ok: true, result: 1 });
    expect(await run({ code: "return 2;" })).toMatchObject({ ok: true, result: 2 });
  });
});

describe("a program that only waits is not stopped", () => {
  test("even if it waits for longer than it may compute", async () => {
    const code =
      "const end = Date.now() + 1_000;\nwhile (Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 1));\nreturn 1;";
    expect(await run({ code, maxRuntimeMs: limits.runMsMax })).toMatchObject({ ok: true, result: 1 });
    expect(await run({ code, ...limited })).toMatchObject({ ok: false, errors: [{ code: "run_timeout" }] });
  });
});

describe("TypeScript that is more than types", () => {
  test("runs, with exact stack positions", async () => {
    const bad = "class A { @twice two(a: string): number { using b = c(); throw new Error(a as any); } }";
    const code = `const twice = (f: any, _: any) => f;\nconst c = () => ({ [Symbol.dispose]() {} });\nnamespace N { export const n = 'no'; }\n${bad}\nnew A().two(N.n);`;
    expect(await run({ code })).toMatchObject({
      errors: [{ code: "uncaught_exception", message: "no", file: "main.ts", line: 4, column: bad.indexOf("new Error") + 1 }],
    });
  });

  test.each([
    [
      "using",
      "const log: string[] = [];\n{ using a = { [Symbol.dispose]() { log.push('closed'); } }; log.push(typeof a); }\nreturn log;",
      ["object", "closed"],
    ],
    [
      "await using",
      "const log: string[] = [];\n{ await using a = { async [Symbol.asyncDispose]() { log.push('closed'); } }; log.push(typeof a); }\nreturn log;",
      ["object", "closed"],
    ],
    ["an accessor", "class A { accessor x: number = 1; }\nreturn new A().x;", 1],
    ["an enum", "const enum A { B = 'b' }\nreturn A.B;", "b"],
  ])("runs: %s", { tags: ["execute.typescript"] }, async (_title, code, result) => {
    expect(await run({ code })).toMatchObject({ ok: true, result });
  });

  test("has exact stack positions at a call of an import and inside an expression", {
    tags: ["execute.positions"],
  }, async () => {
    const text = 'import { session } from "runtime";\nconst f = (a: any): string => a.b.c as string; f({ session });';
    expect(await run({ code: text })).toMatchObject({ errors: [{ line: 2, column: 35 }] });
    const call = "const a: any = {}; a.a = a; help(a);";
    const called = `import { help } from "runtime";\n${call}`;
    expect(await run({ code: called })).toMatchObject({ errors: [{ line: 2, column: call.indexOf("help(a)") + 1 }] });
  });
});
