import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type ClientLog, clientKinds, type McpClient } from "../support/mcp-clients.ts";
import { type Product, startProduct } from "../support/product.ts";
import { projectRoot } from "../support/project-root.ts";

/* What a client receives while a program runs, when a program is cut off, and for a large result. */

const registry = {
  servers: [
    {
      id: "waits",
      title: "Waits",
      summary: "Answers one tool when another is called.",
      mcp: { transport: "stdio", command: process.execPath, args: [join(projectRoot, "test/servers/waits.mjs")] },
    },
    {
      id: "reports",
      title: "Reports",
      summary: "Tells how far it is.",
      mcp: { transport: "stdio", command: process.execPath, args: [join(projectRoot, "test/servers/reports.mjs")] },
    },
    {
      id: "everything",
      title: "Everything",
      summary: "The published server-everything.",
      mcp: { transport: "stdio", command: "mcp-server-everything" },
    },
  ],
};

let product: Product;

beforeAll(async () => {
  product = await startProduct({ registry });
});

afterAll(async () => {
  await product?.[Symbol.asyncDispose]();
});

describe.each(clientKinds)("with $title", ({ connect }) => {
  let client: McpClient;

  beforeEach(async () => {
    client = await connect(`${product.url}/mcp`);
  });

  afterEach(async () => {
    await client?.close();
  });

  const run = async (code: string, input: object = {}) => (await client.call("execute_mcp_code", { code, ...input })).structured;
  const seen = async () => (await run("return await waits.seen();")).result as { waits: number; cancelled: number };

  it("log messages arrive while the program runs, with their levels, and the answer has the same lines", {
    tags: ["live.logs"],
  }, async () => {
    const heard: ClientLog[] = [];
    const { promise: isHeard, resolve } = Promise.withResolvers<void>();
    const running = client.call(
      "execute_mcp_code",
      { code: 'console.warn("begun", { n: 1 }); await waits.wait(); console.log("over"); return 1;', maxRuntimeMs: 60_000 },
      {
        logLevel: "debug",
        onLog(message) {
          heard.push(message);
          resolve();
        },
      },
    );
    // The program ends only after this.
    await isHeard;
    expect(heard).toEqual([{ level: "warning", logger: "program", data: "begun { n: 1 }" }]);
    await expect.poll(async () => (await run("return await waits.release();")).result).toBe("done");

    const { structured } = await running;
    expect(structured).toMatchObject({
      ok: true,
      result: 1,
      logs: [
        { level: "warn", message: "begun { n: 1 }" },
        { level: "log", message: "over" },
      ],
    });
    expect(heard.slice(1)).toEqual([{ level: "info", logger: "program", data: "over" }]);
  });

  it("lines arrive once and in order, also as progress, and progress always increases", { tags: ["live.logs"] }, async () => {
    const heard: unknown[] = [];
    const progress: { progress: number; message?: string | undefined }[] = [];
    const { structured } = await client.call(
      "execute_mcp_code",
      {
        code: `import { progress } from "runtime";
          for (let n = 0; n < 100; n++) { console.log("line " + n); if (n % 25 === 0) await progress(n / 25, 4); }
          return "done";`,
        maxLogs: 60,
      },
      { logLevel: "debug", onLog: ({ data }) => heard.push(data), onProgress: (told) => progress.push(told) },
    );

    const lines = Array.from({ length: 60 }, (_, n) => `line ${n}`);
    expect(structured).toMatchObject({ ok: true, result: "done", logsDropped: 40 });
    expect(heard).toEqual(lines);
    expect(progress.map(({ message }) => message).filter((message) => message !== undefined)).toEqual(lines);
    const own = progress.filter(({ message }) => message === undefined).map((told) => told.progress);
    expect(own.map(Math.floor)).toEqual([0, 1, 2, 3]);
    expect(progress.every((told, index) => index === 0 || told.progress > (progress[index - 1]?.progress ?? 0))).toBe(true);
  });

  it("log messages and progress of a server arrive during its call, and the answer has the line", {
    tags: ["upstream.news"],
  }, async () => {
    const heard: ClientLog[] = [];
    const progress: { progress: number; total?: number | undefined; message?: string | undefined }[] = [];
    const { promise: hasLogged, resolve: logged } = Promise.withResolvers<void>();
    const { promise: isHalfway, resolve: halfway } = Promise.withResolvers<void>();
    const running = client.call(
      "execute_mcp_code",
      {
        code: 'import { progress } from "runtime"; await progress(1, 2); const answer = await reports.work(); await progress(2, 2); return answer;',
        maxRuntimeMs: 60_000,
      },
      {
        logLevel: "info",
        onLog(message) {
          heard.push(message);
          logged();
        },
        onProgress(told) {
          progress.push(told);
          if (told.message?.startsWith("reports.work")) halfway();
        },
      },
    );
    // The call ends only after this.
    await Promise.all([hasLogged, isHalfway]);
    await expect.poll(async () => (await run("return await reports.release();")).result).toBe("done");

    const { structured } = await running;
    expect(structured).toMatchObject({ ok: true, result: "worked" });
    expect(structured.logs).toEqual([{ level: "info", message: '{"rows":2}', server: "reports" }]);
    expect(heard).toEqual([{ level: "info", logger: "mcp-clients/reports", data: '{"rows":2}' }]);
    expect(progress.map(({ message }) => message)).toEqual([
      undefined,
      expect.stringMatching(/^(?:\[reports\] \{"rows":2\}|reports\.work: 3\/10 copying)$/),
      expect.stringMatching(/^(?:\[reports\] \{"rows":2\}|reports\.work: 3\/10 copying)$/),
      undefined,
    ]);
    // The progress value is the program's, and always increases.
    expect(progress.map((told) => Math.floor(told.progress))).toEqual([1, 1, 1, 2]);
    expect(progress.every(({ total }) => total === 2)).toBe(true);
  });

  it("concurrent calls on the published server-everything each report their progress", {
    tags: ["upstream.news"],
  }, async () => {
    const messages: string[] = [];
    const { structured } = await client.call(
      "execute_mcp_code",
      {
        code: `const run = (steps) => everything["trigger-long-running-operation"]({ duration: 0.3, steps });
          await Promise.all([run(2), run(3)]);
          return (await everything.$resources.list()).length;`,
        language: "js",
      },
      { onProgress: ({ message }) => messages.push(message ?? "") },
    );

    expect(structured).toMatchObject({ ok: true });
    expect(structured.result).toBeGreaterThan(0);
    const told = messages
      .filter((message) => message.startsWith("everything.trigger-long-running-operation: "))
      .map((message) => message.split(": ")[1]);
    expect(told.sort()).toEqual(["1/2", "1/3", "2/2", "2/3", "3/3"]);
  });

  it("only log levels that the client asked for are sent", { tags: ["live.logs"] }, async () => {
    const heard: unknown[] = [];
    await client.call(
      "execute_mcp_code",
      { code: 'console.log("low"); console.error("high");' },
      { logLevel: "error", onLog: ({ data }) => heard.push(data) },
    );

    expect(heard).toEqual(["high"]);
  });

  it("when the client disconnects, the program ends and its calls are cancelled at their server", {
    tags: ["cancel.client"],
  }, async () => {
    const before = await seen();
    const leaver = await connect(`${product.url}/mcp`);
    const leaving = new AbortController();
    const { promise: isCalling, resolve: called } = Promise.withResolvers<void>();
    const abandoned = leaver.call(
      "execute_mcp_code",
      {
        // If the program still ran, it would call again at once.
        code: 'console.log("calling"); for (;;) { try { await waits.wait(); } catch { console.log("again"); } }',
        maxRuntimeMs: 120_000,
      },
      { signal: leaving.signal, onProgress: () => called() },
    );
    abandoned.catch(() => undefined);
    await isCalling;
    await expect.poll(async () => (await seen()).waits).toBe(before.waits + 1);
    leaving.abort();
    await expect(abandoned).rejects.toThrow();
    await leaver.close();

    await expect.poll(async () => (await seen()).cancelled, { timeout: 30_000 }).toBe(before.cancelled + 1);
    expect(await seen()).toEqual({ waits: before.waits + 1, cancelled: before.cancelled + 1 });
    expect(await seen()).toEqual({ waits: before.waits + 1, cancelled: before.cancelled + 1 });
  });

  it("when the client cancels and stays connected, the program ends and its calls are cancelled at their server", {
    tags: ["cancel.notification"],
  }, async () => {
    const before = await seen();
    const cancelling = new AbortController();
    const { promise: isCalling, resolve: called } = Promise.withResolvers<void>();
    const cancelled = client.call(
      "execute_mcp_code",
      { code: 'console.log("calling"); for (;;) { try { await waits.wait(); } catch { } }', maxRuntimeMs: 120_000 },
      { signal: cancelling.signal, onProgress: () => called() },
    );
    cancelled.catch(() => undefined);
    await isCalling;
    await expect.poll(async () => (await seen()).waits).toBe(before.waits + 1);
    cancelling.abort();
    await expect(cancelled).rejects.toThrow();

    await expect.poll(async () => (await seen()).cancelled, { timeout: 30_000 }).toBe(before.cancelled + 1);
    expect(await seen()).toEqual({ waits: before.waits + 1, cancelled: before.cancelled + 1 });
  });

  it("a run that times out reports the outcome of each call and its printed lines", { tags: ["live.cut-off"] }, async () => {
    const outcome = await run('await waits.seen(); console.log("begun"); waits.wait(); await waits.wait();', {
      maxRuntimeMs: 1_000,
    });

    expect(outcome).toMatchObject({
      ok: false,
      errors: [{ code: expect.stringMatching(/^(?:run|call)_timeout$/) }],
      logs: [{ level: "log", message: "begun" }],
      calls: [
        { tool: "seen", outcome: "succeeded" },
        { tool: "wait", outcome: "unknown", retrySafe: false },
        { tool: "wait", outcome: "unknown", retrySafe: false },
      ],
    });
  });

  it("a large result is answered as a preview, and a later run can read it in full", async () => {
    const large = await run(
      'return { rows: Array.from({ length: 20_000 }, (_, n) => ({ n, name: "行 " + n })), total: 20_000 };',
    );
    expect(large).toMatchObject({ ok: true, handle: expect.any(String), result: { total: 20_000 } });
    const { rows } = large.result as { rows: unknown[] };
    expect(rows[0]).toEqual({ n: 0, name: "行 0" });
    expect(rows.at(-1)).toMatch(/^… \d+ more items$/);

    const code =
      'import { args, results } from "runtime"; const { rows } = await results.get(args); return [rows.length, rows.at(-1)];';
    expect(await run(code, { args: large.handle })).toMatchObject({
      ok: true,
      result: [20_000, { n: 19_999, name: "行 19999" }],
    });
  });
});
