import { describe, expect, test } from "vitest";
import { CallInput } from "../../../core/discovery/direct-call.ts";
import { readExecuteInput, readInput } from "../../../core/discovery/input.ts";
import { DescribeInput, ListInput } from "../../../core/discovery/tool-definitions.ts";
import { OrchestratorError } from "../../../core/errors.ts";
import { limits } from "../../../core/limits.ts";
import { serverEntry } from "../../support/builders.ts";
import { startSession } from "../../support/session.ts";

const refusalOf = (read: () => unknown): OrchestratorError => {
  try {
    read();
  } catch (error) {
    if (error instanceof OrchestratorError) return error;
    throw error;
  }
  throw new Error("it was accepted");
};

describe("an input as models send it", () => {
  test.each([
    ["null for each optional field", { query: null, domains: null, limit: null, detail: null }, {}],
    ["empty text where no text is asked for", { limit: "", detail: "", tags: "" }, {}],
    ["numbers as text", { limit: " 5 " }, { limit: 5 }],
    ["one string for a list", { visibility: "opt_in", tags: "files" }, { visibility: ["opt_in"], tags: ["files"] }],
    ["several in one string", { tags: "files, search" }, { tags: ["files", "search"] }],
    ["a list as JSON text", { tags: '["files","search"]' }, { tags: ["files", "search"] }],
    ["null within a list", { tags: ["files", null] }, { tags: ["files"] }],
    ["a list of one for a single value", { query: ["find a file"], limit: [3] }, { query: "find a file", limit: 3 }],
    ["an option in capitals", { detail: "Minimal" }, { detail: "minimal" }],
  ])("is taken as meant: %s", { tags: ["input.meant"] }, (_title, sent, meant) => {
    expect(readInput(ListInput, sent)).toEqual(ListInput.parse(meant));
  });

  test.each([
    ["an empty files beside code", { code: "return 1", files: {} }, { code: "return 1" }],
    ["an empty code beside files", { code: "", files: { "main.ts": "1" } }, { files: { "main.ts": "1" } }],
    [
      "a blank code beside files",
      { code: " \n", files: { "a.ts": "1" }, entrypoint: "a.ts" },
      { files: { "a.ts": "1" }, entrypoint: "a.ts" },
    ],
    ["null for the one that is not used", { code: null, files: { "main.ts": "1" } }, { files: { "main.ts": "1" } }],
    ["an entrypoint of code", { code: "return 1", entrypoint: "index.ts" }, { code: "return 1" }],
    ["an empty entrypoint", { files: { "main.ts": "1" }, entrypoint: "" }, { files: { "main.ts": "1" } }],
    ["files as a list", { files: [{ path: "main.ts", content: "1" }] }, { files: { "main.ts": "1" } }],
    ["files as JSON text", { files: '{ "main.ts": "1" }' }, { files: { "main.ts": "1" } }],
    ["a source in an object", { files: { "main.ts": { content: "1" } } }, { files: { "main.ts": "1" } }],
    ["a language in full", { code: "return 1", language: "TypeScript" }, { code: "return 1" }],
    ["numbers as text", { code: "return 1", maxRuntimeMs: "3000" }, { code: "return 1", maxRuntimeMs: 3_000 }],
    ["one server as a string", { code: "return 1", allowedMcpIds: "time" }, { code: "return 1", allowedMcpIds: ["time"] }],
  ])("is taken as meant in a program: %s", { tags: ["input.meant"] }, (_title, sent, meant) => {
    expect(readExecuteInput(sent)).toEqual(readExecuteInput(meant));
  });

  test("an unknown field of a direct call names the one that is meant", { tags: ["input.meant"] }, () => {
    const { message, details } = refusalOf(() => readInput(CallInput, { id: "hub", name: "add", arguments: {} }));
    expect(message).toBe(
      'Unknown field "id"; write "server"; Unknown field "name"; write "tool"; Unknown field "arguments"; write "args".',
    );
    expect(details.suggestions).toEqual(["server", "tool", "args"]);
  });

  test.each([
    [{ server: "hub" }, 'Unknown field "server"; write "id".'],
    [{ nope: "hub" }, /^"id" is missing; Unknown field "nope"; the fields are/],
    [{}, '"id" is missing.'],
    [{ id: 1 }, /^id: .*expected string, received number\.$/],
  ])("a field that is missing is named, once: %j", { tags: ["input.meant"] }, (input, message) => {
    expect(refusalOf(() => readInput(DescribeInput, input)).message).toEqual(expect.stringMatching(message));
  });

  test("is taken as meant: several wishes as one query", { tags: ["input.meant"] }, () => {
    expect(readInput(DescribeInput, { id: "hub", query: ["add a card", "move it"] }).query).toBe("add a card; move it");
    expect(() => readInput(DescribeInput, { id: ["hub", "hut"] })).toThrow("id:");
  });

  test("keeps values that are not clear, so that they are refused", () => {
    for (const wrong of [
      { limit: "many" },
      { limit: "1.5" },
      { limit: "9".repeat(30) },
      { detail: "everything" },
      { tags: [1] },
    ]) {
      expect(() => readInput(ListInput, wrong)).toThrow(OrchestratorError);
    }
    expect(() => readInput(DescribeInput, { id: null })).toThrow(/^id: /);
  });

  test("keeps args exactly as they are", () => {
    for (const args of [null, "", "5", ["one"], { a: null }]) expect(readExecuteInput({ code: "", args }).args).toEqual(args);
  });

  test("with both a program in code and one in files is refused", async () => {
    const session = startSession({ servers: [serverEntry("time")] });
    expect(await session.run({ code: "return 1", files: { "main.ts": "return 2" } })).toMatchObject({
      ok: false,
      errors: [{ code: "invalid_input", message: expect.stringContaining("exactly one of `code`") }],
    });
  });
});

describe("a Markdown fence around a source", () => {
  test.each([
    ["with a language", "```ts\nreturn 1\n```", "\nreturn 1\n"],
    ["without one", "```\nreturn 1\n```\n", "\nreturn 1\n"],
    ["after an empty line", "\n ```typescript\nreturn 1\n```", "\n \nreturn 1\n"],
    ["of tildes", "~~~js\nreturn 1\n~~~", "\nreturn 1\n"],
    ["of four backticks around one of three", "````ts\nconst a = `\n```\n`;\n````", "\nconst a = `\n```\n`;\n"],
    ["with Windows line ends", "```ts\r\nreturn 1\r\n```", "\r\nreturn 1\r\n"],
    ["that is not closed", "```ts\nreturn 1", "\nreturn 1"],
  ])("is removed, and every line keeps its number: %s", { tags: ["input.meant"] }, (_title, sent, meant) => {
    expect(readExecuteInput({ code: sent }).code).toBe(meant);
    expect(readExecuteInput({ files: { "main.ts": sent } }).files).toEqual({ "main.ts": meant });
  });

  test.each(["```", "```ts", "~~~"])("of blanks without an end after %s is read once, however long", (opening) => {
    const code = `${opening}${" ".repeat(4_000_000)}x y`;
    expect(readExecuteInput({ code }).code).toBe(code);
    const fenced = `${opening}${" ".repeat(4_000_000)}\nreturn 1`;
    expect(readExecuteInput({ code: fenced }).code).toBe("\nreturn 1");
  });

  test("inside a program is left alone", () => {
    const code = "const text = `\n```ts\nx\n```\n`;\nreturn text;";
    expect(readExecuteInput({ code }).code).toBe(code);
  });

  test("does not move the line of an error", async () => {
    const session = startSession({ servers: [serverEntry("time")] });
    const outcome = await session.run({ code: "```ts\nconst a = 1;\nthrow new Error('x');\n```" });
    expect(outcome).toMatchObject({ ok: false, errors: [{ code: "uncaught_exception", line: 3 }] });
  });
});

test("of a list of millions no item is read, unless it is what a program gets", () => {
  let reads = 0;
  const items = Array.from({ length: 5_001 }, () => 1);
  Object.defineProperty(items, 0, { get: () => (reads += 1) });
  const input = { code: "return 1", allowedMcpIds: JSON.stringify(Array.from({ length: 2_000_000 }, () => 1)) };
  expect(() => readExecuteInput(input)).toThrow("allowedMcpIds: a list of 2000000; at most 5000 are read.");
  expect(() => readExecuteInput({ code: "", tools: items })).toThrow("tools: a list of 5001; at most 5000 are read.");
  expect(reads).toBe(0);
  expect(readExecuteInput({ code: "", args: items }).args).toHaveLength(5_001);
  expect(readExecuteInput({ code: "", allowedMcpIds: items.map(() => "a").slice(1) }).allowedMcpIds).toHaveLength(5_000);
});

test("a call of a tool in place of a program says how a program is written", { tags: ["input.meant"] }, () => {
  const read = (input: unknown) => refusalOf(() => readExecuteInput(input)).message;
  expect(read({ server: "my-hub", tool: "get-sum", args: { a: 1 } })).toBe(
    "This runs a program: write `code`, as return await my_hub.get_sum({ … }).",
  );
  expect(read({ code: "return 1", tool: "get-sum" })).toContain('Unknown field "tool"');
});

describe("an unknown field", () => {
  test.each([
    [{ code: "", timeout: 5 }, "timeout", "maxRuntimeMs"],
    [{ code: "", timeout_ms: 5 }, "timeout_ms", "maxRuntimeMs"],
    [{ code: "", servers: ["time"] }, "servers", "allowedMcpIds"],
    [{ code: "", allowedMcpId: ["time"] }, "allowedMcpId", "allowedMcpIds"],
    [{ script: "return 1" }, "script", "code"],
    [{ code: "", max_logs: 3 }, "max_logs", "maxLogs"],
  ])("is refused with the field that is meant: %j", { tags: ["input.meant"] }, (input, name, meant) => {
    const { message, details } = refusalOf(() => readExecuteInput(input));
    expect(message).toContain(`Unknown field "${name}"; write "${meant}"`);
    expect(details.suggestions).toEqual([meant]);
  });

  test("that is like none is refused with the fields that there are", () => {
    expect(() => readInput(DescribeInput, { id: "a", xyzzy: 1 })).toThrow(
      'Unknown field "xyzzy"; the fields are id, detail, tools, query.',
    );
  });

  test("is looked up only if it is one of those that are told", () => {
    const others = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`xyzzy${n}`, 1]));
    const suggestionsFor = (input: object) => refusalOf(() => readExecuteInput(input)).details.suggestions;
    expect(suggestionsFor({ ...others(limits.inputProblemsMax - 1), script: "" })).toEqual(["code"]);
    expect(suggestionsFor({ ...others(limits.inputProblemsMax), script: "" })).toBeUndefined();
  });

  test("that is very long is named shortly", () => {
    expect(refusalOf(() => readInput(DescribeInput, { id: "a", ["z".repeat(1_000_000)]: 1 })).message.length).toBeLessThan(500);
  });
});
