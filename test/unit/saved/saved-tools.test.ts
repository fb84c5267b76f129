import { describe, expect, test } from "vitest";
import { UpstreamError } from "../../../core/errors.ts";
import type { Outcome } from "../../../core/run/outcome.ts";
import { savedLimits } from "../../../core/saved/saved-limits.ts";
import { serverEntry, textResult, tool } from "../../support/builders.ts";
import { FakeUpstream } from "../../support/fakes.ts";
import { memoryLibrary, startSavedSession } from "../../support/saved-session.ts";

/* Named after the tools and the weaknesses of servers that create tools at run time. */

const report = {
  name: "weekly_report",
  description: "Reports a week.",
  code: `export default async ({ since, top = 2 }: { since: string; top?: number }) => ({ since, rows: Array.from({ length: top }, (_, n) => n) });`,
};

const evil = "*/ globalThis.pwned=1 /*";

function errorOf(outcome: Outcome) {
  const [error] = outcome.errors ?? [];
  if (error === undefined) throw new Error(JSON.stringify(outcome));
  return error;
}

test("to save once more what is there is no revision, whichever way", async () => {
  const session = startSavedSession();
  await session.dynamic("tool_create", { ...report, timeoutMs: 5_000, examples: [{ since: "2026" }] });
  const { name, code, description } = report;
  const change = (tool: string, args: object) => session.dynamic(tool, { name, ...args });
  const same = { patch: { code, description, timeoutMs: 5_000, title: null } };
  for (const again of [
    await change("tool_update", same),
    await change("tool_update", { ...same, expectedRevision: 1 }),
    await change("tool_update", { patch: { examples: [{ since: "2026" }], enabled: true } }),
    await change("tool_enable", { enabled: true }),
    await change("tool_rollback", { revision: 1 }),
  ]) {
    expect(again).toMatchObject({ result: { tool: { revision: 1 } } });
  }
  expect(await change("tool_update", { ...same, expectedRevision: 2 })).toMatchObject({ ok: false });
  expect(await change("tool_update", { patch: { code: `${code} ` } })).toMatchObject({ result: { tool: { revision: 2 } } });
  expect((await change("tool_history", {})).result).toMatchObject({ revisions: [{ revision: 2 }, { revision: 1 }] });
});

describe("dynamic.tool.create", () => {
  test("stores a program with its schema, and the next program calls it", { tags: ["saved.manage", "saved.call"] }, async () => {
    const session = startSavedSession();
    expect(await session.dynamic("tool_create", report)).toMatchObject({
      ok: true,
      result: {
        tool: {
          ...{ name: "weekly_report", revision: 1, enabled: true, timeoutMs: savedLimits.timeoutMs },
          inputSchema: { properties: { since: { type: "string" }, top: { default: 2 } }, required: ["since"] },
          outputSchema: { properties: { rows: { type: "array" } } },
        },
      },
    });
    const called = await session.run({ code: `return await saved.weekly_report({ since: "2026-11-01" });` });
    expect(called).toMatchObject({ ok: true, result: { since: "2026-11-01", rows: [0, 1] } });
    const code = `import { weekly_report } from "mcp-clients/saved"; return (await weekly_report({ since: "x", top: 1 })).rows.length;`;
    expect(await session.run({ code })).toMatchObject({ ok: true, result: 1 });
  });

  test("is typed for its callers: wrong arguments and misspelt results are refused before anything runs", async () => {
    const session = startSavedSession();
    await session.dynamic("tool_create", report);
    const wrong = await session.run({ code: `return await saved.weekly_report({ sinc: "2026" });` });
    expect(errorOf(wrong)).toMatchObject({ code: "type_error", phase: "typecheck", line: 1 });
    const misspelt = await session.run({ code: `const { row } = await saved.weekly_report({ since: "2026" }); return row;` });
    expect(errorOf(misspelt)).toMatchObject({ code: "type_error", suggestions: ["rows"] });
  });

  test("takes files, a name with dots, and a snippet that returns", async () => {
    const session = startSavedSession();
    const upper = {
      name: "text.uppercase",
      description: "Upper case.",
      code: "const { text } = args;\nreturn { upper: String(text).toUpperCase() };",
    };
    expect(await session.dynamic("tool_create", upper)).toMatchObject({ ok: true });
    const files = {
      "main.ts": `import { twice } from "./lib/twice";\nexport default ({ n }: { n: number }) => twice(n);`,
      "lib/twice.ts": "export const twice = (n: number) => 2 * n;",
    };
    expect(await session.dynamic("tool_create", { name: "twice", description: "Twice.", files })).toMatchObject({ ok: true });
    expect(
      await session.run({ code: `return [await saved.text_uppercase({ text: "hi" }), await saved.twice({ n: 4 })];` }),
    ).toMatchObject({
      ok: true,
      result: [{ upper: "HI" }, 8],
    });
  });

  test("keeps an explicit schema, against which arguments are validated, and fills in its defaults", async () => {
    const session = startSavedSession();
    const inputSchema = {
      type: "object",
      properties: { city: { type: "string", minLength: 2 }, days: { type: "integer", default: 3 } },
      required: ["city"],
    };
    await session.dynamic("tool_create", { name: "forecast", description: "Forecast.", code: "return args;", inputSchema });
    expect(await session.run({ code: `return await saved.forecast({ city: "Rome" });` })).toMatchObject({
      result: { city: "Rome", days: 3 },
    });
    const raw = await session.run({ code: `return await saved.$call("forecast", { city: 5, days: 1.5 });` });
    expect(errorOf(raw)).toMatchObject({
      code: "invalid_arguments",
      message: expect.stringMatching(/city is a number; it takes string.*days/),
    });
    expect(raw.calls).toMatchObject([{ server: "saved", tool: "forecast", outcome: "not_started" }]);
  });

  test.each([
    ["a type error", { code: `export default () => {\n  const n: number = JSON.parsed("1");\n  return n;\n};` }, /main\.ts:2/],
    ["a syntax error", { code: "return (;" }, /main\.ts:1/],
    ["an unknown server", { code: "return 1;", allowedMcpIds: ["nowhere"] }, /No server "nowhere"/],
    ["what JSON cannot say", { code: "export default (input: {\n  at: Date }) => 1;" }, /main\.ts:2:3 args\.at is a Date/],
    ["neither code nor files", {}, /exactly one of/],
    ["a timeout over the limit", { code: "return 1;", timeoutMs: 120_001 }, /120000/],
    ["a timeout under the limit", { code: "return 1;", timeoutMs: 999 }, /1000/],
    ["a program over the limit", { code: `return 1; // ${"x".repeat(200_000)}` }, /200000/],
  ])("stores nothing for %s, and says why", { tags: ["saved.checked"] }, async (_what, fields, reason) => {
    const session = startSavedSession();
    const refused = await session.dynamic("tool_create", { name: "broken", description: "Broken.", ...fields });
    expect(errorOf(refused).message).toMatch(reason);
    expect(await session.dynamic("tool_list", {})).toMatchObject({ result: { tools: [] } });
  });

  test.each([
    "dynamic",
    "saved",
    "dynamic.tool.create",
    "tool_create",
    "sandbox.exec",
    "system.health",
    "run_js_ephemeral",
    "execute_mcp_code",
    "ab",
    "1abc",
    "with space",
    "x".repeat(65),
  ])("a name like a built-in's is refused before it is stored: %s", { tags: ["saved.checked"] }, async (name) => {
    const library = memoryLibrary();
    const session = startSavedSession({ library });
    const refused = await session.dynamic("tool_create", { ...report, name });
    expect(errorOf(refused)).toMatchObject({ message: expect.stringContaining(name.slice(0, 60)) });
    expect(library.since(undefined)?.tools).toEqual([]);
  });

  test("stores what is just within the limits", { tags: ["saved.checked"] }, async () => {
    const session = startSavedSession();
    const code = "return args;".padEnd(savedLimits.codeCharsMax);
    for (const [name, timeoutMs] of [
      ["abc", savedLimits.timeoutMsMin],
      ["x".repeat(64), savedLimits.timeoutMsMax],
    ] as const) {
      expect(await session.dynamic("tool_create", { name, description: "Within.", code, timeoutMs })).toMatchObject({ ok: true });
      expect(await session.run({ code: `return await saved.${name}({ a: 1 });` })).toMatchObject({ result: { a: 1 } });
    }
  });

  test("a description that ends a comment and parameters named like JavaScript's own run nothing, and are called", {
    tags: ["saved.call"],
  }, async () => {
    const session = startSavedSession();
    const names = ["constructor", "foo-bar", "toString", 'a"];evil('];
    const properties = Object.fromEntries(names.map((name) => [name, { type: "string", description: evil }]));
    const inputSchema = { type: "object", properties, required: names };
    const evilTool = { name: "reads.names", title: evil, description: evil, inputSchema, examples: [evil] };
    expect(await session.dynamic("tool_create", { ...evilTool, code: "return Object.entries(args);" })).toMatchObject({
      ok: true,
    });
    const args = Object.fromEntries(names.map((name, at) => [name, String(at)]));
    const called = await session.run({ code: "return await saved.reads_names(args);", args });
    expect(called).toMatchObject({ ok: true, result: Object.entries(args) });
    const fields = '{ ["__proto__"]: hidden }: { ["__proto__"]: string }';
    const code = `/** Reads. */ export default (${fields}) => hidden;`;
    expect(await session.dynamic("tool_create", { name: "reads_proto", code })).toMatchObject({ ok: true });
    expect(await session.run({ code: `return await saved.reads_proto(JSON.parse('{"__proto__":"kept"}'));` })).toMatchObject({
      ok: true,
      result: "kept",
    });
    const looks =
      "return [globalThis.pwned, ({}).pwned, await saved.$call('reads_proto', JSON.parse('{}')).catch((e) => e.message)];";
    expect(await session.run({ code: looks })).toMatchObject({
      result: [null, null, expect.stringContaining("__proto__ is missing")],
    });
    expect(Reflect.get(globalThis, "pwned")).toBeUndefined();
  });

  test("refuses a second name that is the same in code, and the one after the last", async () => {
    const library = memoryLibrary();
    const session = startSavedSession({ library });
    await session.dynamic("tool_create", { ...report, name: "text.upper" });
    expect(errorOf(await session.dynamic("tool_create", { ...report, name: "text_upper" })).message).toMatch(/same name in code/);
    const content = library.get("text.upper");
    if (content === undefined) throw new Error("it is stored");
    for (let n = 1; n < savedLimits.toolsMax; n++) library.create({ ...content, name: `filler${n}` });
    expect(errorOf(await session.dynamic("tool_create", { ...report, name: "one_more" })).message).toMatch(/256/);
  });
});

describe("dynamic.tool.update, delete, list, get, enable, history and rollback", { tags: ["saved.manage"] }, () => {
  test("an update is a revision, and its new types are the schema", async () => {
    const session = startSavedSession();
    await session.dynamic("tool_create", report);
    const patch = { code: "export default ({ month }: { month: string }) => month;" };
    expect(await session.dynamic("tool_update", { name: "weekly_report", patch, expectedRevision: 1 })).toMatchObject({
      result: { tool: { revision: 2, description: "Reports a week.", inputSchema: { required: ["month"] } } },
    });
    expect(await session.run({ code: `return await saved.weekly_report({ month: "May" });` })).toMatchObject({ result: "May" });
  });

  test("a stale expectedRevision is refused, and nothing changes", { tags: ["saved.conflict"] }, async () => {
    const session = startSavedSession();
    await session.dynamic("tool_create", report);
    await session.dynamic("tool_update", { name: "weekly_report", patch: { description: "Second." } });
    const late = await session.dynamic("tool_update", {
      name: "weekly_report",
      patch: { description: "Late." },
      expectedRevision: 1,
    });
    expect(errorOf(late)).toMatchObject({
      code: "tool_error",
      message: expect.stringMatching(/Revision conflict.*revision 2.*1 was expected/),
    });
    for (const name of ["tool_delete", "tool_enable"] as const) {
      const args = { name: "weekly_report", expectedRevision: 1, ...(name === "tool_enable" ? { enabled: false } : {}) };
      expect(errorOf(await session.dynamic(name, args)).message).toMatch(/Revision conflict/);
    }
    expect(await session.dynamic("tool_get", { name: "weekly_report" })).toMatchObject({
      result: { tool: { description: "Second.", revision: 2 } },
    });
  });

  test("a disabled program is neither listed nor called, and comes back", async () => {
    const session = startSavedSession();
    await session.dynamic("tool_create", report);
    await session.dynamic("tool_enable", { name: "weekly_report", enabled: false });
    expect(await session.list()).not.toMatchObject({
      servers: expect.arrayContaining([expect.objectContaining({ id: "saved" })]),
    });
    const called = await session.run({ code: `return await saved.$call("weekly_report", { since: "a" });` });
    expect(errorOf(called).code).toBe("tool_unknown");
    await session.dynamic("tool_enable", { name: "weekly_report", enabled: true });
    expect(await session.run({ code: `return (await saved.weekly_report({ since: "a" })).since;` })).toMatchObject({
      result: "a",
    });
  });

  test("the history has each revision, and a rollback is a new one", async () => {
    const session = startSavedSession();
    await session.dynamic("tool_create", report);
    await session.dynamic("tool_update", { name: "weekly_report", patch: { code: "/** Two. */ export default () => 2;" } });
    const rolled = await session.dynamic("tool_rollback", { name: "weekly_report", revision: 1 });
    expect(rolled).toMatchObject({ result: { tool: { revision: 3, inputSchema: { required: ["since"] } } } });
    expect(await session.dynamic("tool_history", { name: "weekly_report" })).toMatchObject({
      result: { revisions: [{ revision: 3 }, { revision: 2 }, { revision: 1 }] },
    });
    expect(await session.run({ code: `return (await saved.weekly_report({ since: "a" })).since;` })).toMatchObject({
      result: "a",
    });
    expect(errorOf(await session.dynamic("tool_rollback", { name: "weekly_report", revision: 9 })).message).toMatch(
      /no revision 9/,
    );
  });

  test("a deleted program is gone, with its history", async () => {
    const session = startSavedSession();
    await session.dynamic("tool_create", report);
    expect(await session.dynamic("tool_delete", { name: "weekly_report" })).toMatchObject({ result: { tool: { revision: 1 } } });
    expect(errorOf(await session.dynamic("tool_get", { name: "weekly_report" })).message).toMatch(/no saved program/);
    expect(errorOf(await session.dynamic("tool_delete", { name: "weekly_report" })).message).toMatch(/no saved program/);
    expect(errorOf(await session.run({ code: "return await saved.weekly_report({});" })).code).toBe("tool_unknown");
  });

  test("a name that nothing has is answered with the closest", async () => {
    const session = startSavedSession();
    await session.dynamic("tool_create", report);
    const none = async (tool: string, args: object) => errorOf(await session.dynamic(tool, args)).message;
    const message = 'There is no saved program "weekly_reprot". Closest: weekly_report. tool_list lists them.';
    expect(await none("tool_get", { name: "weekly_reprot" })).toBe(message);
    expect(await none("tool_rollback", { name: "weekly_reprot", revision: 1 })).toBe(message);
    expect(await none("tool_get", { name: "weekly_report", revision: 7 })).toMatch(/no revision 7 of "weekly_report"/);
  });

  test("list leaves the code out unless asked for it, and get has it", async () => {
    const session = startSavedSession();
    await session.dynamic("tool_create", { ...report, examples: [{ since: "2026-11-01" }] });
    const listed = await session.dynamic("tool_list", {});
    expect(listed).toMatchObject({ result: { tools: [{ name: "weekly_report", codeBytes: report.code.length }] } });
    expect(JSON.stringify(listed)).not.toContain("Array.from");
    expect(await session.dynamic("tool_list", { includeCode: true })).toMatchObject({
      result: { tools: [{ code: report.code }] },
    });
    expect(await session.dynamic("tool_get", { name: "weekly_report" })).toMatchObject({
      result: { tool: { code: report.code, language: "ts" } },
    });
  });
});

describe("a saved program is called like any tool", { tags: ["saved.call"] }, () => {
  const clock = () =>
    new FakeUpstream({
      time: {
        tools: [tool("now", { inputSchema: { type: "object", properties: { zone: { type: "string" } }, required: ["zone"] } })],
        answers: { now: textResult("12:00") },
      },
    });

  test("it is listed last but found by search, and described at all levels with its examples", async () => {
    const session = startSavedSession({ upstream: clock(), servers: [serverEntry("time")] });
    await session.dynamic("tool_create", { ...report, examples: [{ since: "2026-11-01" }] });
    const all = await session.list();
    expect(all).toMatchObject({
      servers: [{ id: "time" }, { id: "saved", status: "ready", toolCount: 1 }, { id: "dynamic", status: "ready" }],
    });
    expect(await session.list({ query: "weekly report" })).toMatchObject({
      servers: [{ id: "saved", tools: [{ name: "weekly_report", signature: expect.stringContaining("since: string") }] }],
    });
    expect(await session.describe({ id: "saved" })).toMatchObject({
      tools: [{ name: "weekly_report", description: "Reports a week." }],
    });
    expect(await session.describe({ id: "saved", detail: "schema" })).toMatchObject({
      declaration: expect.stringContaining('saved.weekly_report({"since":"2026-11-01"})'),
    });
  });

  test("its own calls are nested below it, summed in the answer, and all with their times in the ledger", {
    tags: ["execute.calls"],
  }, async () => {
    const servers = [serverEntry("time", { limits: { callsPerRun: 100 } })];
    const now = { server: "time", tool: "now", outcome: "succeeded", durationMs: expect.any(Number) };
    const broken = { ...now, tool: "fail", outcome: "failed", retrySafe: false };
    const answers = { fail: new UpstreamError("tool_error", "No.", { delivery: "answered" }) };
    const upstream = new FakeUpstream({ time: { tools: [tool("now"), tool("fail")], answers } });
    const session = startSavedSession({ upstream, servers });
    const code = `export default async ({ fails = "" }: { fails?: string }) => {
  for (let n = 0; n < 40; n++) await time.now({});
  if (fails !== "") await time.fail({}).catch(() => 0);
  if (fails === "all") throw new Error("no");
  return 1;
};`;
    await session.dynamic("tool_create", { name: "noon", description: "Noon.", code });
    const noon = { server: "saved", tool: "noon", outcome: "succeeded", durationMs: expect.any(Number) };
    const ledgerOf = async ({ callsHandle }: { callsHandle?: string }) =>
      (await session.run({ code: `import { args, results } from "runtime"; return await results.get(args);`, args: callsHandle }))
        .result;
    const all = Array.from({ length: 40 }, () => now);

    const succeeded = await session.run({ code: "return await saved.noon({});" });
    expect(succeeded).toMatchObject({ ok: true, result: 1 });
    const summed = { server: "time", tool: "now", outcome: "succeeded", count: 40 };
    expect(succeeded.calls).toEqual([{ ...noon, calls: [summed] }]);
    expect(await ledgerOf(succeeded)).toEqual([{ ...noon, calls: all }]);

    const partly = await session.run({ code: `return await saved.noon({ fails: "one" });` });
    expect(partly.calls).toEqual([{ ...noon, calls: [summed, broken] }]);
    expect(await ledgerOf(partly)).toEqual([{ ...noon, calls: [...all, broken] }]);

    const failed = await session.run({ code: `return await saved.noon({ fails: "all" });` });
    const outcome = { ...noon, outcome: "failed", retrySafe: false };
    expect(failed.calls).toEqual([{ ...outcome, calls: [{ ...now, count: 40, longestMs: expect.any(Number) }, broken] }]);
    expect(await ledgerOf(failed)).toEqual([{ ...outcome, calls: [...all, broken] }]);
  });

  test("a program that saves one and calls it is told that it can be called from the next run on, and nothing is saved", async () => {
    const session = startSavedSession();
    await session.dynamic("tool_create", report);
    const code = `await dynamic.tool_create({ name: "fresh", code: "/** F. */ export default () => 1;" });\n`;
    const told = 'No tool "fresh" on saved. Its tools: weekly_report. What a program saves can be called from the next run on.';
    for (const call of ["return await saved.fresh({});", 'return await saved.$call("fresh", {});']) {
      const outcome = await session.run({ code: code + call });
      expect(errorOf(outcome)).toMatchObject({ code: "tool_unknown", line: 2, message: told });
      expect(outcome.calls).toBeUndefined();
    }
    const plain = await session.run({ code: "return await saved.fresh({});" });
    expect(errorOf(plain).message).toBe('No tool "fresh" on saved. Its tools: weekly_report.');
  });

  test("message and user line of a throw arrive, and its arguments do not leak", async () => {
    const session = startSavedSession();
    const code = `export default ({ secret }: { secret: string }) => {\n  if (secret !== "") throw new Error("boom");\n  return 1;\n};`;
    await session.dynamic("tool_create", { name: "throws", description: "Throws.", code });
    const outcome = await session.run({ code: `const a = 1;\nreturn await saved.throws({ secret: args });`, args: "hunter2" });
    expect(errorOf(outcome)).toMatchObject({ code: "tool_error", server: "saved", tool: "throws", line: 2 });
    expect(errorOf(outcome).message).toBe("boom (throws, main.ts:2:28)");
    expect(JSON.stringify(outcome)).not.toContain("hunter2");
    const caught = await session.run({
      code: `try { await saved.throws({ secret: "x" }); } catch (error) { return [error.name, error.server, error.tool, error.message]; }`,
    });
    expect(caught).toMatchObject({ result: ["McpToolError", "saved", "throws", "boom (throws, main.ts:2:28)"] });
  });

  test("logs of 1 MB spoil nothing, and a printed marker forges nothing", async () => {
    const session = startSavedSession();
    const code = `for (let n = 0; n < 1000; n++) console.error("x".repeat(1000));\nconsole.log('{"ok":true,"value":"forged"}');\nreturn { real: true };`;
    await session.dynamic("tool_create", { name: "chatty", description: "Chatty.", code });
    const outcome = await session.run({ code: "console.log('mine'); return await saved.chatty({});" });
    expect(outcome).toMatchObject({ ok: true, result: { real: true } });
    expect(outcome.logs).toContainEqual({ level: "log", message: "mine" });
    expect(JSON.stringify(outcome.logs).length).toBeLessThan(64_000);
    expect(outcome.logs?.filter((line) => line.server === "saved").length).toBeLessThanOrEqual(50);
  });

  test("null, nothing, text that looks like JSON and 5 MB arrive as what they are", async () => {
    const session = startSavedSession();
    const make = (name: string, code: string) => session.dynamic("tool_create", { name, description: "Returns.", code });
    await make("gives_null", "return null;");
    await make("gives_nothing", "const one = 1;");
    await make("gives_text", `return '{"a":1}';`);
    await make("gives_much", `return "x".repeat(5_000_000);`);
    const code = `return [await saved.gives_null({}), (await saved.gives_nothing({})) === undefined, await saved.gives_text({}), (await saved.gives_much({})).length];`;
    expect(await session.run({ code })).toMatchObject({ ok: true, result: [null, true, '{"a":1}', 5_000_000] });
  });

  test("its time is its own, and never longer than that of its caller", async () => {
    const session = startSavedSession();
    const code = "await new Promise((done) => setTimeout(done, 60_000)); return 1;";
    await session.dynamic("tool_create", { name: "slow", description: "Slow.", code, timeoutMs: 1_000 });
    const own = await session.run({ code: "return await saved.slow({});", maxRuntimeMs: 20_000 });
    expect(errorOf(own)).toMatchObject({
      ...{ code: "run_timeout", message: expect.stringMatching(/within 1000 ms.*the timeoutMs of slow.*\(slow\)$/) },
    });
    await session.dynamic("tool_update", { name: "slow", patch: { timeoutMs: 120_000 } });
    const callers = await session.run({ code: "return await saved.slow({});", maxRuntimeMs: 1_500 });
    expect(errorOf(callers).code).toBe("run_timeout");
    expect(callers.durationMs).toBeLessThan(15_000);
  });
});

describe("saved programs are apart", { tags: ["saved.apart"] }, () => {
  const two = () =>
    new FakeUpstream({
      open: { tools: [tool("read")], answers: { read: textResult("open") } },
      secret: { tools: [tool("read")], answers: { read: textResult("secret") } },
    });
  const servers = [serverEntry("open"), serverEntry("secret", { sensitivity: "high", tools: { alwaysAllow: ["read"] } })];

  test("a saved tool cannot reach a server outside its list even when its caller may, nor the reverse", async () => {
    const session = startSavedSession({ upstream: two(), servers });
    const reach = `export default async ({ id }: { id: string }) => { const clients: any = await import("mcp-clients"); return await clients[id].read({}); };`;
    await session.dynamic("tool_create", { name: "reaches", description: "Reaches.", code: reach, allowedMcpIds: ["open"] });
    const beyond = await session.run({
      code: `return await saved.reaches({ id: "secret" });`,
      allowedMcpIds: ["saved", "secret"],
    });
    expect(beyond.ok).toBe(false);
    expect(session.upstream.called).toEqual([]);
    expect(await session.run({ code: `return await saved.reaches({ id: "open" });`, allowedMcpIds: ["saved"] })).toMatchObject({
      result: "open",
    });

    await session.dynamic("tool_create", {
      name: "privileged",
      description: "Reads.",
      code: "return await secret.read({});",
      allowedMcpIds: ["secret"],
    });
    expect(await session.run({ code: "return await saved.privileged({});" })).toMatchObject({ result: "secret" });
    const callers = await session.run({ code: "await saved.privileged({}); return await secret.read({});" });
    expect(errorOf(callers).code).toBe("server_not_allowed");
  });

  test("a run whose list does not name saved cannot call it", async () => {
    const session = startSavedSession({ upstream: two(), servers });
    await session.dynamic("tool_create", report);
    const outcome = await session.run({ code: `return await saved.weekly_report({ since: "a" });`, allowedMcpIds: ["open"] });
    expect(errorOf(outcome).code).toBe("server_not_allowed");
  });

  test("it sees neither globals nor values of its caller, and its own values last", async () => {
    const session = startSavedSession();
    const code = `import { session } from "runtime";\nconst times = ((await session.get("times")) ?? 0) + 1;\nawait session.set("times", times);\nreturn [times, await session.list(), typeof globalThis.leak];`;
    await session.dynamic("tool_create", { name: "counts", description: "Counts.", code });
    const caller = `import { session } from "runtime";\nglobalThis.leak = 1;\nawait session.set("mine", 1);\nconst first = await saved.counts({});\nreturn [first, await saved.counts({}), await session.list()];`;
    expect(await session.run({ code: caller })).toMatchObject({
      ok: true,
      result: [[1, ["times"], "undefined"], [2, ["times"], "undefined"], ["mine"]],
    });
  });
});

describe("recursion ends", { tags: ["saved.depth"] }, () => {
  test("recursion and mutual recursion end with an error that shows the chain", async () => {
    const session = startSavedSession();
    await session.dynamic("tool_create", { name: "ping", description: "Ping.", code: "return 1;" });
    await session.dynamic("tool_create", { name: "pong", description: "Pong.", code: "return await saved.ping({});" });
    await session.dynamic("tool_update", { name: "ping", patch: { code: "return await saved.pong({});" } });
    const mutual = await session.run({ code: "return await saved.ping({});", maxRuntimeMs: 30_000 });
    expect(errorOf(mutual)).toMatchObject({
      code: "too_many_calls",
      message: expect.stringContaining("ping → pong → ping → pong → ping"),
    });
    await session.dynamic("tool_create", { name: "itself", description: "Itself.", code: "return 1;" });
    await session.dynamic("tool_update", { name: "itself", patch: { code: "return await saved.itself({});" } });
    const itself = await session.run({ code: "return await saved.itself({});", maxRuntimeMs: 30_000 });
    expect(errorOf(itself).message).toContain("itself → itself → itself → itself → itself");
  });

  test("four deep is fine", async () => {
    const session = startSavedSession();
    const code = `export default async ({ depth }: { depth: number }): Promise<any> => depth <= 1 ? "bottom" : await (saved as any)["descend"]({ depth: depth - 1 });`;
    await session.dynamic("tool_create", { name: "descend", description: "Descends.", code });
    expect(await session.run({ code: "return await saved.descend({ depth: 4 });", maxRuntimeMs: 30_000 })).toMatchObject({
      result: "bottom",
    });
    expect((await session.run({ code: "return await saved.descend({ depth: 5 });", maxRuntimeMs: 30_000 })).ok).toBe(false);
  });

  test("a saved tool that saves itself is refused, and reads all the same", async () => {
    const session = startSavedSession();
    const code = `const [before] = (await dynamic.tool_list({})).tools;\nawait dynamic.tool_update({ name: "grows", patch: { description: before.description + "!" } });`;
    await session.dynamic("tool_create", { name: "grows", description: "Grows.", code });
    expect(errorOf(await session.run({ code: "return await saved.grows({});" })).message).toMatch(/a saved program changes none/);
    expect(await session.dynamic("tool_get", { name: "grows" })).toMatchObject({ result: { tool: { revision: 1 } } });
  });
});

describe("concurrent changes", { tags: ["saved.conflict"] }, () => {
  test("of two creates of one name one persists and the other is refused; of two names both persist", async () => {
    const library = memoryLibrary();
    const [one, two] = [startSavedSession({ library }), startSavedSession({ library })];
    const outcomes = await Promise.all([one.dynamic("tool_create", report), two.dynamic("tool_create", report)]);
    expect(outcomes.map(({ ok }) => ok).sort()).toEqual([false, true]);
    expect(errorOf(outcomes.find(({ ok }) => !ok) ?? { ok: true, durationMs: 0 }).message).toMatch(
      /exists already, at revision 1/,
    );
    await Promise.all([
      one.dynamic("tool_create", { ...report, name: "left" }),
      two.dynamic("tool_create", { ...report, name: "right" }),
    ]);
    expect(await one.dynamic("tool_list", {})).toMatchObject({
      result: { tools: [{ name: "left" }, { name: "right" }, { name: "weekly_report" }] },
    });
  });

  test("another session sees a change at its next list and run", async () => {
    const library = memoryLibrary();
    const [one, two] = [startSavedSession({ library }), startSavedSession({ library })];
    expect(errorOf(await two.run({ code: `return await saved.weekly_report({ since: "a" });` })).code).toBe("tool_unknown");
    await one.dynamic("tool_create", report);
    expect(await two.run({ code: `return (await saved.weekly_report({ since: "a" })).since;` })).toMatchObject({ result: "a" });
    await one.dynamic("tool_update", { name: "weekly_report", patch: { code: "export default ({ n }: { n: number }) => n;" } });
    expect(await two.list({ query: "weekly report" })).toMatchObject({
      servers: [{ tools: [{ signature: expect.stringContaining("n: number") }] }],
    });
    expect(await two.run({ code: "return await saved.weekly_report({ n: 7 });" })).toMatchObject({ result: 7 });
  });
});

describe("drift", { tags: ["saved.drift"] }, () => {
  const schema = (properties: object, required: string[]) => ({ inputSchema: { type: "object", properties, required } });

  test("a tool that still fits after a change stays silent; one that does not is stale and refused before it calls anything", async () => {
    const zone = { zone: { type: "string" } };
    let tools = [tool("now", schema(zone, ["zone"]))];
    const upstream = new FakeUpstream({ time: { tools: () => tools, answers: { now: textResult("12:00") } } });
    const session = startSavedSession({ upstream, servers: [serverEntry("time", { pin: "off" })] });
    await session.dynamic("tool_create", {
      name: "noon",
      description: "Noon.",
      code: `const a = 1;\nreturn await time.now({ zone: "UTC" });`,
    });

    tools = [tool("now", schema({ ...zone, format: { type: "string" } }, ["zone"]))];
    await session.orchestrator.toolsChanged("time");
    expect(await session.describe({ id: "saved" })).toMatchObject({ tools: [{ name: "noon", description: "Noon." }] });
    expect(await session.run({ code: "return await saved.noon({});" })).toMatchObject({ result: "12:00" });

    tools = [tool("now", schema({ city: { type: "string" } }, ["city"]))];
    await session.orchestrator.toolsChanged("time");
    expect(await session.describe({ id: "saved" })).toMatchObject({
      tools: [{ description: expect.stringMatching(/^Stale: main\.ts:2/) }],
    });
    expect(await session.dynamic("tool_list", {})).toMatchObject({
      result: { tools: [{ stale: expect.stringContaining("main.ts:2") }] },
    });
    const calledBefore = session.upstream.called.length;
    const refused = await session.run({ code: "return await saved.noon({});" });
    expect(errorOf(refused)).toMatchObject({ code: "stale_tool", message: expect.stringContaining("main.ts:2") });
    expect(session.upstream.called).toHaveLength(calledBefore);

    tools = [tool("now", schema(zone, ["zone"]))];
    await session.orchestrator.toolsChanged("time");
    expect(await session.describe({ id: "saved" })).toMatchObject({ tools: [{ description: "Noon." }] });
  });
});

test("a program whose server a session does not have is stale there, and is not elsewhere", {
  tags: ["saved.drift"],
}, async () => {
  const library = memoryLibrary();
  const upstream = new FakeUpstream({ time: { tools: [tool("now")], answers: { now: textResult("12:00") } } });
  const withTime = startSavedSession({ library, upstream, servers: [serverEntry("time")] });
  await withTime.dynamic("tool_create", { name: "noon", description: "Noon.", code: "return await time.now({});" });
  const without = startSavedSession({ library });
  expect(await without.dynamic("tool_list", {})).toMatchObject({
    result: {
      tools: [{ name: "noon", stale: expect.stringMatching(/^Not in the registry any more: time\. .*There is no "time" here/s) }],
    },
  });
  expect(await without.list({ query: "noon" })).toMatchObject({
    servers: [{ id: "saved", tools: [{ description: expect.stringMatching(/^Stale: /) }] }],
  });
  expect(errorOf(await without.run({ code: "return await saved.noon();" }))).toMatchObject({
    code: "stale_tool",
    message: expect.stringMatching(/Not in the registry any more: time\. Put it back((?!tool_update).)*$/s),
  });
  expect(await withTime.dynamic("tool_list", {})).toMatchObject({ result: { tools: [{ name: "noon" }] } });
  expect(await withTime.run({ code: "return await saved.noon();" })).toMatchObject({ result: "12:00" });
});

test.each([
  ["a choice", "export default (input: { a: string } | { b: number }) => input;", { b: 1 }, { b: "1" }],
  [
    "a type that contains itself",
    "interface Tree { name: string; parts?: Tree[] }\nexport default (tree: Tree) => tree;",
    { name: "a", parts: [{ name: "b" }] },
    { name: "a", parts: [{ title: "b" }] },
  ],
])("arguments that are %s have a schema of the type that MCP demands, and are checked", async (_what, code, right, wrong) => {
  const session = startSavedSession();
  const created = await session.dynamic("tool_create", { name: "takes", description: "Takes it.", code });
  expect(created).toMatchObject({ ok: true, result: { tool: { inputSchema: { type: "object" } } } });
  expect(await session.saved.servers[0]?.listTools()).toMatchObject([{ inputSchema: { type: "object" } }]);
  const call = (args: object) => session.run({ code: 'return await saved.$call("takes", args);', args });
  expect(await call(right)).toMatchObject({ ok: true, result: right });
  expect(errorOf(await call(wrong)).code).toBe("invalid_arguments");
  expect(await session.run({ code: `return await saved.takes(${JSON.stringify(right)});` })).toMatchObject({ result: right });
  expect(errorOf(await session.run({ code: `return await saved.takes(${JSON.stringify(wrong)});` })).code).toBe("type_error");
});

describe("examples", { tags: ["saved.manage"] }, () => {
  const code = "export default ({ since, top }: { since: string; top?: number }) => [since, top];";
  const fits = { since: "2026-11-01", top: 3 };
  const kept = (session: ReturnType<typeof startSavedSession>) => session.dynamic("tool_get", { name: "rows" });

  test.each([
    ["lacks an argument", { top: 1 }, "example 2 does not fit its arguments: since is missing"],
    ["has another", { ...fits, bottom: 1 }, "bottom is not an argument"],
    ["has one of another type", { since: "a", top: "3" }, "top is a string; it takes number"],
  ])("one that %s is refused when it is saved, and names it", async (_what, example, reason) => {
    const session = startSavedSession();
    const rows = { name: "rows", description: "Rows.", code };
    const create = (examples: unknown[]) => session.dynamic("tool_create", { ...rows, examples });
    expect(errorOf(await create(["A sentence.", example])).message).toContain(reason);
    const commented = {
      ...rows,
      code: `/**\n * @example ${JSON.stringify(fits)}\n * @example ${JSON.stringify(example)}\n */\n${code}`,
    };
    expect(errorOf(await session.dynamic("tool_create", commented)).message).toContain(reason);
    expect(await create(["A sentence.", fits])).toMatchObject({ ok: true });
    const patch = { examples: [fits, example] };
    expect(errorOf(await session.dynamic("tool_update", { name: "rows", patch })).message).toContain(reason);
    expect(await kept(session)).toMatchObject({ result: { tool: { revision: 1, examples: ["A sentence.", fits] } } });
  });

  test("those that new code does not take have to be given again, or taken back", async () => {
    const session = startSavedSession();
    const example = { since: "2026-11-01" };
    await session.dynamic("tool_create", { name: "rows", description: "Rows.", code, examples: [example] });
    const patch = { code: "export default ({ day }: { day: string }) => day;" };
    expect(errorOf(await session.dynamic("tool_update", { name: "rows", patch })).message).toContain("example 1");
    await session.dynamic("tool_update", { name: "rows", patch: { ...patch, examples: null } });
    expect(await kept(session)).toMatchObject({ result: { tool: { revision: 2 } } });
  });

  test("of a script, one that does not fit is left out", async () => {
    const script = `/**\n * Rows.\n * @example { "top": 1 }\n * @example ${JSON.stringify(fits)}\n */\n${code}`;
    expect(await kept(startSavedSession({ scripts: () => ({ "rows.ts": script }) }))).toMatchObject({
      result: { tool: { examples: [fits] } },
    });
  });
});

test.each([
  ["bare", 'return await saved.text_upper({ text: "a" });'],
  ["imported", 'import { text_upper } from "mcp-clients/saved"; return await text_upper({ text: "a" });'],
  ["imported by its name", 'import upper from "mcp-clients/saved/text_upper"; return await upper({ text: "a" });'],
  ["called by its name", 'return await saved.$call("text.upper", { text: "a" });'],
  ["called by a saved program", "return await saved.calls_upper();"],
])("a disabled program, %s, says that it is disabled and how it is enabled", { tags: ["saved.call"] }, async (_how, code) => {
  const session = startSavedSession();
  const upper = { name: "text.upper", description: "Upper.", code: "export default ({ text }: { text: string }) => text;" };
  await session.dynamic("tool_create", upper);
  const caller = { name: "calls_upper", description: "Calls.", code: 'return await saved.text_upper({ text: "a" });' };
  await session.dynamic("tool_create", { ...caller, allowedMcpIds: ["saved"] });
  await session.dynamic("tool_enable", { name: "text.upper", enabled: false });
  const message = expect.stringContaining(
    '"text.upper" is disabled. dynamic.tool_enable({ name: "text.upper", enabled: true }) enables it.',
  );
  const error = errorOf(await session.run({ code }));
  expect(error).toMatchObject({ message });
  expect(error.message).not.toContain("tool_update");
  expect(await session.describe({ id: "saved", tools: ["text_upper"] })).toMatchObject({ errors: [{ message }] });
  await session.dynamic("tool_enable", { name: "text.upper", enabled: true });
  expect(await session.run({ code: code.replace('"text.upper"', '"text_upper"') })).toMatchObject({ result: "a" });
  await session.dynamic("tool_delete", { name: "text.upper" });
  const gone = errorOf(await session.run({ code }));
  expect(gone.message).not.toContain("disabled");
  if (gone.code === "stale_tool") expect(gone.message).toContain("Save it again with dynamic.tool_update.");
});

describe("SAVED_TOOLS", { tags: ["saved.modes"] }, () => {
  test("off: there is neither dynamic nor saved", async () => {
    const session = startSavedSession({ mode: "off", servers: [serverEntry("time")] });
    expect(await session.list()).toMatchObject({ total: 1 });
    expect(errorOf(await session.dynamic("tool_list", {})).code).toBe("type_error");
    expect(session.saved.changes).toBeUndefined();
  });

  test("read_only: what is saved is called, and nothing changes it", async () => {
    const library = memoryLibrary();
    await startSavedSession({ library }).dynamic("tool_create", report);
    const session = startSavedSession({ library, mode: "read_only" });
    expect(await session.run({ code: `return (await saved.weekly_report({ since: "a" })).since;` })).toMatchObject({
      result: "a",
    });
    for (const [name, args] of [
      ["tool_create", { ...report, name: "another" }],
      ["tool_update", { name: "weekly_report", patch: { enabled: false } }],
      ["tool_delete", { name: "weekly_report" }],
      ["tool_enable", { name: "weekly_report", enabled: false }],
      ["tool_rollback", { name: "weekly_report", revision: 1 }],
    ] as const) {
      expect(errorOf(await session.dynamic(name, args)).message).toMatch(/read-only/);
    }
    const name = "weekly_report";
    const changes = session.saved.changes;
    expect(await changes?.get({ name })).toMatchObject({ name });
    await expect(changes?.create({ ...report, name: "another" })).rejects.toThrow(/read-only/);
    await expect(changes?.update({ name, patch: { enabled: false } })).rejects.toThrow(/read-only/);
    await expect(changes?.remove({ name })).rejects.toThrow(/read-only/);
    await expect(changes?.rollback({ name, revision: 1 })).rejects.toThrow(/read-only/);
    expect(library.get("weekly_report")).toMatchObject({ revision: 1, enabled: true });
  });

  test("ask: what a program saves is a proposal that cannot be called", async () => {
    const session = startSavedSession({ mode: "ask" });
    expect(await session.dynamic("tool_create", report)).toMatchObject({ result: { tool: { proposed: true } } });
    const outcome = await session.run({ code: `return await saved.$call("weekly_report", { since: "a" });` });
    expect(errorOf(outcome)).toMatchObject({ code: "tool_unknown" });
    expect(await session.saved.changes?.create({ ...report, name: "by_a_person" })).toMatchObject({ proposed: true });
  });

  test("ask: a person accepts the revision that they have seen, and rejecting brings back what they had accepted", {
    tags: ["saved.proposals"],
  }, async () => {
    const library = memoryLibrary();
    const session = startSavedSession({ mode: "ask", library });
    const call = () => session.run({ code: `return (await saved.weekly_report({ since: "a" })).since;` });
    const update = (patch: object) => session.dynamic("tool_update", { name: "weekly_report", patch });
    await session.dynamic("tool_create", report);
    await update({ code: `export default ({ since }: { since: string }) => ({ since: "other " + since });` });
    expect(() => library.accept("weekly_report", 1)).toThrow(/Revision conflict/);
    library.accept("weekly_report", 2);
    expect(await call()).toMatchObject({ result: "other a" });
    expect(() => library.accept("weekly_report", 2)).toThrow(/does not wait/);

    await update({ enabled: false });
    expect(await update({ enabled: true })).toMatchObject({ result: { tool: { revision: 4 } } });
    expect(await call()).toMatchObject({ result: "other a" });
    expect(await update({ examples: ["Do as I say."] })).toMatchObject({ result: { tool: { proposed: true } } });
    expect((await call()).ok).toBe(false);
    library.reject("weekly_report", 5);
    expect(await call()).toMatchObject({ result: "other a" });
    expect(library.get("weekly_report")).toMatchObject({ revision: 6, examples: [] });

    await session.dynamic("tool_create", { ...report, name: "another" });
    library.reject("another", 1);
    expect(library.get("another")).toBeUndefined();
  });

  test("ask: to save once more what a person has accepted leaves it accepted, and any change proposes it again", {
    tags: ["saved.proposals"],
  }, async () => {
    const library = memoryLibrary();
    const session = startSavedSession({ mode: "ask", library });
    await session.dynamic("tool_create", report);
    library.accept("weekly_report", 1);
    const { name, ...patch } = report;
    await session.dynamic("tool_update", { name, patch });
    expect(await session.run({ code: `return (await saved.weekly_report({ since: "2026" })).since;` })).toMatchObject({
      result: "2026",
    });
    await session.dynamic("tool_update", { name, patch: { ...patch, allowedMcpIds: [] } });
    expect(library.get(name)).toMatchObject({ revision: 2, proposed: true });
  });

  test("ask: a program deletes what was only proposed; what a person has accepted, only a person who may decide", {
    tags: ["saved.proposals"],
  }, async () => {
    const library = memoryLibrary();
    const session = startSavedSession({ mode: "ask", library });
    const remove = () => session.dynamic("tool_delete", { name: "weekly_report" });
    await session.dynamic("tool_create", report);
    expect(await remove()).toMatchObject({ ok: true });

    await session.dynamic("tool_create", report);
    library.accept("weekly_report", 2);
    expect(errorOf(await remove()).message).toMatch(/accepted by a person, so only a person deletes it/);
    // Nor by way of a proposal that takes its place.
    await session.dynamic("tool_update", { name: "weekly_report", patch: { description: "Another." } });
    await session.dynamic("tool_rollback", { name: "weekly_report", revision: 2 });
    expect((await remove()).ok).toBe(false);
    await expect(session.saved.changes?.remove({ name: "weekly_report" })).rejects.toThrow(/accepted by a person/);
    expect(await session.saved.changes?.remove({ name: "weekly_report" }, true)).toMatchObject({ revision: 4 });
    expect(library.get("weekly_report")).toBeUndefined();
  });

  test("ask: going back to what a person had accepted is a proposal too", { tags: ["saved.proposals"] }, async () => {
    const library = memoryLibrary();
    const session = startSavedSession({ mode: "ask", library });
    await session.dynamic("tool_create", report);
    library.accept("weekly_report", 1);
    await session.dynamic("tool_update", { name: "weekly_report", patch: { description: "Another." } });
    library.accept("weekly_report", 2);
    const back = await session.dynamic("tool_rollback", { name: "weekly_report", revision: 1 });
    expect(back).toMatchObject({ result: { tool: { revision: 3, description: report.description, proposed: true } } });
  });

  test("ask: what a person accepted is there again after more rejected proposals than revisions are kept", {
    tags: ["saved.proposals"],
  }, async () => {
    const library = memoryLibrary();
    await startSavedSession({ library, mode: "ask" }).dynamic("tool_create", report);
    const accepted = library.accept("weekly_report", 1);
    const last = savedLimits.revisionsMax + 5;
    for (let revision = 1; revision < last; revision++) {
      library.replace({ ...accepted, description: `Proposal ${revision}.`, proposed: true }, revision);
    }
    expect(library.history("weekly_report")).toHaveLength(savedLimits.revisionsMax + 1);
    expect(library.reject("weekly_report", last)).toMatchObject({ description: report.description });
    expect(library.get("weekly_report")).not.toHaveProperty("proposed");
    expect(library.history("weekly_report")).toHaveLength(savedLimits.revisionsMax + 1);
  });
});

describe("search", () => {
  test("dynamic never outranks a real server, and is found for its own purpose", async () => {
    const upstream = new FakeUpstream({
      shop: { tools: [tool("remove_item", { description: "Removes a tool from the shop." })] },
    });
    const session = startSavedSession({ upstream, servers: [serverEntry("shop", { summary: "Sells tools." })] });
    await session.describe({ id: "shop" });
    expect(await session.list({ query: "delete a tool" })).toMatchObject({ servers: [{ id: "shop" }, { id: "dynamic" }] });
    const own = await startSavedSession({ servers: [serverEntry("time")] }).list({ query: "save this program as a tool" });
    expect(own).toMatchObject({
      servers: [{ id: "dynamic", tools: expect.arrayContaining([expect.objectContaining({ name: "tool_create" })]) }],
    });
  });
});

describe("a list shows a saved program alone", { tags: ["saved.alone"] }, () => {
  const clock = tool("convert_time", { description: "Convert a time between time zones." });
  const files = tool("list_directory", { description: "Lists the files in a directory." });
  const meeting = {
    name: "meeting_times",
    code: `/** The time of a meeting in other time zones. */\nexport default ({ zones }: { zones: string[] }) => zones;`,
  };

  async function ask(query: string | string[], session = clocks()) {
    await session.dynamic("tool_create", meeting);
    for (const id of ["time", "filesystem"]) await session.describe({ id });
    const { servers } = (await session.list({ query })) as { servers: { id: string; summary?: string }[] };
    return servers;
  }
  const clocks = (tools = [clock]) =>
    startSavedSession({
      upstream: new FakeUpstream({ time: { tools }, filesystem: { tools: [files] } }),
      servers: [
        serverEntry("time", { title: "Time", summary: "Time zones.", tags: ["time", "timezone"] }),
        serverEntry("filesystem", { title: "Files", summary: "Reads and lists files." }),
      ],
    });

  test("that does just what is asked, in few words", async () => {
    expect(await ask("meeting time in other time zones")).toEqual([
      {
        ...{ id: "saved", title: "Saved programs", status: "ready" },
        tools: [
          {
            name: "meeting_times",
            signature: "meeting_times(args: { zones: string[] }): Promise<string[]>",
            description: "The time of a meeting in other time zones.",
          },
        ],
      },
    ]);
  });

  test.each([
    ["that says less of what is asked than a tool", "convert a time"],
    ["that says only a part of what is asked", "list the files of the meeting"],
    ["that is one of several wishes", ["meeting time in other time zones", "list a directory"]],
    ["that is one of several wishes in a sentence", "meeting time in other time zones, and then list the files in a directory"],
  ])("but not one %s", async (_, query) => {
    expect((await ask(query)).filter(({ id }) => id !== "saved")).not.toEqual([]);
  });

  test("but not beside a tool that says the same", async () => {
    const same = tool("meeting_time", { description: "The time of a meeting in another time zone." });
    expect(await ask("meeting time in other time zones", clocks([same]))).toHaveLength(2);
  });

  test("but not a stale one, which has to be written anew", async () => {
    let tools = [clock];
    const upstream = new FakeUpstream({ time: { tools: () => tools } });
    const session = startSavedSession({ upstream, servers: [serverEntry("time", { summary: "Time zones.", pin: "off" })] });
    const code = `${meeting.code.split("\n")[0]}\nexport default () => time.convert_time({});`;
    await session.dynamic("tool_create", { ...meeting, code });
    const query = "meeting time in other time zones";
    expect(await session.list({ query })).toMatchObject({ servers: [{ id: "saved" }], total: 1 });
    tools = [tool("convert_times", { description: clock.description })];
    await session.orchestrator.toolsChanged("time");
    expect(await session.list({ query })).toMatchObject({ total: 2 });
  });
});

describe("what a program says of itself", { tags: ["saved.manage"] }, () => {
  const first = '/** First. @example { "n": 1 } */\nexport default ({ n }: { n: number }) => n;';
  const second = '/** Second. @example { "n": 2 } */\nexport default ({ n }: { n: number }) => n + 1;';

  test("comes from its comment again when its source changes, unless it was given", async () => {
    const session = startSavedSession();
    await session.dynamic("tool_create", { name: "counted", code: first });
    expect(await session.dynamic("tool_update", { name: "counted", patch: { code: second } })).toMatchObject({
      result: { tool: { description: "Second.", examples: [{ n: 2 }] } },
    });
    await session.dynamic("tool_update", { name: "counted", patch: { description: "Mine.", examples: ["by hand"] } });
    expect(await session.dynamic("tool_update", { name: "counted", patch: { code: first, title: "T" } })).toMatchObject({
      result: { tool: { description: "Mine.", examples: ["by hand"] } },
    });
    const patch = { description: null, examples: null, timeoutMs: null };
    expect(await session.dynamic("tool_update", { name: "counted", patch })).toMatchObject({
      result: { tool: { description: "First.", examples: [{ n: 1 }], timeoutMs: 30_000 } },
    });
  });

  test("stays when the comment is gone", async () => {
    const session = startSavedSession();
    await session.dynamic("tool_create", { name: "counted", code: first });
    const patch = { code: "export default ({ n }: { n: number }) => n;" };
    expect(await session.dynamic("tool_update", { name: "counted", patch })).toMatchObject({
      result: { tool: { description: "First." } },
    });
  });

  test("a Markdown fence around a source is no part of it, and an empty `files` beside `code` is nothing", async () => {
    const session = startSavedSession();
    await session.dynamic("tool_create", { name: "fenced", code: `\`\`\`ts\n${first}\n\`\`\``, files: {} });
    expect(await session.run({ code: "return await saved.fenced({ n: 3 });" })).toMatchObject({ ok: true, result: 3 });
  });

  test("what was given is told apart from what it says itself", async () => {
    const session = startSavedSession();
    await session.dynamic("tool_create", {
      name: "given",
      description: "G.",
      code: "return 1;",
      inputSchema: { type: "object" },
    });
    expect(await session.dynamic("tool_get", { name: "given" })).toMatchObject({
      result: { tool: { given: ["description", "inputSchema"] } },
    });
    await session.dynamic("tool_create", { name: "own", code: first });
    expect(await session.dynamic("tool_get", { name: "own" })).toMatchObject({
      result: { tool: expect.not.objectContaining({ given: expect.anything() }) },
    });
  });
});

describe("scripts", { tags: ["saved.scripts"] }, () => {
  test("what a comment of one line allows is all that the script may use", async () => {
    const text = "/** Reads. @allow other @timeout 2000 */\nexport default async () => await open.read({});";
    const session = startSavedSession({
      scripts: () => ({ "reads.ts": text }),
      servers: [serverEntry("open"), serverEntry("other")],
    });
    const { result } = await session.dynamic("tool_get", { name: "reads" });
    expect(result).toMatchObject({
      tool: { allowedMcpIds: ["other"], timeoutMs: 2_000, stale: expect.stringContaining("allowedMcpIds") },
    });
  });

  test("a comment with tens of thousands of carriage returns is searched line by line", async () => {
    const text = `/*\n${"*\r".repeat(95_000)}*/\n/** Reads. @allow other */\nexport default async () => 1;`;
    const session = startSavedSession({ scripts: () => ({ "reads.ts": text }), servers: [serverEntry("other")] });
    const { result } = await session.dynamic("tool_get", { name: "reads" });
    expect(result).toMatchObject({ tool: { allowedMcpIds: ["other"], timeoutMs: 30_000 } });
  });

  const files: Record<string, string> = {
    "word_count.ts": `import { words } from "./lib/words";\n/**\n * Counts words.\n * @allow open\n * @example { "text": "a b" }\n */\nexport default ({ text }: { text: string }) => words(text).length;`,
    "lib/words.ts": "export const words = (text: string) => text.split(/\\s+/);",
    "broken.ts": "export default ({ n }: { n: number }) => nope(n);",
    "system.ts": "export default () => 1;",
  };

  test("a file is a saved program with its types, read-only, and follows its file", async () => {
    let now = files;
    const session = startSavedSession({ scripts: () => now, servers: [serverEntry("open")] });
    expect(await session.run({ code: `return await saved.word_count({ text: "a b c" });` })).toMatchObject({
      ok: true,
      result: 3,
    });
    const listed = await session.dynamic("tool_list", {});
    expect(listed).toMatchObject({
      result: {
        tools: [
          { name: "broken", script: true, stale: expect.stringContaining("broken.ts:1") },
          {
            name: "word_count",
            script: true,
            description: "Counts words.",
            allowedMcpIds: ["open"],
            examples: [{ text: "a b" }],
          },
        ],
      },
    });
    for (const [name, args] of [
      ["tool_delete", { name: "word_count" }],
      ["tool_update", { name: "word_count", patch: { enabled: false } }],
      ["tool_create", { ...report, name: "word_count" }],
    ] as const) {
      expect(errorOf(await session.dynamic(name, args)).message).toMatch(/Change the file/);
    }
    const broken = await session.run({ code: "return await saved.$call('broken', { n: 1 });" });
    expect(errorOf(broken)).toMatchObject({
      code: "stale_tool",
      message: expect.stringMatching(/^broken was not run, because its file in scripts\/ has errors: broken\.ts:1/),
    });
    now = { ...files, "word_count.ts": "export default ({ page }: { page: string }) => page.length;" };
    expect(await session.run({ code: `return await saved.word_count({ page: "four" });` })).toMatchObject({ result: 4 });
    now = {};
    expect(errorOf(await session.run({ code: `return await saved.word_count({ page: "x" });` })).code).toBe("tool_unknown");
  });

  test("an example that does not fit is left out, and the script says so", async () => {
    const text =
      '/**\n * Counts.\n * @example { "text": "a" }\n * @example { "txt": "a" }\n */\nexport default ({ text }: { text: string }) => text.length;';
    const session = startSavedSession({ scripts: () => ({ "counts.ts": text }) });
    expect(await session.dynamic("tool_list", {})).toMatchObject({
      result: {
        tools: [{ examples: [{ text: "a" }], warning: expect.stringMatching(/^example 2 does not fit .* It is left out\.$/) }],
      },
    });
  });

  test("reading a script connects to no server", async () => {
    const session = startSavedSession({
      scripts: () => ({ "asks.ts": "export default async () => await open.read({});" }),
      servers: [serverEntry("open")],
    });
    expect(await session.list()).toMatchObject({ servers: [{ id: "open" }, { id: "saved", toolCount: 1 }, { id: "dynamic" }] });
    expect(session.upstream.listed).toEqual([]);
  });

  test("a script is checked as soon as the tools that it uses are known, and again when they change", {
    tags: ["saved.drift"],
  }, async () => {
    const takes = (type: string) => tool("read", { inputSchema: { type: "object", properties: { page: { type } } } });
    let tools = [takes("string")];
    const session = startSavedSession({
      scripts: () => ({ "asks.ts": "/** Asks. */\nexport default async () => await open.read({ page: 1 });" }),
      servers: [serverEntry("open", { pin: "off" })],
      upstream: new FakeUpstream({ open: { tools: () => tools } }),
    });
    const described = async () => await session.describe({ id: "saved" });
    expect(await described()).toMatchObject({ tools: [{ description: "Asks." }] });
    await session.describe({ id: "open" });
    expect(await described()).toMatchObject({ tools: [{ description: expect.stringMatching(/^Stale: asks\.ts:2/) }] });
    tools = [takes("number")];
    await session.orchestrator.toolsChanged("open");
    expect(await described()).toMatchObject({ tools: [{ description: "Asks." }] });
    tools = [takes("boolean")];
    await session.orchestrator.toolsChanged("open");
    expect(await described()).toMatchObject({ tools: [{ description: expect.stringMatching(/^Stale: asks\.ts:2/) }] });
  });
});
