import { availableParallelism, loadavg } from "node:os";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { limits } from "../../core/limits.ts";
import { runtimeLimits } from "../../core/run/runtime-limits.ts";
import { processesOf } from "../support/background-process.ts";
import { connectModern, type McpClient } from "../support/mcp-clients.ts";
import { type PlainWorker, startPlainWorker } from "../support/plain-worker.ts";
import { type Product, startProduct } from "../support/product.ts";

/*
 * Hostile programs in the real processes. Each ends in time, with an error that names the limit it exceeded. Another session is
 * served meanwhile, and no stored value is lost.
 */

const registry = {
  servers: [
    {
      id: "time",
      title: "Time",
      summary: "Clocks.",
      mcp: { transport: "stdio", command: "time-mcp" },
      limits: { callsPerRun: 20_000, callsPerMinute: 1_000_000 },
    },
    { id: "everything", title: "Everything", summary: "Echo.", mcp: { transport: "stdio", command: "mcp-server-everything" } },
  ],
};

const maxRuntimeMs = 2_500;
/** How many processes there are for each core. */
const crowd = () => Math.max(1, (loadavg()[0] ?? 0) / availableParallelism());
/** How far a run may exceed its time limit: the product's promise, and longer where processes wait for a core. */
const graceMs = () => 1_500 * crowd();
/** A program that gets a fraction of a core is ended for its time before it has used up the memory. */
const isCrowded = () => crowd() > 3;

interface Hostile {
  code: string;
  /** Any of these is right: which limit is exceeded first depends on the machine. */
  codes: string[];
  /** The limit, as the message must name it. */
  names?: RegExp;
  line?: number;
  /** Longer than for other programs, because a slow machine needs time to use up the memory. */
  maxRuntimeMs?: number;
}

const cpu = { codes: ["cpu_limit"], names: new RegExp(`\\b${maxRuntimeMs} ms`) };
const memory = {
  codes: ["memory_limit"],
  names: new RegExp(`\\b${limits.sandboxMemoryMiB} MiB`),
  maxRuntimeMs: 30_000,
};
const memoryOrCpu = { codes: ["memory_limit", "cpu_limit"] };
const time = { codes: ["run_timeout"], names: new RegExp(`\\b${maxRuntimeMs} ms`) };

const programs: Record<string, Hostile> = {
  "an endless loop": { code: "const started = true;\nwhile (true) {}", ...cpu, line: 2 },
  "an endless loop that catches everything": { code: "for (;;) { try { for (;;); } catch {} finally { for (;;); } }", ...cpu },
  "an endless loop in a callback that nobody awaits": {
    code: "setTimeout(() => { for (;;); }, 5); await new Promise(() => {});",
    ...cpu,
  },
  "a microtask loop": { code: "for (;;) await null;", ...cpu },
  // Each promise waits for the next, so a fast machine runs out of memory first.
  "a chain of microtasks": { code: "const next = () => Promise.resolve().then(next);\nawait next();", ...memoryOrCpu },
  "a chain of microtasks that nobody awaits": {
    code: "const next = () => Promise.resolve().then(next);\nnext();\nawait new Promise(() => {});",
    ...memoryOrCpu,
  },
  "a regular expression that backtracks without end": { code: 'return /^(a+)+$/.test("a".repeat(60) + "b");', ...cpu },
  "a native function without end": { code: "return new Array(2 ** 31).fill(7).length;", ...memoryOrCpu },
  "unbounded recursion": {
    code: "const deeper = (n) => deeper(n + 1) + 1;\nreturn deeper(0);",
    codes: ["uncaught_exception"],
    line: 1,
  },
  "unbounded recursion that catches everything": {
    code: "const deeper = () => { try { deeper(); } catch { deeper(); } };\ndeeper();",
    codes: ["cpu_limit", "uncaught_exception"],
  },
  "arrays without end": { code: "const kept = [];\nfor (;;) kept.push(new Array(1e6).fill(1.5));", ...memory },
  "strings without end": {
    code: 'const kept = [];\nfor (let i = 0; ; i++) kept.push(`x${i}`.repeat(2e6).split("").join("-"));',
    ...memory,
  },
  "one string that doubles": { code: 'let text = "x";\nfor (;;) text += text;', codes: ["uncaught_exception"], line: 2 },
  "buffers without end": { code: "const kept = [];\nfor (;;) kept.push(new Uint8Array(5e7).fill(1));", ...memory },
  "objects without end, a little at a time": {
    code: "const kept = [];\nfor (;;) { for (let i = 0; i < 1e5; i++) kept.push({ i, text: `${i}` }); await null; }",
    ...memoryOrCpu,
  },
  "a flood of timers": { code: "for (;;) setTimeout(() => {}, 0);", codes: ["cpu_limit", "uncaught_exception"] },
  "a timer that repeats without end": { code: "setInterval(() => {}, 0);\nawait new Promise(() => {});", ...time },
  "a promise that never settles": { code: "await new Promise(() => {});", ...time },
  "a flood of logs": { code: 'for (;;) console.log("flood".repeat(100));', ...cpu },
  "a result of 100 MB": {
    code: 'return "x".repeat(100e6);',
    codes: ["output_limit"],
    names: new RegExp(String(limits.resultCharsMax)),
  },
  "10,000 calls at once": {
    code: "return (await Promise.all(Array.from({ length: 10_000 }, () => time.current_time({})))).length;",
    codes: ["too_many_calls"],
    names: new RegExp(`\\b${limits.callsInFlightMax}\\b`),
  },
  "900 questions for help at once": {
    code: 'import { help } from "runtime";\nconst words = Array.from({ length: 250 }, (_, n) => `qzx${n}y`).join(" ").slice(0, 2_000);\nawait Promise.all(Array.from({ length: 900 }, () => help({ query: words })));',
    codes: ["too_many_calls"],
    names: new RegExp(`\\b${runtimeLimits.runtimeCallsInFlightMax} in flight\\b`),
  },
  "questions for help without end": {
    code: 'import { help } from "runtime";\nfor (;;) await Promise.all(Array.from({ length: 250 }, () => help({ query: "qzx ".repeat(250) })));',
    codes: ["run_timeout", "too_many_calls"],
  },
  "calls to tools that do not exist, without end": {
    code: "for (;;) await Promise.all(Array.from({ length: 500 }, (_, n) => everything.$call(`ech${n}`, {}).catch(() => 0)));",
    codes: ["run_timeout", "cpu_limit"],
  },
  "a value that is deep only when it is written": {
    code: "const deep = (n: number): unknown => { let a: unknown = []; while (n-- > 0) a = [a]; return a; };\nlet reads = 0;\nreturn { get a() { return reads++ === 0 ? [] : deep(100_000); } };",
    codes: ["output_limit"],
    names: new RegExp(`\\b${limits.resultDepthMax} levels`),
  },
  "a call with too large an argument": {
    code: `return await everything.echo({ message: "x".repeat(${limits.callArgumentsCharsMax}) });`,
    codes: ["invalid_arguments"],
    names: new RegExp(String(limits.callArgumentsCharsMax)),
  },
  abortIsolate: {
    code: 'import { abortIsolate } from "cloudflare:workers";\nabortIsolate();',
    codes: ["import_not_allowed"],
    line: 1,
  },
  "more source than a program may have": { code: `return "${"x".repeat(limits.sourceBytesMax)}";`, codes: ["invalid_input"] },
};

describe("a hostile program", () => {
  let product: Product;
  let attacker: McpClient;
  let neighbour: McpClient;

  beforeAll(async () => {
    product = await startProduct({ registry });
    attacker = await connectModern(`${product.url}/mcp`);
    neighbour = await connectModern(`${product.url}/s/neighbour/mcp`);
    await execute(attacker, 'import { session } from "runtime"; await session.set("kept", { by: "attacker" });');
    await execute(neighbour, 'import { session } from "runtime"; await session.set("kept", { by: "neighbour" });');
  });

  afterAll(async () => {
    await attacker?.close();
    await neighbour?.close();
    await product?.[Symbol.asyncDispose]();
  });

  it.each(Object.entries(programs))(
    "ends in time and harms nobody: %s",
    { tags: ["sandbox.hostile"] },
    async (_title, { code, codes, names, line, ...own }) => {
      let isOver = false;
      const hostile = execute(attacker, code, { maxRuntimeMs, ...own }).finally(() => {
        isOver = true;
      });
      const served: unknown[] = [];
      do {
        served.push((await execute(neighbour, "return 1 + 1;")).result);
        served.push((await neighbour.call("list_mcp_capabilities")).structured.total);
      } while (!isOver);
      const outcome = await hostile;

      const allowed = isCrowded() ? [...codes, "cpu_limit"] : codes;
      expect(outcome).toMatchObject({ ok: false, errors: [{ code: expect.toBeOneOf(allowed) }] });
      const [error] = outcome.errors ?? [];
      if (names && codes.includes(error?.code ?? "")) expect(error?.message).toMatch(names);
      if (line !== undefined) expect(error).toMatchObject({ file: "main.ts", line });
      expect(outcome.durationMs).toBeLessThanOrEqual((own.maxRuntimeMs ?? maxRuntimeMs) + graceMs());
      // The server `dynamic` is built in.
      expect(served).toEqual(served.map((_, index) => (index % 2 === 0 ? 2 : registry.servers.length + 1)));
      expect(await kept(attacker)).toMatchObject({ ok: true, result: { by: "attacker" } });
      expect(await kept(neighbour)).toMatchObject({ ok: true, result: { by: "neighbour" } });
    },
  );

  it("does not end other programs in its process: they run again", {
    tags: ["sandbox.innocent"],
  }, async () => {
    const froze = Array.from({ length: 2 }, () =>
      execute(attacker, 'return /^(a+)+$/.test("a".repeat(60) + "b");', { maxRuntimeMs }),
    );
    const innocent = Array.from({ length: 4 }, (_, index) =>
      execute(neighbour, `await new Promise((wake) => setTimeout(wake, 400)); return ${index};`),
    );

    expect(await Promise.all(innocent)).toEqual([0, 1, 2, 3].map((result) => expect.objectContaining({ ok: true, result })));
    const codes = (await Promise.all(froze)).map(({ errors }) => errors?.[0]?.code);
    // Programs of a session that has frozen processes before run one at a time, and wait at most as long as they may run.
    expect(codes).toContain("cpu_limit");
    for (const code of codes) expect(code).toBeOneOf(["cpu_limit", "program_lost"]);
  });

  it("ends programs in its process that had made calls, and their answers list the calls", {
    tags: ["sandbox.innocent"],
  }, async () => {
    const fill = 'return /^(a+)+$/.test("a".repeat(60) + "b");';
    const froze = Array.from({ length: 2 }, () =>
      execute(attacker, `await new Promise((wake) => setTimeout(wake, 500)); ${fill}`, { maxRuntimeMs }),
    );
    const called = execute(
      attacker,
      "await time.current_time({}); await new Promise((wake) => setTimeout(wake, 1_000)); return (await time.current_time({})) !== undefined;",
      { maxRuntimeMs: 6_000 },
    );

    const outcome = await called;
    await Promise.all(froze);
    expect(outcome.calls?.[0]).toMatchObject({ server: "time", tool: "current_time", outcome: "succeeded" });
    if (!outcome.ok) {
      expect(outcome.errors).toEqual([
        expect.objectContaining({ code: "program_lost", message: expect.stringContaining("`calls`") }),
      ]);
    }
  });

  it("does not keep its process when its client leaves it", { tags: ["sandbox.hostile"] }, async () => {
    const code = 'import { progress } from "runtime";\nawait progress(1);\nreturn /^(a+)+$/.test("a".repeat(60) + "b");';
    const left = new AbortController();
    const { promise: begun, resolve: onProgress } = Promise.withResolvers<unknown>();
    const hostile = attacker.call("execute_mcp_code", { code, maxRuntimeMs: 1_000 }, { signal: left.signal, onProgress });
    await begun;
    left.abort();
    await expect(hostile).rejects.toThrow();

    const leftAt = Date.now();
    let isReplaced = false;
    const replaced = product.printed(/^restart .* computed without end/m).then(() => {
      isReplaced = true;
    });
    do expect(await execute(neighbour, "return 1 + 1;")).toMatchObject({ ok: true, result: 2 });
    while (!isReplaced);
    await replaced;
    // After so long those who run beside it notice.
    expect(Date.now() - leftAt).toBeLessThan(limits.runCpuMs);
  });

  it("is refused if its types block the compiler, which is then replaced", {
    tags: ["sandbox.compiler"],
  }, async () => {
    const chained = Array.from(
      { length: 14 },
      (_, index) => `const o${index + 1} = { ...o${index}, ...(yes ? { a${index}: 1 } : { b${index}: "x" }) };`,
    );
    const code = `const yes = Math.random() < 2;\nconst o0 = {};\n${chained.join("\n")}\nreturn Object.keys(o14).length;`;
    const checking = execute(attacker, code);

    expect(await execute(neighbour, "return 1 + 1;")).toMatchObject({ ok: true, result: 2 });
    expect(await checking).toMatchObject({
      ok: false,
      errors: [expect.objectContaining({ code: "compile_limit", message: expect.stringContaining("too complex to read") })],
    });
    await product.printed(/^restart +compiler /m);
    const blocked = { ok: false, errors: [expect.objectContaining({ code: "type_error" })] };
    await expect.poll(() => execute(attacker, "return nonsense.call();"), { timeout: 30_000 }).toMatchObject(blocked);
  });

  it("reads a kept result of eight megabytes 900 times at once while others are served", {
    tags: ["limits.runtime"],
  }, async () => {
    const large = await execute(attacker, "return new Array(1_000_000).fill({});", { maxRuntimeMs: 10_000 });
    expect(large).toMatchObject({ ok: true, handle: expect.any(String) });
    const read = 'import { args, results } from "runtime";\n';
    const once = await execute(attacker, `${read}return (await results.get(args)).length;`, { args: large.handle });
    expect(once).toMatchObject({ ok: true, result: 1_000_000 });
    let isOver = false;
    const flood = execute(attacker, `${read}await Promise.all(Array.from({ length: 900 }, () => results.get(args)));`, {
      args: large.handle,
    }).finally(() => {
      isOver = true;
    });
    do {
      expect(await execute(neighbour, "return 1 + 1;")).toMatchObject({ ok: true, result: 2 });
    } while (!isOver);
    const codes = expect.toBeOneOf(["too_many_calls", "output_limit", "memory_limit", "cpu_limit", "run_timeout"]);
    expect(await flood).toMatchObject({ ok: false, errors: [{ code: codes }] });
  });

  it("leaves no process behind", { tags: ["sandbox.hostile"] }, async () => {
    expect(await product.stop("SIGTERM")).toBe(0);
    expect(processesOf(product)).toEqual([]);
  });
});

describe("under plain wrangler dev, where programs share the process with the sessions", () => {
  let worker: PlainWorker;
  let client: McpClient;

  beforeAll(async () => {
    worker = await startPlainWorker();
    client = await connectModern(`${worker.url}/mcp`);
  });

  afterAll(async () => {
    await client?.close();
    await worker?.[Symbol.asyncDispose]();
  });

  const spinning = Object.entries(programs).filter(
    ([title, { codes }]) => codes[0] === "cpu_limit" && !title.includes("regular"),
  );

  it.each(spinning)(
    "a program that computes without end is stopped by its guard: %s",
    { tags: ["sandbox.guard"] },
    async (_title, { code, codes }) => {
      const outcome = await execute(client, code, { maxRuntimeMs: 1_000 });
      expect(outcome).toMatchObject({ ok: false, errors: [{ code: expect.toBeOneOf(codes) }] });
      expect(await execute(client, "return 1 + 1;")).toMatchObject({ ok: true, result: 2 });
    },
  );
});

const Answer = z.object({
  ok: z.boolean(),
  result: z.unknown().optional(),
  handle: z.string().optional(),
  durationMs: z.number(),
  errors: z.array(z.looseObject({ code: z.string(), message: z.string() })).optional(),
  calls: z.array(z.looseObject({})).optional(),
});
type Answer = z.infer<typeof Answer>;

async function execute(client: McpClient, code: string, input: object = {}): Promise<Answer> {
  return Answer.parse((await client.call("execute_mcp_code", { code, ...input })).structured);
}

function kept(client: McpClient): Promise<Answer> {
  return execute(client, 'import { session } from "runtime"; return await session.get("kept");');
}
