import { countTokens } from "gpt-tokenizer/encoding/o200k_base";
import { describe, expect, test } from "vitest";
import type { RunProgress } from "../../../core/calls/progress.ts";
import { OrchestratorError, UpstreamError } from "../../../core/errors.ts";
import { limits } from "../../../core/limits.ts";
import type { LogLine } from "../../../core/log-line.ts";
import { policyLimits } from "../../../core/policy/policy-limits.ts";
import { answerLimits } from "../../../core/run/answer-limits.ts";
import type { RunOptions } from "../../../core/run/run-options.ts";
import type { Sandbox } from "../../../core/run/sandbox.ts";
import { errorResult, serverEntry, textResult, tool } from "../../support/builders.ts";
import { FakeUpstream, neverAnswers, offline, returned, scriptedSandbox } from "../../support/fakes.ts";
import { startSession } from "../../support/session.ts";

const hub = serverEntry("hub");
const hubTools = [tool("look", { annotations: { readOnlyHint: true } }), tool("create")];

function hubSession(answers = {}) {
  return startSession({ servers: [hub], upstream: new FakeUpstream({ hub: { tools: hubTools, answers } }) });
}

function sessionOn(sandbox: Sandbox["run"]) {
  return startSession({ servers: [], sandbox: scriptedSandbox(sandbox) });
}

const never: Sandbox["run"] = (_program, _caller, { onStart }) => {
  onStart();
  return new Promise(() => {});
};

describe("a result", () => {
  test("up to the inline limit is returned whole, without a handle", async () => {
    const code = `return "x".repeat(${limits.resultCharsInline - 2});`;
    const outcome = await hubSession().run({ code });
    expect(outcome).toEqual({ ok: true, result: "x".repeat(limits.resultCharsInline - 2), durationMs: 0 });
  });

  test("that costs more tokens than its length lets expect is returned as a preview", { tags: ["results.handle"] }, async () => {
    const { run } = hubSession();
    const text = (chars: number) => `return "数".repeat(${chars});`;
    expect(await run({ code: text(answerLimits.resultTokensInline / 2 - 10) })).not.toHaveProperty("handle");
    const long = await run({ code: text(answerLimits.resultTokensInline / 2 + 10) });
    expect(long).toMatchObject({ ok: true, handle: "r_1", result: expect.stringContaining("more characters") });
  });

  test("over the inline limit is returned as a preview, and a later run reads it by its handle", async () => {
    const { run } = hubSession();
    const first = await run({ code: `return { rows: Array.from({ length: 5_000 }, (_, n) => ({ n, name: "row " + n })) };` });
    expect(first).toMatchObject({ ok: true, handle: "r_1", result: { rows: expect.any(Array) } });
    expect(countTokens(JSON.stringify(first.result))).toBeLessThanOrEqual(answerLimits.previewTokensMax);
    const second = await run({
      code: 'import { args, results } from "runtime"; const { rows } = await results.get(args); return rows[4_999];',
      args: first.handle,
    });
    expect(second).toEqual({ ok: true, result: { n: 4_999, name: "row 4999" }, durationMs: 0 });
  });

  test("is stored up to the maximum size, and over it is an output_limit error", async () => {
    const json = (chars: number) => async () => ({
      outcome: {
        kind: "returned" as const,
        resultJson: `"${"x".repeat(chars - 2)}"`,
        shown: { json: '"x…"', isPartial: true, images: [] },
      },
      logs: [],
      logsDropped: 0,
    });
    expect(await sessionOn(json(limits.resultCharsMax)).run({ code: "" })).toMatchObject({ ok: true, handle: "r_1" });
    const over = await sessionOn(json(limits.resultCharsMax + 1)).run({ code: "" });
    expect(over).toMatchObject({ ok: false, errors: [{ code: "output_limit", phase: "limit" }] });
    expect(over).not.toHaveProperty("handle");
  });

  test("with an image has its type and size in its place, and the image beside it", { tags: ["results.media"] }, async () => {
    const data = `iVBORw0KGgo${"A".repeat(30_001)}`;
    const outcome = await hubSession().run({
      code: `return { page: [{ type: "image", mimeType: "image/png", data: ${JSON.stringify(data)} }] };`,
    });
    expect(outcome).toEqual({
      ok: true,
      result: { page: [{ type: "image", mimeType: "image/png", bytes: 22_509 }] },
      images: [{ mimeType: "image/png", data }],
      durationMs: 0,
    });
  });

  test("with audio names it, and a later run reads it by its handle", { tags: ["results.media"] }, async () => {
    const { run } = hubSession();
    const outcome = await run({ code: 'return { type: "audio", mimeType: "audio/wav", data: "AAAA" };' });
    expect(outcome).toEqual({
      ok: true,
      result: { type: "audio", mimeType: "audio/wav", bytes: 3, handle: "r_1" },
      handle: "r_1",
      durationMs: 0,
    });
    const code = 'import { args, results } from "runtime"; return (await results.get(args)).data.length;';
    expect(await run({ code, args: "r_1" })).toMatchObject({ result: 4 });
  });

  test.each(["null", "0", '""', "false", "[]", "{}"])("may be %s", async (value) => {
    expect(await hubSession().run({ code: `return ${value};` })).toEqual({ ok: true, result: JSON.parse(value), durationMs: 0 });
  });

  test("that cannot be serialised to JSON is an error of the program", async () => {
    expect(await hubSession().run({ code: "const a = {}; a.a = a; return a;" })).toMatchObject({
      ok: false,
      errors: [{ code: "uncaught_exception", message: expect.stringContaining("circular") }],
    });
    expect(await hubSession().run({ code: "return () => 1;" })).toMatchObject({ ok: true });
    const forged = sessionOn(async () => ({ outcome: { kind: "returned", resultJson: "{oops" }, logs: [], logsDropped: 0 }));
    expect(await forged.run({ code: "" })).toMatchObject({ ok: false, errors: [{ code: "uncaught_exception" }] });
  });
});

describe("an error of the program", () => {
  test("has its line and column, and the lines around it", async () => {
    expect(await hubSession().run({ code: "const a: number = 1;\nconst b = a;\nthrow new TypeError('no ' + b);" })).toEqual({
      ok: false,
      errors: [
        {
          code: "uncaught_exception",
          phase: "run",
          message: "TypeError: no 1",
          retryable: false,
          file: "main.ts",
          line: 3,
          column: 7,
          frame: "  2 | const b = a;\n> 3 | throw new TypeError('no ' + b);\n    |       ^",
        },
      ],
      durationMs: 0,
    });
  });

  test("on the first line has the user's own column", async () => {
    const { errors } = await hubSession().run({ code: "const who = undefined; return who.name;" });
    expect(errors?.[0]).toMatchObject({ line: 1, column: 35, message: expect.stringContaining("TypeError: Cannot read") });
  });

  test("in another file names that file and line", async () => {
    const files = {
      "main.ts": 'import { f } from "./lib/f";\nreturn f();',
      "lib/f.ts": "type A = 1;\nexport function f() {\n  throw new Error('deep');\n}",
    };
    expect((await hubSession().run({ files })).errors?.[0]).toMatchObject({
      message: "deep",
      file: "lib/f.ts",
      line: 3,
      column: 9,
    });
  });

  test.each([
    ["throw 'text';", 'The program threw "text"'],
    ["throw undefined;", "The program threw undefined"],
    ["throw { a: 1 };", 'The program threw {"a":1}'],
    ["throw new Error();", "The program threw an error without a message."],
    ["throw { get message() { throw 1 }, toJSON() { throw 2 }, toString() { throw 3 } };", "cannot be read"],
  ])("may be any thrown value: %s", async (code, message) => {
    expect(await hubSession().run({ code })).toMatchObject({
      ok: false,
      errors: [{ code: "uncaught_exception", message: expect.stringContaining(message) }],
    });
  });

  test("with a huge forged stack is answered quickly", async () => {
    const code = 'const e = new Error("x".repeat(1_000_000)); e.stack = "a".repeat(5_000_000) + "/b".repeat(1_000_000); throw e;';
    const outcome = await hubSession().run({ code });
    expect(outcome.errors?.[0]).toMatchObject({ code: "uncaught_exception" });
    expect(JSON.stringify(outcome).length).toBeLessThan(limits.errorCharsMax + 1_000);
  });

  test("with a message of many lines still has its place", async () => {
    const { errors } = await hubSession().run({ code: '\nthrow new Error("line\\n".repeat(20_000));' });
    expect(errors?.[0]).toMatchObject({ line: 2 });
  });

  test("that is too long keeps its end, where a traceback says what went wrong", async () => {
    const { run } = hubSession({ create: errorResult(`Traceback:\n${"  at a frame\n".repeat(4_000)}KeyError: 'id'`) });
    const { errors: [error] = [] } = await run({ code: "await hub.create({});" });
    expect(error?.message).toMatch(/^Traceback:\n.* characters in all …\n.*KeyError: 'id'$/s);
    expect(error?.message.length).toBeLessThanOrEqual(limits.errorCharsMax);
  });

  test("that occurs while loading is a syntax_error of bounded length", async () => {
    const session = sessionOn(async () => ({
      outcome: { kind: "not_loaded", message: `SyntaxError: Unexpected token\n  at main.ts:2:3\n${"x".repeat(100_000)}` },
      logs: [],
      logsDropped: 0,
    }));
    const { errors } = await session.run({ code: "await 1;\n  return 2;" });
    expect(errors?.[0]).toMatchObject({ code: "syntax_error", phase: "load" });
    expect(errors?.[0]?.message.length).toBeLessThanOrEqual(limits.errorCharsMax + 1);
  });
});

describe("an error of a tool", () => {
  test("that is not caught names the server, the tool and the program's line", async () => {
    const outcome = await hubSession({ create: errorResult("No such repository.") }).run({
      code: "const a = 1;\nawait hub.create({ a });\nreturn a;",
    });
    expect(outcome).toEqual({
      ok: false,
      errors: [
        {
          code: "tool_error",
          phase: "tool",
          message: "No such repository.",
          retryable: false,
          server: "hub",
          tool: "create",
          file: "main.ts",
          line: 2,
          column: expect.any(Number),
          frame: expect.stringContaining("> 2 | await hub.create({ a });"),
        },
      ],
      calls: [{ server: "hub", tool: "create", outcome: "failed", durationMs: 0, retrySafe: false }],
      durationMs: 0,
    });
  });

  test("can be caught, with server, tool, code and content", { tags: ["clients.errors"] }, async () => {
    const code = `try {
  await hub.create({});
} catch (error) {
  const { name, server, tool, code, message, content } = error;
  return { name, server, tool, code, message, content, isError: error instanceof Error };
}`;
    expect((await hubSession({ create: errorResult("No.") }).run({ code })).result).toEqual({
      name: "McpToolError",
      server: "hub",
      tool: "create",
      code: "tool_error",
      message: "No.",
      content: [{ type: "text", text: "No." }],
      isError: true,
    });
  });

  test("that the program forges is an ordinary exception", async () => {
    const code = 'const e = Object.assign(new Error("x"), { name: "McpToolError", code: "internal", server: "hub" }); throw e;';
    expect((await hubSession().run({ code })).errors?.[0]).toMatchObject({ code: "uncaught_exception" });
  });

  test("names the closest tool if the called one does not exist", async () => {
    expect((await hubSession().run({ code: "return await hub.creat({});" })).errors?.[0]).toMatchObject({
      code: "tool_unknown",
      message: expect.stringContaining("Closest: create."),
      line: 1,
    });
    expect((await hubSession().run({ code: "return await hub.look(() => 1);" })).errors?.[0]).toMatchObject({
      code: "invalid_arguments",
      line: 1,
    });
  });
});

describe("the calls of a run", () => {
  test("are listed even if the program throws", { tags: ["ledger.outcomes"] }, async () => {
    const outcome = await hubSession().run({ code: "await hub.look(); await hub.create(); throw new Error('after');" });
    expect(outcome).toMatchObject({
      ok: false,
      errors: [{ message: "after" }],
      calls: [
        { tool: "look", outcome: "succeeded" },
        { tool: "create", outcome: "succeeded" },
      ],
    });
  });

  test("that it did not await may use the rest of its time", async () => {
    const outcome = await hubSession().run({ code: "hub.create(); void hub.look(); return 1;" });
    expect(outcome).toMatchObject({
      ok: true,
      result: 1,
      calls: [
        { tool: "create", outcome: "succeeded" },
        { tool: "look", outcome: "succeeded" },
      ],
    });
  });

  test("that follow from a call it did not await are completed too", { tags: ["ledger.outcomes"] }, async () => {
    const outcome = await hubSession().run({
      code: "const step = async () => { await hub.create(); await null; await hub.look(); };\nasync function all() { await step(); await step(); }\nall(); return 1;",
    });
    expect(outcome).toMatchObject({ ok: true, result: 1 });
    expect(outcome.calls?.map(({ tool: name, outcome: became, count }) => [name, became, count])).toEqual([
      ["create", "succeeded", 2],
      ["look", "succeeded", 2],
    ]);
  });

  test("in flight when its time is up are unknown, and those that still wait for a slot not_started", {
    tags: ["ledger.outcomes"],
  }, async () => {
    const servers = [serverEntry("hub", { limits: { concurrency: 1 } })];
    const upstream = new FakeUpstream({ hub: { tools: hubTools, answers: { create: neverAnswers } } });
    const outcome = await startSession({ servers, upstream }).run({
      code: "await hub.look(); hub.create(); await hub.look();",
      maxRuntimeMs: 200,
    });
    expect(outcome).toMatchObject({
      ok: false,
      errors: [{ code: "run_timeout" }],
      calls: [
        { tool: "look", outcome: "succeeded" },
        { tool: "create", outcome: "unknown", retrySafe: false },
        { tool: "look", outcome: "not_started", retrySafe: true },
      ],
    });
  });

  test("that it did not await and that do not end are aborted, with the outcome unknown", async () => {
    let aborted = false;
    const answers = {
      create: (args: unknown, options: Parameters<typeof neverAnswers>[1]) => {
        options.signal.addEventListener("abort", () => {
          aborted = true;
        });
        return neverAnswers(args, options);
      },
    };
    const outcome = await hubSession(answers).run({ code: "hub.create(); await hub.look(); return 1;", maxRuntimeMs: 200 });
    expect(outcome).toMatchObject({
      ok: true,
      result: 1,
      calls: [
        { tool: "create", outcome: "unknown", retrySafe: false },
        { tool: "look", outcome: "succeeded" },
      ],
    });
    expect(aborted).toBe(true);
  });

  test("are summed when they succeed, and a later run reads each by the handle", { tags: ["execute.calls"] }, async () => {
    const servers = [serverEntry("hub", { limits: { callsPerRun: 1_000 } })];
    const { run } = startSession({ servers, upstream: new FakeUpstream({ hub: { tools: hubTools } }) });
    const outcome = await run({ code: "for (let n = 0; n < 300; n++) await hub.look(); await hub.create(); return 1;" });
    expect(outcome.calls).toEqual([
      { server: "hub", tool: "look", outcome: "succeeded", count: 300, durationMs: 0, longestMs: 0 },
      { server: "hub", tool: "create", outcome: "succeeded", durationMs: 0 },
    ]);
    expect(outcome.callsOmitted).toBeUndefined();
    const code = 'import { args, results } from "runtime"; const all = await results.get(args); return [all.length, all.at(-1)];';
    expect(await run({ code, args: outcome.callsHandle })).toMatchObject({
      result: [301, { server: "hub", tool: "create", outcome: "succeeded" }],
    });
  });

  test("have no handle if all of them are shown", async () => {
    const outcome = await hubSession().run({ code: "await hub.look(); await hub.create(); return 1;" });
    expect(outcome.calls).toHaveLength(2);
    expect(outcome.callsHandle).toBeUndefined();
  });

  test("are counted if there are too many to show", async () => {
    const servers = [serverEntry("hub", { limits: { callsPerRun: 1_000 } })];
    const answers = { create: new UpstreamError("tool_error", "No.", { delivery: "answered" }) };
    const { run } = startSession({ servers, upstream: new FakeUpstream({ hub: { tools: hubTools, answers } }) });
    const count = limits.callsShownMax + 50;
    const outcome = await run({ code: `for (let n = 0; n < ${count}; n++) await hub.create().catch(() => 0);` });
    expect(outcome.errors).toBeUndefined();
    expect(outcome.calls).toHaveLength(limits.callsShownMax);
    expect(outcome.callsOmitted).toBe(50);
    expect(outcome.callsHandle).toBeDefined();
  });
});

describe("a run", () => {
  test("that takes too long is stopped by the isolate", async () => {
    const outcome = await hubSession().run({ code: "console.log('begun'); await new Promise(() => {});", maxRuntimeMs: 50 });
    expect(outcome).toMatchObject({
      ok: false,
      errors: [{ code: "run_timeout", phase: "limit", message: expect.stringContaining("50 ms") }],
      logs: [{ level: "log", message: "begun" }],
    });
  });

  test("is given up only after the grace period if its sandbox never answers", { tags: ["limits.time"] }, async () => {
    const session = sessionOn(never);
    let outcome: object | undefined;
    const running = session.run({ code: "return 1;", maxRuntimeMs: 5_000 }).then((done) => {
      outcome = done;
    });
    // Its own, and that of the places which the session was lent beside its own.
    await expect.poll(() => session.clock.pending).toBe(2);
    session.clock.advance(5_000 + limits.runGraceMs - 1);
    await new Promise(setImmediate);
    expect(outcome).toBeUndefined();
    session.clock.advance(1);
    await running;
    expect(outcome).toMatchObject({ ok: false, errors: [{ code: "run_timeout" }], durationMs: 5_000 + limits.runGraceMs });
    // Its place is given back when nothing else has needed it for a moment.
    session.clock.advance(policyLimits.idlePlaceMs);
    expect(session.clock.pending).toBe(0);
  });

  test("leaves no timer behind when it succeeds", async () => {
    const session = hubSession();
    await session.run({ code: "return 1;" });
    session.clock.advance(policyLimits.idlePlaceMs);
    expect(session.clock.pending).toBe(0);
  });

  const cancelled = (input: object, session: ReturnType<typeof startSession>) => {
    const controller = new AbortController();
    const options: RunOptions = { signal: controller.signal, onProgress: () => {} };
    return { controller, running: session.orchestrator.execute(input, options) };
  };

  test.each([[1n], [{ deep: [2n] }]])("with args that are not JSON is refused", async (args) => {
    expect(await hubSession().run({ code: "return args;", args })).toMatchObject({
      ok: false,
      errors: [{ code: "invalid_input" }],
    });
    expect(await hubSession().run({ code: "return args === undefined;", args: () => 1 })).toMatchObject({
      ok: true,
      result: true,
    });
  });

  test("that is cancelled reports it with the calls made", async () => {
    const session = hubSession({ create: neverAnswers });
    const { controller, running } = cancelled({ code: "await hub.look(); await hub.create();" }, session);
    while (session.upstream.called.length < 2) await new Promise(setImmediate);
    controller.abort();
    expect(await running).toMatchObject({
      ok: false,
      errors: [{ code: "cancelled", phase: "cancel" }],
      calls: [
        { tool: "look", outcome: "succeeded" },
        { tool: "create", outcome: "unknown" },
      ],
    });
  });

  test("that is cancelled while tools are being listed ends at once", async () => {
    const upstream = new FakeUpstream({ hub: { tools: () => new Promise(() => {}) } });
    const session = startSession({ servers: [hub], upstream });
    const { controller, running } = cancelled({ code: "return hub.look();" }, session);
    await new Promise(setImmediate);
    controller.abort();
    expect(await running).toMatchObject({ ok: false, errors: [{ code: "cancelled" }] });
  });

  test("that was cancelled before it started executes nothing", async () => {
    const session = hubSession();
    const { orchestrator } = session;
    const outcome = await orchestrator.execute(
      { code: "return hub.look();" },
      { signal: AbortSignal.abort(), onProgress: () => {} },
    );
    expect(outcome).toMatchObject({ ok: false, errors: [{ code: "cancelled" }] });
    expect(session.upstream.called).toEqual([]);
  });

  test("whose sandbox fails reports the sandbox's error", async () => {
    const broken = sessionOn(() => Promise.reject(new OrchestratorError("memory_limit", "Too much memory.")));
    expect(await broken.run({ code: "" })).toMatchObject({
      errors: [{ code: "memory_limit", phase: "limit", message: "Too much memory." }],
    });
  });

  test("does not start if a server it imports cannot be listed", async () => {
    const session = startSession({ servers: [hub], upstream: new FakeUpstream({ hub: { tools: offline(hub) } }) });
    expect(await session.run({ code: "return hub.look();" })).toEqual({
      ok: false,
      errors: [{ code: "server_unavailable", phase: "load", message: "hub cannot be reached.", retryable: true, server: "hub" }],
      durationMs: 0,
    });
  });

  test("that imports all clients starts without those that are offline, and fails only when it calls one", async () => {
    const servers = [hub, serverEntry("gone")];
    const upstream = new FakeUpstream({ hub: { tools: hubTools }, gone: { tools: offline({ id: "gone" }) } });
    const code = (id: string) => `import * as clients from "mcp-clients"; const id = "${id}"; return clients[id].look();`;
    expect(await startSession({ servers, upstream }).run({ code: code("hub") })).toMatchObject({ ok: true, result: "ok" });
    expect(await startSession({ servers, upstream }).run({ code: code("gone") })).toMatchObject({
      ok: false,
      errors: [{ code: "server_unavailable", message: "gone cannot be reached.", server: "gone" }],
    });
  });
});

describe("the console", () => {
  test("is reported while the program runs, and a cancelled run returns what it printed so far", async () => {
    const session = hubSession({ create: neverAnswers });
    const controller = new AbortController();
    const heard: LogLine[] = [];
    const outcome = await session.orchestrator.execute(
      { code: 'console.log("begun"); await hub.create(); console.log("never");' },
      {
        signal: controller.signal,
        onProgress: () => {},
        onPrinted(lines) {
          heard.push(...lines);
          controller.abort();
        },
      },
    );
    expect(heard).toEqual([{ level: "log", message: "begun" }]);
    expect(outcome).toMatchObject({ ok: false, errors: [{ code: "cancelled" }], logs: heard });
  });

  test("is reported completely before the answer, each line once and in order", async () => {
    const heard: string[] = [];
    const outcome = await hubSession().orchestrator.execute(
      { code: "for (let n = 0; n < 500; n++) { console.log(n); if (n % 100 === 0) await hub.look(); }", maxLogs: 300 },
      {
        signal: new AbortController().signal,
        onProgress: () => {},
        onPrinted: (lines) => void heard.push(...lines.map(({ message }) => message)),
      },
    );
    expect(heard).toEqual(Array.from({ length: 300 }, (_, n) => String(n)));
    expect(outcome.logs?.map(({ message }) => message)).toEqual(heard);
    expect(outcome).toMatchObject({ ok: true, logsDropped: 200 });
    expect(outcome.calls).toMatchObject([{ tool: "look", count: 5 }]);
  });

  test("is separate from the result, with the level of each line", async () => {
    const code =
      'console.log("a", { b: 1 }); console.warn("c"); console.error(new Error("d").message); console.info(1n); console.debug(null); return 1;';
    expect(await hubSession().run({ code })).toEqual({
      ok: true,
      result: 1,
      logs: [
        { level: "log", message: "a { b: 1 }" },
        { level: "warn", message: "c" },
        { level: "error", message: "d" },
        { level: "info", message: "1n" },
        { level: "debug", message: "null" },
      ],
      durationMs: 0,
    });
  });

  test("keeps maxLogs lines and counts the rest", async () => {
    const code = "for (let n = 0; n < 10; n++) console.log(n);";
    expect(await hubSession().run({ code, maxLogs: 3 })).toMatchObject({ logs: { length: 3 }, logsDropped: 7 });
    const all = await hubSession().run({ code, maxLogs: 10 });
    expect(all.logs).toHaveLength(10);
    expect(all).not.toHaveProperty("logsDropped");
    const none = await hubSession().run({ code, maxLogs: 0 });
    expect(none.logsDropped).toBe(10);
    expect(none).not.toHaveProperty("logs");
  });

  test("is limited outside of the isolate too, whatever that reports", async () => {
    const line = { level: "log" as const, message: "x".repeat(1_000_000) };
    const logs = Array.from({ length: 100 }, () => line);
    const outcome = await sessionOn(async () => returned(1, { logs, logsDropped: -5 })).run({ code: "return 1;", maxLogs: 50 });
    expect(JSON.stringify(outcome.logs).length).toBeLessThan(limits.logCharsMax + limits.logLineCharsMax + 2_000);
    expect(outcome.logsDropped).toBe(logs.length - (outcome.logs?.length ?? 0));
  });
});

describe("the runtime module", () => {
  test("keeps values from one run to the next, but not for another session", async () => {
    const { run } = hubSession();
    const read = { code: 'import { session } from "runtime"; return [await session.get("n") ?? null, await session.list()];' };
    await run({ code: 'import { session } from "runtime"; await session.set("n", { a: 1 });' });
    expect((await run(read)).result).toEqual([{ a: 1 }, ["n"]]);
    await run({ code: 'import { session } from "runtime"; await session.delete("n");' });
    expect((await run(read)).result).toEqual([null, []]);
    expect((await hubSession().run(read)).result).toEqual([null, []]);
  });

  test("reports the program's progress", async () => {
    const heard: RunProgress[] = [];
    const { orchestrator } = hubSession();
    const code = 'import { progress } from "runtime"; await progress(1, 2); await progress(2, 2, "done"); return 1;';
    await orchestrator.execute(
      { code },
      { signal: new AbortController().signal, onProgress: (progress) => heard.push(progress) },
    );
    expect(heard).toEqual([
      { progress: 1, total: 2 },
      { progress: 2, total: 2, message: "done" },
    ]);
  });

  test("describes the allowed servers and their tools without calling any", {
    tags: ["runtime.help"],
  }, async () => {
    const servers = [hub, serverEntry("vault", { sensitivity: "high" })];
    const upstream = new FakeUpstream({ hub: { tools: hubTools } });
    const session = startSession({ servers, upstream });
    const help = (argument: string) => session.run({ code: `import { help } from "runtime"; return help(${argument});` });
    expect(await help("")).toEqual({
      ok: true,
      result: [{ id: "hub", title: "hub", summary: "The hub server.", status: "not_connected" }],
      durationMs: 0,
    });
    expect((await help('"hub"')).result).toMatchObject({ tools: [{ name: "look" }, { name: "create" }] });
    expect((await help('"hub", { query: "look" }')).result).toMatchObject({ tools: { length: 1 }, total: 2 });
    expect((await help('"hub", { detail: "schema", tools: ["look"] }')).result).toMatchObject({ tools: ["look"] });
    expect((await help('{ query: "create", limit: 1 }')).result).toMatchObject([{ id: "hub", tools: [{ name: "create" }] }]);
    expect(await help('"hub", { detail: "all" as any }')).toMatchObject({ ok: false, errors: [{ code: "invalid_input" }] });
    expect(await help('"vault"')).toMatchObject({ ok: false, errors: [{ code: "server_not_allowed", server: "runtime" }] });
    expect(await help('"nope"')).toMatchObject({ ok: false, errors: [{ code: "server_unknown" }] });
  });

  test("throws for an unknown result handle, with the program's line", async () => {
    const code = 'import { results } from "runtime";\nreturn await results.get("r_9");';
    expect(await hubSession().run({ code })).toMatchObject({ ok: false, errors: [{ code: "invalid_arguments", line: 2 }] });
  });
});

describe("the session", () => {
  test("discovers only the default servers that can be reached", { tags: ["registry.discovery"] }, async () => {
    const servers = [
      hub,
      serverEntry("far", { mcp: { transport: "http", url: "https://far", headers: {} } }),
      serverEntry("vault", { sensitivity: "high" }),
      serverEntry("asked", { visibility: "opt_in" }),
      serverEntry("quiet", { autoDiscoverTools: false }),
    ];
    const { orchestrator, upstream } = startSession({ servers });
    await orchestrator.discover((server) => server.mcp.transport === "stdio");
    expect(upstream.listed).toEqual(["hub"]);
  });

  test("lists a server's tools again after they changed", async () => {
    const { orchestrator, upstream } = hubSession();
    await orchestrator.describe({ id: "hub" });
    upstream.servers.set("hub", { tools: [tool("fresh")] });
    await orchestrator.toolsChanged("hub");
    expect(await orchestrator.describe({ id: "hub" })).toMatchObject({ tools: [{ name: "fresh" }] });
    upstream.servers.set("hub", { tools: offline(hub) });
    await expect(orchestrator.toolsChanged("hub")).resolves.toBeUndefined();
    await expect(orchestrator.toolsChanged("nope")).resolves.toBeUndefined();
  });

  test("answers further requests after an invalid one", { tags: ["execute.input"] }, async () => {
    const { run } = hubSession({ look: textResult("fine") });
    expect((await run({ code: "][" })).ok).toBe(false);
    expect((await run({ code: "return hub.look();" })).result).toBe("fine");
  });
});
