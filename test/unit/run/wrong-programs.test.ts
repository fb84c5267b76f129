import { describe, expect, test } from "vitest";
import { closestTo } from "../../../core/closest.ts";
import { UpstreamError } from "../../../core/errors.ts";
import { serverEntry, textResult, tool } from "../../support/builders.ts";
import { FakeUpstream } from "../../support/fakes.ts";
import { startSession } from "../../support/session.ts";

const pathSchema = {
  type: "object" as const,
  properties: { path: { type: "string" }, depth: { type: "number" } },
  required: ["path"],
};
const { run } = startSession({
  servers: [serverEntry("files"), serverEntry("memory-bank"), serverEntry("cloud")],
  upstream: new FakeUpstream({
    files: {
      tools: [tool("read_file", { inputSchema: pathSchema }), tool("list"), tool("refuse")],
      answers: {
        read_file: textResult("name,price"),
        list: textResult("[FILE] a.txt\n[DIR] b"),
        refuse: { ...textResult("Access denied:\n/etc"), isError: true },
      },
    },
    "memory-bank": { tools: [tool("list_projects")] },
    cloud: { tools: new UpstreamError("tool_error", "cloud: fetch failed", { delivery: "answered" }) },
  }),
});

async function messageOf(code: string): Promise<string> {
  const { errors = [] } = await run({ code });
  expect(errors).toHaveLength(1);
  return errors[0]?.message ?? "";
}

describe("an error names the thing and the next step", { tags: ["errors.next-step"] }, () => {
  test.each([
    ["a list of all modules beside a substitute", 'import fs from "node:fs"; return fs;', "of Node: assert, buffer"],
    [
      "the same for a package",
      'import got from "got"; return got;',
      'no network: call a tool of a server. Besides own files, "mcp-clients"',
    ],
    [
      "a value in place of the arguments",
      'return await files.read_file("/a");',
      "Arguments are fields of one object: { path: … }.",
    ],
    [
      "a client called by the name of a tool",
      'return await files.callTool("read_file", { path: "/a" });',
      "files.read_file({ … })",
    ],
    [
      "the same with fields",
      'return await memory_bank.call_tool({ name: "list_projects" });',
      "memory_bank.list_projects({ … })",
    ],
    [
      "files of the runtime in place of a server",
      'import { files } from "runtime"; return await files.read_file({ path: "/a" });',
      'For the server files write import { files } from "mcp-clients".',
    ],
    [
      "what such a module has",
      'import { files } from "runtime"; return await files.read_file("/a");',
      "It has read, write, append",
    ],
    [
      "a list in place of the arguments",
      'return await files.read_file(["/a"]);',
      "Arguments are fields of one object: { path: … }.",
    ],
    ["null for an optional argument", 'return await files.read_file({ path: "/a", depth: null });', "Leave it out."],
    [
      "a tool that is imported like a server",
      'import { read_file } from "mcp-clients"; return read_file;',
      "a function of its server: files.read_file({ … })",
    ],
    ["a method of Python", "const a = [1]; a.append(1); return a;", "Write push."],
    ["the same of a text", 'return " a ".strip();', "Write trim."],
    ["a method of a library", 'return new Date().format("YYYY");', "Write toISOString or toLocaleDateString."],
    [
      "code in a text",
      'throw new EvalError("Code generation from strings disallowed for this context");',
      "write the code itself",
    ],
    ["a question to a person", 'return prompt("Name?");', "Nobody can be asked here"],
    ["an entity of HTML", "return 1 &lt; 2;", "write `<`"],
    ["line breaks that are escaped twice", "const a = 1;\\nreturn a;", "escaped twice"],
    ["quotes that are escaped twice", 'return \\"a\\";', "escaped twice"],
    ["curly quotes", "return “a”;", "Write straight quotes."],
    ["a dash", "return 3 – 2;", "Write a plain hyphen."],
    ["JSON", '{ "server": "files", "tool": "read_file", "args": { "path": "/a" } }', "This is JSON: send a program"],
    ["a folder of Node", "return __dirname;", "no files here"],
    ["a function of Python", "return sorted([2, 1]);", "values.toSorted()"],
    ["a class in place of a function", "export default class Job { run() { return 1; } }", "new Job().run(args)"],
    ["a date that Date does not read", 'return new Date("30.11.2026").toISOString();', "ISO 8601"],
    ["a server that lists nothing", "return await cloud.any({});", "cloud did not list its tools, so nothing can be called."],
    [
      "the call that failed before",
      "let t; try { t = await files.refuse(); } catch {} return t.length;",
      "files.refuse failed: Access denied: /etc",
    ],
  ])("for %s", async (_title, code, told) => {
    expect(await messageOf(code)).toContain(told);
  });

  test("and prints no type of several signatures", async () => {
    expect(await messageOf('import { files } from "runtime"; return await files.read_file("/a");')).toContain("on type '{ … }'");
  });

  test("says of a text that is no JSON only that it is a text", async () => {
    expect(await messageOf("return JSON.parse(await files.list({}));")).toContain('files.list returned a string: "[FILE] a.txt');
  });

  test.each([
    'for line in (await files.read_file({ path: "/a" })).split("\\n"):\n    console.log(line)',
    "for key, value in { a: 1 }:\n    console.log(key)",
    "async for row in files.list({}):\n    console.log(row)",
    "return [x * 2 for x in range(3)]",
    "const x = 1 if true else 2;",
    "if (1 and not 0) return 1;",
    "if (1) { return 1 } elif (2) { return 2 }",
  ])("recognises Python: %s", async (code) => {
    expect(await messageOf(code)).toContain("looks like Python");
  });

  test.each(['return "this and that" + ;', "if (a or) return 'b if c else d';"])(
    "does not take words in texts for Python: %s",
    async (code) => expect(await messageOf(code)).not.toContain("Python"),
  );

  test("leaves a required argument to be given", async () => {
    expect(await messageOf("return await files.read_file({ path: null });")).not.toContain("Leave it out");
  });

  test("suggests no name that has no letter of the wrong one", () => {
    expect(closestTo("js", ["go", "r", "v", "ts"])).toEqual(["ts"]);
    expect(closestTo("a", ["b", "a"])).toEqual(["a"]);
    expect(closestTo("", ["go"])).toEqual([]);
  });
});

describe("calls that a program lets go on purpose", { tags: ["errors.next-step"] }, () => {
  test.each([
    "return await Promise.race([files.list({}), new Promise((done) => setTimeout(done, 0, 'late'))]);",
    "return await Promise.any([Promise.resolve(1), files.list({})]);",
    "void files.list({});\nreturn 1;",
    "files.list({}).catch(() => undefined);\nreturn 1;",
  ])("are not told: %s", async (code) => {
    expect(await run({ code })).not.toHaveProperty("hint");
  });

  test.each([
    "const found: void[] = []; files.list({}); return found.length;",
    "await files.list({}).catch(() => undefined); files.list({}); return 1;",
    "class Job { n = 0; async run() { this.n = (await files.list({})).length; } }\nconst job = new Job();\njob.run();\nreturn job.n;",
  ])("and those of others are: %s", async (code) => {
    expect(await run({ code })).toMatchObject({ hint: expect.stringContaining("1 call had no answer yet") });
  });
});
