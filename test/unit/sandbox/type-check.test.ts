import { describe, expect, test } from "vitest";
import type { Tool } from "../../../core/mcp/tool.ts";
import type { Outcome } from "../../../core/run/outcome.ts";
import { serverEntry, textResult } from "../../support/builders.ts";
import { FakeUpstream } from "../../support/fakes.ts";
import { startSession } from "../../support/session.ts";

const tools: Tool[] = [
  {
    name: "current_time",
    inputSchema: {
      type: "object",
      properties: { format: { enum: ["h:mm A", "YYYY-MM-DD"] }, timezone: { type: "string" } },
    },
  },
  {
    name: "convert_time",
    inputSchema: {
      type: "object",
      properties: { sourceTimezone: { type: "string" }, targetTimezone: { type: "string" }, time: { type: "string" } },
      required: ["sourceTimezone", "targetTimezone", "time"],
    },
  },
  {
    name: "weather",
    inputSchema: {
      type: "object",
      properties: {
        city: { type: "string" },
        days: { type: "integer" },
        tags: { type: "array", items: { enum: ["wind", "rain"] } },
      },
      required: ["city"],
    },
    outputSchema: {
      type: "object",
      properties: {
        temperature: { type: "number" },
        nested: { type: "object", properties: { deep: { type: "string" } }, required: ["deep"] },
      },
      required: ["temperature", "nested"],
    },
  },
];

/** Checks and runs the program, so that one that passes has also run. All tools return the same result. */
async function run(code: string, input: object = {}): Promise<Outcome & { sent: number }> {
  const answers = Object.fromEntries(
    tools.map(({ name }) => [
      name,
      { ...textResult(""), structuredContent: { temperature: 5, conditions: "dry", nested: { deep: "yes" } } },
    ]),
  );
  const upstream = new FakeUpstream({ time: { tools, answers } });
  const outcome = await startSession({ servers: [serverEntry("time")], upstream }).run({ code, ...input });
  return { ...outcome, sent: upstream.called.length };
}

describe("a program with a mistake is refused before it calls a tool", () => {
  test.each([
    [
      "an unknown tool",
      "return await time.currentTime({});",
      { code: "tool_unknown", suggestions: ["current_time", "convert_time"] },
    ],
    [
      "an unknown tool in a branch never taken",
      "if (Math.random() > 2) await time.nope({});",
      { code: "tool_unknown", tool: "nope" },
    ],
    ["a misspelt argument", `await time.current_time({ timezon: "x" });`, { code: "type_error", suggestions: ["timezone"] }],
    ["a wrong literal", `await time.current_time({ format: "HH" });`, { code: "type_error" }],
    ["a wrong literal in a list", `await time.weather({ city: "x", tags: ["sun"] });`, { code: "type_error" }],
    ["a missing argument", `await time.convert_time({ time: "12:00" });`, { code: "type_error" }],
    ["no arguments where some are required", "await time.convert_time();", { code: "type_error" }],
    ["an argument of the wrong type", "await time.weather({ city: 5 });", { code: "type_error" }],
    [
      "an argument of the wrong type in a callback",
      "await Promise.all([1].map((n) => time.weather({ city: n })));",
      { code: "type_error" },
    ],
    ["arguments in a variable", `const query = { city: "x", tags: "rain" }; await time.weather(query);`, { code: "type_error" }],
    [
      "a misspelt field of a typed result",
      `const w = await time.weather({ city: "x" }); return w.temprature;`,
      { suggestions: ["temperature"] },
    ],
    [
      "a misspelt field, destructured",
      `const { temprature } = await time.weather({ city: "x" }); return temprature;`,
      { code: "type_error" },
    ],
    ["a misspelt nested field", `const w = await time.weather({ city: "x" }); return w.nested.depp;`, { suggestions: ["deep"] }],
    ["a forgotten await", `const w = time.weather({ city: "x" }); return w.temperature;`, { code: "type_error" }],
    ["a name that does not exist", "return undefinedName + 1;", { code: "type_error" }],
  ])("%s", { tags: ["typecheck.blocks"] }, async (_what, line, error) => {
    const outcome = await run(`import { time } from "mcp-clients";\n\n${line}`);
    expect(outcome).toMatchObject({ ok: false, errors: [{ phase: "typecheck", file: "main.ts", line: 3, ...error }], sent: 0 });
    expect(outcome.errors?.[0]?.frame).toContain(`> 3 | ${line.slice(0, 100)}`);
    expect(outcome).not.toHaveProperty("calls");
  });

  test("a tool that does not exist, imported by name", async () => {
    expect(await run(`import { curent_time } from "mcp-clients/time";\nreturn await curent_time({});`)).toMatchObject({
      errors: [{ code: "tool_unknown", phase: "typecheck", line: 1, server: "time", tool: "curent_time" }],
    });
  });

  test("several mistakes, in one answer", async () => {
    const outcome = await run(`await time.nope({});\nawait time.weather({});`);
    expect(outcome.errors?.map(({ line, code }) => [line, code])).toEqual([
      [1, "tool_unknown"],
      [2, "type_error"],
    ]);
  });

  test("a mistake in JavaScript", { tags: ["typecheck.sloppy"] }, async () => {
    const outcome = await run(`return await time.weather({ citty: "x" });`, { language: "js" });
    expect(outcome).toMatchObject({ ok: false, errors: [{ code: "type_error", file: "main.js", line: 1 }], sent: 0 });
  });
});

describe("sloppy code that would run is accepted", () => {
  test.each([
    ["a string where an enum is expected", `const f: string = "h:mm A"; return time.current_time({ format: f });`],
    ["an enum from a list", `for (const format of ["h:mm A"]) await time.current_time({ format }); return 1;`],
    ["a growing object", `const q = {}; q.city = "x"; await time.weather(q); return 1;`],
    ["a growing result", `const out = {}; out["a"] = await time.current_time(); out.b = 2; return out;`],
    ["an unchecked match", `const m = "abc".match(/b/); return m[0];`],
    ["a caught error used without a type check", `try { throw new Error("x") } catch (e) { return e.message; }`],
    ["an untyped output", `const r = await time.current_time({}); return r.whatever ?? 1;`],
    ["a local named like the server", `{ const time = { foo: () => 1 }; return time.foo(); }`],
    [
      "user types that conflict with one another",
      `interface A { a: string } const x: A = { b: 1 } as any; const y: A = { c: 2 }; return [x, y].length;`,
    ],
    ["a number that is a string", `const n: number = "x"; return n;`],
    ["a spread of an any value", `const rest: any = {}; await time.weather({ city: "x", ...rest }); return 1;`],
    ["implicit any", `function add(a, b?) { return a + (b ?? 1); } return add(1);`],
    ["typeof a name that may not exist", `return typeof notThere === "undefined";`],
    ["web globals", `return new URL("http://x/").href.length + new TextEncoder().encode("x").length;`],
    ["a field that only some members of a union have", `const r: { a: 1 } | { b: 2 } = { a: 1 } as any; return r.a ?? r.b;`],
    [
      "an enum, a class, generics",
      `enum C { A } class K<T> { constructor(private v: T) {} get() { return this.v; } } return [C.A, new K(1).get()].length;`,
    ],
    [
      "$call and $raw",
      `await time.$call("weather", { city: "x" }); return (await time.$raw("weather", { city: "x" })).content.length;`,
    ],
  ])("%s", { tags: ["typecheck.sloppy"] }, async (_what, line) => {
    const outcome = await run(`import { time } from "mcp-clients";\n${line}`);
    expect(outcome).toMatchObject({ ok: true });
  });

  test("all exports of the module runtime", { tags: ["runtime.module"] }, async () => {
    const code = `import { args, session, results, progress, help } from "runtime";
      await session.set("a", { n: args.n });
      await progress(1, 2, "half");
      const got = await session.get("a");
      return [got.n, (await session.list()).length, typeof results.get, (await help()).length];`;
    expect(await run(code, { args: { n: 7 } })).toMatchObject({ ok: true, result: [7, 1, "function", 1] });
  });
});
