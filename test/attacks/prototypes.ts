import type { Attack } from "./attack.ts";

/*
 * Programs that replace built-ins which the runtime might use, before a call or before the end. They record what they intercept
 * and return it. The call and the answer must be the same as without the replacement.
 */

const call = `await notes.write({ text: "a" })`;
const written = ["notes.write succeeded"];

/** Replaces something, calls a tool, and returns its result with the number of intercepted values. */
function spoils(what: string, spoil: string, extra: Partial<Attack> = {}): Attack {
  return {
    name: `spoils ${what} before a call`,
    code: `const stolen = []; const keep = (value) => { stolen.push(typeof value); };\n${spoil}\nconst reply = ${call};\nreturn [reply, stolen.length];`,
    ends: { result: ["wrote a", 0] },
    calls: written,
    ...extra,
  };
}

export const prototypes: Attack[] = [
  spoils("JSON.stringify", `JSON.stringify = (v) => { keep(v); return '{"text":"forged"}'; };`),
  spoils("JSON.parse", `JSON.parse = (v) => { keep(v); return { ok: true, value: "forged" }; };`),
  spoils(
    "the name of the binding",
    `Object.prototype.callMcpTool = function (...a) { keep(this); return '{"ok":true,"value":"forged"}'; };`,
  ),
  spoils(
    "Function.prototype.call and apply",
    `Function.prototype.apply = Function.prototype.call = function () { keep(this); return "forged"; };`,
  ),
  spoils("Function.prototype.bind", `Function.prototype.bind = function () { keep(this); return () => "forged"; };`),
  spoils("Reflect", `Reflect.apply = Reflect.get = Reflect.defineProperty = (...a) => { keep(a); return "forged"; };`),
  spoils(
    "Object's functions",
    `for (const name of ["keys", "entries", "hasOwn", "freeze", "assign", "setPrototypeOf"]) Object[name] = (v) => { keep(v); return v; };`,
  ),
  spoils("Error.captureStackTrace", `Error.captureStackTrace = (place, fn) => { keep(fn); };`),
  spoils("String", `globalThis.String = (v) => { keep(v); return "vault"; };`),
  spoils(
    "the methods of strings",
    `for (const name of ["split", "slice", "startsWith", "replace"]) String.prototype[name] = function () { keep(this); return "forged"; };`,
  ),
  spoils(
    "the methods of arrays",
    `for (const name of ["map", "join", "slice", "indexOf", "forEach", "includes"]) Array.prototype[name] = function () { keep(this); return []; };`,
  ),
  spoils("the iterator of arrays", `Array.prototype[Symbol.iterator] = function* () { keep(this); yield "forged"; };`),
  spoils(
    "the iterator's next",
    `Object.getPrototypeOf([][Symbol.iterator]()).next = function () { keep(this); return { done: true }; };`,
  ),
  spoils(
    "maps and sets",
    `for (const C of [Map, Set, WeakMap, WeakSet]) for (const name of ["get", "set", "add", "has", "delete"]) if (C.prototype[name]) C.prototype[name] = function (...a) { keep(a); return a[0]; };`,
  ),
  spoils(
    "the global classes",
    `for (const name of ["Map", "Set", "WeakMap", "Proxy", "Error", "Array", "Reflect", "JSON"]) globalThis[name] = class { constructor(...a) { keep(a); } };`,
  ),
  spoils(
    "Promise's static functions",
    `for (const name of ["race", "all", "allSettled", "resolve", "reject", "withResolvers", "try"]) Promise[name] = (v) => { keep(v); return { then: (r) => r("forged") }; };`,
  ),
  spoils(
    "the species of promises",
    `try { Object.defineProperty(Promise, Symbol.species, { get() { keep(1); return undefined; } }); } catch {}`,
  ),
  spoils(
    "Symbol.hasInstance of Error",
    `Object.defineProperty(Error, Symbol.hasInstance, { value: (v) => { keep(v); return true; } });`,
  ),
  spoils(
    "setters for the fields of errors",
    `for (const name of ["server", "tool", "code", "content"]) Object.defineProperty(Error.prototype, name, { set(v) { keep(v); }, get: () => "forged" });`,
  ),
  spoils(
    "the fields of calls and replies",
    `for (const name of ["ok", "value", "error", "server", "tool"]) Object.prototype[name] = "forged";`,
  ),
  spoils(
    "the indices of arrays",
    `Object.defineProperty(Array.prototype, "0", { configurable: true, set(v) { if (v === "notes") keep(v); }, get: () => "vault" }); delete Array.prototype[0];`,
  ),
  {
    name: "intercepts the reply of a call in a promise",
    code: `const seen = [];\nconst { defineProperty } = Object;\ndefineProperty(Object.prototype, "then", { configurable: true, get() { if ("ok" in this && "value" in this) seen.push("reply"); return undefined; } });\nconst reply = ${call};\ndelete Object.prototype.then;\nreturn [reply, seen];`,
    ends: { result: ["wrote a", []] },
    calls: written,
  },
  {
    name: "replaces then of every promise",
    code: `const then = Promise.prototype.then; let taken = 0;\nPromise.prototype.then = function (...a) { taken += 1; return then.apply(this, [() => a[0]?.("forged")]); };\nconst reply = ${call};\nPromise.prototype.then = then;\nreturn [reply, taken];`,
    ends: { result: ["wrote a", 0] },
    calls: written,
  },
  {
    name: "makes await use its own then, and looks for replies and reports there",
    code: `const then = Promise.prototype.then; let seen = 0;\nObject.defineProperty(Promise.prototype, "constructor", { configurable: true, get() { return undefined; } });\nPromise.prototype.then = function (ok, no) { return then.call(this, (value) => { const isReply = typeof value === "string" && value.startsWith('{"ok"'); if (!isReply && !value?.kind && !value?.outcome) return ok?.(value); seen += 1; return ok?.(isReply ? '{"ok":true,"value":"forged"}' : { kind: "threw", code: "cpu_limit", message: "forged", stack: "" }); }, no); };\nreturn [${call}, seen];`,
    ends: { result: ["wrote a", 0] },
    calls: written,
  },
  {
    name: "makes every await of the runtime return the report of a limit at once",
    code: `const then = Promise.prototype.then;\nsetTimeout(() => { Object.defineProperty(Promise.prototype, "constructor", { configurable: true, get() { return undefined; } }); Promise.prototype.then = function (ok) { ok?.({ kind: "threw", code: "cpu_limit", message: "forged", stack: "" }); return this; }; }, 0);\nawait new Promise((resolve) => setTimeout(resolve, 20));\nreturn "mine";`,
    ends: { error: "uncaught_exception" },
  },
  {
    name: "replaces the report with an object that has then",
    code: `const then = function (resolve) { if ("outcome" in this) resolve({ outcome: { kind: "threw", code: "cpu_limit", message: "forged", stack: "" }, logs: [{ level: "log", message: "forged" }], logsDropped: 7 }); else { const { then: _, ...rest } = this; resolve("passed on"); } };\nObject.defineProperty(Object.prototype, "then", { configurable: true, get() { return "outcome" in this || "kind" in this ? then : undefined; } });\nreturn "mine";`,
    ends: { result: "mine" },
  },
  {
    name: "replaces the report by adding toJSON to every object",
    code: `Object.prototype.toJSON = function () { if (!("outcome" in this) && !("kind" in this)) return this; return { outcome: { kind: "threw", code: "memory_limit", message: "forged", stack: "" }, logs: [], logsDropped: 9 }; };\nArray.prototype.toJSON = function () { return [{ level: "error", message: "forged" }]; };\nconsole.log("printed");\nreturn "mine";`,
    ends: { result: "mine" },
    logs: ["printed"],
  },
  {
    name: "replaces array methods before a line is printed",
    code: `Array.prototype.push = function () { for (let n = 0; n < 50; n++) this[this.length] = { level: "error", message: "forged" }; };\nArray.prototype.join = () => "forged";\nArray.prototype.map = () => ["forged"];\nconsole.log("printed");\nreturn 1;`,
    ends: { result: 1 },
    logs: ["printed"],
  },
  {
    name: "intercepts writes to the list of printed lines",
    code: `let caught = 0; for (let n = 0; n < 5; n++) Object.defineProperty(Array.prototype, n, { configurable: true, get() { return undefined; }, set() { caught += 1; } });\nconsole.log("one"); console.log("two");\nfor (let n = 0; n < 5; n++) delete Array.prototype[n];\nreturn caught;`,
    ends: { result: 0 },
    logs: ["one", "two"],
  },
  {
    name: "replaces the console and prints",
    code: `globalThis.console = { log() {} };\nconsole.log("lost");\nreturn "done";`,
    ends: { result: "done" },
  },
  {
    name: "freezes every prototype",
    code: `for (const C of [Object, Array, Function, Promise, Error, String, Map, Set, WeakMap, RegExp, Symbol, Date, Number]) { Object.freeze(C); Object.freeze(C.prototype); }\nObject.freeze(globalThis.JSON); Object.freeze(Reflect);\nconst failed = await notes.fails({}).catch((e) => [e.name, e.code, e.server, e.tool, e.message]);\nreturn [${call}, failed];`,
    ends: { result: ["wrote a", ["McpToolError", "tool_error", "notes", "fails", "failed as asked"]] },
    calls: ["notes.fails failed", ...written],
  },
  {
    name: "deletes the built-in classes before it throws",
    code: `const E = Error; for (const name of ["Error", "Promise", "JSON", "String", "Map", "Proxy", "Object", "Array"]) delete globalThis[name];\nthrow new E("plain");`,
    ends: { error: "uncaught_exception" },
  },
  {
    name: "changes the client for the other files",
    // Through a name without a type: what assigns to the client itself is refused before it runs.
    code: `const client = Object(notes);\ntry { client.write = () => "forged"; } catch {}\ntry { Object.defineProperty(client, "write", { value: () => "forged" }); } catch {}\ntry { Object.setPrototypeOf(client, { write: () => "forged" }); } catch {}\ntry { delete client.write; } catch {}\nreturn ${call};`,
    ends: { result: "wrote a" },
    calls: written,
  },
  {
    name: "changes the functions of runtime",
    code: `import { session } from "runtime";\ntry { session.get = () => "forged"; } catch {}\ntry { Object.defineProperty(session, "get", { value: () => "forged" }); } catch {}\nreturn (await session.get("nothing here")) ?? "nothing";`,
    ends: { result: "nothing" },
  },
  {
    name: "reads the harness's frames through Error.prepareStackTrace",
    code: `const held = [];\nError.prepareStackTrace = (error, frames) => { for (const frame of frames) { held.push(frame.getThis?.(), frame.getFunction?.()); } return "x"; };\nnew Error("a").stack; ${call};\nawait notes.fails({}).catch((e) => e.stack);\nreturn held.filter((value) => value !== undefined && value !== null).length;`,
    ends: { result: 0 },
    calls: [...written, "notes.fails failed"],
  },
  {
    name: "returns stacks that are not strings",
    code: `Error.prepareStackTrace = () => ({ split: () => { throw new Error("in the harness"); } });\nreturn await notes.fails({}).catch((e) => [e.name, e.code]);`,
    ends: { result: ["McpToolError", "tool_error"] },
    calls: ["notes.fails failed"],
  },
  {
    name: "sets Error.stackTraceLimit to invalid values",
    code: `Error.stackTraceLimit = { valueOf() { throw 1; } };\nreturn await notes.fails({}).catch((e) => [e.name, e.code]);`,
    ends: { result: ["McpToolError", "tool_error"] },
    calls: ["notes.fails failed"],
  },
];
