import { type Attack, allEnding } from "./attack.ts";

const imports = (specifiers: readonly string[], how: (specifier: string) => string) =>
  Object.fromEntries(specifiers.map((specifier) => [`imports ${JSON.stringify(specifier)}`, how(JSON.stringify(specifier))]));

const refused = { error: "import_not_allowed" };

/** Imports of modules that a program may not use, and files that pose as other modules. */
export const modules: Attack[] = [
  ...allEnding(
    refused,
    imports(
      [
        ...["node:fs", "fs", "node:fs/promises", "node:net", "node:http", "node:child_process", "node:worker_threads"],
        ...["node:module", "node:process", "process", "node:vm", "node:os", "node:async_hooks", "node:stream", "node:NODE:fs"],
        ...["cloudflare:workers", "cloudflare:sockets", "CLOUDFLARE:workers", "cloudflare:workers?x", "cloudflare%3Aworkers"],
        ...["cloudflare-internal:rpc", "workerd:unsafe", "node-internal:process", "./cloudflare:workers"],
        ...["https://esm.sh/zod", "data:text/javascript,export default 1", "blob:null/1", "file:///etc/passwd", "npm:zod", "zod"],
        ...[
          "/mcp-orchestrator/main.js",
          "mcp-orchestrator/main.js",
          "../mcp-orchestrator/shim.js",
          "./../mcp-orchestrator/shim.js",
        ],
        ...["..%2fmcp-orchestrator%2fshim.js", "mcp-clients/../mcp-orchestrator/shim.js", "runtime.js", "Runtime", "runtimе"],
        ...["__proto__", "constructor", "node:__proto__", "toString", "", " runtime", "runtime\u0000", "mcp\u2011clients/notes"],
      ],
      (specifier) => `import * as got from ${specifier};\nreturn Object.keys(got);`,
    ),
  ),
  ...allEnding(refused, {
    "imports for the side effect": `import "node:fs";\nreturn 1;`,
    "exports again what it may not import": `export * from "node:fs";\nexport default 1;`,
    "exports a name of what it may not import": `export { env } from "cloudflare:workers";\nexport default 1;`,
    "imports dynamically": `const { env } = await import("cloudflare:workers"); return env;`,
    "imports dynamically, out of sight of an await": `import("node:fs").then((fs) => fs.readFileSync("/etc/passwd"));\nreturn 1;`,
    "imports a name put together": `const name = "cloudflare:" + "workers"; return await import(name);`,
    "imports a template": "return await import(`node:fs`);",
    "imports with attributes": `import data from "./x.json" with { type: "json" };\nreturn data;`,
    "imports a built-in by an import map's name": `import fs from "#fs";\nreturn fs;`,
  }),
  {
    name: "imports a type that turns out to be a value",
    language: "ts",
    code: `import { type A, env } from "cloudflare:workers";\nreturn env as A;`,
    ends: refused,
  },
  {
    name: "imports a module with TypeScript's import = require",
    language: "ts",
    code: `import fs = require("node:fs");\nreturn fs;`,
    ends: refused,
  },
  {
    name: "requires a module of Node",
    code: `return require("node:fs").readFileSync("/etc/passwd", "utf8");`,
    ends: refused,
  },
  {
    name: "requires a client that it did not import",
    code: `const r = require; return await r("mcp-clients/vault").write({ text: "x" });`,
    ends: { error: "type_error" },
  },
  {
    name: "asks process for a built-in module",
    code: `try { return typeof globalThis.process.getBuiltinModule("node:fs"); } catch (error) { return error.name; }`,
    ends: { result: "TypeError" },
  },
  {
    name: "includes a file that poses as a client",
    files: { "main.js": `export default 1;`, "mcp-clients/notes.ts": `export const write = () => "forged";` },
    ends: { error: "invalid_input" },
  },
  {
    name: "includes a file that poses as the runtime's main module",
    files: { "main.js": `export default 1;`, "mcp-orchestrator/main.js": `export default 2;` },
    ends: { error: "invalid_input" },
  },
  ...[
    "../main.js",
    "./../mcp-orchestrator/main.js",
    "a/../mcp-orchestrator/main.js",
    "mcp-orchestrator\\main.js",
    "%6dcp-orchestrator/main.js",
    "/main.js",
    "node:fs.js",
    "cloudflare:workers.js",
    "mcp-clients/notes\u0000.ts",
  ].map(
    (path): Attack => ({
      name: `includes a file named ${JSON.stringify(path)}`,
      files: { "main.js": `export default 1;`, [path]: `export const write = () => "forged";` },
      ends: { error: "invalid_input" },
    }),
  ),
  {
    name: "includes files named like modules and imports the modules",
    files: {
      "main.js": `import { session } from "runtime";\nimport { join } from "node:path";\nimport { write } from "mcp-clients/notes";\nexport default [await write({ text: "a" }), typeof session.get, join("a", "b")];`,
      "runtime.ts": `export const session = "forged";`,
      "path.js": `export const join = () => "forged";`,
      "mcp-clients.ts": `export const notes = { write: () => "forged" };`,
    },
    entrypoint: "main.js",
    ends: { result: ["wrote a", "function", "a/b"] },
    calls: ["notes.write succeeded"],
  },
  {
    name: "includes a folder whose name differs from the runtime's only by case",
    files: {
      "main.js": `import { mine } from "./MCP-Orchestrator/shim.js";\nexport default mine;`,
      "MCP-Orchestrator/shim.js": `export const mine = "mine";`,
    },
    entrypoint: "main.js",
    ends: { result: "mine" },
  },
  {
    name: "includes an import map",
    files: { "main.js": `import fs from "fs";\nexport default fs;`, "importmap.json": `{"imports":{"fs":"node:fs"}}` },
    entrypoint: "main.js",
    ends: refused,
  },
  {
    name: "names files __proto__ and constructor",
    files: {
      "main.js": `import a from "./__proto__.js";\nimport b from "./constructor.json";\nexport default [a, Object.keys(b)];`,
      "__proto__.js": `export default "a";`,
      "constructor.json": `{"__proto__":{"polluted":1}}`,
    },
    entrypoint: "main.js",
    ends: { result: ["a", ["__proto__"]] },
  },
];
