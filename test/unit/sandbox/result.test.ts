import { describe, expect, test } from "vitest";
import { limits } from "../../../core/limits.ts";
import { errorResult, serverEntry, textResult, tool } from "../../support/builders.ts";
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

/** Declares `deep(levels)`, an array in an array in an array. */
const deepValue = "const deep = (levels) => { let a = []; for (let n = 1; n < levels; n++) a = [a]; return a; };";

describe("a value that is another one each time it is read", { tags: ["limits.depth"] }, () => {
  const call = "await hub.look({}); console.log('called');";
  /** Returns shallow values while levels are counted, and deep ones later. */
  const changing = "let reads = 0; const next = (levels) => (reads++ === 0 ? [] : deep(levels));";

  test.each([
    ["a getter, deeper than a result", "{ get a() { return next(1_000); } }"],
    ["a getter, deeper than any stack", "{ get a() { return next(100_000); } }"],
    ["a getter in a list", "[{ get a() { return next(100_000); } }]"],
    ["a Proxy", "new Proxy({ a: 1 }, { get: (target, name) => (name === 'a' ? next(100_000) : target[name]) })"],
    ["a Proxy of a list", "new Proxy([1], { get: (target, name) => (name === '0' ? next(100_000) : target[name]) })"],
    ["toJSON", "{ toJSON: () => deep(100_000) }"],
    ["toJSON that returns an object with toJSON", "{ toJSON: () => ({ a: { toJSON: () => deep(100_000) } }) }"],
    ["a Map of deep values", "new Map([['a', deep(100_000)]])"],
    [
      "an error with a long chain of causes",
      "(() => { let e; for (let n = 0; n < 1_000; n++) e = new Error(`e${n}`, { cause: e }); return e; })()",
    ],
  ])("is an error about its depth, with the calls that were made: %s", async (_what, value) => {
    const outcome = await run(`${deepValue} ${changing} ${call} return ${value};`);
    expect(outcome).toMatchObject({
      ok: false,
      errors: [{ code: "output_limit", message: expect.stringContaining(`${limits.resultDepthMax} levels`) }],
      calls: [{ server: "hub", tool: "look", outcome: "succeeded" }],
      logs: [{ message: "called" }],
    });
  });

  test.each([
    [
      "a list that grows while it is read",
      "const a = [1]; Object.defineProperty(a, 0, { get() { a.push(1); return 1; } }); return a;",
      expect.any(Array),
    ],
    [
      "a list that shrinks",
      "const a = [1, 2, 3]; Object.defineProperty(a, 0, { get() { a.length = 1; return 1; } }); return a;",
      expect.any(Array),
    ],
    [
      "a list that says another length each time",
      "let n = 0; return new Proxy([1, 2, 3], { get: (t, k) => (k === 'length' ? n++ % 4 : t[k]) });",
      expect.any(Array),
    ],
    ["a getter that counts", "let n = 0; return { get a() { return ++n; } };", { a: expect.any(Number) }],
    ["toJSON that counts", "let n = 0; return [{ toJSON: () => ++n }];", [1]],
  ])("is written as it was read: %s", async (_what, code, result) => {
    expect(await run(`${call} ${code}`)).toMatchObject({ ok: true, result, calls: [{ outcome: "succeeded" }] });
  });

  test.each([
    [
      "a list without end",
      "const a = [1]; Object.defineProperty(a, 0, { get() { a.push(1); return 1; } }); for (let n = 1; n < 50; n++) Object.defineProperty(a, n, { get() { for (let m = 0; m < 3e5; m++) a.push(1); return 1; } }); return a;",
      expect.toBeOneOf(["output_limit", "cpu_limit"]),
    ],
    [
      "a boxed number in a boxed number",
      "class N extends Number { valueOf() { return new N(1); } } return new N(1);",
      "uncaught_exception",
    ],
    [
      "a getter that throws at the second look",
      "let n = 0; return { get a() { if (n++) throw new Error('later'); return 1; } };",
      "uncaught_exception",
    ],
    ["a thrown value that nests deep", "throw deep(100_000);", "uncaught_exception"],
    ["an error whose message nests deep", "throw Object.assign(new Error(), { message: deep(100_000) });", "uncaught_exception"],
  ])("never ends the run without its calls: %s", async (_what, code, expected) => {
    const outcome = await run(`${deepValue} ${call} ${code}`);
    expect(outcome).toMatchObject({ ok: false, errors: [{ code: expected }], calls: [{ outcome: "succeeded" }], logs: [{}] });
  });

  test("is printed without going deep", async () => {
    const code = `${deepValue} let e = new Error("first"); for (let n = 0; n < 10_000; n++) e = new Error("next", { cause: e });
      console.log(e); console.log(deep(100_000)); console.log("%j %o", deep(100_000), new Map([[deep(100_000), e]]));
      console.table([deep(100_000)]); console.log(new AggregateError([e, e])); console.dir(deep(100_000), { depth: 1e9 }); return 1;`;
    const outcome = await run(code);
    expect(outcome).toMatchObject({ ok: true, result: 1 });
    expect(outcome.logs).toHaveLength(6);
  });
});

describe("arguments that nest deep", { tags: ["limits.depth"] }, () => {
  test.each([201, 5_000, 100_000])(
    "are refused at the call, which the answer lists if it left the isolate: %i levels",
    async (levels) => {
      const outcome = await run(`${deepValue} await hub.look({}); await hub.look({ a: deep(${levels - 1}) });`);
      expect(outcome).toMatchObject({
        ok: false,
        errors: [{ code: "invalid_arguments", server: "hub", message: expect.stringContaining("200 levels") }],
      });
      expect(outcome.calls?.[0]).toMatchObject({ outcome: "succeeded" });
      expect(outcome.calls?.slice(1)).toEqual(
        outcome.calls?.slice(1).map(() => expect.objectContaining({ outcome: "not_started" })),
      );
    },
  );

  test.each([
    ["session.set", 'session.set("k", deep())'],
    ["session.get", "session.get(deep())"],
    ["results.get", "results.get(deep())"],
    ["help", "help(deep())"],
    ["the options of help", 'help("hub", deep())'],
    ["progress", "progress(1, 2, deep())"],
  ])("are refused by the runtime too: %s", async (_what, expression) => {
    for (const levels of [300, 5_000, 100_000]) {
      const code = `import { session, results, help, progress } from "runtime";
        const levels = ${levels}; let a = []; for (let n = 1; n < levels; n++) a = [a]; const deep = (x = JSON.parse("0")) => (x = a, x);
        try { await ${expression}; } catch (e) { return e.code; } return "done";`;
      expect(await run(code)).toMatchObject({ ok: true, result: expect.stringMatching(/^(?:output_limit|invalid_arguments)$/) });
    }
  });

  test("may be as deep as the limit", async () => {
    const look = { look: textResult("ok") };
    expect(await run(`${deepValue} return await hub.look({ a: deep(${limits.argumentsDepthMax - 1}) });`, look)).toMatchObject({
      ok: true,
    });
  });
});

describe("the args of a program", { tags: ["limits.depth"] }, () => {
  test.each([
    [limits.argumentsDepthMax, true],
    [limits.argumentsDepthMax + 1, false],
    [100_000, false],
  ])("of %i levels", async (levels, isOk) => {
    const session = startSession({ servers: [hub], upstream: new FakeUpstream() });
    const args: unknown = JSON.parse("[".repeat(levels) + "]".repeat(levels));
    const outcome = await session.run({ code: "return 1;", args });
    if (isOk) expect(outcome).toMatchObject({ ok: true, result: 1 });
    else
      expect(outcome).toMatchObject({
        ok: false,
        errors: [{ code: "invalid_input", message: expect.stringContaining("200 levels") }],
      });
  });
});

describe("a flood of calls of the runtime", { tags: ["limits.runtime"] }, () => {
  test.each([
    ["help", "Array.from({ length: 900 }, () => help({ query: 'x '.repeat(250) }))", "too_many_calls"],
    ["results.get", "Array.from({ length: 900 }, () => results.get('r_1'))", "too_many_calls"],
    ["session.get", "Array.from({ length: 900 }, () => session.get('k'))", "too_many_calls"],
    ["session.set", "Array.from({ length: 900 }, (_, n) => session.set(`k${n}`, n))", "too_many_calls"],
    ["session.set of 8 MB", "Array.from({ length: 20 }, (_, n) => session.set(`k${n}`, 'x'.repeat(8e6)))", "output_limit"],
  ])("ends with the run's own error: %s", async (_what, calls, code) => {
    const outcome = await run(`import { help, results, session } from "runtime"; await Promise.all(${calls});`);
    expect(outcome).toMatchObject({ ok: false, errors: [{ code }] });
  });

  test("reads all session values at once", async () => {
    const code = `import { session } from "runtime";
      for (let n = 0; n < ${limits.sessionValuesMax}; n++) await session.set("k" + n, n);
      return (await Promise.all((await session.list()).map((key) => session.get(key)))).length;`;
    expect(await run(code)).toMatchObject({ ok: true, result: limits.sessionValuesMax });
  });

  test("drops progress that nobody could follow", async () => {
    const code = `import { progress } from "runtime"; for (let n = 0; n < 5_000; n++) progress(n); await progress(1); return 1;`;
    expect(await run(code)).toMatchObject({ ok: true, result: 1 });
  });
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
