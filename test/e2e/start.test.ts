import { execFileSync } from "node:child_process";
import { realpathSync, statSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { findFreePort } from "../../bridge/local/free-port.ts";
import { processesOf, type RunningProcess, startBackground } from "../support/background-process.ts";
import { chromium } from "../support/chromium.ts";
import { listenersOf } from "../support/listeners.ts";
import { connectModern, type McpClient } from "../support/mcp-clients.ts";
import { launchProduct, type Product, startProduct } from "../support/product.ts";
import { projectRoot } from "../support/project-root.ts";

/* The README's first command in a terminal: how it starts, recovers from crashes, and ends. */

describe("npm start with the project's registry", () => {
  let product: Product;
  let client: McpClient;

  beforeAll(async () => {
    product = await startProduct();
    client = await connectModern(`${product.url}/mcp`);
  });

  afterAll(async () => {
    await client?.close();
    await product?.[Symbol.asyncDispose]();
  });

  const run = async (code: string, input: object = {}) => (await client.call("execute_mcp_code", { code, ...input })).structured;
  const callTime = () => run('return await time.current_time({ timezone: "Asia/Tokyo" });');
  const worked = expect.objectContaining({ ok: true });

  it("prints its progress until it is ready", { tags: ["start.ready"] }, () => {
    const beforeReady = product.output().split("Ready: ")[0] ?? "";

    expect(beforeReady).toMatch(new RegExp(`^starting .*\\b${product.port}\\b`, "m"));
    expect(beforeReady).toMatch(/^tunnel +connected to /m);
    for (const id of ["time", "grep", "memory", "filesystem", "sequential-thinking", "everything"]) {
      expect(beforeReady).toMatch(new RegExp(`^server +${id}: running$`, "m"));
      expect(beforeReady).toMatch(new RegExp(`^ready +${id}: \\d+ tools?$`, "m"));
    }
  });

  it("prints a table of the servers with status and number of tools", { tags: ["start.ready"] }, () => {
    const output = product.output();

    expect(output).toMatch(/^SERVER +STATUS +TOOLS +NOTE$/m);
    for (const id of ["time", "grep", "memory", "filesystem", "sequential-thinking", "everything"]) {
      expect(output).toMatch(new RegExp(`^${id} +ready +[1-9]\\d*\\s*$`, "m"));
    }
    expect(output).toMatch(/^playwright +not_connected +opt_in: /m);
    expect(output).toMatch(/^github +unavailable +.*GITHUB_TOKEN/m);
  });

  it("gives each program an isolate that begins with what workerd has compiled already", async () => {
    expect(await run("return 1;")).toEqual(worked);
    const log = await readFile(join(projectRoot, `.wrangler/local/${product.port}/logs/sandbox.log`), "utf8");
    expect(log).not.toContain("compiled from source");
  });

  it("prints the URL and the command that adds it to Claude Code", { tags: ["start.ready"] }, () => {
    const lines = product.output().split("\n");

    expect(lines).toContain(`Ready: http://127.0.0.1:${product.port}/mcp`);
    expect(lines).toContain(`  claude mcp add --transport http orchestrator http://127.0.0.1:${product.port}/mcp`);
  });

  it("keeps its port: a second start on it fails and suggests another port", async () => {
    await using second = await startBackground({
      args: () => ["bridge/main.mjs", "local"],
      env: () => ({ PORT: String(product.port) }),
    });

    expect(await second.exited()).toBe(1);
    expect(second.output()).toContain(`Port ${product.port} is taken`);
    expect(second.output()).toContain(`PORT=${product.port + 1} npm start`);
    expect(processesOf(second)).toEqual([]);
    expect(await callTime()).toEqual(worked);
  });

  it("starts a server again when it is called after its process was killed", { tags: ["bridge.dead-server"] }, async () => {
    expect(await callTime()).toEqual(worked);
    const [server] = processesOf(product).filter(({ command }) => command.endsWith("time-mcp"));
    if (server === undefined) throw new Error("the time server does not run");
    process.kill(server.pid, "SIGKILL");

    await expect.poll(callTime, { timeout: 20_000 }).toEqual(worked);
    expect(processesOf(product).filter(({ command }) => command.endsWith("time-mcp"))).toEqual([
      expect.objectContaining({ pid: expect.not.toBeOneOf([server.pid]) }),
    ]);
  });

  it("replaces the sandbox when its process is killed", { tags: ["start.sandbox"] }, async () => {
    const killed = killProcesses(product, "sandbox.capnp");
    await product.printed(/^restart +sandbox ended by itself and was replaced/m);

    await expect.poll(() => isOk(`${product.url}/readyz`), { timeout: 60_000 }).toBe(true);
    await expect.poll(() => run("return 1 + 1;"), { timeout: 30_000 }).toMatchObject({ ok: true, result: 2 });
    expect(processesOf(product).map(({ pid }) => pid)).not.toEqual(expect.arrayContaining(killed));
  });

  it("reads the next program when the compiler's process was killed", { tags: ["start.sandbox"] }, async () => {
    expect(await run("return 1")).toEqual(worked);
    killProcesses(product, "compiler.capnp");

    expect(await run("return 1 + 2;")).toMatchObject({ ok: true, result: 3 });
  });

  it("ends a program that freezes its process, replaces the process and runs the next program", {
    tags: ["start.sandbox"],
  }, async () => {
    const outcome = await run('return /^(a+)+$/.test("a".repeat(50) + "b")', { maxRuntimeMs: 500 });
    expect(outcome).toMatchObject({ ok: false, errors: [{ code: "cpu_limit", phase: "limit" }] });

    await product.printed(/^restart +(sandbox|spare) was replaced: a program in it computed without end/m);
    expect(await callTime()).toEqual(worked);
  });

  it("replaces the Worker when its process is killed, and the bridge reconnects", async () => {
    killProcesses(product, "worker.capnp");
    await product.printed(/^restart +worker was ended by SIGKILL/m);

    await expect.poll(() => callTime().catch(() => undefined), { timeout: 60_000 }).toEqual(worked);
  });

  it("opens one port on the loopback interface, and beside it only sockets that nobody else can reach", {
    tags: ["start.closed"],
  }, async () => {
    // All processes run: the spare sandbox starts with the second of two programs at once.
    await Promise.all([run("return 1"), run("return 2")]);
    const { ports, paths } = listenersOf(processesOf(product).map(({ pid }) => pid));

    expect(ports).toEqual([`127.0.0.1:${product.port}`]);
    expect(paths.length).toBeGreaterThan(2);
    for (const path of paths) {
      expect(path).toMatch(/^\//);
      expect(statSync(dirname(path)).mode & 0o077).toBe(0);
    }
    // A debugger lists its targets here.
    expect((await fetch(`${product.url}/json/list`)).status).toBe(404);
  });

  it("leaves no process behind after SIGTERM", { tags: ["start.stop"] }, async () => {
    expect(processesOf(product).length).toBeGreaterThan(8);

    expect(await product.stop("SIGTERM")).toBe(0);

    expect(product.output()).toMatch(/^stopped /m);
    expect(processesOf(product)).toEqual([]);
  });
});

describe("npm start", () => {
  const registry = {
    servers: [
      {
        id: "time",
        title: "Time",
        summary: "Clocks.",
        mcp: { transport: "stdio", command: "time-mcp" },
      },
    ],
  };

  it.each(["SIGTERM", "SIGKILL"] as const)(
    "leaves no process behind when %s ends only npm",
    { tags: ["start.stop"] },
    async (signal) => {
      const port = await findFreePort();
      await using npm = await startBackground({
        args: async (folder) => {
          await writeFile(join(folder, "registry.json"), JSON.stringify(registry));
          return [npmProgram(), "start", "--", "--registry", join(folder, "registry.json")];
        },
        env: () => ({ PORT: String(port) }),
      });
      try {
        await npm.printed(/^Ctrl-C stops everything\.$/m);
        expect(processesOf(npm).length).toBeGreaterThan(5);

        npm.signal(signal);

        await expect.poll(() => processesOf(npm), { timeout: 20_000 }).toEqual([]);
      } finally {
        await rm(join(projectRoot, ".wrangler", "local", String(port)), { recursive: true, force: true, maxRetries: 3 });
      }
    },
  );

  it("ends on Ctrl-C without leaving a process, and keeps tools and session values for the next start", {
    tags: ["start.stop"],
  }, async () => {
    await using first = await startProduct({ registry });
    await using firstClient = await connectModern(`${first.url}/mcp`);
    await firstClient.call("execute_mcp_code", { code: 'import { session } from "runtime"; await session.set("kept", [1, 2]);' });
    await firstClient.close();

    // A terminal sends it to the whole foreground group.
    expect(await first.stop("SIGINT", "group")).toBe(0);
    expect(processesOf(first)).toEqual([]);

    await using second = await startProduct({ registry, port: first.port });
    await using secondClient = await connectModern(`${second.url}/mcp`);
    const { structured } = await secondClient.call("execute_mcp_code", {
      code: 'import { session } from "runtime"; return await session.get("kept");',
    });
    expect(structured).toMatchObject({ ok: true, result: [1, 2] });
    expect(second.output()).toMatch(/^time +ready +6\s*$/m);
    // The tools were stored, so no server had to start to list them.
    expect(second.output()).not.toMatch(/^server +time: running$/m);
    await secondClient.close();

    expect(await second.stop("SIGINT", "process")).toBe(0);
    expect(processesOf(second)).toEqual([]);
  });

  it("leaves no process behind when it is killed, and works when it is started again at once", {
    tags: ["start.stop"],
  }, async () => {
    await using first = await startProduct({ registry });
    first.signal("SIGKILL");
    expect(await first.exited()).toBe(null);
    await expect.poll(() => processesOf(first), { timeout: 30_000 }).toEqual([]);

    await using second = await startProduct({ registry, port: first.port });
    await using client = await connectModern(`${second.url}/mcp`);
    const { structured } = await client.call("execute_mcp_code", { code: "return await time.current_time({});" });

    expect(structured).toMatchObject({ ok: true, result: expect.stringContaining("UTC") });
  });

  it("ends on Ctrl-C while it starts, without leaving a process", async () => {
    await using product = await launchProduct({ registry });
    await expect
      .poll(() => processesOf(product).filter(({ command }) => /\bworkerd\b/.test(command)).length, { timeout: 60_000 })
      .toBeGreaterThan(0);

    expect(await product.stop("SIGINT", "group")).toBe(130);

    expect(product.output()).not.toContain("Ready: ");
    expect(processesOf(product)).toEqual([]);
  });

  it("reports a port that another program uses and suggests another one", { tags: ["start.port"] }, async () => {
    await using other = await listen();
    await using product = await launchProduct({ registry, port: other.port });

    expect(await product.exited()).toBe(1);

    expect(product.output()).toBe(
      `error: Port ${other.port} is taken. Stop what listens there, or choose a free one: PORT=${other.port + 1} npm start\n`,
    );
    expect(processesOf(product)).toEqual([]);
  });

  it("reports a PORT that is not a number", { tags: ["start.port"] }, async () => {
    await using product = await startBackground({ args: () => ["bridge/main.mjs", "local"], env: () => ({ PORT: "http" }) });

    expect(await product.exited()).toBe(2);
    expect(product.output()).toContain('PORT is "http"');
    expect(processesOf(product)).toEqual([]);
  });

  it("names a registry file that does not exist", async () => {
    await using product = await startBackground({
      args: (folder) => ["bridge/main.mjs", "local", "--registry", `${folder}/none.json`],
    });

    expect(await product.exited()).toBe(1);
    expect(product.output()).toContain("none.json");
    expect(processesOf(product)).toEqual([]);
  });
});

describe("npm start with a server that ignores SIGTERM and one that runs a browser", () => {
  const server = (id: string, command: string, args: string[]) => ({
    id,
    title: id,
    summary: `The server ${id}.`,
    mcp: { transport: "stdio", command, args },
  });
  const browser = chromium === undefined ? [] : ["--headless", "--isolated", "--no-sandbox", "--executable-path", chromium];
  const registry = {
    servers: [
      server("clings", process.execPath, [join(projectRoot, "test/servers/clings.mjs")]),
      server("browser", "playwright-mcp", browser),
    ],
  };
  /** If this machine has no Chromium, only the browser's server runs. */
  const openPage =
    chromium === undefined
      ? "await browser.browser_tabs({ action: 'list' }).catch(() => 0);"
      : `await browser.browser_navigate({ url: "about:blank" });`;

  type End = (product: Product) => Promise<unknown>;
  const ends: [how: string, end: End][] = [
    ["Ctrl-C", (product) => product.stop("SIGINT", "group")],
    ["a closed terminal", (product) => product.stop("SIGHUP", "group")],
    ["SIGTERM", (product) => product.stop("SIGTERM")],
    ["kill -9", (product) => product.stop("SIGKILL")],
    ["kill -9 of its whole group", (product) => product.stop("SIGKILL", "group")],
    [
      "kill -9 right after the Worker and the sandbox were killed",
      (product) => {
        killProcesses(product, "worker.capnp");
        killProcesses(product, "sandbox.capnp");
        return product.stop("SIGKILL");
      },
    ],
  ];

  it.each(ends)("leaves no process behind after %s", { tags: ["start.stop"] }, async (_how, end) => {
    await using product = await startProduct({ registry });
    await using client = await connectModern(`${product.url}/mcp`);
    const code = `${openPage} return await clings.pids({});`;
    const { structured } = await client.call("execute_mcp_code", { code, maxRuntimeMs: 60_000 });
    const { leader, child } = z.object({ leader: z.number(), child: z.number() }).parse(structured.result);
    const started = startedBy(product);
    expect(started.map(({ pid }) => pid)).toEqual(expect.arrayContaining([leader, child]));
    if (chromium !== undefined) expect(started.some((process) => process.command.includes("--type=renderer"))).toBe(true);

    await end(product);

    const left = () => [...processesOf(product), ...stillRunning(started)];
    await expect.poll(left, { timeout: 5_000 }).toEqual([]);
  });
});

/** Kills the processes whose command line contains this file, and returns their ids. */
function killProcesses(product: Product, file: string): number[] {
  const found = processesOf(product).filter(({ command }) => command.includes(file));
  expect(found.length).toBeGreaterThan(0);
  for (const { pid } of found) process.kill(pid, "SIGKILL");
  return found.map(({ pid }) => pid);
}

/** The product's processes and all their descendants, found by parent because a browser's processes hide their environment. */
function startedBy(product: Product): RunningProcess[] {
  const known = new Set(processesOf(product).map(({ pid }) => pid));
  const all = processTable();
  const found = all.filter(({ pid }) => known.has(pid));
  for (const { pid } of found) found.push(...all.filter((process) => process.parent === pid && !found.includes(process)));
  return found;
}

function stillRunning(processes: readonly RunningProcess[]): RunningProcess[] {
  return processTable().filter(({ pid, command }) =>
    processes.some((process) => process.pid === pid && process.command === command),
  );
}

function processTable(): (RunningProcess & { parent: number })[] {
  return execFileSync("ps", ["-A", "-o", "pid=,ppid=,stat=,args="], { encoding: "utf8", maxBuffer: 64 * 1024 * 1024 })
    .split("\n")
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line))
    .filter((row) => row !== null)
    .filter(([, , , state = ""]) => !state.startsWith("Z"))
    .map(([, pid, parent, , command = ""]) => ({ pid: Number(pid), parent: Number(parent), command }));
}

async function isOk(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    // Nothing listens at the moment, so it is not ok.
    return false;
  }
}

async function listen(): Promise<AsyncDisposable & { port: number }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen({ port: 0, host: "127.0.0.1" }, resolve));
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("a listening TCP server has a port");
  return {
    port: address.port,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** The path of the script that the command `npm` runs. */
function npmProgram(): string {
  return realpathSync(execFileSync("sh", ["-c", "command -v npm"], { encoding: "utf8" }).trim());
}
