import { describe, expect, test } from "vitest";
import { UpstreamError } from "../../../core/errors.ts";
import { limits } from "../../../core/limits.ts";
import { openDeadline } from "../../../core/mcp/deadline.ts";
import { createToolValues } from "../../../core/run/tool-values.ts";
import { serverEntry, textResult, tool } from "../../support/builders.ts";
import { FakeUpstream, ManualClock } from "../../support/fakes.ts";
import { startSession } from "../../support/session.ts";

const typed = tool("text", {
  inputSchema: { type: "object", properties: { pattern: { type: "string" }, limit: { type: "number" } }, required: ["pattern"] },
  outputSchema: { type: "object", properties: { result: { type: "string" } }, required: ["result"] },
});
const { run } = startSession({
  servers: [serverEntry("grep"), serverEntry("sequential-thinking"), serverEntry("typed")],
  upstream: new FakeUpstream({
    grep: {
      tools: ["search", "list", "nothing", "slow", "last"].map((name) => tool(name)),
      answers: {
        search: textResult("a.ts:1: TODO"),
        list: textResult('{"items":[{"name":"x"}],"total":1}'),
        nothing: textResult("{}"),
        slow: new UpstreamError("call_timeout", "grep.slow did not answer within 10000 ms.", { delivery: "sent" }),
        last: new UpstreamError("call_timeout", "grep.last did not answer (raise maxRuntimeMs)", { delivery: "sent" }),
      },
    },
    "sequential-thinking": { tools: [tool("think")] },
    typed: { tools: [typed], answers: { text: { content: [], structuredContent: { result: "[1]" } } } },
  }),
});

describe("an error that a program makes of a tool's value", { tags: ["errors.next-step"] }, () => {
  test.each([
    ["const r = await grep.search({}); return r.items.map((x) => x);", 'grep.search returned a string: "a.ts:1: TODO"'],
    ["const r = await grep.search({}); return r.map((x) => x);", "r.map is not a function (grep.search returned a string"],
    ["return JSON.parse(await grep.search({}));", 'grep.search returned a string: "a.ts:1: TODO"'],
    [
      "const { rows } = await grep.list({}); return rows.length;",
      "grep.list returned { items: [{ name: string }, …], total: number }",
    ],
    ["for (const x of await grep.list({})) console.log(x);", "grep.list returned { items:"],
    ["return JSON.parse(await grep.list({})).items;", "which is no text: use it without JSON.parse"],
  ])("says what the value was: %s", async (code, told) => {
    const { errors } = await run({ code });
    expect(errors).toMatchObject([{ code: "uncaught_exception", message: expect.stringContaining(told), line: 1 }]);
  });

  test.each(['await grep.search({}); throw new Error("mine");', 'await grep.search({}); throw new TypeError("mine");'])(
    "says nothing of values when it is not about one: %s",
    async (code) => {
      const { errors } = await run({ code });
      expect(errors?.[0]?.message).toMatch(/mine$/);
    },
  );

  test.each([
    ["return args.city;", undefined, "(no `args` were sent with this program)"],
    ["export default async ({ city }) => city;", undefined, "(no `args` were sent with this program)"],
    ["const { city } = args; return city;", undefined, "(no `args` were sent with this program)"],
    ["return args.city.name;", {}, "(reading 'name')"],
  ])("of args says when there were none: %s with %j", async (code, args, told) => {
    const { errors } = await run({ code, ...(args && { args }) });
    expect(errors?.[0]?.message).toContain(told);
    expect(errors?.[0]?.message.includes("no `args`")).toBe(args === undefined);
  });

  test("describes values of any kind in a few words", () => {
    const told = (value: unknown) => {
      const values = createToolValues();
      values.note({ server: "a", tool: "b" }, { ok: true, value });
      return values.hintFor("TypeError: x is not iterable");
    };
    expect(told(undefined)).toBe("a.b returned nothing");
    expect(told(null)).toBe("a.b returned null");
    expect(told([])).toBe("a.b returned a list of 0");
    expect(told([{ id: 1, deep: { er: { still: 1 } } }])).toBe("a.b returned a list of 1: [{ id: number, deep: { … } }, …]");
    expect(told('{"a":1}')).toBe('a.b returned a string that may be read with JSON.parse: "{\\"a\\":1}"');
    expect(told("x".repeat(1_000_000))?.length).toBeLessThan(150);
    expect(told(Object.fromEntries(Array.from({ length: 999 }, (_, n) => [`${"k".repeat(999)}${n}`, n])))?.length).toBeLessThan(
      500,
    );
  });

  test("names the last tools, each once, and nothing of failed calls", () => {
    const values = createToolValues();
    expect(values.hintFor("TypeError: x is not iterable")).toBeUndefined();
    for (const name of ["one", "two", "three", "two"]) values.note({ server: "a", tool: name }, { ok: true, value: 1 });
    values.note({ server: "a", tool: "four" }, { ok: false, error: { code: "tool_error", message: "No." } });
    expect(values.hintFor("TypeError: x is not iterable")).toBe("a.three returned 1; a.two returned 1");
  });
});

describe("a result without a value", { tags: ["errors.next-step"] }, () => {
  test.each([
    ["const r = await grep.list({}); return r.rows;", "The program returned undefined; grep.list returned { items: ["],
    ["const r = await grep.list({}); return { name: r.name, n: r.count };", "The result holds no value; grep.list returned {"],
    ["const r = await grep.list({}); return r.items.map((item) => ({ id: item.id }));", "The result holds no value;"],
    ["const r = await grep.list({}); return r.items.map((item) => item.id);", "The result holds no value;"],
    ["const r = await grep.list({}); return r.count - r.size;", "The result holds no value;"],
    ["return undefined;", "The program returned undefined."],
  ])("says what the tools returned: %s", async (code, told) => {
    expect(await run({ code })).toMatchObject({ ok: true, hint: expect.stringContaining(told) });
  });

  test("is not a long one, of which the hint says how the rest is read", async () => {
    const { hint, handle } = await run({ code: "return Array.from({ length: 20_000 }, (_, id) => ({ id }));" });
    expect(hint).toContain(`results.get("${handle}") of "runtime"`);
    const code = `import { results } from "runtime"; return (await results.get("${handle}")).length;`;
    expect(await run({ code })).toMatchObject({ ok: true, result: 20_000 });
  });

  test.each([
    "await grep.list({}); return [];",
    "await grep.nothing({}); return null;",
    "await grep.list({}); return { found: false };",
    "return {};",
    "const { empty } = { empty: await grep.nothing({}) }; return empty;",
  ])("is not said of an answer, or where no tool said anything: %s", async (code) => {
    expect(await run({ code })).not.toHaveProperty("hint");
  });
});

describe("calls that a program does not await", { tags: ["errors.next-step"] }, () => {
  test.each([
    [
      "const found = []; ['a', 'b'].forEach(async () => found.push(await grep.search({}))); return found;",
      "2 calls had no answer yet",
    ],
    ["const r = grep.search({}); return `Found ${r}`;", "1 call had no answer yet"],
    ["grep.search({}).then((r) => console.log(r));", "The program returned nothing. `return` a value"],
    ["grep.search({}).then((r) => console.log(r));", "1 call had no answer yet"],
  ])("are told: %s", async (code, told) => {
    expect(await run({ code })).toMatchObject({ ok: true, hint: expect.stringContaining(told) });
  });

  test("are looked for once, however many blanks a line begins with", async () => {
    const blanks = " ".repeat(500_000);
    const told = { ok: true, hint: expect.stringContaining("1 call had no answer yet") };
    expect(await run({ code: `const r = grep.search({});\n${blanks}return \`Found \${r}\`;` })).toMatchObject(told);
    const caught = `${blanks}grep.search({}).catch(() => {});\nreturn 1;`;
    expect(await run({ code: caught })).not.toHaveProperty("hint");
  });

  test.each([
    "return await Promise.all(['a', 'b'].map(() => grep.search({})));",
    "return [grep.search({})];",
    'import { progress } from "runtime"; progress(1); await grep.search({}); return 1;',
    "grep.search({}); throw new Error('mine');",
  ])("are none where all were, or where nothing was returned: %s", async (code) => {
    expect(await run({ code })).not.toHaveProperty("hint");
  });
});

describe("content beside structured content", { tags: ["errors.next-step"] }, () => {
  const image = { type: "image", mimeType: "image/png", data: "AAAA" };
  const shown = startSession({
    servers: [serverEntry("my-camera")],
    upstream: new FakeUpstream({
      "my-camera": {
        tools: ["take-photo", "measure", "read"].map((name) => tool(name)),
        answers: {
          read: { content: [image], structuredContent: { content: [image] } },
          "take-photo": { content: [{ type: "text", text: "{}" }, image], structuredContent: { width: 1 } },
          measure: { content: [{ type: "text", text: '{"width":1}' }], structuredContent: { width: 1 } },
        },
      },
    }),
  });

  test("that is no text is told, once, with the call that shows it", async () => {
    const code = "await my_camera.take_photo({}); await my_camera.take_photo({}); return await my_camera.measure({});";
    expect((await shown.run({ code })).logs).toEqual([
      {
        level: "info",
        server: "my-camera",
        message: 'take-photo also returned content of type image, which only my_camera.$raw("take-photo", args) shows.',
      },
    ]);
    for (const code of ['return (await my_camera.$raw("take-photo", {})).content;', "return await my_camera.read({});"]) {
      expect((await shown.run({ code })).logs).toBeUndefined();
    }
  });
});

describe("an error before the run", { tags: ["errors.next-step"] }, () => {
  test.each([
    ["const r = await typed.text({ pattern: 'x' }); return r.result.items;", "JSON.parse", "JSON.parse(r.result).items"],
    ["return await axios.get('https://a.example');", "no network: call a tool", undefined],
    ["return localStorage.getItem('a');", "session.set", undefined],
    ["for (const row of grep.list({})) console.log(row);", "Promise", "await the call first"],
    ["return await typed.text();", "It takes { pattern: string; limit?: number; }.", undefined],
    ["return document.title;", "no page here: the tool of a browser's server", undefined],
    ["return await github.list_issues({});", "list_mcp_capabilities finds servers", undefined],
    ["return await client.callTool({ name: 'search' });", "A tool is a function of its server", "grep.tool({ … })"],
    ["return consol.log(1);", "Closest: console", "console"],
    ['import fs from "node:fs"; return fs.readFileSync("a");', 'import { files } from "runtime"', undefined],
    ['import axios from "axios"; return axios.get("https://a.example");', "no network: call a tool", undefined],
    ['import { execSync } from "child_process"; return execSync("ls");', "a server that runs commands", undefined],
    ['import { session } from "runtime"; return session.count;', "count", 'await session.get("count")'],
    ['import * as s from "sequential-thinking"; return s;', '"mcp-clients/sequential-thinking"', undefined],
    ["return await sequential-thinking.think({});", "Closest: sequential_thinking", "sequential_thinking"],
    [
      'import { sequential-thinking } from "mcp-clients"; return 1;',
      'write import { sequential_thinking } from "mcp-clients"',
      undefined,
    ],
    ['import { Grep } from "mcp-clients"; return await Grep.list({});', "Closest: grep", "grep"],
    ["return await grep.find({});", "Its tools: search, list, nothing, slow, last.", undefined],
    [
      'import find from "mcp-clients/grep/find"; return await find({});',
      "Its tools: search, list, nothing, slow, last.",
      undefined,
    ],
    ["return await grep.searching({});", "Closest: search. describe_mcp lists its tools.", "search"],
    ["results = [];\nresults.push(1); return results;", "Declare it: let results = ….", undefined],
    ["if (1) { total = 1; } return 2;", "Declare it: let total = ….", undefined],
    ["let total = 0; totl = 5; return total;", "Closest: total", "total"],
    ["return nope == 1;", 'There is no "nope" here.', undefined],
    ['import { tools } from "runtime"; return tools;', "It has args, session, results, progress, help, files.", undefined],
    ['import { sesion } from "runtime"; return sesion;', "Closest: session", "session"],
    ["return await typed.text(pattern='x');", "Arguments are fields of one object: { pattern: … }.", undefined],
    ["return await grep.search({ all: True });", "Write `true`.", undefined],
    ["return len([1]);", "Write `value.length`.", undefined],
    ["const json_text = json.dumps({}); return json_text;", "JSON.stringify", undefined],
  ])("names what to write instead: %s", async (code, told, suggestion) => {
    const { errors = [] } = await run({ code });
    expect(errors).toHaveLength(1);
    expect(errors[0]?.message).toContain(told);
    if (suggestion !== undefined) expect(errors[0]?.suggestions).toContain(suggestion);
  });

  test.each([
    ["def main():\n    return 1", 1],
    ["import json\nfrom mcp_clients import grep\nprint(1)", 2],
    ["names = ['a']\nfor name in names:\n    print(name)", 2],
    ["const r = await grep.list({});\nif r:\n    return r", 2],
    ["# list all\nreturn await grep.list({});", 1],
    ['return f"{1}";', 1],
    ["try:\n    pass\nexcept Exception as e:\n    pass", 1],
  ])("says that it is Python: %s", async (code, line) => {
    const { errors } = await run({ code });
    expect(errors).toMatchObject([{ code: "syntax_error", line, message: expect.stringMatching(/Python: write TypeScript\.$/) }]);
  });

  test.each([
    "const a = [1, 2;",
    "if (1 { return 2; }",
    "class A { #x = 1; constructor( }",
    'return `from a import b`.split("", ;',
  ])("does not say so of TypeScript: %s", async (code) => {
    const { errors } = await run({ code });
    expect(errors).toMatchObject([{ code: "syntax_error", message: expect.not.stringContaining("Python") }]);
  });

  test("lists what may be imported where nothing is meant in its place, and nowhere else", async () => {
    const message = async (code: string) => (await run({ code })).errors?.[0]?.message;
    expect(await message('import _ from "lodash"; return _;')).toContain("A program may import own files");
    expect(await message('import fs from "fs"; return fs;')).not.toContain("A program may import own files");
  });

  test("prints an optional argument's type without the undefined that it may be", async () => {
    const { errors } = await run({ code: "return await typed.text({ patern: 'x' });" });
    expect(errors?.[0]?.message).toMatch(/\{ pattern: string; limit\?: number; \}/);
  });

  test("assigning to session names session.set", async () => {
    const { errors } = await run({ code: 'import { session } from "runtime"; session.count = 1; return 1;' });
    expect(errors).toMatchObject([{ message: expect.stringContaining('await session.set("count", value)') }]);
  });
});

describe("what is meant", { tags: ["input.meant"] }, () => {
  test.each([
    ['{"a":1}', { a: 1 }],
    ["[1,2]", [1, 2]],
    ["[1", "[1"],
    ["1", "1"],
    ["plain", "plain"],
  ])("args as JSON text are read when they hold an object or a list: %s", async (args, result) => {
    expect(await run({ code: 'import { args } from "runtime"; return args;', args })).toMatchObject({ ok: true, result });
  });

  test("a server is also allowed by its identifier", async () => {
    const input = { code: "return await sequential_thinking.think({});", allowedMcpIds: ["sequential_thinking"] };
    expect(await run(input)).toMatchObject({ ok: true, result: "ok" });
  });

  test("undefined as a result is said", async () => {
    expect(await run({ code: "return [1].forEach((n) => n);" })).toMatchObject({
      ok: true,
      hint: "The program returned undefined.",
    });
    expect(await run({ code: "return null;" })).not.toHaveProperty("hint");
  });
});

test("a name that is only similar to a global is not taken for it", { tags: ["errors.next-step"] }, async () => {
  expect((await run({ code: "return undefinedVariable;" })).errors?.[0]?.message).toBe('There is no "undefinedVariable" here.');
});

test("a name that a program lacks is told once, wherever it is used", { tags: ["errors.next-step"] }, async () => {
  const { errors } = await run({ code: 'await session.set("a", 1);\nawait session.set("b", 2);\nreturn await session.list();' });
  expect(errors).toMatchObject([{ code: "type_error", line: 1, suggestions: ['import { session } from "runtime"'] }]);
  const { errors: ofId } = await run({ code: "return await sequential-thinking.think({});" });
  expect(ofId).toMatchObject([{ column: 14, suggestions: ["sequential_thinking"] }]);
  const { errors: ofTool } = await run({ code: "await grep.serch({}); await grep.serch({}); return await grep.lst({});" });
  expect(ofTool).toMatchObject([{ tool: "serch" }, { tool: "lst" }]);
  const files = { "main.ts": 'import "./a.ts"; return nope;', "a.ts": "export const a = nope;" };
  expect((await run({ files })).errors).toMatchObject([{ file: "main.ts" }, { file: "a.ts" }]);
});

test("a call that takes longer than its server may names the limit", { tags: ["errors.next-step"] }, async () => {
  expect((await run({ code: "return await grep.slow({});" })).errors).toMatchObject([
    { code: "call_timeout", message: expect.stringContaining("limits.timeoutMs of grep in the registry") },
  ]);
  expect((await run({ code: "return await grep.last({});" })).errors?.[0]?.message).toMatch(/maxRuntimeMs\)$/);
});

test("a call that takes all of its run's time names maxRuntimeMs", { tags: ["errors.next-step"] }, () => {
  const clock = new ManualClock();
  using deadline = openDeadline({ clock, signal: new AbortController().signal, timeoutMs: 500, totalMs: 200 });
  clock.advance(200);
  expect(deadline.wait).toContain(`raise maxRuntimeMs, at most ${limits.runMsMax}`);
});
