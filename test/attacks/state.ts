import type { Attack } from "./attack.ts";

/** State that one run might leave for the next. Each program leaves it and looks for it, in two sessions one after the other. */
const leaves = (name: string, look: string, leave: string): Attack => ({
  name: `leaves a message ${name}`,
  code: `const found = ${look};\n${leave}\nreturn found ?? null;`,
  ends: { result: null },
});

export const state: Attack[] = [
  leaves("in the global object", `globalThis.left`, `globalThis.left = 1;`),
  leaves("in a built-in's prototype", `Array.prototype.left`, `Array.prototype.left = 1;`),
  leaves("in the registry of symbols", `Symbol[Symbol.for("left")]`, `Symbol[Symbol.for("left")] = 1;`),
  leaves("in a tool's function", `Object(notes.write).left`, `Object(notes.write).left = 1;`),
  leaves(
    "in the prototype of errors of tools",
    `Object.getPrototypeOf(await Object(notes).$call("none", {}).catch((e) => e)).left`,
    `Object.getPrototypeOf(await Object(notes).$call("none", {}).catch((e) => e)).left = 1;`,
  ),
  leaves("in the regular expressions' last match", `RegExp.lastMatch || undefined`, `/left/.exec("left");`),
  leaves("in the console", `console.left`, `console.left = 1;`),
  leaves(
    "in the performance timeline",
    `(performance.getEntries?.() ?? []).find((e) => e.name === "left")?.name`,
    `performance.mark?.("left");`,
  ),
  leaves(
    "in a cache",
    `await caches.open("left").then((c) => c.match("https://left/")).then((r) => r?.status, () => undefined)`,
    `await caches.open("left").then((c) => c.put("https://left/", new Response("x"))).catch(() => {});`,
  ),
  leaves(
    "in a module that a standard module shares",
    `(await import("node:util")).default.left`,
    `(await import("node:util")).default.left = 1;`,
  ),
  leaves(
    "in the defaults of events",
    `(await import("node:events")).default.defaultMaxListeners === 77 ? 77 : undefined`,
    `(await import("node:events")).default.defaultMaxListeners = 77;`,
  ),
  leaves("in the address of a blob", `globalThis.URL.left`, `globalThis.URL.left = 1;`),
  leaves("in a client's catalog", `notes.$tools.includes("left") ? 1 : undefined`, `try { notes.$tools.push("left"); } catch {}`),
  leaves("in the default time zone or locale", `Intl.left`, `Intl.left = 1;`),
];
