import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import type { CallReply } from "../../core/calls/tool-caller.ts";
import { draftProgram } from "../../core/program/draft.ts";
import { linkProgram } from "../../core/program/link.ts";
import type { Program } from "../../core/program/program.ts";
import { readSources } from "../../core/program/sources.ts";
import { SandboxReport } from "../../core/run/sandbox.ts";
import { CallerTarget } from "../../worker/sandbox/isolate/caller-target.ts";
import { KeptIsolates } from "../../worker/sandbox/isolate/kept-isolates.ts";
import { runProgram } from "../../worker/sandbox/isolate/run-program.ts";

/* A program that a session runs again and again: in the isolate that has run it, if nothing can remain there. */

function programOf(input: { code: string } | { files: Record<string, string> }): Program {
  const { entry, sources } = readSources({ ...input, language: "js" });
  const lower = () => {
    throw new Error("no program here needs the TypeScript compiler");
  };
  const draft = draftProgram(
    { entry, sources: Object.fromEntries(sources), language: "js", allowed: ["notes"], registered: [] },
    lower,
  );
  return linkProgram(draft, () => [{ name: "write" }]);
}

interface RunOptions {
  session?: string;
  args?: unknown;
  timeoutMs?: number;
  /** Answers the program's calls. */
  answer?: (args: unknown) => Promise<CallReply> | CallReply;
}

/** A process with the Loader of this one, and with isolates of its own that it keeps. */
class TestProcess {
  /** How often the Loader was given code, without and with a name. */
  fresh = 0;
  kept = 0;
  readonly #isolates = new KeptIsolates();
  readonly #world = crypto.randomUUID();

  async run(program: Program, { session = "one", args, timeoutMs = 5_000, answer }: RunOptions = {}): Promise<unknown> {
    const printed: string[] = [];
    const caller = new CallerTarget({
      async callMcpTool(id, name, argsJson) {
        if (id !== "runtime") return (await answer?.(JSON.parse(argsJson))) ?? { ok: true, value: "written" };
        if (name === "print")
          for (const { lines } of JSON.parse(argsJson)) for (const { message } of lines) printed.push(message);
        return { ok: true, value: null };
      },
    });
    const loader = this.#loader();
    const running = runProgram({ loader, isolates: this.#isolates, assets: undefined }, program, {
      caller,
      options: { session: `${this.#world}/${session}`, argsJson: JSON.stringify(args ?? null), timeoutMs, logLinesMax: 200 },
    });
    try {
      const { outcome, logs } = SandboxReport.parse(await running.report);
      if (outcome.kind !== "returned") return outcome;
      const result: unknown = JSON.parse(outcome.resultJson ?? "null");
      for (const { message } of logs) printed.push(message);
      return printed.length === 0 ? result : { result, printed };
    } finally {
      running.dispose();
    }
  }

  async runTimes(program: Program, times: number, options: RunOptions = {}): Promise<unknown[]> {
    const results: unknown[] = [];
    for (let time = 0; time < times; time++) results.push(await this.run(program, options));
    return results;
  }

  #loader(): WorkerLoader {
    const { LOADER } = env;
    if (LOADER === undefined) throw new Error("there is no Loader");
    return {
      load: (code) => {
        this.fresh += 1;
        return LOADER.load(code);
      },
      get: (name, getCode) =>
        LOADER.get(name, () => {
          this.kept += 1;
          return getCode();
        }),
    };
  }
}

/** Runs it four times: the first is fresh, the second loads the isolate that is kept, and the others may run there. */
async function fourTimes(code: string, options: RunOptions = {}): Promise<{ results: unknown[]; loads: number }> {
  const process = new TestProcess();
  const results = await process.runTimes(programOf({ code }), 4, options);
  return { results, loads: process.fresh + process.kept };
}

describe("a program runs again in the isolate that has run it", () => {
  test.each([
    ["a value", "return 1;", 1],
    ["calls", `return [await notes.write({ text: "a" }), await notes.$call("write", {})];`, ["written", "written"]],
    ["collections", "const m = new Map([[1, [2]]]); return [...m.values()].flat().map((n) => n * 2);", [4]],
    [
      "dates, texts and numbers",
      "return [new Date(0).toISOString(), `${Math.max(1, 2)}`.padStart(2), Number('3')];",
      ["1970-01-01T00:00:00.000Z", " 2", 3],
    ],
    [
      "randomness and clocks",
      "return [crypto.randomUUID().length, performance.now() >= 0, Date.now() > 1.6e12];",
      [36, true, true],
    ],
    [
      "classes and generators",
      "class A { #n = 1; get n() { return this.#n; } }\nfunction* g() { yield new A().n; }\nreturn [...g()];",
      [1],
    ],
    ["addresses", "return new URL('https://a/?b=1').searchParams.get('b');", "1"],
    ["a caught error", "try { JSON.parse('{'); } catch (e) { return e.name; }", "SyntaxError"],
    ["a caught error of a tool", "return await notes.write({ fails: true }).catch((e) => e.code);", "tool_error"],
    ["a failed match", "return [/(a)b/.exec('xab')[1], 'a-b'.replace(/-/, '+')];", ["a", "a+b"]],
  ])("%s", { tags: ["sandbox.again"] }, async (_what, code, result) => {
    const answer = (args: unknown): CallReply =>
      JSON.stringify(args).includes("fails")
        ? { ok: false, error: { code: "tool_error", message: "no" } }
        : { ok: true, value: "written" };
    expect(await fourTimes(code, { answer })).toEqual({ results: [result, result, result, result], loads: 2 });
  });

  test("with files, whose state is new in each run", { tags: ["sandbox.again"] }, async () => {
    const process = new TestProcess();
    const program = programOf({
      files: {
        "main.js": `import { next, list } from "./state.js";\nimport data from "./data.json";\nimport { write } from "mcp-clients/notes/write";\nnext();\ndata.seen = true;\nlist.push(await write({}));\nexport default [next(), list, data];`,
        "state.js": "let n = 0;\nexport const list = [];\nexport const next = () => ++n;",
        "data.json": `{ "a": 1 }`,
      },
    });
    const each = [2, ["written"], { a: 1, seen: true }];
    expect(await process.runTimes(program, 4)).toEqual([each, each, each, each]);
    expect(process).toMatchObject({ fresh: 1, kept: 1 });
  });

  test("with the args, the lines and the results of each run", { tags: ["sandbox.again"] }, async () => {
    const process = new TestProcess();
    const program = programOf({ code: `console.count("n"); console.time("t"); return [args, args.list.push(1)];` });
    for (const name of ["a", "b", "c", "d"]) {
      const result = [{ name, list: [1] }, 1];
      expect(await process.run(program, { args: { name, list: [] } })).toEqual({ result, printed: ["n: 1"] });
    }
    expect(process).toMatchObject({ fresh: 1, kept: 1 });
  });

  test("and its calls reach only the caller of the run that made them", { tags: ["sandbox.again"] }, async () => {
    const process = new TestProcess();
    const program = programOf({
      code: "const made = []; for (let n = 0; n < 3; n++) made.push(await notes.write({ n })); return made;",
    });
    for (const name of ["a", "b", "c", "d"]) {
      const answer = () => ({ ok: true as const, value: name });
      expect(await process.run(program, { answer })).toEqual([name, name, name]);
    }
    expect(process).toMatchObject({ fresh: 1, kept: 1 });
  });
});

describe("a run leaves nothing for the next one", () => {
  /** `look` sees what `leave` left. */
  test.each([
    ["in a prototype", "[].left", "Array.prototype.left = 1;"],
    ["in a prototype without a name", "[].values().left", "Object.getPrototypeOf([].values()).left = 1;"],
    [
      "in the prototype of generators",
      "(function* () {})().left",
      "Object.getPrototypeOf((function* () {}).prototype).left = 1;",
    ],
    ["in the prototype of async functions", "(async () => {}).left", "Object.getPrototypeOf(async () => {}).left = 1;"],
    ["in the prototype of stack frames", "frame().left", "Object.getPrototypeOf(frame()).left = 1;"],
    ["in a function of an accessor", "sizeOf().left", "sizeOf().left = 1;"],
    [
      "in a function's name",
      "Math.max.name === 'max' ? null : Math.max.name",
      "Object.defineProperty(Math.max, 'name', { value: 'left' });",
    ],
    [
      "in whether a name can be changed",
      "Object.getOwnPropertyDescriptor(Math.max, 'name').configurable ? null : 1",
      "Object.defineProperty(Math.max, 'name', { configurable: false });",
    ],
    ["in whether an object can be extended", "Object.isExtensible(Math) ? null : 1", "Object.preventExtensions(Math);"],
    [
      "in the prototype of a prototype",
      "Object.getPrototypeOf(Map.prototype) === Object.prototype ? null : 1",
      "Object.setPrototypeOf(Map.prototype, Array.prototype);",
    ],
    ["in a replaced method", "[3].at(0) === 3 ? null : 1", "Array.prototype.at = () => 1;"],
    ["in a replaced global", "Map.left", "Map = class { static left = 1; };"],
    ["in a method that is gone", "'at' in Array.prototype ? null : 1", "delete Array.prototype.at;"],
    [
      "in a method that was deleted and is back",
      "Object.keys(Array.prototype).length === 0 ? null : 1",
      "const { at } = Array.prototype; delete Array.prototype.at; Array.prototype.at = at;",
    ],
    ["in a tool's function", "Object(notes.write).left", "Object(notes.write).left = 1;"],
    ["in a function of resources", "notes.$resources.list.left", "notes.$resources.list.left = 1;"],
    ["in the errors of tools", "(await failed()).left", "Object.getPrototypeOf(await failed()).left = 1;"],
    ["in the module runtime", "runtime.session.get.left", "runtime.session.get.left = 1; try { runtime.left = 1; } catch {}"],
    ["in how stacks are made", "Error.prepareStackTrace", "Error.prepareStackTrace = () => 1;"],
    ["in the length of stacks", "Error.stackTraceLimit === 77 ? 77 : null", "Error.stackTraceLimit = 77;"],
    ["in a property with a symbol", "Symbol[Symbol.for('left')]", "Symbol[Symbol.for('left')] = 1;"],
    ["in Intl", "Intl.DateTimeFormat.left", "Intl.DateTimeFormat.left = 1;"],
  ])("%s", { tags: ["sandbox.again"] }, async (_where, look, leave) => {
    const code = `import * as runtime from "runtime";
      const failed = () => notes.write({ fails: true }).catch((e) => e);
      const frame = () => { const before = Error.prepareStackTrace; Error.prepareStackTrace = (_, [f]) => f; const { stack } = new Error(); if (before) Error.prepareStackTrace = before; else delete Error.prepareStackTrace; return stack; };
      const sizeOf = () => Object.getOwnPropertyDescriptor(Map.prototype, "size").get;
      const found = ${look};\n${leave}\nreturn found ?? null;`;
    const answer = (): CallReply => ({ ok: false, error: { code: "tool_error", message: "no" } });
    const { results, loads } = await fourTimes(code, { answer });
    expect(results).toEqual([null, null, null, null]);
    // The isolate saw the change, and a fresh one was loaded instead.
    expect(loads).toBeGreaterThanOrEqual(3);
  });

  test.each([
    ["the last match", "RegExp.lastMatch + RegExp.input + RegExp.$1 || null", "/(le)ft/.exec('left'); RegExp.input = 'left';"],
    ["the console", "console.left", "console.left = 1; console.log = () => {};"],
    [
      "a client",
      "notes.left?.name === 'left' ? 1 : null",
      "try { notes.left = 1; } catch {} try { notes.$tools.push('left'); } catch {}",
    ],
    [
      "a template's texts",
      "((texts) => Object.isFrozen(texts) && texts.raw.left)`a`",
      "((texts) => { try { texts.raw.left = 1; } catch {} })`a`;",
    ],
    [
      "an open generator",
      "null",
      "const g = (async function* () { try { yield 1; } finally { Array.prototype.left = 1; } })(); await g.next();",
    ],
    ["a promise without an end", "null", "new Promise(() => {}).then(() => { Array.prototype.left = 1; });"],
    ["a rejected promise", "[].left", "Promise.reject(new Error('left')).catch(() => {});"],
    ["a weak map on a symbol", "new WeakMap().get(Symbol.iterator)", "new WeakMap().set(Symbol.iterator, 1);"],
  ])("although it runs again: %s", { tags: ["sandbox.again"] }, async (_what, look, leave) => {
    const { results, loads } = await fourTimes(`const found = ${look};\n${leave}\nreturn found ?? null;`);
    expect(results).toEqual([null, null, null, null]);
    expect(loads).toBe(2);
  });

  test("and a run that is begun again in a fresh one makes its calls", { tags: ["sandbox.again"] }, async () => {
    const code = "Array.prototype.left = 1;\nreturn await notes.write({});";
    const { results, loads } = await fourTimes(code);
    expect(results).toEqual(["written", "written", "written", "written"]);
    expect(loads).toBeGreaterThanOrEqual(3);
  });

  test("not even by promises that are settled after its end", { tags: ["sandbox.again"] }, async () => {
    const wait = "await null;".repeat(50);
    const code = `(async () => { ${wait} Array.prototype.left = 1; })();\nreturn [].left ?? null;`;
    const { results, loads } = await fourTimes(code);
    expect(results).toEqual([null, null, null, null]);
    expect(loads).toBeGreaterThanOrEqual(3);
  });

  test("not even by a call that is made after its end", { tags: ["sandbox.again"] }, async () => {
    const late = `${"await null;".repeat(50)} try { await notes.write({}); } catch {} Array.prototype.left = 1;`;
    const process = new TestProcess();
    const program = programOf({ code: `(async () => { ${late} })();\nreturn [].left ?? null;` });
    const answer = async (): Promise<CallReply> => {
      await scheduler.wait(20);
      return { ok: true, value: 1 };
    };
    expect(await process.runTimes(program, 4, { answer })).toEqual([null, null, null, null]);
    expect(process.fresh + process.kept).toBeGreaterThanOrEqual(3);
  });
});

describe("a program always runs in a fresh isolate", () => {
  test.each([
    ["the global object", "globalThis.left ??= 0; return globalThis.left++;"],
    ["timers", "await new Promise((resolve) => setTimeout(resolve, 1)); return 0;"],
    ["microtasks of its own", "queueMicrotask(() => {}); return 0;"],
    ["finalizers", "new FinalizationRegistry(() => {}); return 0;"],
    ["events", "new EventTarget(); return 0;"],
    ["a function of performance that keeps something", "performance.mark?.('left'); return 0;"],
    ["crypto as a value", "const { randomUUID } = crypto; return 0;"],
    ["a changed property of crypto", "try { crypto.randomUUID = 1; } catch {} return 0;"],
    [
      "the global object as a default value",
      "function f(a = globalThis) { var globalThis; return a; }\nf().left ??= 0; return f().left++;",
    ],
    [
      "the global object beside a switch",
      "switch (globalThis.left ?? 0) { case 0: { break; } default: let globalThis; }\nreturn 0;",
    ],
    ["the module's own object", "import.meta.left ??= 0; return import.meta.left++;"],
    ["a module of Node", `import { inspect } from "node:util"; return inspect.left ?? 0;`],
  ])("if it uses %s", { tags: ["sandbox.again"] }, async (_what, code) => {
    const { results, loads } = await fourTimes(code);
    expect(results).toEqual([0, 0, 0, 0]);
    expect(loads).toBe(4);
  });

  test("if its isolate was refused twice", { tags: ["sandbox.again"] }, async () => {
    const process = new TestProcess();
    const program = programOf({ code: "Array.prototype.left = 1; return 0;" });
    await process.runTimes(program, 10);
    expect(process).toMatchObject({ kept: 2 });
  });

  test.each([
    ["throws", "throw new Error('no');"],
    ["computes too long", "for (;;);"],
    ["runs out of time", "await new Promise(() => {});"],
    ["leaves a call open", "notes.write({ waits: true }); return 1;"],
    ["returns too much", "return 'x'.repeat(9_000_000);"],
  ])("after a run that %s", { tags: ["sandbox.again"] }, async (_how, ending) => {
    const process = new TestProcess();
    const program = programOf({ code: `if (args) { ${ending} }\nreturn 0;` });
    const answer = (args: unknown) =>
      (JSON.stringify(args).includes("waits") ? new Promise<CallReply>(() => {}) : undefined) ?? { ok: true as const, value: 1 };
    await process.runTimes(program, 3);
    expect(process).toMatchObject({ fresh: 1, kept: 1 });
    await process.run(program, { args: true, timeoutMs: 200, answer });
    expect(process).toMatchObject({ fresh: 1, kept: 1 });
    expect(await process.run(program)).toBe(0);
    expect(process.fresh + process.kept).toBe(3);
  });
});

describe("an isolate that is kept", () => {
  test("is of one session", { tags: ["sandbox.again"] }, async () => {
    const process = new TestProcess();
    const program = programOf({ code: "return 1;" });
    await process.runTimes(program, 3);
    await process.runTimes(program, 3, { session: "two" });
    expect(process).toMatchObject({ fresh: 2, kept: 2 });
  });

  test("runs one program, as it was", { tags: ["sandbox.again"] }, async () => {
    const process = new TestProcess();
    expect(await process.runTimes(programOf({ code: "return 1;" }), 3)).toEqual([1, 1, 1]);
    expect(await process.runTimes(programOf({ code: "return 2;" }), 3)).toEqual([2, 2, 2]);
    expect(process).toMatchObject({ fresh: 2, kept: 2 });
  });

  test("runs it once at a time", { tags: ["sandbox.again"] }, async () => {
    const process = new TestProcess();
    const program = programOf({ code: "return await notes.write({ text: args });" });
    await process.runTimes(program, 2);
    let arrived = 0;
    const both = Promise.withResolvers<void>();
    const answer = async (args: unknown): Promise<CallReply> => {
      arrived += 1;
      if (arrived === 2) both.resolve();
      await both.promise;
      return { ok: true, value: args };
    };
    const results = await Promise.all(["a", "b"].map((args) => process.run(program, { args, answer })));
    expect(results).toEqual([{ text: "a" }, { text: "b" }]);
    expect(process).toMatchObject({ fresh: 2, kept: 1 });
  });
});
