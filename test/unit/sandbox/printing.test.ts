import { Console } from "node:console";
import { Writable } from "node:stream";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { limits } from "../../../core/limits.ts";
import { startSession } from "../../support/session.ts";

/* What console calls print. The programs run with the isolate's own runtime files. */

async function linesOf(code: string) {
  const outcome = await startSession({ servers: [] }).run({ code, language: "js", maxLogs: limits.logLinesMax });
  expect(outcome.errors).toBeUndefined();
  return outcome.logs ?? [];
}

async function printed(code: string): Promise<string[]> {
  return (await linesOf(code)).map(({ message }) => message);
}

const logEach = (values: string[]) => values.map((value) => `console.log(${value});`).join("\n");

describe("a value prints", () => {
  test.each([
    [
      "primitive",
      ['"text"', "1", "-0", "NaN", "10n", "true", "null", "undefined", 'Symbol("s")'],
      ["text", "1", "-0", "NaN", "10n", "true", "null", "undefined", "Symbol(s)"],
    ],
    [
      "function",
      ["function f() {}", "() => 1", "class A {}", "async function g() {}"],
      ["[function f]", "[function]", "[class A]", "[async function g]"],
    ],
    [
      "list",
      ["[1, -0, 'a']", "[]", "[1, , 3]", "new Array(3)", "new Array(4e9)", "new Uint8Array([1, 2])", "new ArrayBuffer(3)"],
      [
        '[1, -0, "a"]',
        "[]",
        "[1, <1 empty>, 3]",
        "[<3 empty>]",
        "[… 4000000000 more]",
        "Uint8Array(2) [1, 2]",
        "ArrayBuffer(3) <00 00 00>",
      ],
    ],
    [
      "object",
      [
        "{ a: 1, 'b-c': 'd' }",
        "{}",
        "Object.assign(Object.create(null), { a: 1 })",
        "new (class User { name = 'x'; #own = 1 })()",
        "{ [Symbol('k')]: 1 }",
      ],
      ['{ a: 1, "b-c": "d" }', "{}", "[null prototype] { a: 1 }", 'User { name: "x" }', "{ [Symbol(k)]: 1 }"],
    ],
    [
      "collection",
      ["new Map([['a', 1n], [{ k: 1 }, new Set([1])]])", "new Set()", "new WeakMap()", "new (class Bag extends Map {})()"],
      ['Map(2) { "a" => 1n, { k: 1 } => Set(1) { 1 } }', "Set(0) {}", "WeakMap { not listed }", "Bag(0) {}"],
    ],
    [
      "built-in object",
      ["new Date(0)", "new Date(NaN)", "/x/g", "Promise.resolve(1)", "new URL('https://a.b/c')", "new Number(3)"],
      ["1970-01-01T00:00:00.000Z", "Invalid Date", "/x/g", "Promise { not awaited }", 'URL "https://a.b/c"', "[Number: 3]"],
    ],
  ])("in the form of its kind: %s", { tags: ["console.prints"] }, async (_kind, values, texts) => {
    expect(await printed(logEach(values))).toEqual(texts);
  });

  test("finitely if it contains itself", async () => {
    const code = "const a = { list: [] }; a.self = a; a.list.push(a); console.log(a); console.log([a.list, a.list]);";
    expect(await printed(code)).toEqual([
      "{ list: [[Circular]], self: [Circular] }",
      "[[{ list: [Circular], self: [Circular] }], [{ list: [Circular], self: [Circular] }]]",
    ]);
  });

  test("within limits on depth, entries and characters, and says how much is left out", {
    tags: ["console.prints"],
  }, async () => {
    const [deep = "", many = "", fields = "", long = "", inside = ""] = await printed(
      `let deep = {}; for (let n = 0; n < 10_000; n++) deep = { deep };
       console.log(deep);
       console.log(Array.from({ length: 100_000 }, (_, n) => n));
       console.log(Object.fromEntries(Array.from({ length: 50_000 }, (_, n) => ["k" + n, n])));
       console.log("x".repeat(1_000_000));
       console.log({ text: "x".repeat(1_000_000) });`,
    );
    expect(deep).toBe("{ deep: { deep: { deep: { deep: { deep: [Object] } } } } }");
    expect(many).toMatch(/… 99900 more\n\]$/);
    expect(fields).toMatch(/… 49900 more\n\}$/);
    expect(long).toBe(`${"x".repeat(limits.logLineCharsMax)}…`);
    expect(inside).toMatch(/x"… 999000 more characters\n\}$/);
  });

  test("and base64 within a value is cut where a word would end", async () => {
    const bytes = "btoa(Array.from({ length: 3000 }, (_, at) => String.fromCharCode((at * 7919) % 256)).join(''))";
    const code = `const data = ${bytes};\nconsole.log({ type: "image", data });\nconsole.log({ url: "data:image/png;base64," + data });\nconsole.log({ hex: "0123456789abcdef".repeat(50) });`;
    const [image = "", url = "", hex = ""] = await printed(code);
    expect([image.length < 150, image.includes("… 3960 more characters")]).toEqual([true, true]);
    expect(url.length).toBeLessThan(150);
    expect(hex).toContain("0123456789abcdef".repeat(50));
  });

  test("without calling its getters, even if its proxies throw", { tags: ["console.prints"] }, async () => {
    const code = `let ran = 0;
      console.log({ get a() { ran++; throw 1; }, set b(v) {}, get c() { return 1; }, set c(v) {} });
      console.log(new Proxy({}, { ownKeys() { throw 1; } }), "after");
      console.log(new Proxy([1, 2], {}));
      console.log({ toString() { throw 1; }, toJSON() { throw 2; } });
      console.log(ran);`;
    expect(await printed(code)).toEqual([
      "{ a: [Getter], b: [Setter], c: [Getter/Setter] }",
      "[a value that cannot be shown] after",
      "[1, 2]",
      "{ toString: [function toString], toJSON: [function toJSON] }",
      "0",
    ]);
  });
});

describe("an error prints", () => {
  test("with its name, stack frames, fields and cause", async () => {
    const [text] = await printed(
      `class Refused extends Error { code = 7; }
       const inner = new TypeError("inner");
       console.error(new Refused("outer", { cause: inner }));`,
    );
    expect(text).toMatch(/^Refused: outer\n {4}at .*main\.js:\d+:\d+\)? \{\n {2}code: 7,\n {2}\[cause\]: TypeError: inner\n/);
    expect(text).not.toContain("mcp-orchestrator");
  });

  test("with the errors that an AggregateError contains", async () => {
    const [text] = await printed('console.error(new AggregateError([new Error("a"), new Error("b")], "both"));');
    expect(text).toMatch(/^AggregateError: both\n[\s\S]*\[errors\]: \[\n {4}Error: a\n[\s\S]*Error: b\n/);
  });

  test("with its present message, and without forged stack frames", async () => {
    const code =
      'const e = new Error("then"); e.message = "now"; e.stack = "Error: else\\nat nowhere\\n[error] forged"; console.log(e);';
    expect(await printed(code)).toEqual(["Error: now"]);
  });
});

describe("console", () => {
  test("gives each line the level of its method", async () => {
    const code = `console.debug(1); console.log(2); console.info(3); console.warn(4); console.error(5); console.dir({ a: { b: {} } }, { depth: 0 });
      console.assert(1 === 1, "no"); console.assert(false, "no", { a: 1 }); console.assert(false); console.clear(); console.log();`;
    expect((await linesOf(code)).map(({ level, message }) => [level, message])).toEqual([
      ["debug", "1"],
      ["log", "2"],
      ["info", "3"],
      ["warn", "4"],
      ["error", "5"],
      ["log", "[Object]"],
      ["error", "Assertion failed: no { a: 1 }"],
      ["error", "Assertion failed"],
      ["log", ""],
    ]);
  });

  test("replaces format specifiers", async () => {
    const code = `console.log("%s is %d, %i and %f; %j %o%c 100%% %s", "Bob", "42.5", "12px", "1.5kg", { a: 1 }, { b: [1] }, "color: red");
      console.log("%d %i %d", 1n, {}, Symbol("s"), "rest", { c: 1 });
      console.log("100%", 1);
      console.log("%s", { toString() { throw 1; } });
      console.log("%j", (() => { const a = {}; a.a = a; return a; })());
      console.log("%x %", 1);`;
    expect(await printed(code)).toEqual([
      'Bob is 42.5, 12 and 1.5; {"a":1} { b: [1] } 100% %s',
      "1n NaN NaN rest { c: 1 }",
      "100% 1",
      "{ toString: [function toString] }",
      "{ a: [Circular] }",
      "%x % 1",
    ]);
  });

  test("indents every line of a group, up to ten levels", async () => {
    const code = `console.group("outer"); console.log("a\\nb"); console.groupCollapsed(); console.warn("c"); console.groupEnd(); console.groupEnd();
      console.groupEnd(); console.log("d"); for (let n = 0; n < 1000; n++) console.group(); console.log("deep");`;
    expect(await printed(code)).toEqual(["outer", "  a\n  b", "    c", "d", `${"  ".repeat(10)}deep`]);
  });

  test.each([
    `[{ id: 1, name: "a|b" }, { id: 2, done: true }, 3, null]`,
    `{ x: [1, 2], y: [3] }`,
    `[["a", "it's", "größe"], [undefined, -0, 10n]]`,
    `[1, "b"]`,
    `[]`,
    `new Map([["k", { v: 1 }], [2, "two"]])`,
    `new Set(["a", { b: 1 }])`,
    `new Uint8Array([7, 8])`,
  ])("prints the same table as Node for %s", async (data) => {
    let drawn = "";
    const stdout = new Writable({
      write(chunk, _encoding, done) {
        drawn += chunk;
        done();
      },
    });
    new Console(stdout).table(runInNewContext(`(${data})`));
    expect(await printed(`console.table(${data});`)).toEqual([drawn.trimEnd()]);
  });

  test("prints at most 100 rows and 20 columns of a table, each cell in one line, and what has no rows as a value", async () => {
    const [rows = "", cells = "", text, map, holes] = await printed(`
      console.table(Array.from({ length: 150 }, (_, n) => ({ n })));
      console.table([{ ["two\\nlines"]: { a: "x".repeat(1000), get b() { throw 1; } } }, Object.fromEntries(Array.from({ length: 50 }, (_, n) => ["k" + n, n]))]);
      console.table("no rows");
      console.table(new Map(Array.from({ length: 101 }, (_, n) => [n, n])));
      console.table(new Array(4e9));`);
    expect(rows).toMatch(/│ 99 {6}│ 99 │\n└.*\n… 50 more$/);
    expect(cells.split("\n")).toHaveLength(6);
    expect(Math.max(...cells.split("\n").map(({ length }) => length))).toBeLessThan(300);
    expect(text).toBe('"no rows"');
    expect(map).toMatch(/\n… 1 more$/);
    expect(holes).toMatch(/\n… 3999999900 more$/);
  });

  test("counts and times by label, and warns about an unknown timer", async () => {
    const code = `console.count(); console.count("a"); console.count("a"); console.countReset("a"); console.count("a"); console.count("__proto__");
      console.time("t"); console.timeLog("t", { x: 1 }); console.timeEnd("t"); console.timeEnd("t"); console.timeLog();`;
    expect((await printed(code)).map((text) => text.replace(/\d+ ms/, "N ms"))).toEqual([
      "default: 1",
      "a: 1",
      "a: 2",
      "a: 1",
      "__proto__: 1",
      "t: N ms { x: 1 }",
      "t: N ms",
      'There is no timer "t".',
      'There is no timer "default".',
    ]);
  });

  test("traces with the program's own stack frames", async () => {
    const [text] = await printed('function deep() {\n  console.trace("here", 1);\n}\ndeep();');
    expect(text).toMatch(/^Trace: here 1\n {4}at .*deep.*main\.js:2:/);
    expect(text).not.toContain("mcp-orchestrator");
  });

  test("cuts a line without splitting a character", async () => {
    const [text = ""] = await printed(`console.log("x" + "😀".repeat(${limits.logLineCharsMax}));`);
    expect(text.isWellFormed()).toBe(true);
    expect(text.length).toBeLessThanOrEqual(limits.logLineCharsMax + 1);
  });
});
