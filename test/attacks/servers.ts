import { type Attack, allEnding } from "./attack.ts";

/** Calls to servers outside the run's allow list, and misuse of the binding. */
export const servers: Attack[] = [
  ...allEnding(
    { error: "server_not_allowed" },
    {
      "imports a server that it may not use": `import { vault } from "mcp-clients"; return await vault.write({ text: "x" });`,
      "imports a forbidden server's module": `import { write } from "mcp-clients/vault"; return await write({ text: "x" });`,
      "imports a forbidden server's tool": `import write from "mcp-clients/vault/write"; return await write({ text: "x" });`,
      "imports a forbidden server dynamically": `const { write } = await import("mcp-clients/vault"); return await write({ text: "x" });`,
      "uses a forbidden server's name without an import": `return await vault.write({ text: "x" });`,
      "exports a forbidden server again": `export { write } from "mcp-clients/vault"; export default 1;`,
    },
  ),
  {
    name: "looks for a forbidden server among all clients",
    code: `import * as clients from "mcp-clients"; return [Object.keys(clients).filter((name) => name !== "default" && name !== "__esModule"), typeof clients["va" + "ult"]];`,
    ends: { result: [["dynamic", "notes", "sandbox", "saved", "system"], "undefined"] },
  },
  ...[
    `"../vault/write"`,
    `"vault.write"`,
    `"vault/write"`,
    `["vault", "write"]`,
    `{ toString: () => "write\\u0000vault" }`,
    `"__proto__"`,
    `"constructor"`,
    `"\\u202ewrite"`,
    `"write "`,
    `"WRITE"`,
    `undefined`,
    `null`,
  ].map(
    (wireName): Attack => ({
      name: `calls a tool named ${wireName}`,
      code: `return await Object(notes).$call(${wireName}, { text: "x" }).then(() => "reached", (e) => [e.code, e.server]);`,
      ends: { result: ["tool_unknown", "notes"] },
    }),
  ),
  {
    name: "passes an object that converts to another name each time",
    code: `let n = 0; const name = { toString: () => (n++ === 0 ? "write" : "fails") }; return [await Object(notes).$call(name, { text: "a" }), n];`,
    ends: { result: ["wrote a", 1] },
    calls: ["notes.write succeeded"],
  },
  {
    name: "passes a symbol, a function and a stub-like object as a name",
    code: `const got = []; for (const name of [() => "write", Object.create(null), new Proxy(() => {}, {})]) got.push(await (async () => Object(notes).$call(name, { text: "x" }))().then(() => "reached", () => "refused")); return got;`,
    ends: { result: ["refused", "refused", "refused"] },
  },
  {
    name: "looks for the runtime's internal functions in its imports",
    code: `import * as runtime from "runtime"; import * as time from "mcp-clients/notes"; const names = [...Object.keys(runtime), ...Object.keys(time), ...Reflect.ownKeys(time).map(String)]; return names.filter((name) => /createClient|\\$client|callMcpTool|connect|runtimeCall|setArgs|McpToolError|send/.test(name));`,
    ends: { result: [] },
  },
  {
    name: "reads the source of its clients' functions",
    code: `return [String(notes.write), String(notes.$call)].filter((text) => /vault|token|secret/i.test(text));`,
    ends: { result: [] },
  },
  {
    name: "asks runtime for help with a forbidden server",
    code: `import { help } from "runtime"; return await help("vault").then((text) => (String(JSON.stringify(text)).includes("write") ? "told" : "nothing"), (e) => e.code);`,
    ends: { result: "server_not_allowed" },
  },
  {
    name: "reads another session's result by its handle",
    code: `import { args, results } from "runtime"; return await results.get(args.foreignHandle).then(() => "read", (e) => e.code);`,
    ends: { result: "invalid_arguments" },
  },
  ...["../other", "value/secret", "result/", "__proto__", "secret\u0000", "owner/other/secret"].map(
    (key): Attack => ({
      name: `reads the session value ${JSON.stringify(key)} of somebody else`,
      code: `import { session } from "runtime"; return [(await session.get(${JSON.stringify(key)})) ?? "nothing", (await session.list()).filter((k) => k === "secret")];`,
      ends: { result: ["nothing", []] },
    }),
  ),
  {
    name: "stores a tool and a proxy in the session and reads back only data",
    code: `import { session } from "runtime"; await session.set("tool", { write: notes.write, mine: new Proxy({ a: 1 }, {}) }); const got = await session.get("tool"); await session.delete("tool"); return got;`,
    ends: { result: { mine: { a: 1 } } },
  },
  {
    name: "sends a tool to another through structuredClone",
    code: `try { structuredClone(notes); return "cloned"; } catch (e) { return e.name; }`,
    ends: { result: "DataCloneError" },
  },
  {
    name: "returns a client, to be called from outside",
    code: `return { notes, write: notes.write };`,
    ends: { result: { notes: { $tools: ["write", "fails", "orders", "hostile"], $resources: {}, $prompts: {} } } },
  },
  {
    name: "disposes of its clients and tools",
    code: `const got = []; for (const what of [Object(notes), Object(notes.write), Object(notes.$call)]) for (const s of [Symbol.dispose, Symbol.asyncDispose]) got.push(typeof what[s], typeof what.dup === "function" && what !== notes); return [got.filter((t) => t !== "undefined" && t !== false), await notes.write({ text: "a" })];`,
    ends: { result: [[], "wrote a"] },
    calls: ["notes.write succeeded"],
  },
  {
    name: "disposes of the promise of an unfinished call",
    code: `const pending = Object(notes).write({ text: "a" }); const has = [typeof pending[Symbol.dispose], typeof pending[Symbol.asyncDispose], typeof pending.ok]; return [has, await pending];`,
    ends: { result: [["undefined", "undefined", "undefined"], "wrote a"] },
    calls: ["notes.write succeeded"],
  },
  {
    name: "calls on after its end",
    code: `setTimeout(() => notes.write({ text: "late" }), 50); (async () => { for (;;) { await new Promise((r) => setTimeout(r, 20)); await notes.write({ text: "later" }).catch(() => {}); } })().catch(() => {}); return "ended";`,
    ends: { result: "ended" },
  },
  {
    name: "makes a call when an object is garbage-collected",
    code: `const registry = new FinalizationRegistry(() => { notes.write({ text: "late" }); }); for (let n = 0; n < 1000; n++) registry.register({ n }, n); globalThis.weak = new WeakRef(notes); return "ended";`,
    ends: { result: "ended" },
  },
  {
    name: "names its variables like those of the runtime",
    code: `function inner(require, exports, caller, links) { return [require, exports, caller, links]; } const links = 1, caller = 2, captured = 3, send = 4; return [inner(1, 2, 3, 4), links + caller + captured + send];`,
    ends: { result: [[1, 2, 3, 4], 10] },
  },
];
