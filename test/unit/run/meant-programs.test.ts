import { describe, expect, test } from "vitest";
import { serverEntry, textResult, tool } from "../../support/builders.ts";
import { FakeUpstream } from "../../support/fakes.ts";
import { startSession } from "../../support/session.ts";

const text = { type: "object" as const, properties: { content: { type: "string" } }, required: ["content"] };
const page = tool("page", { outputSchema: text });
const check = tool("check", {
  inputSchema: { type: "object", properties: { html: { type: "string" }, times: { type: "number" } }, required: ["html"] },
});
const { run, orchestrator } = startSession({
  servers: [serverEntry("files"), serverEntry("clock"), serverEntry("memory-bank")],
  upstream: new FakeUpstream({
    files: { tools: [tool("read_file"), tool("list-folder")], answers: { read_file: textResult("a") } },
    clock: { tools: [tool("now"), tool("list-folder")] },
    "memory-bank": { tools: [tool("recall"), tool("memory-bank"), page, check] },
  }),
});

async function messagesOf(code: string): Promise<string[]> {
  const { errors = [] } = await run({ code });
  return errors.map(({ message }) => message);
}

describe("text that is no program is told what it is", { tags: ["errors.next-step"] }, () => {
  test.each([
    ["entities of HTML", "for (let i = 0; i &lt; 3; i++) console.log(i);\nreturn 1;", "entities of HTML"],
    ["the same for quotes", "return files.read_file({ path: &quot;/a&quot; });", "entities of HTML"],
    ["a URL's encoding", "return%20await%20clock.now(%7B%7D)", "URL-encoded"],
    ["base64", "cmV0dXJuIGF3YWl0IHRpbWUuY3VycmVudF90aW1lKHt9KQ==", "base64"],
    ["punctuation of another keyboard", "return await clock.now（{}）;", "English keyboard"],
    ["a fence in prose", "Here it is:\n```ts\nreturn 1;\n```\nIt returns one.", "without fences"],
    ["two fences", "```ts\nconst a = 1;\n```\n```ts\nreturn a;\n```", "without fences"],
    ["tags", "<tool_code>\nreturn 1;\n</tool_code>", "without tags"],
    ["prose", "Please list the files in /a", "prose"],
    ["prose above a program", "First I read the file.\n\nreturn 1;", "prose"],
    ["line numbers", "1 | const a = 1;\n2 | return a;", "without the numbers or marks"],
    ["marks of a diff", "- return 1;\n+ return 2;", "without the numbers or marks"],
    ["a prompt", "> const a = 1;\n> return a;", "without the numbers or marks"],
    ["SQL", "INSERT INTO t (a) VALUES (1);", "SQL"],
    ["a query of SQL", "SELECT * FROM users;", "SQL"],
    ["a command", "git status", "Commands of a shell"],
    ["a command with an argument", 'curl -s "https://example.com"', "Commands of a shell"],
    ["a lambda of Python", "return list(map(lambda x: x * 2, [1, 2]))", "looks like Python"],
    ["Go", 'package main\nfunc main() { fmt.Println("x") }', "Write TypeScript."],
    ["Java", "public class A { public static void main(String[] a) { } }", "Write TypeScript."],
  ])("%s", async (_title, code, told) => {
    const [message] = await messagesOf(code);
    expect(message).toContain(told);
  });

  test.each([
    'return "&lt;" + ;',
    "const a = [1, 2;",
    "const find = (x) => { return x;",
    "class A { private async load( { } }",
    "const The = 1; return The The;",
    "return a - ;",
  ])("and TypeScript that is not whole is told only what is missing: %s", async (code) => {
    const [message] = await messagesOf(code);
    expect(message).not.toMatch(/HTML|fences|prose|shell|SQL|Write TypeScript|numbers or marks|base64/);
  });

  test("JSX in a program is still told to be JSX", async () => {
    expect(await messagesOf("const a = 1;\nreturn <b>{a}</b>;")).toEqual([expect.stringContaining("JSX is not supported")]);
  });
});

describe("a tool that is called where it is not names its server", { tags: ["errors.next-step"] }, () => {
  const listTools = (id: string) => orchestrator.describe({ id });

  test.each([
    ["a bare tool", "return await read_file({ path: '/a' });", "files.read_file({ … })"],
    ["in camel case", "return await readFile({ path: '/a' });", "files.read_file({ … })"],
    ["imported from the index", 'import { read_file } from "mcp-clients"; return await read_file({});', "files.read_file({ … })"],
    ["with its server in the name", "return await files__read_file({});", "files.read_file({ … })"],
    ["the same with one underscore", "return await files_read_file({});", "files.read_file({ … })"],
    ["a function of any name", 'return await execute("files", "read_file", {});', "files.read_file({ … })"],
    ["fields", 'return await call_mcp_tool({ server: "files", tool: "read_file", args: {} });', "files.read_file({ … })"],
    [
      "fields of JSON",
      'return await invoke({ "server_name": "memory-bank", "tool_name": "recall" });',
      "memory_bank.recall({ … })",
    ],
  ])("%s", async (_title, code, form) => {
    await listTools("files");
    await listTools("memory-bank");
    const { errors } = await run({ code });
    expect(errors).toMatchObject([{ suggestions: [form], message: expect.stringContaining(form) }]);
    expect(errors?.[0]).not.toHaveProperty("tool");
  });

  test("a tool of several servers names them all, and one of none names none", async () => {
    await listTools("files");
    await listTools("clock");
    const { errors } = await run({ code: "return await list_folder({});" });
    expect(errors?.[0]?.suggestions).toEqual(["files.list_folder({ … })", "clock.list_folder({ … })"]);
    const unknown = await run({ code: "return await translate({});" });
    expect(unknown.errors).toMatchObject([{ message: 'There is no "translate" here.' }]);
    expect(unknown.errors?.[0]).not.toHaveProperty("tool");
  });

  test.each([
    ["a server that is called", "return await clock({});", "clock.now"],
    ["results that are called", 'import { results } from "runtime"; return await results("r_1");', "results.get"],
    ["session that is called", 'import { session } from "runtime"; return await session("a");', "session.get"],
    ["clients by a computed name", 'return await clients["memory-bank"].recall({});', "import { memory_bank }"],
    ["a default import of the runtime", 'import runtime from "runtime"; return runtime.args;', "import { args, session"],
    ["an id in another case", 'import { memoryBank } from "mcp-clients"; return memoryBank;', "Closest: memory_bank."],
  ])("%s", async (_title, code, told) => {
    expect(await messagesOf(code)).toEqual([expect.stringContaining(told)]);
  });
});

describe("text in a field of a result names the field", { tags: ["errors.next-step"] }, () => {
  test.each([
    ["const page = await memory_bank.page({}); return page.split(',');", "page.content.split"],
    ["return (await memory_bank.page({})).split(',');", "(await memory_bank.page({})).content.split"],
    ["const html = await memory_bank.page({}); return await memory_bank.check({ html });", "html.content"],
    ["const p = await memory_bank.page({}); return await memory_bank.check({ html: p, times: 1 });", "p.content"],
  ])("%s", async (code, suggestion) => {
    const { errors } = await run({ code });
    expect(errors).toMatchObject([{ code: "type_error", suggestions: [suggestion] }]);
  });

  test.each([
    "const p = await memory_bank.page({}); return await memory_bank.check({ html: '', times: p });",
    "const p = await memory_bank.page({}); return p.pages;",
  ])("but none that would not do: %s", async (code) => {
    const { errors } = await run({ code });
    expect(errors).toHaveLength(1);
    expect(JSON.stringify(errors?.[0]?.suggestions ?? [])).not.toContain("content");
  });
});

describe("what other systems have is answered with what is here", { tags: ["errors.next-step"] }, () => {
  test.each([
    ["put", "await session.set(key, value)"],
    ["has", "await session.get(key)"],
    ["clear", "await session.delete(key)"],
    ["keys", "await session.list()"],
  ])("session.%s()", async (method, form) => {
    const { errors } = await run({ code: `import { session } from "runtime"; return await session.${method}("a");` });
    expect(errors).toMatchObject([{ suggestions: [form] }]);
  });

  test.each([
    ['return $("a").text();', "There is no page here"],
    ["return moment().format();", "There are no packages here"],
    ['return pd.read_csv("/a");', "There are no packages here"],
    ['return Bun.file("/a").text();', "There are no files here"],
    ['const fs = require("fs/promises"); return fs;', "require() does not exist here. There are no files here"],
    ["ls -la /tmp/data", "Commands of a shell do not run here"],
    ["cd /tmp/data && pwd", "Commands of a shell do not run here"],
  ])("%s", async (code, told) => {
    expect(await messagesOf(code)).toEqual([expect.stringContaining(told)]);
  });
});

describe("a program without a result is told why", { tags: ["errors.next-step"] }, () => {
  test.each([
    ["async function run() { return 1; }", "run"],
    ["export const handler = async (args) => 1;", "handler"],
    ["class Task { run() { return 1; } }", "Task"],
    ["function helper() { return 1; }\nfunction work() { return helper(); }", "work"],
  ])("%s", async (code, name) => {
    const { ok, hint } = await run({ code });
    expect([ok, hint]).toEqual([
      true,
      `The program returned nothing: \`${name}\` is never called. Name it main, or export it as default.`,
    ]);
  });

  test.each([
    "function work() { return 1; }\nwork();",
    "const work = async () => 1;\nawait work();",
    "await clock.now({});",
    "const rate = 1;",
  ])("and not by the name of what is called: %s", async (code) => {
    expect((await run({ code })).hint).toMatch(/^The program returned nothing\. `return` a value/);
  });

  test.each(["return () => 1;", "return clock.now;", "return class {};", "export default () => () => 1;"])(
    "because it returned a function: %s",
    async (code) => expect((await run({ code })).hint).toMatch(/^The program returned a function/),
  );

  test.each(["return undefined;", 'return Symbol("a");'])("and not for other values that are none: %s", async (code) => {
    expect((await run({ code })).hint).toBe("The program returned undefined.");
  });
});
