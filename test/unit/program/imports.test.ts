import { describe, expect, test } from "vitest";
import { meantSpecifier } from "../../../core/program/meant-specifier.ts";
import { serverEntry, textResult, tool } from "../../support/builders.ts";
import { FakeUpstream } from "../../support/fakes.ts";
import { startSession } from "../../support/session.ts";

const servers = [serverEntry("time"), serverEntry("seq-think"), serverEntry("vault", { sensitivity: "high" })];

async function run(input: string | object) {
  const one = { tools: [tool("current_time")], answers: { current_time: textResult("noon") } };
  const upstream = new FakeUpstream({ time: one, "seq-think": one, vault: one });
  return startSession({ servers, upstream }).run(typeof input === "string" ? { code: input } : input);
}

const call = "return await time.current_time({});";

describe("an import that is not used does not stop a program", { tags: ["imports.unused"] }, () => {
  const heads = [
    'import { time, seq_think } from "mcp-clients";',
    'import { time, vault } from "mcp-clients";',
    'import { time, calendar } from "mcp-clients";',
    'import { time } from "mcp-clients"; import { vault } from "mcp-clients";',
    'import { time } from "mcp-clients"; import * as vault from "mcp-clients/vault";',
    'import { time } from "mcp-clients"; import vault from "mcp-clients/vault";',
    'import { time } from "mcp-clients"; import open from "mcp-clients/vault/open";',
    'import { time } from "mcp-clients"; import later from "mcp-clients/time/later";',
    'import { time, session } from "mcp-clients";',
    'import time, { later } from "mcp-clients/time";',
    'import { time } from "mcp-clients"; import { z } from "zod";',
    'import { time } from "mcp-clients"; import { later } from "runtime";',
    "import {\n  time,\n  vault,\n} from 'mcp-clients';",
    'import { time } from "mcp-clients"; import _ from "lodash";',
    'import { time } from "mcp-clients"; import * as _ from "lodash";',
    'import { time } from "mcp-clients"; import fs, { readFile } from "node:fs";',
    'import { time } from "mcp-clients"; import { env } from "cloudflare:workers";',
    'import { time } from "mcp-clients"; import x from "https://example.com/x.js";',
    'import { time } from "mcp-clients"; import { x } from "./missing";',
    'import { time } from "mcp-clients"; import x, * as all from "../missing.js";',
    'import all, { time } from "mcp-clients";',
  ];

  test.each(heads)("%s", async (head) => {
    expect(await run(`${head}\n${call}`)).toMatchObject({ ok: true, result: "noon" });
    expect(await run({ code: `${head}\n${call}`, language: "js" })).toMatchObject({ ok: true, result: "noon" });
  });

  test("nor one of types, of a server that the program may not use", async () => {
    const code = `import { time, type Later } from "mcp-clients"; import type { vault, Secret } from "mcp-clients";
      import type { Other } from "mcp-clients/vault";
      let a: typeof vault; let b: Secret; let c: Later; let d: Other; ${call}`;
    expect(await run(code)).toMatchObject({ ok: true, result: "noon" });
  });

  test("nor one of types that are nowhere to be found", async () => {
    const heads = [
      'import type { Page } from "playwright"; import { type Row } from "./missing";',
      'import { Page } from "playwright"; import Row from "./missing";',
      'import type * as pw from "playwright"; type Page = pw.Page; import { Row } from "../rows.js";',
      'import type { Stats as Page } from "node:fs"; type Row = import("fs").Stats;',
      'type Page = import("playwright").Page; type Row = import("./missing").Row;',
      'export type { Page, Row } from "./missing"; type Page = any; type Row = any;',
      'export { type Page } from "playwright"; type Page = any; type Row = any;',
    ];
    // What type stripping cannot do is done by the TypeScript compiler.
    for (const more of ["", "namespace Own { export const one = 1; } if (Own.one !== 1) throw new Error();\n"]) {
      for (const head of heads) {
        const code = `import { time } from "mcp-clients"; ${head}\n${more}const row: Row | Page = 1 as any; ${call}`;
        expect([head, await run(code)]).toMatchObject([head, { ok: true, result: "noon" }]);
      }
    }
  });

  test("but a value that is used of them does, and so does what is imported for its effects", async () => {
    const wrong = [
      'import _, { map } from "lodash"; map([]);',
      'import { Page } from "playwright"; const x = [Page];',
      'import { x } from "./missing"; export { x };',
      'import "lodash";',
      'import "./missing";',
      'import "node:fs";',
    ];
    for (const head of wrong) {
      for (const language of ["ts", "js"]) {
        const code = `import { time } from "mcp-clients"; ${head} export default await time.current_time({});`;
        expect([head, await run({ code, language })]).toMatchObject([
          head,
          { errors: [{ code: "import_not_allowed", line: 1 }] },
        ]);
      }
    }
  });

  test("a JavaScript file that is there is evaluated all the same", async () => {
    const files = {
      "main.js": 'import { a } from "./a.js"; import b from "./b"; import * as c from "./missing.js"; return globalThis.seen;',
      "a.js": "globalThis.seen = ['a'];",
      "b.js": "globalThis.seen.push('b');",
    };
    expect(await run({ files, language: "js" })).toMatchObject({ ok: true, result: ["a", "b"] });
  });

  test("nor one in another file", async () => {
    const files = {
      "main.ts": `import { time, vault } from "mcp-clients"; import { now } from "./now"; return now(time);`,
      "now.ts": `import { vault, calendar } from "mcp-clients"; export const now = (clock) => clock.current_time({});`,
    };
    expect(await run({ files })).toMatchObject({ ok: true, result: "noon" });
  });

  test("and its server is not asked for its tools", async () => {
    const upstream = new FakeUpstream({ time: { tools: [tool("current_time")], answers: { current_time: textResult("noon") } } });
    const { run: runHere } = startSession({ servers, upstream });
    const code = `import { time, seq_think } from "mcp-clients"; ${call}`;
    expect(await runHere({ code, language: "js" })).toMatchObject({ ok: true, result: "noon" });
  });

  test("nor one taken in vain from import()", async () => {
    const head = 'const { time, vault, calendar } = await import("mcp-clients");';
    for (const language of ["ts", "js"]) expect(await run({ code: `${head} ${call}`, language })).toMatchObject({ ok: true });
    expect(await run(`${head} ${call.replace("time", "vault")}`)).toMatchObject({ errors: [{ code: "server_not_allowed" }] });
  });

  test("but the same server, used, does", async () => {
    for (const use of ["vault.open({})", "[vault]", "({ vault })", "vault"]) {
      expect(await run(`import { time, vault } from "mcp-clients"; return ${use};`)).toMatchObject({
        errors: [{ code: "server_not_allowed", line: 1 }],
      });
    }
    expect(
      await run({ files: { "main.ts": `import { vault } from "./a"; return vault.x();`, "a.ts": vaultAgain } }),
    ).toMatchObject({
      errors: [{ code: "server_not_allowed", file: "a.ts" }],
    });
  });

  const vaultAgain = 'import { vault } from "mcp-clients"; export { vault };';

  test("the error of a line below keeps its line", async () => {
    const code = "import {\n  time,\n  vault,\n} from 'mcp-clients';\n\nthrow new Error('here');";
    for (const language of ["ts", "js"]) {
      expect(await run({ code, language })).toMatchObject({ errors: [{ code: "uncaught_exception", line: 6 }] });
    }
  });
});

describe("a module is found under the names that other systems give it", { tags: ["imports.meant"] }, () => {
  test.each([
    ["mcp-clients/index", "mcp-clients"],
    ["mcp-clients/index.js", "mcp-clients"],
    ["./mcp-clients", "mcp-clients"],
    ["../../mcp-clients/", "mcp-clients"],
    ["/mcp-clients", "mcp-clients"],
    ["@/mcp-clients/index.ts", "mcp-clients"],
    ["@mcp-clients/time", "mcp-clients/time"],
    ["mcp_clients/time", "mcp-clients/time"],
    ["./mcp-clients/time", "mcp-clients/time"],
    ["./mcp-clients/time.ts", "mcp-clients/time"],
    ["mcp-clients/time.d.ts", "mcp-clients/time"],
    ["mcp-clients/time/index", "mcp-clients/time"],
    ["./mcp-clients/time/current_time.js", "mcp-clients/time/current_time"],
    ["./runtime", "runtime"],
    ["mcp-clients/runtime", "runtime"],
    ["mcp-clients/time/../time", undefined],
    ["../mcp-orchestrator/shim.js", undefined],
    ["./mcp-clients-extra", undefined],
    ["lodash", undefined],
    ["./util", undefined],
    ["", undefined],
    ["./", undefined],
    ["mcp-clients//time", undefined],
  ])("%s is %s", (written, meant) => expect(meantSpecifier(written)).toBe(meant));

  test.each([
    ["import { time } from 'mcp-clients/index';", "ts"],
    ["import * as time from './mcp-clients/time';", "ts"],
    ["import { time } from '../mcp-clients/index.js';", "js"],
    ["const { time } = await import('./mcp-clients');", "ts"],
    ["import current_time from './mcp-clients/time/current_time.ts'; const time = { current_time };", "ts"],
  ])("%s", async (head, language) => {
    expect(await run({ code: `${head}\n${call}`, language })).toMatchObject({ ok: true, result: "noon" });
  });

  test("a file of the program comes first", async () => {
    const files = {
      "main.ts": 'import { time } from "./lib/mcp-clients"; import { session } from "./runtime"; return [time, session];',
      "lib/mcp-clients.ts": "export const time = 'own';",
      "runtime.ts": "export const session = 'own';",
    };
    expect(await run({ files })).toMatchObject({ ok: true, result: ["own", "own"] });
  });

  test("and so does a server that is really called so", async () => {
    const upstream = new FakeUpstream({ index: { tools: [tool("find")], answers: { find: textResult("found") } } });
    const session = startSession({ servers: [serverEntry("index")], upstream });
    const code = 'import * as index from "mcp-clients/index"; return await index.find({});';
    expect(await session.run({ code })).toMatchObject({ ok: true, result: "found" });
  });
});

describe("a name from the wrong place is answered with the right one", { tags: ["imports.meant"] }, () => {
  const runtimeLine = (name: string) => `import { ${name} } from "runtime"`;
  const byCall = "time.current_time({ … })";

  test.each([
    ['import { session } from "mcp-clients"; return session.list();', "import_not_allowed", runtimeLine("session")],
    ['const { args } = await import("mcp-clients"); return args;', "import_not_allowed", runtimeLine("args")],
    ['import { args } from "mcp-clients"; return args;', "import_not_allowed", runtimeLine("args")],
    ['import { files } from "mcp-clients"; return files.list();', "import_not_allowed", runtimeLine("files")],
    ['import * as all from "mcp-clients"; return all.progress(1);', "import_not_allowed", runtimeLine("progress")],
    ['import results from "mcp-clients/results"; return results.get("r");', "import_not_allowed", runtimeLine("results")],
    ['import { time } from "runtime"; return time.current_time({});', "type_error", 'import { time } from "mcp-clients"'],
    ['import { sesion } from "runtime"; return sesion.list();', "type_error", "session"],
    [
      'import { time } from "mcp-clients/time"; return time.current_time({});',
      "tool_unknown",
      'import { time } from "mcp-clients"',
    ],
    ['import { current_time } from "time"; return current_time({});', "import_not_allowed", 'import { time } from "mcp-clients"'],
    ['import * as t from "./servers/time"; return t;', "import_not_allowed", 'import * as time from "mcp-clients/time"'],
    ['return await callMcpTool("time", "current_time", {});', "type_error", byCall],
    ['return await callMCPTool("time__current_time", {});', "type_error", byCall],
    ["return await callTool('time', 'current_time');", "type_error", byCall],
    ['return await mcp.callTool("time", "current_time", {});', "type_error", byCall],
    ["return await mcp__time__current_time({});", "type_error", byCall],
    ['import { callMcpTool } from "mcp-clients"; return callMcpTool("time");', "import_not_allowed", "time.tool({ … })"],
    ['import { callMcpTool } from "runtime"; return callMcpTool("time");', "type_error", "time.tool({ … })"],
    ["return await mcp.time.current_time({});", "type_error", 'import { time } from "mcp-clients"'],
    ["return await clients.seq_think.x({});", "type_error", 'import { seq_think } from "mcp-clients"'],
  ])("%s", async (code, errorCode, suggestion) => {
    const { errors } = await run(code);
    expect(errors).toMatchObject([{ code: errorCode, line: 1, suggestions: expect.arrayContaining([suggestion]) }]);
    expect(errors?.[0]?.message).toContain(suggestion);
  });

  test("an unknown server among all clients is one, not a tool", async () => {
    const code = 'import * as all from "mcp-clients"; const keep = [all]; return all.tme.current_time({});';
    expect(await run(code)).toMatchObject({
      errors: [{ code: "server_unknown", suggestions: ["time"], message: expect.stringContaining('No server "tme"') }],
    });
    expect(await run(code.replace("tme", "vault"))).toMatchObject({ errors: [{ code: "server_not_allowed" }] });
  });
});

test.each(["mcp-clients", "mcp-clients/time", "mcp-clients/time/current_time", "runtime", "node:path"])(
  "the namespace of %s has its exports and nothing else",
  { tags: ["imports.namespace"] },
  async (specifier) => {
    const read = "return [Object.keys(all), '__esModule' in all, Object.keys({ ...all }).includes('__esModule')];";
    for (const head of [`import * as all from "${specifier}";`, `const all = await import("${specifier}");`]) {
      const { result } = await run(`${head} ${read}`);
      expect(result).toEqual([expect.not.arrayContaining(["__esModule"]), false, false]);
      expect(result).not.toEqual([[], false, false]);
    }
  },
);
