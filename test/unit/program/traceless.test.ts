import { expect, test } from "vitest";
import { compileFile } from "../../../core/program/compile.ts";

/* Which files an isolate may run again. test/workerd/kept-isolates.test.ts runs them. */

function isTraceless(source: string, language: "ts" | "js" = "js"): boolean {
  const clientNames = new Map([["time", "mcp-clients/time"]]);
  return compileFile({ file: "main.ts", source, language, isEntry: true, clientNames, isOwnFile: () => false }).isTraceless;
}

test.each([
  "return 1;",
  "return await time.now(args);",
  `import { session } from "runtime"; return await session.get("a");`,
  "const setTimeout = 1; return setTimeout;",
  "return { globalThis: 1 }.globalThis;",
  "return crypto.randomUUID() + performance.now();",
  "function f() { return new.target ?? arguments.length; } return f();",
])("one that only computes and calls tools: %s", { tags: ["sandbox.again"] }, (source) => {
  expect(isTraceless(source)).toBe(true);
});

test.each([
  "return globalThis;",
  "return typeof self;",
  "await new Promise((resolve) => setTimeout(resolve, 1));",
  "return crypto;",
  "return crypto.subtle;",
  "return crypto['randomUUID']();",
  "crypto.randomUUID = 1;",
  "const { now } = performance;",
  "return new WeakRef({});",
  "return import.meta;",
  "return import/**/./**/meta;",
  "function f(a = globalThis) { var globalThis; return a; } return f();",
  "const f = (a = globalThis) => { { var globalThis; } return a; }; return f();",
  "switch (globalThis) { default: let globalThis; }",
  "switch ((() => self)()) { default: class self {} }",
  "{ let globalThis; } return globalThis;",
  "(function globalThis() {}); return globalThis;",
  "return unknownToEverybody;",
  "return `${fetch}`;",
  "return { fetch };",
  "class A extends EventTarget {} return new A();",
])("not one that reaches more: %s", { tags: ["sandbox.again"] }, (source) => {
  expect(isTraceless(source)).toBe(false);
});
