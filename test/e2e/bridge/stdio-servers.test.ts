import { afterEach, describe, expect, test } from "vitest";
import { systemClock } from "../../../bridge/clock.ts";
import type { StdioEntry } from "../../../bridge/stdio/launch.ts";
import { createStdioServers, type StdioServers } from "../../../bridge/stdio/servers.ts";
import { toValue } from "../../../core/mcp/tool-result.ts";
import type { Progress } from "../../../core/mcp/upstream.ts";
import type { BridgeServer } from "../../../core/tunnel/frames.ts";
import { failureOf } from "../../support/failure.ts";
import { projectRoot } from "../../support/project-root.ts";
import { misbehaving, stdioEntry } from "../../support/stdio-entries.ts";
import { expectGone, runningServers } from "./processes.ts";

const never = new AbortController().signal;
const patient = { signal: never, timeoutMs: 20_000 };

let pools: StdioServers[] = [];
afterEach(async () => {
  await Promise.all(pools.map((pool) => pool.close()));
  pools = [];
  expect(runningServers()).toEqual([]);
});

function open(...entries: StdioEntry[]) {
  const statuses: BridgeServer[] = [];
  const told = Promise.withResolvers<BridgeServer>();
  const pool = createStdioServers({
    servers: entries,
    registryPath: "registry.json",
    environment: (name) => process.env[name],
    projectRoot,
    clock: systemClock,
    onStatus(server) {
      statuses.push(server);
      if (server.toolsChanges !== undefined) told.resolve(server);
    },
  });
  pools.push(pool);
  return { pool, statuses, toolsChanged: told.promise };
}

const call = (tool: string, args = {}) => ({ tool, args });

describe("the published servers", () => {
  test("list their tools and answer a call", async () => {
    const { pool } = open(stdioEntry({ command: "time-mcp" }));
    const tools = await pool.listTools("subject", patient);
    expect(tools.map((tool) => tool.name)).toContain("current_time");
    const result = await pool.callTool("subject", call("current_time", { timezone: "Asia/Tokyo" }), patient);
    expect(toValue(result)).toContain("Asia/Tokyo");
  });

  test("find the ripgrep that the project brings along", async () => {
    const { pool } = open(stdioEntry({ command: "mcp-ripgrep" }));
    const result = await pool.callTool("subject", call("search", { pattern: "misbehaving", path: "test/servers" }), patient);
    expect(toValue(result)).toContain("minimal-mcp.mjs");
  });

  test("report progress while a call runs", async () => {
    const { pool } = open(stdioEntry({ command: "mcp-server-everything" }));
    const seen: Progress[] = [];
    await pool.callTool("subject", call("trigger-long-running-operation", { duration: 0.2, steps: 2 }), {
      ...patient,
      onProgress: (progress) => seen.push(progress),
    });
    expect(seen.map((progress) => [progress.progress, progress.total])).toEqual([
      [1, 2],
      [2, 2],
    ]);
  });
});

test("progress that comes in one piece with the answer is reported", async () => {
  const { pool } = open(misbehaving("bursts"));
  const seen: Progress[] = [];
  await pool.callTool("subject", call("burst"), { ...patient, onProgress: (progress) => seen.push(progress) });
  expect(seen).toEqual([{ progress: 1, total: 1 }]);
});

describe("the life of a server", () => {
  test("starts nothing until it is used", { tags: ["bridge.lazy"] }, () => {
    const { pool, statuses } = open(misbehaving("crashes"));
    expect(pool.status()).toEqual([{ id: "subject", state: "stopped" }]);
    expect(statuses).toEqual([]);
    expect(runningServers()).toEqual([]);
  });

  test("starts one process for calls that come at once", { tags: ["bridge.lazy"] }, async () => {
    const { pool } = open(misbehaving("crashes"));
    const results = await Promise.all([1, 2, 3].map(() => pool.callTool("subject", call("pid"), patient)));
    expect(new Set(results.map(toValue)).size).toBe(1);
    expect(runningServers()).toHaveLength(1);
  });

  test("names the exit code and the last words of a server that dies during a call, and starts it again on the next", {
    tags: ["bridge.dead-server"],
  }, async () => {
    const { pool, statuses } = open(misbehaving("crashes"));
    const failure = await failureOf(pool.callTool("subject", call("crash"), patient));
    expect(failure).toMatchObject({ code: "server_unavailable", delivery: "sent" });
    expect(failure.message).toContain("subject.crash");
    expect(failure.message).toContain("exited with code 3");
    expect(failure.message).toContain("out of cheese");

    await pool.callTool("subject", call("pid"), patient);
    expect(statuses.map((status) => status.state)).toEqual(["running", "failed", "running"]);
  });

  test("says why a server that dies at its start did, and that nothing was sent", async () => {
    const { pool } = open(misbehaving("crashes", "at_start"));
    const failure = await failureOf(pool.callTool("subject", call("pid"), patient));
    expect(failure).toMatchObject({ code: "server_unavailable", delivery: "not_sent" });
    expect(failure.message).toContain("exited with code 1 before it was ready");
    expect(failure.message).toContain("no API key was given");
    expect(pool.status()).toMatchObject([{ id: "subject", state: "failed" }]);
  });

  test("speaks 2026-07-28 to a server that refuses initialize", async () => {
    const { pool } = open(misbehaving("modern-only"));
    expect(await pool.listTools("subject", patient)).toMatchObject([{ name: "greet" }]);
    expect(toValue(await pool.callTool("subject", call("greet", { name: "Ada" }), patient))).toBe("hello Ada");
  });

  test("refuses use after close", async () => {
    const { pool } = open(misbehaving("crashes"));
    await pool.close();
    await pool.close();
    expect(await failureOf(pool.listTools("subject", patient))).toMatchObject({
      code: "server_unavailable",
      delivery: "not_sent",
    });
  });

  test("closes a server that is still starting", async () => {
    const { pool } = open(misbehaving("crashes"));
    const failing = failureOf(pool.callTool("subject", call("pid"), patient));
    await pool.close();
    expect(await failing).toMatchObject({ code: "server_unavailable", delivery: "not_sent" });
    expect(runningServers()).toEqual([]);
  });

  test("ends a server that ignores TERM, and its child with it", { tags: ["bridge.no-orphans"] }, async () => {
    const { pool } = open(misbehaving("clings"));
    const pids = toValue(await pool.callTool("subject", call("pids"), patient)) as { leader: number; child: number };
    await pool.close();
    await expectGone(pids.leader);
    await expectGone(pids.child);
  });

  test("ends the child that a server left behind", async () => {
    const { pool } = open(misbehaving("clings"));
    const pids = toValue(await pool.callTool("subject", call("pids"), patient)) as { leader: number; child: number };
    const failure = await failureOf(pool.callTool("subject", call("leave"), patient));
    expect(failure.message).toContain("exited with code 4");
    await expect.poll(() => runningServers()).toEqual([]);
    await pool.close();
    await expectGone(pids.child);
  });
});

describe("what cannot be started", () => {
  test("names a command that does not exist, and what to do", { tags: ["bridge.missing-command"] }, async () => {
    const { pool } = open(stdioEntry({ command: "no-such-program" }));
    const failure = await failureOf(pool.listTools("subject", patient));
    expect(failure).toMatchObject({ code: "server_unavailable", delivery: "not_sent" });
    expect(failure.message).toBe(
      'subject cannot start: the command "no-such-program" was not found; install it, or correct mcp.command',
    );
  });

  test("names a working directory that does not exist", async () => {
    const { pool } = open(stdioEntry({ command: "time-mcp", cwd: "no/such/folder" }));
    expect((await failureOf(pool.listTools("subject", patient))).message).toContain("no/such/folder does not exist");
  });

  test("names the variables that are not set", { tags: ["registry.references"] }, async () => {
    const { pool } = open(stdioEntry({ command: "time-mcp", args: ["${env:UNSET_ONE}"], env: { KEY: "${env:UNSET_TWO}" } }));
    const failure = await failureOf(pool.listTools("subject", patient));
    expect(failure).toMatchObject({ code: "server_unavailable", delivery: "not_sent" });
    expect(failure.message).toContain("set UNSET_ONE, UNSET_TWO");
  });

  test("refuses an id that the registry does not declare, whatever it looks like", async () => {
    const { pool } = open(stdioEntry({ command: "time-mcp" }));
    const failure = await failureOf(pool.listTools("mcp-ripgrep", patient));
    expect(failure).toMatchObject({ code: "server_unavailable", delivery: "not_sent" });
    expect(failure.message).toContain("registry.json");
  });
});

describe("a call that does not come back", () => {
  test("times out, and the server is told to stop", async () => {
    const { pool } = open(misbehaving("hangs"));
    await pool.listTools("subject", patient);
    const failure = await failureOf(pool.callTool("subject", call("hang"), { signal: never, timeoutMs: 50 }));
    expect(failure).toMatchObject({
      code: "call_timeout",
      delivery: "sent",
      message: "subject.hang did not answer within 50 ms.",
    });
    expect(toValue(await pool.callTool("subject", call("cancellations"), patient))).toBe("1");
  });

  test("is cancelled by its caller, and the server is told to stop", async () => {
    const { pool } = open(misbehaving("hangs"));
    const caller = new AbortController();
    const failing = failureOf(
      pool.callTool("subject", call("hang"), { signal: caller.signal, timeoutMs: 20_000, onProgress: () => caller.abort() }),
    );
    expect(await failing).toMatchObject({ code: "cancelled", delivery: "sent" });
    expect(toValue(await pool.callTool("subject", call("cancellations"), patient))).toBe("1");
  });

  test("was not sent when it was cancelled before its server ran", async () => {
    const { pool } = open(misbehaving("hangs"));
    const failure = await failureOf(pool.callTool("subject", call("hang"), { signal: AbortSignal.abort(), timeoutMs: 20_000 }));
    expect(failure).toMatchObject({ code: "cancelled", delivery: "not_sent" });
  });
});

test("a server that knows no tools has none", async () => {
  const { pool } = open(misbehaving("toolless"));
  expect(await pool.listTools("subject", patient)).toEqual([]);
});

test("a server whose tools change says so once for all changes in quick succession, and lists every page anew", {
  tags: ["catalogue.changes"],
}, async () => {
  const { pool, toolsChanged } = open(misbehaving("changes"));
  const names = async () => (await pool.listTools("subject", patient)).map((tool) => tool.name);
  expect(await names()).toEqual(["grow", "second"]);
  await Promise.all([pool.callTool("subject", call("grow"), patient), pool.callTool("subject", call("grow"), patient)]);
  expect(await toolsChanged).toEqual({ id: "subject", state: "running", toolsChanges: 1 });
  expect(await names()).toEqual(["grow", "second", "grown_2", "grown_3"]);
});

test("a server that never answers holds up no other", { tags: ["catalogue.stale"] }, async () => {
  const { pool } = open(misbehaving("silent"), stdioEntry({ command: "time-mcp" }, "other"));
  const silent = failureOf(pool.listTools("subject", { signal: never, timeoutMs: 3_000 }));
  const answered = Promise.withResolvers<string>();
  void pool.listTools("other", patient).then(() => answered.resolve("other"));
  void silent.then(() => answered.resolve("silent"));
  expect(await answered.promise).toBe("other");
  expect(await silent).toMatchObject({ code: "call_timeout" });
});

describe("a server that chatters on stdout", () => {
  test("is understood, all pages of it, and a malformed tool costs that tool", async () => {
    const { pool } = open(misbehaving("chatters"));
    const tools = await pool.listTools("subject", patient);
    expect(tools.map((tool) => tool.name)).toEqual(["echo", "refuse_arguments", "fail", "large"]);
    expect(toValue(await pool.callTool("subject", call("echo", { a: 1 }), patient))).toEqual({ a: 1 });
  });

  test.each([
    ["refuse_arguments", "invalid_arguments"],
    ["no_such_tool", "tool_unknown"],
    ["fail", "tool_error"],
  ])("that refuses %s gives %s", async (tool, code) => {
    const { pool } = open(misbehaving("chatters"));
    expect(await failureOf(pool.callTool("subject", call(tool), patient))).toMatchObject({ code, delivery: "answered" });
  });
});
