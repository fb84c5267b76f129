import { type Attack, allEnding } from "./attack.ts";

/** Code made from data, and other global objects. Each program returns what it got, or "refused" if that threw. */
const guarded = (body: string) => `try { ${body} } catch (error) { return "refused"; }`;

export const newCode: Attack[] = [
  ...allEnding(
    { result: "refused" },
    {
      "asks an array's constructor's constructor for the global object": guarded(
        `return String([].constructor.constructor("return this")());`,
      ),
      "asks a string's constructor chain for code": guarded(`return "".sub.constructor("return globalThis")() === globalThis;`),
      "asks the class of an error for code": guarded(
        `try { null.x } catch (e) { return e.constructor.constructor("return 1")(); }`,
      ),
      "makes an async function out of text": guarded(
        `const Async = (async () => {}).constructor; return await new Async("return 1")();`,
      ),
      "makes a generator out of text": guarded(
        `const G = (function* () {}).constructor; return new G("yield 1")().next().value;`,
      ),
      "makes an async generator out of text": guarded(
        `const G = (async function* () {}).constructor; return (await new G("yield 1")().next()).value;`,
      ),
      "makes a function through Reflect.construct": guarded(`return Reflect.construct(Function, ["return 1"])();`),
      "evaluates text": guarded(`return eval("1 + 1");`),
      "evaluates text in the global scope": guarded(`return (0, eval)("this") === globalThis;`),
      "evaluates text through a bound eval": guarded(`return globalThis["ev" + "al"].call(null, "1 + 1");`),
      "gives a timer text to run": guarded(`globalThis.hit = 0; const made = setTimeout("globalThis.hit = 1", 1);
        await new Promise((r) => setTimeout(r, 30)); if (globalThis.hit === 0) throw 0; return globalThis.hit;`),
      "gives an interval text to run": guarded(`globalThis.hit = 0; const made = setInterval("globalThis.hit = 1", 1);
        await new Promise((r) => setTimeout(r, 30)); if (globalThis.hit === 0) throw 0; return globalThis.hit;`),
      "compiles WebAssembly from bytes": guarded(
        `return String(new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])));`,
      ),
      "compiles WebAssembly asynchronously": guarded(
        `return String(await WebAssembly.compile(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])));`,
      ),
      "instantiates WebAssembly from bytes": guarded(
        `return String(await WebAssembly.instantiate(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])));`,
      ),
      "compiles WebAssembly from a response": guarded(
        `return String(await WebAssembly.compileStreaming(new Response(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]), { headers: { "content-type": "application/wasm" } })));`,
      ),
      "opens another realm": guarded(`return String(new globalThis["ShadowRealm"]().evaluate("1"));`),
      "starts a worker from a blob": guarded(
        `return String(new globalThis["Worker"](URL.createObjectURL(new Blob(["1"], { type: "text/javascript" }))));`,
      ),
      "loads a script": guarded(`globalThis["importScripts"]("data:text/javascript,1"); return "loaded";`),
      "reads its caller": guarded(`function inner() { return inner.caller; } return String(inner());`),
      "reads the callee of its arguments": guarded(`return (function () { return String(arguments.callee.caller); })();`),
      "looks for the arguments of what evaluates it": guarded(`\n// @ts-ignore\nreturn typeof arguments[0].callMcpTool;`),
      "takes the runtime's own classes for constructors": guarded(
        `return String(new (Object.getPrototypeOf(globalThis).constructor)());`,
      ),
    },
  ),
  ...allEnding(
    { result: [] },
    {
      "walks the global object for what belongs to the host": `const seen = new Set(); for (let at = globalThis; at; at = Object.getPrototypeOf(at))
        for (const key of Reflect.ownKeys(at)) seen.add(String(key));
        return ["process", "require", "module", "Buffer", "global", "env", "Deno", "Bun", "WorkerEntrypoint", "caller", "links", "DurableObject", "importScripts", "__filename", "connect", "exports"].filter((name) => seen.has(name));`,
      "asks every function of the global scope for its this": `const odd = []; for (const f of [setTimeout, fetch, atob, queueMicrotask]) { try { const got = f.call(undefined); if (got && got !== globalThis && typeof got.callMcpTool === "function") odd.push(f.name); if (got?.catch) got.catch(() => {}); } catch {} } return odd;`,
      "looks for a host object behind import.meta": `return Reflect.ownKeys(import.meta).map(String);`,
    },
  ),
  {
    name: "closes the function around it to become top-level code",
    code: `}; globalThis.escaped = eval("1"); export const x = () => {`,
    ends: { error: "syntax_error" },
  },
  {
    name: "closes the function around it from inside of a template",
    code: "return `\n}; globalThis.escaped = 1; {`.length > 0 && typeof globalThis.escaped;",
    ends: { result: "undefined" },
  },
  {
    name: "hides an import of the runtime behind a division that looks like a regular expression",
    code: `let a = 4, g = 2; const b = a\n/ 2 / g; return await import("../mcp-orchestrator/shim.js");`,
    ends: { error: "import_not_allowed" },
  },
];
