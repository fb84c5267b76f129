import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { StdioEntry } from "../../../bridge/stdio/launch.ts";
import { createStdioServers, type StdioServers } from "../../../bridge/stdio/servers.ts";
import { stdioLimits } from "../../../bridge/stdio/stdio-limits.ts";
import { toValue } from "../../../core/mcp/tool-result.ts";
import type { BridgeServer } from "../../../core/tunnel/frames.ts";
import { ManualClock } from "../../support/fakes.ts";
import { projectRoot } from "../../support/project-root.ts";
import { misbehaving, stdioEntry } from "../../support/stdio-entries.ts";
import { expectGone, runningServers } from "./processes.ts";

const patient = { signal: new AbortController().signal, timeoutMs: 20_000 };
const call = (tool: string, args = {}) => ({ tool, args });

let folder: string;
let pool: StdioServers;
let clock: ManualClock;
let statuses: BridgeServer[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "life-"));
});
afterEach(async () => {
  await pool.close();
  expect(runningServers()).toEqual([]);
  expect(clock.pending).toBe(0);
  await rm(folder, { recursive: true });
});

function open(...entries: StdioEntry[]): void {
  clock = new ManualClock();
  statuses = [];
  pool = createStdioServers({
    servers: entries,
    registryPath: "registry.json",
    environment: (name) => process.env[name],
    projectRoot,
    clock,
    onStatus: (server) => statuses.push(server),
  });
}

async function pid(id = "subject"): Promise<number> {
  return Number(toValue(await pool.callTool(id, call("pid"), patient)));
}

async function messageOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => "it worked",
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
}

describe("an idle server", () => {
  test("is stopped after serverIdleMs and started again by the next call", { tags: ["bridge.idle"] }, async () => {
    open(misbehaving("crashes"));
    const first = await pid();
    clock.advance(stdioLimits.serverIdleMs);
    await expectGone(first);
    expect(statuses.map(({ state }) => state)).toEqual(["running", "stopped"]);
    expect(await pid()).not.toBe(first);
  });

  test("keeps running if it is called in time, because each call restarts the idle time", async () => {
    open(misbehaving("crashes"));
    const first = await pid();
    clock.advance(stdioLimits.serverIdleMs - 1);
    expect(await pid()).toBe(first);
    clock.advance(stdioLimits.serverIdleMs - 1);
    expect(await pid()).toBe(first);
  });

  test("keeps running if it is stateful", { tags: ["bridge.idle"] }, async () => {
    open({ ...misbehaving("crashes"), stateful: true });
    const first = await pid();
    clock.advance(10 * stdioLimits.serverIdleMs);
    expect(await pid()).toBe(first);
  });
});

describe("a stateful server", () => {
  test("that ends between two calls fails the next call once, then starts again", {
    tags: ["bridge.idle"],
  }, async () => {
    open({ ...misbehaving("crashes"), stateful: true });
    const first = await pid();
    process.kill(first, "SIGKILL");
    await expect.poll(() => statuses.at(-1)?.state).toBe("failed");
    await expect(pool.callTool("subject", call("pid"), patient)).rejects.toMatchObject({
      code: "server_unavailable",
      delivery: "not_sent",
      message: expect.stringContaining("subject lost its state since the last call: it was ended by SIGKILL."),
      details: { retryable: false },
    });
    expect(await pid()).not.toBe(first);
  });

  test("whose entry changed fails the next call once, then starts again", async () => {
    open({ ...misbehaving("crashes"), stateful: true });
    await pid();
    await pool.replace([{ ...misbehaving("crashes", "otherwise"), stateful: true }]);

    expect(await messageOf(pool.callTool("subject", call("pid"), patient))).toContain(
      "subject lost its state since the last call: it was ended, because its entry in the registry changed.",
    );
    expect(await pid()).toBeGreaterThan(0);
  });

  test("that ends during a call fails only that call", async () => {
    open({ ...misbehaving("crashes"), stateful: true });
    await pid();
    expect(await messageOf(pool.callTool("subject", call("crash"), patient))).toContain("exited with code 3");
    expect(await pid()).toBeGreaterThan(0);
  });
});

describe("a server whose first start takes long", () => {
  /** A server that is ready when the file exists, as after an installation. Its starts are lines in another file. */
  const slow = (): StdioEntry => {
    const [ready, starts] = [join(folder, "ready"), join(folder, "starts")];
    const server = misbehaving("crashes").mcp;
    const script = `echo installing it; echo >> ${starts}; while [ ! -e ${ready} ]; do sleep 0.05; done; exec "$0" "$@"`;
    return stdioEntry({ command: "sh", args: ["-c", script, server.command, ...server.args] });
  };
  const starts = async () => (await readFile(join(folder, "starts"), "utf8")).length;

  test("goes on when a caller has given up, and the next caller waits for the same start", {
    tags: ["bridge.first-start"],
  }, async () => {
    open(slow());
    const first = messageOf(pool.listTools("subject", { ...patient, timeoutMs: 1_000 }));
    await expect.poll(() => starts().catch(() => 0)).toBe(1);
    clock.advance(1_000);
    expect(await first).toMatch(/^subject was still starting after 1000 ms\. Its start goes on: try again/);
    const second = pool.listTools("subject", patient);
    await writeFile(join(folder, "ready"), "");
    expect((await second).length).toBeGreaterThan(0);
    expect(await starts()).toBe(1);
  });

  test("tells its callers so, which restarts their wait as progress does", { tags: ["bridge.first-start"] }, async () => {
    open(slow());
    const told: (string | undefined)[] = [];
    const onProgress = ({ message }: { message?: string | undefined }) => told.push(message);
    const times = { timeoutMs: stdioLimits.startNoticeMs + 1, totalMs: 10 * stdioLimits.startNoticeMs };
    const answer = pool.callTool("subject", call("pid"), { ...patient, ...times, onProgress });
    await expect.poll(() => starts().catch(() => 0)).toBe(1);
    for (let notice = 0; notice < 3; notice++) clock.advance(stdioLimits.startNoticeMs);
    await writeFile(join(folder, "ready"), "");
    expect(Number(toValue(await answer))).toBeGreaterThan(0);
    expect(told).toEqual(Array.from({ length: 3 }, () => "subject is still starting (the first start may install it)"));
  });

  test("is given up after the time of its entry, with what it printed", async () => {
    open({ ...slow(), limits: { startTimeoutMs: 500 } });
    const message = await messageOf(pool.listTools("subject", patient));
    expect(message).toContain("subject did not answer the MCP handshake within 500 ms (limits.startTimeoutMs");
    expect(message).toContain("(stdout) installing it");
  });
});

describe("a server that keeps failing", () => {
  test("is started after growing waits, then not at all for a while, then in single trials until it answers", {
    tags: ["bridge.restarts"],
  }, async () => {
    const flag = join(folder, "broken");
    await writeFile(flag, "");
    open(misbehaving("fails-while", flag));
    const attempt = () => messageOf(pool.callTool("subject", call("pid"), patient));

    expect(await attempt()).toContain("exited with code 1 before it was ready");
    expect(await attempt()).toContain("exited with code 1");
    const third = attempt();
    expect(clock.pending).toBeGreaterThan(0);
    clock.advance(stdioLimits.restartMs);
    expect(await third).toContain("exited with code 1");
    const fourth = attempt();
    clock.advance(2 * stdioLimits.restartMs);
    expect(await fourth).toContain("It failed 4 times in a row and is not started again until");
    const starts = await readFile(flag, "utf8");

    // The server is not started, and the message is the same.
    expect(await attempt()).toBe(await fourth);
    expect(await readFile(flag, "utf8")).toBe(starts);
    expect(pool.status()).toMatchObject([{ state: "failed", reason: expect.stringContaining("is not started again until") }]);
    await expect(pool.listTools("subject", patient)).rejects.toMatchObject({ details: { retryable: false } });

    clock.advance(stdioLimits.leftAloneMs);
    expect(await attempt()).toContain("It failed 5 times in a row");
    await rm(flag);
    clock.advance(2 * stdioLimits.leftAloneMs);
    expect(Number(toValue(await pool.callTool("subject", call("pid"), patient)))).toBeGreaterThan(0);
    expect(await messageOf(pool.callTool("subject", call("crash"), patient))).toContain("exited with code 3");
    expect(await pid()).toBeGreaterThan(0);
  });

  test("because of a wrong path is tried at each use, so that correcting the path is enough", async () => {
    const cwd = join(folder, "later");
    open(stdioEntry({ command: "time-mcp", cwd }));
    for (let attempt = 0; attempt < stdioLimits.serverFailuresMax + 1; attempt++) {
      expect(await messageOf(pool.listTools("subject", patient))).toContain("does not exist");
    }
    open(stdioEntry({ command: "time-mcp" }));
    expect(await pool.listTools("subject", patient)).not.toEqual([]);
  });
});

describe("closing a server's stdin", () => {
  test("lets the server save its state and exit", async () => {
    const saved = join(folder, "saved");
    open(misbehaving("saves", saved));
    await pool.listTools("subject", patient);
    await pool.close();
    expect(await readFile(saved, "utf8")).toBe("all of it");
  });

  test("is followed by SIGTERM if the server ignores it", async () => {
    open(misbehaving("ignores-eof"));
    const first = await pid();
    await pool.close();
    await expectGone(first);
  });
});

describe("replacing the registry", () => {
  const one = () => ({ ...misbehaving("crashes"), id: "one" });

  test("starts new servers, ends removed and changed ones, and keeps the others running", {
    tags: ["bridge.registry-changes"],
  }, async () => {
    open(one(), { ...misbehaving("crashes"), id: "two" }, { ...misbehaving("crashes"), id: "three" });
    const [kept, moved, gone] = [await pid("one"), await pid("two"), await pid("three")];
    await pool.replace([
      { ...one(), title: "Another title" },
      { ...misbehaving("crashes", "moved"), id: "two" },
      { ...misbehaving("crashes"), id: "four" },
    ]);
    await expectGone(moved);
    await expectGone(gone);
    expect(await pid("one")).toBe(kept);
    expect(await pid("two")).not.toBe(moved);
    expect(await pid("four")).toBeGreaterThan(0);
    expect(pool.status().map(({ id }) => id)).toEqual(["one", "two", "four"]);
    expect(await messageOf(pool.listTools("three", patient))).toContain("three is not declared as a stdio server");
  });

  test("waits for the answer of a call under way", async () => {
    open({ ...misbehaving("waits-for-file", join(folder, "go")), id: "one" });
    const answer = pool.callTool("one", call("wait"), patient);
    await expect.poll(() => statuses.length).toBe(1);
    const replaced = pool.replace([]);
    await writeFile(join(folder, "go"), "");
    expect(toValue(await answer)).toBe("waited");
    await replaced;
  });

  test("ends a server whose call is not answered within drainMs", async () => {
    open({ ...misbehaving("hangs"), id: "one" });
    const started = Promise.withResolvers<void>();
    const hanging = messageOf(pool.callTool("one", call("hang"), { ...patient, onProgress: () => started.resolve() }));
    await started.promise;
    const replaced = pool.replace([]);
    clock.advance(stdioLimits.drainMs);
    await replaced;
    expect(await hanging).toContain("did not answer");
  });
});
