import { describe, expect, test } from "vitest";
import { nodeModules } from "../../core/program/node-modules.ts";
import { run } from "./run.ts";

/** For each module, an expression that uses its namespace `m` and its default export `d`, and the result. */
const uses: Record<string, [expression: string, result: unknown]> = {
  assert: [`[m.ok(true), d.strictEqual(1, 1)].length`, 2],
  buffer: [`m.Buffer.from("abc").toString("base64") + d.Buffer.from("a").toString("hex")`, "YWJj61"],
  crypto: [`m.createHash("sha256").update("x").digest("hex").slice(0, 8) + d.randomBytes(4).length`, "2d7116424"],
  events: [`[new d().on("a", () => 1).emit("a"), m.EventEmitter === d]`, [true, true]],
  path: [`m.join("a", "..", "b") + d.extname("c.ts")`, "b.ts"],
  "path/posix": [`m.basename("/a/b") + d.sep`, "b/"],
  querystring: [`[m.parse("a=1").a, d.stringify({ b: 2 })]`, ["1", "b=2"]],
  string_decoder: [`new m.StringDecoder("utf8").write(new Uint8Array([195, 164])) + typeof d.StringDecoder`, "äfunction"],
  "timers/promises": [`[await m.setTimeout(1, "late"), await d.setImmediate("soon")]`, ["late", "soon"]],
  url: [`[m.domainToASCII("ä.de"), d.fileURLToPath("file:///a/b")]`, ["xn--4ca.de", "/a/b"]],
  util: [`m.inspect(new Map([[1, 2]])) + d.format("%d", 3)`, "Map(1) { 1 => 2 }3"],
};

describe.each(nodeModules)("the standard module %s", (name) => {
  const [expression, result] = uses[name] ?? ["", undefined];

  test.each([name, `node:${name}`])("works, imported as %j", { tags: ["sandbox.imports"] }, async (specifier) => {
    const code = `import d, * as m from "${specifier}";\nconst dynamic = await import("${specifier}");\nif (dynamic.default !== d) throw new Error("two");\nreturn ${expression};`;
    expect(await run({ code })).toMatchObject({ ok: true, result });
  });
});

test("members of a standard module can be imported by name, as values and as types", async () => {
  const code = `import { EventEmitter } from "events";\nimport { join as together } from "node:path";\nclass Bell extends EventEmitter {}\nconst bell: EventEmitter = new Bell();\nlet heard = "";\nbell.once("ring", (what: string) => { heard = together("a", what); });\nbell.emit("ring", "b");\nexport default heard;`;
  expect(await run({ code })).toMatchObject({ ok: true, result: "a/b" });
});

test("a failed assertion ends the run with its message, at the program's line", async () => {
  const outcome = await run({ code: `import assert from "node:assert";\n\nassert.equal(1, 2);` });
  expect(outcome).toMatchObject({ ok: false, errors: [{ code: "uncaught_exception", file: "main.ts", line: 3 }] });
});

test("the error for a refused import names the place, and what may be imported", { tags: ["sandbox.imports"] }, async () => {
  const outcome = await run({ code: `const a = 1;\nimport left from "left-pad";\nreturn [a, left];` });
  expect(outcome.errors).toMatchObject([{ code: "import_not_allowed", file: "main.ts", line: 2, column: 1 }]);
  expect(outcome.errors?.[0]?.frame).toMatch(/^> 2 \| import left/m);
  for (const allowed of ["left-pad", "./util", "mcp-clients/<id>", "runtime", ...nodeModules]) {
    expect(outcome.errors?.[0]?.message).toContain(allowed);
  }
});

test("the error for a module that has a substitute names that, and nothing else", { tags: ["sandbox.imports"] }, async () => {
  const { errors } = await run({ code: `import fs from "node:fs/promises";\nreturn fs;` });
  expect(errors).toMatchObject([{ code: "import_not_allowed", line: 1 }]);
  expect(errors?.[0]?.message).toContain('import { files } from "runtime"');
  expect(errors?.[0]?.message).not.toContain("./util");
});
