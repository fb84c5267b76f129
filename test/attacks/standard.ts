import { type Attack, allEnding } from "./attack.ts";

/** What a program can reach in an isolate with Node modules. */
export const standard: Attack[] = [
  {
    name: "looks for what Node compatibility adds to the global scope",
    code: `import util from "node:util"; return ["process", "global", "Buffer", "setImmediate", "clearImmediate", "Performance", "require", "module"].filter((name) => name in globalThis);`,
    ends: { result: [] },
  },
  {
    name: "walks everything that the standard modules export for the process",
    code: `import * as assert from "assert"; import * as buffer from "buffer"; import * as crypto from "crypto"; import * as events from "events"; import * as path from "path"; import * as query from "querystring"; import * as decoder from "string_decoder"; import * as timers from "timers/promises"; import * as url from "url"; import * as util from "util";
const seen = new Set(); const queue = [assert, buffer, crypto, events, path, query, decoder, timers, url, util, globalThis]; const found = [];
while (queue.length > 0) { const at = queue.pop(); if ((typeof at !== "object" && typeof at !== "function") || at === null || seen.has(at)) continue; seen.add(at);
  for (const name of ["getBuiltinModule", "binding", "createRequire", "readFileSync", "createServer", "execSync", "nextTick", "callMcpTool"]) { try { if (Object.hasOwn(at, name)) found.push(name); } catch {} }
  queue.push(Object.getPrototypeOf(at)); for (const key of Reflect.ownKeys(at)) { const d = Object.getOwnPropertyDescriptor(at, key); if (!d) continue; if ("value" in d) queue.push(d.value); else { queue.push(d.get, d.set); try { queue.push(at[key]); } catch {} } } }
return [found, seen.size > 1000];`,
    ends: { result: [[], true] },
  },
  {
    name: "looks for the process object as this",
    code: `import events from "node:events"; import util from "node:util"; const caught = []; const look = (v) => { if (v && typeof v === "object" && "nextTick" in v && !(v instanceof events)) caught.push("process"); };
for (const key of Object.getOwnPropertyNames(events.prototype)) { const f = events.prototype[key]; if (typeof f === "function" && key !== "constructor") events.prototype[key] = function (...a) { look(this); return f.apply(this, a); }; }
for (const key of ["emitWarning", "emit", "env", "cwd"]) Object.defineProperty(Object.prototype, key, { configurable: true, get() { look(this); return undefined; }, set(value) { look(this); Object.defineProperty(this, key, { value, writable: true, configurable: true }); } });
Promise.reject(new Error("x")); const e = new events(); for (let n = 0; n < 20; n++) e.on("a", () => {}); try { util.deprecate(() => {}, "gone", "DEP0")(); } catch {} await new Promise((r) => setTimeout(r, 5)); return caught;`,
    ends: { result: [] },
    logs: [
      "Possible EventEmitter memory leak detected. 11 a listeners added to an EventEmitter. Use emitter.setMaxListeners() to increase limit",
    ],
  },
  {
    name: "makes a function from text in an isolate with Node modules",
    code: `import { inspect } from "node:util"; try { return inspect.constructor("return this")(); } catch (e) { return e.name; }`,
    ends: { result: "EvalError" },
  },
  {
    name: "fetches in an isolate with Node modules",
    code: `import { args } from "runtime"; import { URL as U } from "node:url"; try { await fetch(new U("http://127.0.0.1:" + args.listenerPort)); return "reached"; } catch { return "refused"; }`,
    ends: { result: "refused" },
  },
  {
    name: "clears the time limit with the timers of Node",
    code: `import { setTimeout as sleep } from "node:timers/promises"; for (let n = 0; n < 5000; n++) clearTimeout(n); await sleep(60_000); return "slept";`,
    maxRuntimeMs: 400,
    ends: { error: "run_timeout" },
  },
  {
    name: "calls a forbidden server through an emitter",
    code: `import events from "events"; const e = new events(); e.on("x", (f) => f({ text: "x" })); try { e.emit("x", Object(notes).$call.bind(null, "vault.write")); } catch {} return await Object(notes).$call("vault.write", {}).catch((error) => error.code);`,
    ends: { result: "tool_unknown" },
  },
  ...allEnding(
    { error: "import_not_allowed" },
    {
      "adds a module of Node that is not safe to one that is": `import path from "node:path"; import fs from "node:fs"; return fs.readdirSync(path.sep);`,
      "takes the whole of a module's folder": `import { promises } from "node:timers"; return typeof promises;`,
      "spells a standard module with its scheme twice": `import path from "node:node:path"; return path;`,
    },
  ),
];
