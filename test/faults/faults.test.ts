import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type BackgroundProcess, processesOf, startBackground } from "../support/background-process.ts";
import { type CuttingProxy, openCuttingProxy } from "../support/cutting-proxy.ts";
import { Browser, type OauthServer, startOauthServer } from "../support/oauth-server.ts";
import { type Product, startProduct } from "../support/product.ts";
import { projectRoot } from "../support/project-root.ts";
import { type Random, seeded } from "../support/random-values.ts";
import { rawRequest } from "../support/raw-mcp.ts";
import { faultsSeed } from "./seed.ts";

/*
 * Ends servers, a bridge, its socket, the Worker and the sandbox's processes at random while programs run. The promises about every
 * call and every run must still hold. The seed determines the sequence of the faults.
 */

const seed = faultsSeed();
const faultsMax = Number(process.env.FAULTS ?? 500);
/** Programs that run at the same time. */
const load = 3;

const works = (id: string, file: string) => ({
  id,
  title: id,
  summary: `Works as the server ${id}.`,
  mcp: { transport: "stdio", command: process.execPath, args: [join(projectRoot, "test/servers/works.mjs"), file] },
  limits: { callsPerMinute: 100_000 },
});

interface Call {
  server: "near" | "far" | "locked";
  id: string;
  ms: number;
}

/** One run as its client saw it. */
interface Seen {
  /** Of its request, by which the audit has it. */
  requestId: string;
  calls: Call[];
  /** Absent if the Worker ended during the run. */
  answer?: Record<string, unknown>;
  error?: unknown;
  /** The Worker was killed during the run, or had not restarted yet when the run began. */
  hasLostWorker: boolean;
}

const program = `
  import { args } from "runtime";
  import { near, far, locked } from "mcp-clients";
  type Call = { server: "near" | "far" | "locked"; id: string; ms: number };
  const make = {
    near: (id: string, ms: number) => near.work({ id, ms }),
    far: (id: string, ms: number) => far.work({ id, ms }),
    locked: () => locked.whoami({}),
  };
  const became: Record<string, string> = {};
  for (const group of (args as { groups: Call[][] }).groups) {
    await Promise.all(group.map(async ({ server, id, ms }) => {
      try {
        await make[server](id, ms);
        became[id] = "ok";
      } catch (error) {
        became[id] = (error as { code: string }).code;
      }
    }));
  }
  return became;`;

describe(`${faultsMax} faults at random, seed ${seed}`, () => {
  const random = seeded(seed);
  let product: Product;
  let oauth: OauthServer;
  let proxy: CuttingProxy;
  let bridge: BackgroundProcess;
  let folder: string;
  let nearFile: string;
  let farFile: string;
  let workerLosses = 0;
  let isWorkerDown = false;
  const seen: Seen[] = [];

  const startBridge = async () => {
    const token = await product.bridgeToken();
    const started = await startBackground({
      args: async (folder) => {
        const registry = join(folder, "registry.json");
        await writeFile(registry, JSON.stringify({ servers: [works("far", farFile)] }));
        return ["bridge/main.mjs", "start", "--url", `http://127.0.0.1:${proxy.port}`, "--registry", registry];
      },
      env: () => ({ BRIDGE_TOKEN: token }),
    });
    await started.printed(/connected to/);
    return started;
  };

  /** Without an MCP client, which would keep waiting for a Worker that was killed. */
  const execute = async (input: object, requestId: string = crypto.randomUUID()) => {
    const request = rawRequest("2025-11-25", { method: "tools/call", params: { name: "execute_mcp_code", arguments: input } });
    const headers = { ...(request.headers as Record<string, string>), "X-Request-Id": requestId };
    const response = await fetch(`${product.url}/mcp`, { ...request, headers });
    return answerIn(await response.text());
  };
  const value = (code: string) => execute({ code: `import { session } from "runtime"; ${code}` });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "mcp-orchestrator-faults-"));
    [nearFile, farFile] = [join(folder, "near"), join(folder, "far")];
    await Promise.all([writeFile(nearFile, ""), writeFile(farFile, "")]);
    oauth = await startOauthServer();
    const locked = {
      id: "locked",
      title: "locked",
      summary: "Asks for a login.",
      mcp: { transport: "http", url: oauth.url },
      auth: "oauth",
      limits: { callsPerMinute: 100_000 },
    };
    product = await startProduct({ registry: { servers: [works("near", nearFile), locked] } });
    proxy = await openCuttingProxy(product.port);
    bridge = await startBridge();
    // From here on the catalogs are known, so that a program may import a server that is down.
    const refused = await execute({ code: program, args: { groups: [] } });
    const url = (refused.errors as { url?: string }[] | undefined)?.[0]?.url;
    expect(await new Browser().open(url ?? "")).toMatchObject({ status: 200 });
    const listed = async () => expect(await execute({ code: program, args: { groups: [] } })).toMatchObject({ ok: true });
    await vi.waitFor(listed, { timeout: 60_000 });
  });

  afterAll(async () => {
    await bridge?.[Symbol.asyncDispose]();
    await proxy?.[Symbol.asyncDispose]();
    await product?.[Symbol.asyncDispose]();
    await oauth?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  const serversOf = (owner: BackgroundProcess) => processesOf(owner).filter(({ command }) => command.includes("works.mjs"));

  const killOne = (found: readonly { pid: number }[]) => {
    const target = found[Math.floor(random() * found.length)];
    if (target === undefined) return;
    try {
      process.kill(target.pid, "SIGKILL");
    } catch {
      // It has ended in the meantime, so this fault is skipped.
    }
  };

  /** Lasts from the kill until the killed process is replaced and the Worker answers. */
  const whileWorkerIsDown = async (kill: () => void) => {
    const restarts = restartsLogged();
    workerLosses += 1;
    isWorkerDown = true;
    kill();
    // Not every kill is logged as a restart, for instance that of a process that was already ending. So the wait is bounded.
    for (const until = Date.now() + 12_000; restartsLogged() === restarts && Date.now() < until; ) await delay(100);
    await expect.poll(isReady, { timeout: 60_000, interval: 100 }).toBe(true);
    isWorkerDown = false;
  };
  const restartsLogged = () => product.output().match(/^restart /gm)?.length ?? 0;
  const isReady = () =>
    fetch(`${product.url}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );

  const faults: { name: string; weight: number; strike: () => Promise<void> | void }[] = [
    { name: "kill a server of the first bridge", weight: 199, strike: () => killOne(serversOf(product)) },
    { name: "kill a server of the second bridge", weight: 120, strike: () => killOne(serversOf(bridge)) },
    {
      name: "expire the token of a login",
      weight: 40,
      async strike() {
        await oauth.control({ expire: true });
        const { mcp } = await oauth.happened();
        // A Worker that is killed after the new token was given and before it was stored needs a new login. A request with the new
        // token leaves only when that is stored, so wait for one.
        await expect.poll(async () => (await oauth.happened()).mcp, { timeout: 30_000 }).toBeGreaterThan(mcp);
      },
    },
    { name: "cut the second bridge's socket", weight: 160, strike: () => proxy.cut() },
    {
      name: "kill the second bridge",
      weight: 15,
      async strike() {
        const before = bridge;
        before.signal("SIGKILL");
        await before.exited();
        bridge = await startBridge();
        // The servers that it had started end without it.
        await expect.poll(() => processesOf(before), { timeout: 10_000 }).toEqual([]);
        await before[Symbol.asyncDispose]();
      },
    },
    {
      name: "kill a process in which programs are read or run",
      weight: 2,
      strike: () =>
        whileWorkerIsDown(() =>
          killOne(processesOf(product).filter(({ command }) => /\bworkerd serve .*(?<!worker)\.capnp$/.test(command))),
        ),
    },
    {
      name: "kill the Worker",
      weight: 4,
      strike: () =>
        whileWorkerIsDown(() =>
          killOne(processesOf(product).filter(({ command }) => /\bworkerd serve .*\bworker\.capnp$/.test(command))),
        ),
    },
  ];
  const weights = faults.reduce((sum, { weight }) => sum + weight, 0);

  function nextFault() {
    let at = random() * weights;
    for (const fault of faults) {
      at -= fault.weight;
      if (at < 0) return fault;
    }
    return undefined;
  }

  function nextCalls(run: number, random: Random): Call[][] {
    const groups = Array.from({ length: 2 + Math.floor(random() * 4) }, () => 1 + Math.floor(random() * 4));
    return groups.map((size, group) =>
      Array.from({ length: size }, (_, at) => ({
        server: (["near", "far", "near", "far", "locked"] as const)[Math.floor(random() * 5)] ?? "near",
        id: `${run}.${group}.${at}`,
        ms: Math.floor(random() * 120),
      })),
    );
  }

  it("leave an outcome for every call, repeat no call, lose no run, and need no manual repair", {
    tags: ["faults"],
    timeout: 900_000,
  }, async () => {
    expect(await value('session.set("kept", { since: "before" }); return 1;')).toMatchObject({ ok: true });
    const struck = new Map<string, number>();
    let isOver = false;
    let runs = 0;
    const keepRunning = async () => {
      while (!isOver) {
        const groups = nextCalls(runs++, random);
        const record: Seen = { requestId: crypto.randomUUID(), calls: groups.flat(), hasLostWorker: isWorkerDown };
        seen.push(record);
        const lossesBefore = workerLosses;
        try {
          record.answer = await execute({ code: program, args: { groups }, maxRuntimeMs: 10_000 }, record.requestId);
        } catch (error) {
          record.error = error;
        }
        if (workerLosses !== lossesBefore) record.hasLostWorker = true;
        if (record.error !== undefined) await delay(100);
      }
    };
    const running = Array.from({ length: load }, keepRunning);
    try {
      for (let made = 0; made < faultsMax; made++) {
        const fault = nextFault();
        if (fault === undefined) break;
        struck.set(fault.name, (struck.get(fault.name) ?? 0) + 1);
        await fault.strike();
        await delay(random() * 60);
      }
    } finally {
      isOver = true;
      await Promise.all(running);
    }

    console.log({ seed, runs, struck: Object.fromEntries(struck), ...summaryOf(seen) });
    const unanswered = seen.filter(({ answer, hasLostWorker }) => answer === undefined && !hasLostWorker);
    expect(unanswered).toEqual([]);
    const begun = await begunCalls([nearFile, farFile]);
    for (const { calls, answer, hasLostWorker } of seen) {
      for (const { id } of calls) expect(begun.get(id) ?? 0, `call ${id} was made more than once`).toBeLessThanOrEqual(1);
      if (answer === undefined) continue;
      if (!hasLostWorker) expect(answer.errors, JSON.stringify(answer)).toBeUndefined();
      const became = (answer.result ?? {}) as Record<string, string>;
      const ledger = outcomesOf(answer);
      if (answer.ok === true) expect(Object.keys(became).sort()).toEqual(calls.map(({ id }) => id).sort());
      for (const { id, server } of calls)
        if (became[id] === "ok" && server !== "locked") expect(begun.get(id), `call ${id} succeeded`).toBe(1);
      for (const outcome of ledger) expect(["succeeded", "failed", "not_started", "unknown"]).toContain(outcome);
      if (answer.ok === true) {
        expect(ledger.filter((outcome) => outcome === "succeeded")).toHaveLength(
          Object.values(became).filter((outcome) => outcome === "ok").length,
        );
        expect(ledger).toHaveLength(calls.length);
      }
    }
  });

  it("lose no record of what was answered, and make none of what was not asked", {
    tags: ["audit.durable", "audit.forged"],
  }, async () => {
    const records = await auditOf(product.url);
    const asked = new Map(seen.map((run) => [run.requestId, run]));
    const runs = Map.groupBy(records, ({ requestId }) => String(requestId));
    for (const { requestId, answer, hasLostWorker } of seen) {
      const own = runs.get(requestId) ?? [];
      const executions = own.filter(({ action }) => action === "execute").map(({ outcome }) => outcome);
      if (answer !== undefined)
        expect([requestId, executions]).toEqual([requestId, [answer.ok === true ? "succeeded" : "failed"]]);
      // One that was cut off may have ended all the same, or may never have arrived.
      else expect(executions.length, `${requestId} has ${executions}`).toBeLessThanOrEqual(hasLostWorker ? 1 : 0);
      if (answer?.ok !== true) continue;
      const calls = own.filter(({ action }) => action === "call" || action === "denial").map(({ outcome }) => String(outcome));
      expect(calls.sort()).toEqual(outcomesOf(answer).sort());
    }
    // Of programs that ran: others were those that a test of this file sent itself.
    const called = records.filter(({ action, tool }) => action === "call" && tool === "work");
    expect(called.filter(({ requestId }) => !asked.has(String(requestId)))).toEqual([]);
    expect(new Set(records.map(({ cursor }) => cursor)).size).toBe(records.length);
  });

  it("leave the session's values and the tool catalog intact, and the next run works", { tags: ["faults"] }, async () => {
    expect(await value('return await session.get("kept");')).toMatchObject({ ok: true, result: { since: "before" } });
    const last = (id: string) =>
      execute({
        code: program,
        args: { groups: [["near", "far", "locked"].map((server) => ({ server, id: `${id}.${server}`, ms: 1 }))] },
      });
    let attempt = 0;
    // A server that failed too often is not started again for a while.
    await expect
      .poll(() => last(`last.${attempt++}`), { timeout: 60_000, interval: 500 })
      .toMatchObject({ ok: true, calls: ["near", "far", "locked"].map(() => ({ outcome: "succeeded" })) });
    expect(await oauth.happened()).toMatchObject({ reused: 0 });
  });

  it("leave one process per server, and none after everything is stopped", { tags: ["faults"] }, async () => {
    expect(serversOf(product)).toHaveLength(1);
    expect(serversOf(bridge)).toHaveLength(1);

    bridge.signal("SIGTERM");
    expect(await bridge.exited()).toBe(0);
    expect(await product.stop("SIGTERM")).toBe(0);
    await expect.poll(() => [...processesOf(product), ...processesOf(bridge)], { timeout: 5_000 }).toEqual([]);
  });
});

/** @throws if the event stream has no complete answer */
function answerIn(events: string): Record<string, unknown> {
  const data = events.split("\n").filter((line) => line.startsWith("data: "));
  const last = JSON.parse(data.at(-1)?.slice("data: ".length) ?? "") as {
    result: { structuredContent: Record<string, unknown> };
  };
  return last.result.structuredContent;
}

async function auditOf(url: string): Promise<Record<string, unknown>[]> {
  const text = await (await fetch(`${url}/audit.jsonl`)).text();
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}

async function begunCalls(files: readonly string[]): Promise<Map<string, number>> {
  const begun = new Map<string, number>();
  for (const text of await Promise.all(files.map((file) => readFile(file, "utf8")))) {
    for (const id of text.split("\n").filter((line) => line !== "")) begun.set(id, (begun.get(id) ?? 0) + 1);
  }
  return begun;
}

/** The outcome of each call: those that succeeded are summed in an answer. */
function outcomesOf(answer: Seen["answer"]): string[] {
  const calls = (answer?.calls ?? []) as { outcome: string; count?: number }[];
  return calls.flatMap(({ outcome, count = 1 }) => Array.from({ length: count }, () => outcome));
}

function summaryOf(seen: readonly Seen[]) {
  const outcomes = new Map<string, number>();
  for (const { answer } of seen) {
    for (const outcome of outcomesOf(answer)) {
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
  }
  return { answered: seen.filter(({ answer }) => answer !== undefined).length, outcomes: Object.fromEntries(outcomes) };
}
