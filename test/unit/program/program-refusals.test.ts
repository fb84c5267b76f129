import { describe, expect, test } from "vitest";
import { limits } from "../../../core/limits.ts";
import { type Draft, draftProgram } from "../../../core/program/draft.ts";
import { linkProgram } from "../../../core/program/link.ts";
import { readSources } from "../../../core/program/sources.ts";
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

/** For programs that need only type stripping. */
const unneeded = () => {
  throw new Error("nothing to lower");
};

function draftOf(input: object, allowed: readonly ServerEntry[] = []): Draft {
  const { entry, sources } = readSources({ language: "ts", ...input });
  const program = { entry, sources: Object.fromEntries(sources), language: "ts" as const };
  return draftProgram({ ...program, allowed: allowed.map(({ id }) => id), registered: [...allowed] }, unneeded);
}

describe("an import is refused with its place:", () => {
  test.each([
    ["of a package", 'import _ from "lodash";\nreturn _.now();'],
    ["of a package for its effects", 'import "lodash";\nreturn 1;'],
    ["of node:fs", 'import { readFileSync } from "node:fs";\nreturn readFileSync("/etc/passwd");'],
    ["of fs", 'import fs from "fs";\nreturn fs;'],
    ["of the platform", 'import { env } from "cloudflare:workers";\nreturn env;'],
    ["of a URL", 'import x from "https://example.com/x.js";\nreturn x;'],
    ["of a data URL", 'import x from "data:text/javascript,export default 1";\nreturn x;'],
    ["of an absolute path", 'import x from "/main.js";\nreturn x;'],
    ["of our own modules", 'import * as x from "mcp-orchestrator/shim.js";\nreturn x;'],
    ["of our own modules by a path", 'import * as x from "../mcp-orchestrator/shim.js";\nreturn x;'],
    ["of a path in a client's folder", 'import x from "mcp-clients/time/../time";\nreturn x;'],
    ["of all clients as a default", 'import clients from "mcp-clients";\nreturn clients;'],
    ["of a package, re-exported", 'export { x } from "lodash";\nexport default 1;'],
    ["of a package, re-exported as a whole", 'export * from "lodash";\nexport default 1;'],
    ["of a package, dynamically", 'await import("lodash");\nreturn 1;'],
    ["of a computed specifier", 'await import("node:" + "fs");\nreturn 1;'],
    ["of a template literal", "await import(`node:fs`);\nreturn 1;"],
    ["inside a template literal", 'await `${import("node:fs")}`;\nreturn 1;'],
    ["of a missing file for its effects", 'import "./missing";\nreturn 1;'],
    ["of a missing file", 'import { x } from "./missing";\nreturn x;'],
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

  test("in another file, with a message that lists what may be imported", async () => {
    const files = { "main.ts": 'import "./lib/a"; return 1;', "lib/a.ts": '\n\n  import _ from "lodash";\nexport default _;' };
    expect(await refusalOf({ files })).toMatchObject({
      file: "lib/a.ts",
      line: 3,
      message: expect.stringMatching(/"lodash" cannot be imported.*mcp-clients\/<id>.*"runtime"/),
      frame: expect.stringContaining('> 3 |   import _ from "lodash";'),
    });
  });

  test("of a missing file, with its name", async () => {
    expect(await refusalOf({ code: 'import { x } from "./missing"; return x;' })).toMatchObject({
      message: 'There is no file "./missing" beside main.ts; add it to `files`.',
    });
  });
});

describe("a server is refused", () => {
  test.each([
    ["by name", 'import { tme } from "mcp-clients"; return tme.current_time();'],
    ["by module", 'import * as tme from "mcp-clients/tme"; return tme.current_time();'],
    ["by tool", 'import now from "mcp-clients/tme/current_time"; return now();'],
    ["as a member of all clients", 'import * as c from "mcp-clients"; return c.tme.current_time();'],
  ])("if it does not exist, with the closest id: %s", async (_title, code) => {
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
    ["by module", 'import * as gh from "mcp-clients/github";\nreturn gh.x();'],
    ["by tool", 'import x from "mcp-clients/github/x";\nreturn x();'],
    ["by its bare name", "github.x();"],
    ["by dynamic import", 'await import("mcp-clients/github");'],
  ])("if it is not allowed, with the way to allow it: %s", { tags: ["allow.default"] }, async (_title, code) => {
    expect(await refusalOf({ code })).toMatchObject({
      code: "server_not_allowed",
      phase: "compile",
      file: "main.ts",
      line: 1,
      message:
        'Server "github" runs only when named, because it is of high sensitivity. Add "github" to allowedMcpIds to use it.',
    });
  });

  test("if it is opt_in and used by the identifier form of its id", async () => {
    expect(await refusalOf({ code: "\nreturn chrome_devtools.x();" })).toMatchObject({
      code: "server_not_allowed",
      line: 2,
      message: expect.stringContaining('"chrome-devtools" runs only when named, because it is opt_in'),
    });
  });

  test("if it is a default server but allowedMcpIds names others", async () => {
    expect(await refusalOf({ code: "return time.current_time();", allowedMcpIds: ["github"] })).toMatchObject({
      code: "server_not_allowed",
      message: expect.stringContaining("is not in this run's allowedMcpIds"),
    });
    expect(await refusalOf({ code: "return time.current_time();", allowedMcpIds: [] })).toMatchObject({
      code: "server_not_allowed",
    });
  });

  test("if allowedMcpIds names it and it does not exist", async () => {
    expect(await refusalOf({ code: "return 1;", allowedMcpIds: ["time", "githb"] })).toMatchObject({
      code: "server_unknown",
      phase: "input",
      suggestions: ["github"],
    });
  });

  test("but not a local variable, a property or a global of the same name", async () => {
    const servers = [time, serverEntry("console", { visibility: "opt_in" })];
    const outcome = await startSession({ servers }).run({
      code: "const github = { x: 1 }; console.log(github.x); return ({ chrome_devtools: 2 }).chrome_devtools;",
    });
    expect(outcome).toMatchObject({ ok: true, result: 2, logs: [{ message: "1" }] });
  });

  test("but not if allowedMcpIds names it", async () => {
    const github = serverEntry("github", { sensitivity: "high", tools: { alwaysAllow: ["x"] } });
    const upstream = new FakeUpstream({ github: { tools: [tool("x")] } });
    const outcome = await startSession({ servers: [github], upstream }).run({
      code: "return github.x();",
      allowedMcpIds: ["github", "github"],
    });
    expect(outcome).toMatchObject({ ok: true, result: "ok" });
  });
});

test("an import of a tool that does not exist is refused with the closest one", async () => {
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
    [
      "with an entrypoint that is not a file",
      { files: { "a.ts": "" }, entrypoint: "b.ts" },
      'The entrypoint "b.ts" is not among',
    ],
    ["with too many files", { files: tooMany }, `at most ${limits.filesMax} files`],
    ["of a megabyte", { code: `return "${"x".repeat(1024 * 1024)}";` }, "at most"],
    ["with the same path twice", { files: { "main.ts": "return 1", "./main.ts": "return 2" } }, "Two files have the path"],
    ["in an unknown language", { code: "return 1", language: "python" }, "language"],
    ["with an unknown field", { code: "return 1", timeout: 5 }, "timeout"],
    ["with a maxRuntimeMs over the limit", { code: "return 1", maxRuntimeMs: 120_001 }, "maxRuntimeMs"],
    ["with code that is not a string", { code: 7 }, "code"],
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
      message: expect.stringContaining("not a usable file path"),
    });
  });

  test("over the limits, but not at them", () => {
    const files = Object.fromEntries(Array.from({ length: limits.filesMax }, (_, index) => [`f${index}.ts`, ""]));
    expect(draftOf({ files, entrypoint: "f0.ts" }).entry).toBe("f0.ts");
    const code = `return "${"x".repeat(limits.sourceBytesMax - 'return "";'.length)}";`;
    expect(draftOf({ code }).entry).toBe("main.ts");
    expect(() => draftOf({ code: `${code} ` })).toThrow("at most");
    const path = `${"x".repeat(limits.filePathCharsMax - 3)}.ts`;
    expect(draftOf({ files: { [path]: "" }, entrypoint: path }).entry).toBe(path);
  });

  test("by its size in bytes, not in characters", () => {
    const code = `return "${"ü".repeat(limits.sourceBytesMax / 2)}";`;
    expect(() => draftOf({ code })).toThrow("at most");
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

  test("even if the TypeScript compiler is not available", () => {
    const refused = expect.objectContaining({
      code: "syntax_error",
      details: expect.objectContaining({ file: "main.ts", line: 1, column: 19 }),
    });
    expect(() => draftOf({ code: "const a: number = ;" })).toThrow(refused);
  });

  test("in a JSON file too", async () => {
    const files = { "main.ts": 'import d from "./d.json"; return d;', "d.json": '{\n  "a": 1,\n  "b": oops\n}' };
    expect(await refusalOf({ files })).toMatchObject({ code: "syntax_error", file: "d.json", line: 3, column: 8 });
  });

  test("and is also the error for code that nests too deeply", async () => {
    const deep = `return ${"[".repeat(100_000)}${"]".repeat(100_000)};`;
    expect(await refusalOf({ code: deep, language: "js" })).toMatchObject({ code: "syntax_error" });
    const long = `return ${"1+".repeat(5_000)}1;`;
    const outcome = await startSession({ servers: [] }).run({ code: long, language: "js" });
    expect(outcome.errors?.[0]?.code ?? "syntax_error").toBe("syntax_error");
  });

  test("but a long array of data is none", async () => {
    const code = `const list = [${"1,".repeat(200_000)}]; return list.length;`;
    expect(await startSession({ servers: [] }).run({ code })).toMatchObject({ ok: true, result: 200_000 });
  });
});

describe("a linked program", () => {
  const tools = () => [tool("current_time"), tool("convert-time")];
  const link = async (input: object, allowed: ServerEntry[] = [time, serverEntry("grep"), serverEntry("memory")]) => {
    const draft = draftOf(input, allowed);
    return { draft, program: linkProgram(draft, tools) };
  };

  test("contains only the clients it imports", { tags: ["clients.only-imported"] }, async () => {
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

  test("that passes all clients on contains all that are allowed, each of them optional", async () => {
    for (const use of ["return Object.keys(c);", "const id = 'time'; return c[id];"]) {
      const { draft } = await link({ code: `import * as c from "mcp-clients"; ${use}` });
      expect(draft.servers).toEqual(["time", "grep", "memory"]);
      expect(draft.optional.size).toBe(3);
    }
    const { draft } = await link({ code: 'import * as c from "mcp-clients"; return [c, time];' });
    expect([...draft.optional]).toEqual(["grep", "memory"]);
  });

  test("keeps the user's lines in place", { tags: ["execute.entry-forms"] }, async () => {
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
