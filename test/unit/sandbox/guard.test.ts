import { describe, expect, test } from "vitest";
import { cpuBudgetMs } from "../../../core/limit-messages.ts";
import { limits } from "../../../core/limits.ts";
import { serverEntry, textResult, tool } from "../../support/builders.ts";
import { FakeUpstream } from "../../support/fakes.ts";
import { createNodeSandbox } from "../../support/node-sandbox.ts";
import { startSession } from "../../support/session.ts";

/*
 * Runs programs that never end by themselves, each with 300 ms of computing time. Their time limit is longer: it runs on while the thread
 * loads the program and while others compute, which takes most of 300 ms on a busy machine.
 */

const maxRuntimeMs = 5_000;
const sandbox = createNodeSandbox((timeoutMs) => (timeoutMs === maxRuntimeMs ? 300 : cpuBudgetMs(timeoutMs)));

function run(code: string, input: object = {}) {
  const upstream = new FakeUpstream({ hub: { tools: [tool("ask")], answers: { ask: textResult("yes") } } });
  const servers = [serverEntry("hub", { limits: { callsPerRun: 300 } })];
  return startSession({ servers, upstream, sandbox }).run({ code, maxRuntimeMs, ...input });
}

const swallow = "try { for (;;) { } } catch { }";

describe("a program that computes without end is stopped", () => {
  test.each([
    ["an empty loop", "while (true) {}"],
    ["a loop without a body", "for (;;);"],
    ["a do loop without a block", "let n = 0; do n++; while (true)"],
    ["a loop over an endless generator", "function* g() { for (;;) yield 1; }\nfor (const _ of g());"],
    ["spreading an endless generator", "function* g() { for (;;) yield; }\nnew Set(g());"],
    [
      "a loop over an object's iterator",
      "const o = { [Symbol.iterator]: () => ({ next: () => ({ value: 1, done: false }) }) };\nfor (const _ of o);",
    ],
    ["a loop that catches", `for (;;) { ${swallow} }`],
    ["a loop that catches in its last statement", `for (;;) try { throw 1; } catch { continue; }`],
    ["a loop that ends in finally", "const f = () => { for (;;) { try { return 1; } finally { continue; } } };\nreturn f();"],
    ["a labelled loop", "a: for (;;) { for (;;) { continue a; } }"],
    ["a callback in finally", "const f = () => { try { for (;;); } finally { f(); } };\nf();"],
    ["a recursion that catches", "const f = (): any => { try { return f(); } catch { return f(); } };\nf();"],
    ["a recursion of expressions", "const f = (n: number): number => n === 0 ? 0 : f(n - 1) + f(n - 1);\nreturn f(60);"],
    [
      "a recursion of methods",
      "const o = { a(n: number): number { return n < 1 ? 0 : o.a(n - 1) + o.a(n - 1); } };\nreturn o.a(60);",
    ],
    [
      "a recursion of getters",
      "let n = 60; const o = { get a(): number { if (n < 1) return 0; n--; const x = this.a + this.a; n++; return x; } };\nreturn o.a;",
    ],
    ["a recursion of fields", "let n = 60;\nclass A { a: any = n < 1 ? 0 : (n--, new A(), new A(), n++); }\nnew A();"],
    [
      "a recursion in default parameters",
      "const f = (n: number, a: any = n > 0 && f(n - 1), b: any = n > 0 && f(n - 1)): any => [a, b];\nf(60);",
    ],
    ["a comparator", "const sort = () => [3, 1, 2].sort(() => { sort(); return 0; });\nfor (;;) { try { sort(); } catch {} }"],
    ["a proxy's traps", "const p: any = new Proxy({}, { get: (_, name) => p[name] });\nfor (;;) try { p.x; } catch {}"],
    [
      "toString and valueOf",
      "const o: any = { toString() { for (;;); } };\ntry { `${o}`; } catch {}\nfor (;;) { try { +o; } catch {} }",
    ],
    ["toJSON of the result", "return { toJSON() { for (;;); } };"],
    ["a getter of the result", "return { get a() { for (;;); } };"],
    ["a thenable as the result", "return { then(resolve: any) { for (;;); } };"],
    ["a chain of microtasks", "const f = (): any => Promise.resolve().then(f);\nawait f();"],
    [
      "a chain of microtasks that nobody awaits",
      "const f = (): any => { Promise.resolve().then(f); };\nf();\nawait new Promise((resolve) => setTimeout(resolve, 5));\nreturn 1;",
    ],
    ["an async loop", "for (;;) await null;"],
    ["an async loop that catches", "for (;;) { try { await null; } catch {} }"],
    [
      "two async functions",
      "const f = async (): Promise<any> => { await null; return g(); };\nconst g = async (): Promise<any> => { await null; return f(); };\nreturn f();",
    ],
    ["an async generator", "async function* g() { for (;;) yield 1; }\nfor await (const _ of g());"],
    ["queueMicrotask", "const f = () => queueMicrotask(f);\nf();\nawait new Promise(() => {});"],
    ["thenables", "const t = { then(resolve: any) { resolve(t); } };\nawait t;"],
    ["a swallowed end, and a result", "try { for (;;); } catch {}\nreturn 1;"],
    [
      "a swallowed end in another promise",
      "const p = (async () => { for (;;); })();\nawait p.catch(() => {});\nexport default 1;",
    ],
    ["a constructor", "class A { constructor() { for (;;); } }\nnew A();"],
    ["a static block", "class A { static { for (;;); } }"],
    ["a tagged template", "const t = (..._: any[]): any => t`${1}`;\nfor (;;) { try { t`x`; } catch {} }"],
    ["replace with a function", "const f = (): any => 'aaa'.replace(/a/g, () => f());\nfor (;;) try { f(); } catch {}"],
    ["a namespace's loop", "namespace A { export const f = () => { for (;;); }; }\nA.f();"],
  ])("%s", { tags: ["sandbox.guard"] }, async (_title, code) => {
    const outcome = await run(code);
    expect(outcome).toMatchObject({ ok: false, errors: [{ code: "cpu_limit", phase: "limit", file: "main.ts" }] });
    expect(outcome.errors?.[0]?.message).toContain("used its 5000 ms of computing time");
  });

  test.each([
    ["its clock", "Date.now = () => 0; (globalThis as any).Date = class { static now() { return 0; } };"],
    ["its timers", "const g: any = globalThis; g.setTimeout = g.clearTimeout = g.queueMicrotask = () => 0;"],
    ["all timers", "for (let n = 0; n < 100; n++) { clearTimeout(n); clearInterval(n); }"],
    [
      "errors",
      "const g: any = globalThis; Error.prepareStackTrace = () => { throw 1; }; g.Error = class { constructor() { throw 1; } };",
    ],
    ["how stacks are made", "Object.defineProperty(Error, 'prepareStackTrace', { get() { for (;;); }, set() { for (;;); } });"],
    ["frozen errors", "Object.freeze(Error); Object.freeze(Error.prototype);"],
    ["stacks without frames", "Error.stackTraceLimit = 0;"],
    [
      "arrays",
      "Object.defineProperty(Object.prototype, '0', { get: () => 1e9, set() {} }); Int32Array.prototype.fill = () => { throw 1; };",
    ],
    ["promises", "const P: any = Promise.prototype; P.then = () => { for (;;); };"],
    ["functions", "const F: any = Function.prototype; F.call = F.apply = F.bind = () => 0;"],
    ["its own call", "const g: any = globalThis; g.guard = g.guard$0 = g.guard$1 = () => {};"],
  ])("even if it has changed %s", { tags: ["sandbox.guard"] }, async (_title, change) => {
    const outcome = await run(`${change}\nfor (;;) { ${swallow} }`);
    expect(outcome).toMatchObject({ ok: false, errors: [{ code: "cpu_limit" }] });
  });

  test("even if each of its timers computes only briefly", async () => {
    const code =
      "const f = () => { const end = Date.now() + 50; while (Date.now() < end); setTimeout(f, 0); };\nf();\nawait new Promise(() => {});";
    const outcome = await run(code, { maxRuntimeMs: limits.runMsMax });
    expect(outcome).toMatchObject({
      errors: [{ code: "cpu_limit", line: 1, message: expect.stringContaining(`${limits.runCpuMs} ms`) }],
    });
  });

  test("and the error names the place where it was", { tags: ["sandbox.guard"] }, async () => {
    const code = "const a: number = 1;\nfunction f(n: number): void {\n  while (n as any) { n += a; }\n}\nf(a);";
    const outcome = await run(code);
    expect(outcome.errors?.[0]).toMatchObject({
      code: "cpu_limit",
      file: "main.ts",
      line: 3,
      column: 21,
      frame: expect.stringContaining("> 3 |   while (n as any) { n += a; }"),
      message: expect.stringMatching(/5000 ms.*endless loop/),
    });
  });

  test("in another file, and the answer has its earlier lines and calls", async () => {
    const files = {
      "main.ts": 'import { spin } from "./lib/spin";\nconsole.log("before");\nawait hub.ask({});\nspin();',
      "lib/spin.ts": "export const spin = (): never => {\n  for (;;);\n};",
    };
    const upstream = new FakeUpstream({ hub: { tools: [tool("ask")], answers: { ask: textResult("yes") } } });
    const outcome = await startSession({ servers: [serverEntry("hub")], upstream, sandbox }).run({ files, maxRuntimeMs });
    expect(outcome).toMatchObject({
      errors: [{ code: "cpu_limit", file: "lib/spin.ts", line: 2 }],
      logs: [{ message: "before" }],
      calls: [{ tool: "ask", outcome: "succeeded" }],
    });
  });
});

describe("a program within its computing budget is not stopped", () => {
  test("while it waits for longer than the budget", { tags: ["sandbox.guard"] }, async () => {
    const code = `const end = Date.now() + ${limits.runCpuMs} + 200;\nawait new Promise((resolve) => setTimeout(resolve, end - Date.now()));\nreturn Date.now() >= end;`;
    expect(await run(code, { maxRuntimeMs: limits.runMsMax })).toMatchObject({ ok: true, result: true });
  });

  test("while it calls tools in a loop", async () => {
    const code = "let n = 0;\nfor (let i = 0; i < 300; i++) n += (await hub.ask({})).length;\nreturn n;";
    expect(await run(code, { maxRuntimeMs: limits.runMsMax })).toMatchObject({ ok: true, result: 900 });
  });

  test("but ends with run_timeout if it waits past its time limit", async () => {
    const short = { maxRuntimeMs: 300 };
    expect(await run("await new Promise(() => {});", short)).toMatchObject({ ok: false, errors: [{ code: "run_timeout" }] });
    const slowly = "for (;;) await new Promise((resolve) => setTimeout(resolve, 5));";
    expect(await run(slowly, short)).toMatchObject({ ok: false, errors: [{ code: "run_timeout" }] });
  });

  test.each([
    [
      "functions of every kind keep their names and values",
      "const a = () => ({ b: 1 }), c = async () => [1], d = function () {}, o = { e() { return 1; }, get f() { return 2; } };\nclass G { h = () => 3; static i = class {}; }\nreturn [a(), await c(), a.name, c.name, d.name, o.e.name, o.f, new G().h.name, G.i.name, a.length];",
      [{ b: 1 }, [1], "a", "c", "d", "e", 2, "h", "i", 0],
    ],
    [
      "loops of every kind",
      "let n = 0;\nfor (let i = 0; i < 3; i++) n++;\nfor (const k in { a: 1, b: 2 }) if (k) n++; else n--;\nfor (const v of [1, 2]) { n += v; }\nwhile (n < 20) n++;\ndo n++; while (n < 25)\nfor await (const v of [1]) n += v;\nouter: for (;;) { for (;;) break outer; }\nif (n) for (;;) break; else n = 0\nreturn n;",
      26,
    ],
    [
      "arrows of arrows",
      "const f = (a: number) => (b: number) => (c: number) => [a, b, c];\nconst g = async (x: any) => await x, h = (x: any) => x ? 1 : 2, i = (x: any, y: any) => (x, y), k = (x: any) => void (x.a = 1);\nreturn [f(1)(2)(3), await g(1), h(0), i(1, 2), k({}) === undefined];",
      [[1, 2, 3], 1, 2, 2, true],
    ],
    [
      "generators and super",
      "class A { constructor(public x: number) {} m() { return 1; } }\nclass B extends A { y = this.x + 1; constructor() { super(1); } m() { return super.m() + 1; } static *g() { yield* [1, 2]; } }\nreturn [new B().y, new B().m(), [...B.g()]];",
      [2, 2, [1, 2]],
    ],
  ])("%s", async (_title, code, result) => {
    expect(await run(code, { maxRuntimeMs: limits.runMsMax })).toMatchObject({ ok: true, result });
  });
});
