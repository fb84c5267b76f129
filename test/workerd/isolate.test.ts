import { describe, expect, test } from "vitest";
import { run } from "./run.ts";

describe("what a program can do", () => {
  test("clocks, timers and randomness work at the top level, in every file", { tags: ["execute.entry-forms"] }, async () => {
    const files = {
      "main.ts": `import { made } from "./lib/made";\nawait new Promise((resolve) => setTimeout(resolve, 5));\nreturn made && Date.now() > 1.6e12 && crypto.randomUUID().length === 36;`,
      "lib/made.ts": `export const made = Date.now() > 1.6e12 && Math.random() < 1;`,
    };
    expect(await run({ files })).toMatchObject({ ok: true, result: true });
  });

  test("files import one another, JSON included, and exports stay live", { tags: ["execute.files"] }, async () => {
    const files = {
      "main.ts": `import { count, increase } from "./counter.js";\nimport data from "./data.json";\nimport * as all from "./counter";\nincrease();\nexport default { count, all: all.count, data };`,
      "counter.ts": `export let count: number = 1;\nexport function increase(): void { count += 1; }`,
      "data.json": `{ "__proto__": 1, "list": [1, 2] }`,
    };
    const outcome = await run({ files });
    expect(outcome).toMatchObject({ ok: true, result: { count: 2, all: 2, data: { list: [1, 2] } } });
  });

  test("console lines are reported apart from the result, at most maxLogs of them", { tags: ["limits.logs"] }, async () => {
    const code = `for (let n = 0; n < 10; n++) console.log("line", n, { n });\nconsole.error(new Map([["a", 1n]]));\nreturn "result";`;
    const outcome = await run({ code, maxLogs: 3 });
    expect(outcome).toMatchObject({ ok: true, result: "result", logsDropped: 8 });
    expect(outcome.logs).toEqual([0, 1, 2].map((n) => ({ level: "log", message: `line ${n} { n: ${n} }` })));
  });
});

describe("what a program prints and returns", () => {
  test("is unaffected when it replaces the built-ins for printing and JSON", { tags: ["console.prints"] }, async () => {
    const code = `const boom = () => { throw new Error("boom"); };
      for (const kind of [Array, String, Map, Set, Date, RegExp, Number]) {
        for (const name of Object.getOwnPropertyNames(kind.prototype)) {
          if (name !== "constructor") try { kind.prototype[name] = boom; } catch {}
        }
      }
      Array.prototype[Symbol.iterator] = boom; JSON.stringify = boom; Object.keys = boom; Reflect.ownKeys = boom; Math.max = boom;
      console.log("%s:", "a", [1, { b: [new Date(0)] }]);
      console.table([{ a: 1 }]);
      console.log(/x/);
      return { list: [1, "two", null], set: { a: 1 } };`;
    const outcome = await run({ code, language: "js" });
    expect(outcome).toMatchObject({ ok: true, result: { list: [1, "two", null], set: { a: 1 } } });
    expect(outcome.logs?.map(({ message }) => message)).toEqual([
      "a: [1, { b: [1970-01-01T00:00:00.000Z] }]",
      "┌─────────┬───┐\n│ (index) │ a │\n├─────────┼───┤\n│ 0       │ 1 │\n└─────────┴───┘",
      "/x/",
    ]);
  });

  test.each([
    ["a string", `return "x".repeat(100_000_000);`],
    ["a list", `return Array.from({ length: 1_000 }, () => "x".repeat(100_000));`],
    ["a list with one large value many times", `const a: any[] = Array(10_000).fill("x"); return Array(10_000).fill(a);`],
    ["an array with four billion holes", `const a: any[] = []; a.length = 4e9; return a;`],
  ])("is refused inside the isolate if it has 100 MB: %s", { tags: ["limits.results"] }, async (_what, code) => {
    const outcome = await run({ code });
    expect(outcome).toMatchObject({ ok: false, errors: [{ code: "output_limit", message: expect.stringContaining("8388608") }] });
  });

  test("is cut if it is an error message of 100 MB", async () => {
    const outcome = await run({ code: `throw new Error("begun " + "x".repeat(100_000_000));` });
    expect(outcome).toMatchObject({
      ok: false,
      errors: [{ code: "uncaught_exception", message: expect.stringMatching(/^begun x/) }],
    });
  });
});

describe("what a program cannot do", () => {
  test.each([
    ["the network", `return fetch("https://example.com");`],
    ["a WebSocket", `const socket = new WebSocket("wss://example.com"); socket.accept?.(); return "open";`],
    ["new code by eval", `return eval("1 + 1");`],
    ["new code by Function", `return new Function("return 1")();`],
    ["the cache", `return caches.default.match("https://example.com");`],
  ])("reach %s", { tags: ["sandbox.no-network"] }, async (_what, code) => {
    expect(await run({ code })).toMatchObject({ ok: false, errors: [{ code: "uncaught_exception", file: "main.ts", line: 1 }] });
  });

  test.each(["node:fs", "cloudflare:workers", "cloudflare:sockets", "https://esm.sh/zod", "zod", "../mcp-orchestrator/shim.js"])(
    "import %s",
    { tags: ["sandbox.no-network"] },
    async (specifier) => {
      const outcome = await run({ code: `import * as x from "${specifier}";\nreturn Object.keys(x);` });
      expect(outcome).toMatchObject({
        ok: false,
        errors: [{ code: "import_not_allowed", phase: "compile", file: "main.ts", line: 1 }],
      });
    },
  );

  test("find anything of the host in its globals", { tags: ["sandbox.no-network"] }, async () => {
    const names = ["process", "Buffer", "require", "env", "__dirname", "module"];
    const code = `return ${JSON.stringify(names)}.filter((name) => name in globalThis);`;
    expect(await run({ code })).toMatchObject({ ok: true, result: [] });
  });

  test("leave state behind for the next run of its session", { tags: ["sandbox.fresh"] }, async () => {
    const session = crypto.randomUUID();
    const code = `const before = (globalThis as any).left ?? null; (globalThis as any).left = 1; return before;`;
    expect(await run({ code }, { session })).toMatchObject({ ok: true, result: null });
    expect(await run({ code }, { session })).toMatchObject({ ok: true, result: null });
  });

  test("run past its time limit", { tags: ["limits.time"] }, async () => {
    const outcome = await run({ code: `console.log("before");\nawait new Promise(() => {});`, maxRuntimeMs: 200 });
    expect(outcome).toMatchObject({
      ok: false,
      errors: [{ code: "run_timeout", phase: "limit" }],
      logs: [{ level: "log", message: "before" }],
    });
  });

  test("pass its own error off as a tool's", async () => {
    const code = `class McpToolError extends Error { code = "cpu_limit"; server = "github"; }\nthrow new McpToolError("no");`;
    const outcome = await run({ code });
    expect(outcome.errors?.[0]).toMatchObject({ code: "uncaught_exception" });
    expect(outcome.errors?.[0]).not.toHaveProperty("server");
  });

  test("return a value that JSON cannot hold", async () => {
    expect(await run({ code: "return 10n;" })).toMatchObject({ ok: false, errors: [{ code: "uncaught_exception" }] });
    expect(await run({ code: "const a: any = {}; a.self = a; return a;" })).toMatchObject({ ok: false });
    expect(await run({ code: "return () => 1;" })).toMatchObject({ ok: true });
  });
});
