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

describe("published servers", () => {
  test("list their tools and answer a call", async () => {
    const { pool } = open(stdioEntry({ command: "time-mcp" }));
    const tools = await pool.listTools("subject", patient);
    expect(tools.map((tool) => tool.name)).toContain("current_time");
    const result = await pool.callTool("subject", call("current_time", { timezone: "Asia/Tokyo" }), patient);
    expect(toValue(result)).toContain("Asia/Tokyo");
  });

  test("find the ripgrep that is installed with the project", async () => {
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

test("progress that arrives in one chunk with the answer is reported", async () => {
  const { pool } = open(misbehaving("bursts"));
  const seen: Progress[] = [];
  await pool.callTool("subject", call("burst"), { ...patient, onProgress: (progress) => seen.push(progress) });
  expect(seen).toEqual([{ progress: 1, total: 1 }]);
});

describe("a stdio server", () => {
  test("is not started until it is used", { tags: ["bridge.lazy"] }, () => {
    const { pool, statuses } = open(misbehaving("crashes"));
    expect(pool.status()).toEqual([{ id: "subject", state: "stopped" }]);
    expect(statuses).toEqual([]);
    expect(runningServers()).toEqual([]);
  });

  test("runs in one process when several calls come at once", { tags: ["bridge.lazy"] }, async () => {
    const { pool } = open(misbehaving("crashes"));
    const results = await Promise.all([1, 2, 3].map(() => pool.callTool("subject", call("pid"), patient)));
    expect(new Set(results.map(toValue)).size).toBe(1);
    expect(runningServers()).toHaveLength(1);
  });

  test("that exits during a call is reported with its exit code and last output, and started by the next call", {
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

  test("that exits while it starts is reported with the reason, and its call as not sent", async () => {
    const { pool } = open(misbehaving("crashes", "at_start"));
    const failure = await failureOf(pool.callTool("subject", call("pid"), patient));
    expect(failure).toMatchObject({ code: "server_unavailable", delivery: "not_sent" });
    expect(failure.message).toContain("exited with code 1 before it was ready");
    expect(failure.message).toContain("no API key was given");
    expect(pool.status()).toMatchObject([{ id: "subject", state: "failed" }]);
  });

  test("that refuses initialize is spoken to in protocol 2026-07-28", async () => {
    const { pool } = open(misbehaving("modern-only"));
    expect(await pool.listTools("subject", patient)).toMatchObject([{ name: "greet" }]);
    expect(toValue(await pool.callTool("subject", call("greet", { name: "Ada" }), patient))).toBe("hello Ada");
  });

  test("refuses calls after close", async () => {
    const { pool } = open(misbehaving("crashes"));
    await pool.close();
    await pool.close();
    expect(await failureOf(pool.listTools("subject", patient))).toMatchObject({
      code: "server_unavailable",
      delivery: "not_sent",
    });
  });

  test("that is still starting is ended by close", async () => {
    const { pool } = open(misbehaving("crashes"));
    const failing = failureOf(pool.callTool("subject", call("pid"), patient));
    await pool.close();
    expect(await failing).toMatchObject({ code: "server_unavailable", delivery: "not_sent" });
    expect(runningServers()).toEqual([]);
  });

  test("that ignores SIGTERM is killed together with its child", { tags: ["bridge.no-orphans"] }, async () => {
    const { pool } = open(misbehaving("clings"));
    const pids = toValue(await pool.callTool("subject", call("pids"), patient)) as { leader: number; child: number };
    await pool.close();
    await expectGone(pids.leader);
    await expectGone(pids.child);
  });

  test("that exits and leaves a child behind has the child ended", async () => {
    const { pool } = open(misbehaving("clings"));
    const pids = toValue(await pool.callTool("subject", call("pids"), patient)) as { leader: number; child: number };
    const failure = await failureOf(pool.callTool("subject", call("leave"), patient));
    expect(failure.message).toContain("exited with code 4");
    await expect.poll(() => runningServers()).toEqual([]);
    await pool.close();
    await expectGone(pids.child);
  });
});

describe("a server that cannot be started", () => {
  test("is reported with the missing command and the next step", { tags: ["bridge.missing-command"] }, async () => {
    const { pool } = open(stdioEntry({ command: "no-such-program" }));
    const failure = await failureOf(pool.listTools("subject", patient));
    expect(failure).toMatchObject({ code: "server_unavailable", delivery: "not_sent" });
    expect(failure.message).toBe(
      'subject cannot start: the command "no-such-program" was not found; install it, or correct mcp.command',
    );
  });

  test("is reported with the missing working directory", async () => {
    const { pool } = open(stdioEntry({ command: "time-mcp", cwd: "no/such/folder" }));
    expect((await failureOf(pool.listTools("subject", patient))).message).toContain("no/such/folder does not exist");
  });

  test("is reported with its unset variables", { tags: ["registry.references"] }, async () => {
    const { pool } = open(stdioEntry({ command: "time-mcp", args: ["${env:UNSET_ONE}"], env: { KEY: "${env:UNSET_TWO}" } }));
    const failure = await failureOf(pool.listTools("subject", patient));
    expect(failure).toMatchObject({ code: "server_unavailable", delivery: "not_sent" });
    expect(failure.message).toContain("set UNSET_ONE, UNSET_TWO");
  });

  test("is refused if the registry does not declare it, even if its id is a command's name", async () => {
    const { pool } = open(stdioEntry({ command: "time-mcp" }));
    const failure = await failureOf(pool.listTools("mcp-ripgrep", patient));
    expect(failure).toMatchObject({ code: "server_unavailable", delivery: "not_sent" });
    expect(failure.message).toContain("registry.json");
  });
});

describe("a call without an answer", () => {
  test("times out, and the server gets a cancellation", async () => {
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

  test("is cancelled by its caller, and the server gets the cancellation", async () => {
    const { pool } = open(misbehaving("hangs"));
    const caller = new AbortController();
    const failing = failureOf(
      pool.callTool("subject", call("hang"), { signal: caller.signal, timeoutMs: 20_000, onProgress: () => caller.abort() }),
    );
    expect(await failing).toMatchObject({ code: "cancelled", delivery: "sent" });
    expect(toValue(await pool.callTool("subject", call("cancellations"), patient))).toBe("1");
  });

  test("was not sent if it was cancelled before its server ran", async () => {
    const { pool } = open(misbehaving("hangs"));
    const failure = await failureOf(pool.callTool("subject", call("hang"), { signal: AbortSignal.abort(), timeoutMs: 20_000 }));
    expect(failure).toMatchObject({ code: "cancelled", delivery: "not_sent" });
  });
});

test("a server without the method tools/list has no tools", async () => {
  const { pool } = open(misbehaving("toolless"));
  expect(await pool.listTools("subject", patient)).toEqual([]);
});

test("a server whose tools change several times in quick succession is reported once, and all pages are listed again", {
  tags: ["catalog.changes"],
}, async () => {
  const { pool, toolsChanged } = open(misbehaving("changes"));
  const names = async () => (await pool.listTools("subject", patient)).map((tool) => tool.name);
  expect(await names()).toEqual(["grow", "second"]);
  await Promise.all([pool.callTool("subject", call("grow"), patient), pool.callTool("subject", call("grow"), patient)]);
  expect(await toolsChanged).toEqual({ id: "subject", state: "running", toolsChanges: 1 });
  expect(await names()).toEqual(["grow", "second", "grown_2", "grown_3"]);
});

test("a server that never answers does not delay another one", { tags: ["catalog.stale"] }, async () => {
  const { pool } = open(misbehaving("silent"), stdioEntry({ command: "time-mcp" }, "other"));
  const silent = failureOf(pool.listTools("subject", { signal: never, timeoutMs: 3_000 }));
  const answered = Promise.withResolvers<string>();
  void pool.listTools("other", patient).then(() => answered.resolve("other"));
  void silent.then(() => answered.resolve("silent"));
  expect(await answered.promise).toBe("other");
  expect(await silent).toMatchObject({ code: "call_timeout" });
});

describe("a server that prints other text on stdout", () => {
  test("is listed with all its pages, without its malformed tool, and can be called", async () => {
    const { pool } = open(misbehaving("chatters"));
    const tools = await pool.listTools("subject", patient);
    expect(tools.map((tool) => tool.name)).toEqual(["echo", "refuse_arguments", "fail", "large"]);
    expect(toValue(await pool.callTool("subject", call("echo", { a: 1 }), patient))).toEqual({ a: 1 });
  });

  test.each([
    ["refuse_arguments", "invalid_arguments"],
    ["no_such_tool", "tool_unknown"],
    ["fail", "tool_error"],
  ])("that refuses %s fails with %s", async (tool, code) => {
    const { pool } = open(misbehaving("chatters"));
    expect(await failureOf(pool.callTool("subject", call(tool), patient))).toMatchObject({ code, delivery: "answered" });
  });
});
