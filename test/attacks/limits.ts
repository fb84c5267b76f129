import type { Attack } from "./attack.ts";

const forever = `await new Promise(() => {});`;

/** Programs that evade the time limit or try to crash the runtime. */
const timeLimits: Record<string, string> = {
  "replaces the timers": `globalThis.setTimeout = () => 0; globalThis.clearTimeout = () => {}; globalThis.setInterval = () => 0; ${forever}`,
  "clears every timer there could be": `for (let n = -100; n < 5000; n++) { clearTimeout(n); clearInterval(n); clearTimeout(String(n)); clearTimeout(n + 0.5); } ${forever}`,
  "clears every timer through the prototypes of the global scope": `for (let at = globalThis; at; at = Object.getPrototypeOf(at)) for (const name of ["clearTimeout", "clearInterval"]) { const clear = Object.getOwnPropertyDescriptor(at, name)?.value; for (let n = 0; clear && n < 5000; n++) clear.call(globalThis, { valueOf: () => n }); } ${forever}`,
  "clears every timer by objects that change their number": `for (let n = 0; n < 3000; n++) { let asked = 0; clearTimeout({ valueOf: () => (asked++ === 0 ? 1e6 : n) }); } ${forever}`,
  "stops the clock": `Date.now = () => 0; performance.now = () => 0; globalThis.Date = class { static now() { return 0; } }; ${forever}`,
  "replaces Promise": `globalThis.Promise = class { then() {} static race() { return new Promise(); } }; await { then() {} };`,
  "makes every promise wait for ever": `Promise.prototype.then = () => ({ then() {} }); await { then() {} };`,
  "waits with Atomics": `try { Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0); } catch {} await Atomics.waitAsync(new Int32Array(new SharedArrayBuffer(4)), 0, 0).value;`,
  "waits for ever while it looks at an error": `throw Object.assign(new Error("x"), { then() {} }, await new Promise(() => {}));`,
};

export const limits: Attack[] = [
  ...Object.entries(timeLimits).map(
    ([name, code]): Attack => ({ name, code, maxRuntimeMs: 400, ends: { error: "run_timeout" } }),
  ),
  {
    name: "aborts its isolate",
    code: `try { globalThis["abortIsolate"](); } catch (e) { return e.name; }`,
    ends: { result: "TypeError" },
  },
  {
    name: "schedules work for after its end",
    code: `try { globalThis["waitUntil"](new Promise(() => {})); } catch (e) { return e.name; }`,
    ends: { result: "TypeError" },
  },
  {
    name: "reports an error to the host's console",
    code: `for (let n = 0; n < 5; n++) reportError(new Error("reported")); return "done";`,
    ends: { result: "done" },
  },
];
