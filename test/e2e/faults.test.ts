import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BackgroundProcess, processesOf, projectRoot, startBackground } from "../support/background-process.ts";
import { type CuttableProxy, startCuttableProxy } from "../support/cuttable-proxy.ts";
import { connectModern } from "../support/mcp-clients.ts";
import { type Product, startProduct } from "../support/product.ts";
import { type Random, seeded } from "../support/random-values.ts";

/*
 * Everything that can end ends, at random, while programs run: servers, a bridge, its socket, the Worker, the processes of
 * the sandbox. What was promised of each call and each run must hold all the same. The sequence is that of its seed.
 */

const seed = Number(process.env.FAULTS_SEED ?? Date.now() % 1_000_000);
const faultsMax = Number(process.env.FAULTS ?? 500);
/** Programs under way at any time. */
const load = 3;

const works = (id: string, file: string) => ({
  id,
  title: id,
  summary: `Works as the server ${id}.`,
  mcp: { transport: "stdio", command: process.execPath, args: [join(projectRoot, "test/servers/works.mjs"), file] },
  limits: { callsPerMinute: 100_000 },
});

interface Call {
  server: "near" | "far";
  id: string;
  ms: number;
}

/** What became of one run as its client saw it. */
interface Seen {
  calls: Call[];
  /** Absent when the Worker ended under it. */
  answer?: Record<string, unknown>;
  error?: unknown;
  /** The Worker was killed while it ran, or was not back yet when it began. */
  hasLostWorker: boolean;
}

const program = `
  import { args } from "runtime";
  import { near, far } from "mcp-clients";
  type Call = { server: "near" | "far"; id: string; ms: number };
  const clients = { near, far };
  const became: Record<string, string> = {};
  for (const group of (args as { groups: Call[][] }).groups) {
    await Promise.all(group.map(async ({ server, id, ms }) => {
      try {
        await clients[server].work({ id, ms });
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
  let proxy: CuttableProxy;
  let bridge: BackgroundProcess;
  let nearFile: string;
  let farFile: string;
  let workerLosses = 0;
  let isWorkerDown = false;

  const startBridge = async () => {
    const config = JSON.parse(
      await readFile(join(projectRoot, ".wrangler/local", String(product.port), "orchestrator.json"), "utf8"),
    ) as { vars: { BRIDGE_TOKEN: string } };
    const started = await startBackground({
      args: async (folder) => {
        const registry = join(folder, "registry.json");
        await writeFile(registry, JSON.stringify({ servers: [works("far", farFile)] }));
        return ["bridge/cli.ts", "start", "--url", `http://127.0.0.1:${proxy.port}`, "--registry", registry];
      },
      env: () => ({ BRIDGE_TOKEN: config.vars.BRIDGE_TOKEN }),
    });
    await started.printed(/connected to/);
    return started;
  };

  const execute = async (input: object) => {
    await using client = await connectModern(`${product.url}/mcp`);
    return (await client.call("execute_mcp_code", input)).structured;
  };
  const value = (code: string) => execute({ code: `import { session } from "runtime"; ${code}` });

  beforeAll(async () => {
    const folder = await import("node:os").then(({ tmpdir }) => tmpdir());
    [nearFile, farFile] = [join(folder, `near-${process.pid}.txt`), join(folder, `far-${process.pid}.txt`)];
    await Promise.all([writeFile(nearFile, ""), writeFile(farFile, "")]);
    product = await startProduct({ registry: { servers: [works("near", nearFile)] } });
    proxy = await startCuttableProxy(product.port);
    bridge = await startBridge();
  });

  afterAll(async () => {
    await bridge?.[Symbol.asyncDispose]();
    await proxy?.[Symbol.asyncDispose]();
    await product?.[Symbol.asyncDispose]();
  });

  const serversOf = (owner: BackgroundProcess) => processesOf(owner).filter(({ command }) => command.includes("works.mjs"));

  const killOne = (found: readonly { pid: number }[]) => {
    const target = found[Math.floor(random() * found.length)];
    if (target === undefined) return;
    try {
      process.kill(target.pid, "SIGKILL");
    } catch {
      // It ended in between: a fault less.
    }
  };

  const whileWorkerIsDown = async (kill: () => void) => {
    workerLosses += 1;
    isWorkerDown = true;
    kill();
    await expect.poll(isReady, { timeout: 60_000, interval: 100 }).toBe(true);
    isWorkerDown = false;
  };
  const isReady = () =>
    fetch(`${product.url}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );

  const faults: { name: string; weight: number; strike: () => Promise<void> | void }[] = [
    { name: "kill a server of the first bridge", weight: 170, strike: () => killOne(serversOf(product)) },
    { name: "kill a server of the second bridge", weight: 120, strike: () => killOne(serversOf(bridge)) },
    { name: "cut the second bridge's socket", weight: 160, strike: () => proxy.cut() },
    {
      name: "kill the second bridge",
      weight: 30,
      async strike() {
        const before = bridge;
        before.signal("SIGKILL");
        await before.exited();
        bridge = await startBridge();
        // What it had started ends without it.
        await expect.poll(() => processesOf(before), { timeout: 10_000 }).toEqual([]);
        await before[Symbol.asyncDispose]();
      },
    },
    {
      name: "kill a process of workerd",
      weight: 12,
      strike: () =>
        whileWorkerIsDown(() => killOne(processesOf(product).filter(({ command }) => /\bworkerd serve\b/.test(command)))),
    },
    {
      name: "kill the Worker",
      weight: 8,
      strike: () =>
        whileWorkerIsDown(() => killOne(processesOf(product).filter(({ command }) => /wrangler\.js dev\b/.test(command)))),
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
        server: random() < 0.5 ? ("near" as const) : ("far" as const),
        id: `${run}.${group}.${at}`,
        ms: Math.floor(random() * 120),
      })),
    );
  }

  it("leave every call with an outcome, run nothing twice, lose nothing and need no hand", async () => {
    expect(await value('session.set("kept", { since: "before" }); return 1;')).toMatchObject({ ok: true });
    const seen: Seen[] = [];
    const struck = new Map<string, number>();
    let isOver = false;
    let runs = 0;
    const keepRunning = async () => {
      while (!isOver) {
        const groups = nextCalls(runs++, random);
        const record: Seen = { calls: groups.flat(), hasLostWorker: isWorkerDown };
        seen.push(record);
        const lossesBefore = workerLosses;
        try {
          record.answer = await execute({ code: program, args: { groups }, maxRuntimeMs: 10_000 });
        } catch (error) {
          record.error = error;
        }
        if (workerLosses !== lossesBefore) record.hasLostWorker = true;
        if (record.error !== undefined) await delay(100);
      }
    };
    const running = Array.from({ length: load }, keepRunning);
    for (let made = 0; made < faultsMax; made++) {
      const fault = nextFault();
      if (fault === undefined) break;
      struck.set(fault.name, (struck.get(fault.name) ?? 0) + 1);
      await fault.strike();
      await delay(random() * 150);
    }
    isOver = true;
    await Promise.all(running);

    console.log({ seed, runs, struck: Object.fromEntries(struck), ...summaryOf(seen) });
    const unanswered = seen.filter(({ answer, hasLostWorker }) => answer === undefined && !hasLostWorker);
    expect(unanswered).toEqual([]);
    const begun = await begunCalls([nearFile, farFile]);
    for (const { calls, answer, hasLostWorker } of seen) {
      for (const { id } of calls) expect(begun.get(id) ?? 0, `call ${id} was made more than once`).toBeLessThanOrEqual(1);
      if (answer === undefined) continue;
      if (!hasLostWorker) expect(answer).toMatchObject({ ok: true });
      const became = (answer.result ?? {}) as Record<string, string>;
      const ledger = (answer.calls ?? []) as { outcome: string }[];
      if (answer.ok === true) expect(Object.keys(became).sort()).toEqual(calls.map(({ id }) => id).sort());
      for (const { id } of calls) if (became[id] === "ok") expect(begun.get(id), `call ${id} succeeded`).toBe(1);
      for (const { outcome } of ledger) expect(["succeeded", "failed", "not_started", "unknown"]).toContain(outcome);
      if (answer.ok === true) {
        expect(ledger.filter(({ outcome }) => outcome === "succeeded")).toHaveLength(
          Object.values(became).filter((outcome) => outcome === "ok").length,
        );
        expect(ledger).toHaveLength(calls.length);
      }
    }
  }, 900_000);

  it("leave the session's values and the catalogue as they were, and the next run works", async () => {
    expect(await value('return await session.get("kept");')).toMatchObject({ ok: true, result: { since: "before" } });
    const last = (id: string) =>
      execute({ code: program, args: { groups: [["near", "far"].map((server) => ({ server, id: `${id}.${server}`, ms: 1 }))] } });
    let attempt = 0;
    // What a server was left alone for may still last.
    await expect
      .poll(() => last(`last.${attempt++}`), { timeout: 60_000, interval: 500 })
      .toMatchObject({ ok: true, calls: [{ outcome: "succeeded" }, { outcome: "succeeded" }] });
  });

  it("leave one process of each server, and none when all is over", async () => {
    expect(serversOf(product)).toHaveLength(1);
    expect(serversOf(bridge)).toHaveLength(1);

    bridge.signal("SIGTERM");
    expect(await bridge.exited()).toBe(0);
    expect(await product.stop("SIGTERM")).toBe(0);
    await expect.poll(() => [...processesOf(product), ...processesOf(bridge)], { timeout: 5_000 }).toEqual([]);
  });
});

async function begunCalls(files: readonly string[]): Promise<Map<string, number>> {
  const begun = new Map<string, number>();
  for (const text of await Promise.all(files.map((file) => readFile(file, "utf8")))) {
    for (const id of text.split("\n").filter((line) => line !== "")) begun.set(id, (begun.get(id) ?? 0) + 1);
  }
  return begun;
}

function summaryOf(seen: readonly Seen[]) {
  const outcomes = new Map<string, number>();
  for (const { answer } of seen) {
    for (const { outcome } of (answer?.calls ?? []) as { outcome: string }[]) {
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
  }
  return { answered: seen.filter(({ answer }) => answer !== undefined).length, outcomes: Object.fromEntries(outcomes) };
}
