import { describe, expect, test } from "vitest";
import { limits } from "../../../core/limits.ts";
import { errorResult, serverEntry, tool } from "../../support/builders.ts";
import { FakeUpstream } from "../../support/fakes.ts";
import { startSession } from "../../support/session.ts";

/* How returned values become JSON. The programs run with the isolate's own runtime files. */

const hub = serverEntry("hub");

function run(code: string, answers = {}) {
  const upstream = new FakeUpstream({ hub: { tools: [tool("look")], answers } });
  return startSession({ servers: [hub], upstream }).run({ code, language: "js" });
}

describe("a result", () => {
  test.each([
    ["a Map with text keys, as an object", 'new Map([["a", 1], ["__proto__", 2]])', JSON.parse('{"a":1,"__proto__":2}')],
    [
      "a Map with other keys, as pairs",
      'new Map([[1, "a"], ["b", new Map()]])',
      [
        [1, "a"],
        ["b", {}],
      ],
    ],
    ["a Set, as a list", "new Set([1, new Set([2])])", [1, [2]]],
    ["a Date", "[new Date(0), new Date(NaN)]", ["1970-01-01T00:00:00.000Z", null]],
    ["NaN, Infinity and -0", "[NaN, Infinity, -0]", [null, null, 0]],
    [
      "values that do not exist in JSON",
      "({ a: undefined, b() {}, c: [undefined, () => 1, Symbol()], d: 1 })",
      { c: [null, null, null], d: 1 },
    ],
    [
      "an error with its fields",
      'Object.assign(new TypeError("no", { cause: "x" }), { code: 7 })',
      { name: "TypeError", message: "no", code: 7, cause: "x" },
    ],
    ["bytes, as a list", "({ view: new Uint8Array([1, 2]), buffer: new Uint8Array([3]).buffer })", { view: [1, 2], buffer: [3] }],
    [
      "text-like objects",
      '[/x/g, new URL("https://a.b/"), new URLSearchParams("a=1"), new String("s")]',
      ["/x/g", "https://a.b/", "a=1", "s"],
    ],
    ["an object with toJSON", "[{ toJSON: (key) => key }, new (class { toJSON() { return new Set([1]); } })()]", ["0", [1]]],
    ["an object of a class, as its fields", "new (class A { b = 1; #c = 2; get d() { return 3; } })()", { b: 1 }],
    ["the same object twice", "(() => { const a = { n: 1 }; return [a, a, new Set([a])]; })()", [{ n: 1 }, { n: 1 }, [{ n: 1 }]]],
    ["promises that were not awaited", "[1, 2].map(async (n) => ({ n: Promise.resolve(n) }))", [{ n: 1 }, { n: 2 }]],
    [
      "BigInts for which the program defines toJSON",
      "((BigInt.prototype.toJSON = function () { return String(this); }), [1n])",
      ["1"],
    ],
  ])("may hold %s", { tags: ["results.json"] }, async (_what, value, expected) => {
    const outcome = await run(`return ${value};`);
    expect(outcome.errors).toBeUndefined();
    expect(outcome.result).toEqual(expected);
  });

  test.each([
    [
      "a BigInt",
      "return { a: [{ 'b-c': 1n }] };",
      'result.a[0]["b-c"] is a BigInt, which JSON cannot hold. Convert it: String(value), or Number(value).',
    ],
    [
      "itself",
      "const a = { list: [] }; a.list.push({ a }); return a;",
      "result.list[0].a is circular: it is result, which contains it. Return a copy without the reference back.",
    ],
    [
      "a Map in itself",
      "const m = new Map(); m.set('m', m); return [m];",
      "result[0].m is circular: it is result[0], which contains it. Return a copy without the reference back.",
    ],
    ["a getter that throws", "return { get a() { throw new TypeError('mine'); } };", "TypeError: mine"],
  ])("that holds %s is an error that says so", { tags: ["results.json"] }, async (_what, code, message) => {
    expect(await run(code)).toMatchObject({ ok: false, errors: [{ code: "uncaught_exception", phase: "run", message }] });
  });

  test("with a rejected promise is the promise's error, at the program's line", async () => {
    const outcome = await run("const one = (n) => hub.look({ n });\nreturn [1, 2].map(one);", { look: errorResult("No.") });
    expect(outcome).toMatchObject({
      ok: false,
      errors: [{ code: "tool_error", server: "hub", tool: "look", message: "No.", line: 1 }],
      calls: [{ outcome: "failed" }, { outcome: "failed" }],
    });
  });

  test("may be as deep as the limit, and one level more is refused with its place", { tags: ["results.json"] }, async () => {
    const nested = (levels: number) => `let a = []; for (let n = 1; n < ${levels}; n++) a = [a]; return a;`;
    expect(await run(nested(limits.resultDepthMax))).toMatchObject({ ok: true });
    expect(await run(nested(limits.resultDepthMax + 1))).toMatchObject({
      ok: false,
      errors: [
        { code: "output_limit", phase: "limit", message: expect.stringMatching(/deeper than 200 levels, at result\[0\]\[0\]/) },
      ],
    });
  });

  test.each([
    ["plain", (chars: number) => `"x".repeat(${chars - 2})`],
    ["in a Map", (chars: number) => `new Map([["k", "x".repeat(${chars - 8})]])`],
  ])(
    "may be as long as the limit, and one character more is refused with the limit: %s",
    { tags: ["limits.results"] },
    async (_what, value) => {
      expect(await run(`return ${value(limits.resultCharsMax)};`)).toMatchObject({ ok: true, handle: "r_1" });
      expect(await run(`return ${value(limits.resultCharsMax + 1)};`)).toMatchObject({
        ok: false,
        errors: [{ code: "output_limit", message: expect.stringContaining(`${limits.resultCharsMax} characters of JSON`) }],
      });
    },
  );
});

describe("a session value", () => {
  test("is converted to JSON like a result", async () => {
    const code = `import { session } from "runtime";
      await session.set("m", new Map([["a", new Set([1])]])); await session.set("u", undefined);
      return [await session.get("m"), await session.get("u"), await session.get("other") === undefined];`;
    expect(await run(code)).toMatchObject({ ok: true, result: [{ a: [1] }, null, true] });
  });

  test.each([
    ["1n", "value is a BigInt"],
    ["{ a: Promise.resolve(1) }", "The value holds a Promise. Await it first."],
  ])("that JSON cannot hold is refused by session.set: %s", async (value, message) => {
    const code = `import { session } from "runtime";\nawait session.set("k", ${value});`;
    expect(await run(code)).toMatchObject({
      ok: false,
      errors: [{ code: "uncaught_exception", line: 2, message: expect.stringContaining(message) }],
    });
  });
});
