import { describe, expect, test } from "vitest";
import { limits } from "../../../core/limits.ts";
import { draftProgram, linkProgram } from "../../../core/program/program.ts";
import type { ServerEntry } from "../../../core/registry/registry.ts";
import { serverEntry, tool } from "../../support/builders.ts";
import { FakeUpstream } from "../../support/fakes.ts";
import { startSession } from "../../support/session.ts";

const time = serverEntry("time");
const github = serverEntry("github", { sensitivity: "high" });
const browser = serverEntry("chrome-devtools", { visibility: "opt_in" });
const registered = [time, github, browser];

async function refusalOf(input: object, servers: ServerEntry[] = registered) {
  const upstream = new FakeUpstream(Object.fromEntries(servers.map(({ id }) => [id, { tools: [tool("current_time")] }])));
  const outcome = await startSession({ servers, upstream }).run(input);
  expect(outcome).toMatchObject({ ok: false, errors: { length: 1 } });
  expect(outcome).not.toHaveProperty("calls");
  expect(upstream.called).toEqual([]);
  return outcome.errors?.[0];
}

/** For programs that plain stripping makes JavaScript of. */
const unneeded = () => Promise.reject(new Error("nothing to lower"));

describe("an import is refused with its place", () => {
  test.each([
    ["of a package", 'import _ from "lodash";\nreturn _.now();'],
    ["of a package, unused", 'import _ from "lodash";\nreturn 1;'],
    ["of a package as a namespace, unused", 'import * as _ from "lodash";\nreturn 1;'],
    ["of a package for its effects", 'import "lodash";\nreturn 1;'],
    ["of node:fs", 'import { readFileSync } from "node:fs";\nreturn readFileSync("/etc/passwd");'],
    ["of node:fs, unused", 'import fs from "node:fs";\nreturn 1;'],
    ["of fs", 'import fs from "fs";\nreturn fs;'],
    ["of the platform", 'import { env } from "cloudflare:workers";\nreturn env;'],
    ["of an address", 'import x from "https://example.com/x.js";\nreturn x;'],
    ["of data", 'import x from "data:text/javascript,export default 1";\nreturn x;'],
    ["of an absolute path", 'import x from "/main.js";\nreturn x;'],
    ["of our own modules", 'import * as x from "mcp-orchestrator/shim.js";\nreturn x;'],
    ["of our own modules by a path", 'import * as x from "../mcp-orchestrator/shim.js";\nreturn x;'],
    ["of a path in a client's folder", 'import x from "mcp-clients/time/../time";\nreturn x;'],
    ["of clients as a default", 'import clients from "mcp-clients";\nreturn clients;'],
    ["exported again", 'export { x } from "lodash";\nexport default 1;'],
    ["exported again, all of it", 'export * from "lodash";\nexport default 1;'],
    ["when needed", 'await import("lodash");\nreturn 1;'],
    ["of something computed", 'await import("node:" + "fs");\nreturn 1;'],
    ["of something in a template", "await import(`node:fs`);\nreturn 1;"],
    ["hidden in a template", 'await `${import("node:fs")}`;\nreturn 1;'],
    ["of a file that is not there", 'import { x } from "./missing";\nreturn x;'],
    ["of a file that is not there, unused", 'import { x } from "./missing";\nreturn 1;'],
  ])("%s", async (_title, code) => {
    const first = code.split("\n")[0] ?? "";
    const column = first.search(/import|export/) + 1;
    expect(await refusalOf({ code })).toEqual({
      code: "import_not_allowed",
      phase: "compile",
      message: expect.any(String),
      retryable: false,
      file: "main.ts",
      line: 1,
      column,
      frame: `> 1 | ${first}\n    | ${" ".repeat(column - 1)}^\n  2 | ${code.split("\n")[1]}`,
    });
    expect(await refusalOf({ code, language: "js" })).toMatchObject({ code: "import_not_allowed", file: "main.js", line: 1 });
  });

  test("on its line in its file, naming what may be imported", async () => {
    const files = { "main.ts": 'import "./lib/a"; return 1;', "lib/a.ts": '\n\n  import _ from "lodash";\nexport default _;' };
    expect(await refusalOf({ files })).toMatchObject({
      file: "lib/a.ts",
      line: 3,
      message: expect.stringMatching(/"lodash" cannot be imported.*mcp-clients\/<id>.*"runtime"/),
      frame: expect.stringContaining('> 3 |   import _ from "lodash";'),
    });
  });

  test("with the name of the missing file", async () => {
    expect(await refusalOf({ code: 'import { x } from "./missing"; return x;' })).toMatchObject({
      message: 'There is no file "./missing" beside main.ts; add it to `files`.',
    });
  });
});

describe("a server is refused", () => {
  test.each([
    ["by name", 'import { tme } from "mcp-clients"; return tme.current_time();'],
    ["by name, unused", 'import { tme } from "mcp-clients"; return 1;'],
    ["by module", 'import * as tme from "mcp-clients/tme"; return tme.current_time();'],
    ["by tool", 'import now from "mcp-clients/tme/current_time"; return now();'],
    ["as a member of all", 'import * as c from "mcp-clients"; return c.tme.current_time();'],
  ])("when it does not exist, with the closest: %s", async (_title, code) => {
    expect(await refusalOf({ code })).toMatchObject({
      code: "server_unknown",
      phase: "compile",
      file: "main.ts",
      line: 1,
      suggestions: ["time"],
      message: expect.stringContaining('No server "tme"'),
    });
  });

  test.each([
    ["by name", 'import { github } from "mcp-clients";\nreturn github.x();'],
    ["by name, unused", 'import { github } from "mcp-clients";\nreturn 1;'],
    ["by module", 'import * as gh from "mcp-clients/github";\nreturn gh.x();'],
    ["by tool", 'import x from "mcp-clients/github/x";\nreturn x();'],
    ["by its bare name", "github.x();"],
    ["when needed", 'await import("mcp-clients/github");'],
  ])("when it is not allowed, with what would allow it: %s", { tags: ["allow.default"] }, async (_title, code) => {
    expect(await refusalOf({ code })).toMatchObject({
      code: "server_not_allowed",
      phase: "compile",
      file: "main.ts",
      line: 1,
      message:
        'Server "github" runs only when named, because it is of high sensitivity. Add "github" to allowedMcpIds to use it.',
    });
  });

  test("by the identifier form of its id, and by visibility", async () => {
    expect(await refusalOf({ code: "\nreturn chrome_devtools.x();" })).toMatchObject({
      code: "server_not_allowed",
      line: 2,
      message: expect.stringContaining('"chrome-devtools" runs only when named, because it is opt_in'),
    });
  });

  test("that is a default one when others are named instead", async () => {
    expect(await refusalOf({ code: "return time.current_time();", allowedMcpIds: ["github"] })).toMatchObject({
      code: "server_not_allowed",
      message: expect.stringContaining("is not in this run's allowedMcpIds"),
    });
    expect(await refusalOf({ code: "return time.current_time();", allowedMcpIds: [] })).toMatchObject({
      code: "server_not_allowed",
    });
  });

  test("in allowedMcpIds when it does not exist", async () => {
    expect(await refusalOf({ code: "return 1;", allowedMcpIds: ["time", "githb"] })).toMatchObject({
      code: "server_unknown",
      phase: "input",
      suggestions: ["github"],
    });
  });

  test("not for a name that it only resembles: a local, a property, a global", async () => {
    const servers = [time, serverEntry("console", { visibility: "opt_in" })];
    const outcome = await startSession({ servers }).run({
      code: "const github = { x: 1 }; console.log(github.x); return ({ chrome_devtools: 2 }).chrome_devtools;",
    });
    expect(outcome).toMatchObject({ ok: true, result: 2, logs: [{ message: "1" }] });
  });

  test("when it is named in allowedMcpIds, it runs", async () => {
    const upstream = new FakeUpstream({ github: { tools: [tool("x")] } });
    const outcome = await startSession({ servers: registered, upstream }).run({
      code: "return github.x();",
      allowedMcpIds: ["github", "github"],
    });
    expect(outcome).toMatchObject({ ok: true, result: "ok" });
  });
});

test("a tool's module that is not there is refused with the closest", async () => {
  expect(await refusalOf({ code: '\nimport now from "mcp-clients/time/curent_time"; return now();' })).toMatchObject({
    code: "tool_unknown",
    file: "main.ts",
    line: 2,
    suggestions: ["current_time"],
  });
});

describe("a program is refused", () => {
  const tooMany = Object.fromEntries(Array.from({ length: limits.filesMax + 1 }, (_, index) => [`f${index}.ts`, ""]));

  test.each([
    ["with both code and files", { code: "return 1", files: { "main.ts": "return 1" } }, "exactly one of"],
    ["with neither", {}, "exactly one of"],
    ["without an entrypoint", { files: { "a.ts": "return 1" } }, "No entrypoint"],
    ["without a file", { files: {} }, "Files: none"],
    ["with an entrypoint that is not there", { files: { "a.ts": "" }, entrypoint: "b.ts" }, 'The entrypoint "b.ts" is not among'],
    ["with too many files", { files: tooMany }, `at most ${limits.filesMax} files`],
    ["of a megabyte", { code: `return "${"x".repeat(1024 * 1024)}";` }, "at most"],
    ["with one file twice", { files: { "main.ts": "return 1", "./main.ts": "return 2" } }, "there twice"],
    ["in a wrong language", { code: "return 1", language: "python" }, "language"],
    ["with an unknown field", { code: "return 1", timeout: 5 }, "timeout"],
    ["that is to run too long", { code: "return 1", maxRuntimeMs: 120_001 }, "maxRuntimeMs"],
    ["with code that is no text", { code: 7 }, "code"],
  ])("%s", { tags: ["execute.input"] }, async (_title, input, message) => {
    expect(await refusalOf(input)).toMatchObject({
      code: "invalid_input",
      phase: "input",
      message: expect.stringContaining(message),
    });
  });

  test.each([
    "../main.ts",
    "/main.ts",
    "a/../main.ts",
    "a//main.ts",
    "mcp-clients/time.ts",
    "./mcp-orchestrator/main.js",
    ".hidden.ts",
    "main",
    "main.py",
    "a b.ts",
    "ma\nin.ts",
    "C:\\main.ts",
    "node:fs.ts",
    "",
    `${"x".repeat(limits.filePathCharsMax)}.ts`,
  ])("with a file at %j", async (path) => {
    expect(await refusalOf({ files: { "main.ts": "return 1", [path]: "" } })).toMatchObject({
      code: "invalid_input",
      message: expect.stringContaining("no usable file path"),
    });
  });

  const draft = (input: object) => draftProgram({ language: "ts", ...input }, { allowed: [], registered: [], lower: unneeded });

  test("only past the bounds, not at them", async () => {
    const files = Object.fromEntries(Array.from({ length: limits.filesMax }, (_, index) => [`f${index}.ts`, ""]));
    expect((await draft({ files, entrypoint: "f0.ts" })).entry).toBe("f0.ts");
    const code = `return "${"x".repeat(limits.sourceBytesMax - 'return "";'.length)}";`;
    expect((await draft({ code })).entry).toBe("main.ts");
    await expect(draft({ code: `${code} ` })).rejects.toThrow("at most");
    const path = `${"x".repeat(limits.filePathCharsMax - 3)}.ts`;
    expect((await draft({ files: { [path]: "" }, entrypoint: path })).entry).toBe(path);
  });

  test("by bytes, not by characters", async () => {
    const code = `return "${"ü".repeat(limits.sourceBytesMax / 2)}";`;
    await expect(draft({ code })).rejects.toThrow("at most");
  });
});

describe("a syntax error has its place", () => {
  test.each([
    ["const a = ;", 1, 11],
    ["const a = 1;\nconst b = {\nreturn a;", 3, 8],
    ["return 1;\n}", 2, 1],
    ["const a = 1;\nconst a = 2;", 2, 7],
    ["let x = 'unclosed", 1, 18],
    ["async function (a) {}", 1, 16],
    ["break;", 1, 1],
    ["return <div />;", 1, 8],
  ])("%j at %d:%s", async (code, line, column) => {
    const error = await refusalOf({ code, language: "js" });
    expect(error).toMatchObject({ code: "syntax_error", phase: "compile", file: "main.js", line });
    expect(error?.column).toBe(column);
    expect(error?.frame).toContain(`> ${line} | `);
    expect(error?.message).not.toMatch(/\(\d+:\d+\)|Error transforming/);
    expect(await refusalOf({ code })).toMatchObject({ code: "syntax_error", file: "main.ts", line });
  });

  test("also while there is no compiler to say what is wrong", async () => {
    const draft = draftProgram({ code: "const a: number = ;", language: "ts" }, { allowed: [], registered: [], lower: unneeded });
    await expect(draft).rejects.toMatchObject({ code: "syntax_error", details: { file: "main.ts", line: 1, column: 19 } });
  });

  test("in JSON too", async () => {
    const files = { "main.ts": 'import d from "./d.json"; return d;', "d.json": '{\n  "a": 1,\n  "b": oops\n}' };
    expect(await refusalOf({ files })).toMatchObject({ code: "syntax_error", file: "d.json", line: 3, column: 8 });
  });

  test("and what nests too deeply is one", async () => {
    const deep = `return ${"[".repeat(100_000)}${"]".repeat(100_000)};`;
    expect(await refusalOf({ code: deep, language: "js" })).toMatchObject({ code: "syntax_error" });
    const long = `return ${"1+".repeat(5_000)}1;`;
    const outcome = await startSession({ servers: [] }).run({ code: long, language: "js" });
    expect(outcome.errors?.[0]?.code ?? "syntax_error").toBe("syntax_error");
  });

  test("and a long list of data is none", async () => {
    const code = `const list = [${"1,".repeat(200_000)}]; return list.length;`;
    expect(await startSession({ servers: [] }).run({ code })).toMatchObject({ ok: true, result: 200_000 });
  });
});

describe("a linked program", () => {
  const tools = () => [tool("current_time"), tool("convert-time")];
  const link = async (input: object, allowed: ServerEntry[] = [time, serverEntry("grep"), serverEntry("memory")]) => {
    const draft = await draftProgram({ language: "ts", ...input }, { allowed, registered: allowed, lower: unneeded });
    return { draft, program: linkProgram(draft, tools) };
  };

  test("holds the clients it imports and no others", { tags: ["clients.only-imported"] }, async () => {
    expect(Object.keys((await link({ code: "return 1;" })).program.modules)).toEqual(["main.ts"]);
    expect(Object.keys((await link({ code: "return time.current_time();" })).program.modules)).toEqual([
      "main.ts",
      "mcp-clients/time",
    ]);
    expect(Object.keys((await link({ code: 'import { time } from "mcp-clients"; return time.x();' })).program.modules)).toEqual([
      "main.ts",
      "mcp-clients/time",
      "mcp-clients",
    ]);
    expect(
      Object.keys((await link({ code: 'import * as c from "mcp-clients"; return [c.time, c["grep"]];' })).program.modules),
    ).toEqual(["main.ts", "mcp-clients/time", "mcp-clients/grep", "mcp-clients"]);
    expect(
      Object.keys((await link({ code: 'import t from "mcp-clients/time/convert-time"; return t();' })).program.modules),
    ).toEqual(["main.ts", "mcp-clients/time", "mcp-clients/time/convert_time"]);
  });

  test("that hands all clients on holds all that are allowed, and can do without any", async () => {
    for (const use of ["return Object.keys(c);", "const id = 'time'; return c[id];"]) {
      const { draft } = await link({ code: `import * as c from "mcp-clients"; ${use}` });
      expect(draft.servers.map(({ id }) => id)).toEqual(["time", "grep", "memory"]);
      expect(draft.optional.size).toBe(3);
    }
    const { draft } = await link({ code: 'import * as c from "mcp-clients"; return [c, time];' });
    expect([...draft.optional].map(({ id }) => id)).toEqual(["grep", "memory"]);
  });

  test("moves no line of the user's", { tags: ["execute.entry-forms"] }, async () => {
    const source =
      'import { time } from "mcp-clients";\ninterface A {\n  n: number;\n}\n\nenum E {\n  A,\n}\nexport default async (a: A) => {\n  throw time;\n};';
    const lines = ((await link({ code: source })).program.modules["main.ts"] ?? "").split("\n");
    expect(lines[9]).toContain("throw ");
    expect(lines.length).toBe(source.split("\n").length + 1);
  });

  test("contains no native import(), whatever the program writes", async () => {
    const code =
      'const a = await import("./a"); const b = `${await import("./a")}`; const c = () => import(/* x */ "./a"); return [a, b, c];';
    const { program } = await link({ files: { "main.ts": code, "a.ts": "export {}" } });
    expect(program.modules["main.ts"]).not.toMatch(/\bimport\s*[(/]/);
  });
});
