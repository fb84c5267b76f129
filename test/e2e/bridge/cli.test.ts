import { type ChildProcess, spawn } from "node:child_process";
import { on, once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import type { WorkerFrame } from "../../../core/tunnel/frames.ts";
import { projectRoot } from "../../support/project-root.ts";
import { misbehaving } from "../../support/stdio-entries.ts";
import { expectGone, runningServers } from "./processes.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "bridge-"));
});
afterEach(() => rm(folder, { recursive: true }));

function start(args: string[], environment: Record<string, string> = {}): ChildProcess {
  return spawn(process.execPath, [join(projectRoot, "bridge/main.mjs"), ...args], {
    cwd: folder,
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const child = start(args);
  const [out, err, [code]] = await Promise.all([read(child.stdout), read(child.stderr), once(child, "close")]);
  return { code: Number(code), out, err };
}

async function read(stream: ChildProcess["stdout"]): Promise<string> {
  return stream ? await text(stream) : "";
}

async function registry(...servers: unknown[]): Promise<string> {
  const path = join(folder, "registry.json");
  await writeFile(path, JSON.stringify({ servers }));
  return path;
}

const server = (id: string, mcp: object) => ({ id, title: id, summary: `What ${id} does.`, mcp });

const callPids = JSON.stringify({
  type: "call_tool",
  id: "1",
  server: "clings",
  tool: "pids",
  args: {},
  timeoutMs: 20_000,
} satisfies WorkerFrame);

test("prints results to stdout and the rest to stderr, and exits with the command's code", async () => {
  const path = await registry(server("clings", misbehaving("clings").mcp));
  const listed = await run("list", "--registry", path);
  expect(listed).toEqual({ code: 0, out: expect.stringMatching(/^clings +stdio/m), err: "" });
  const wrong = await run("list", "nope", "--registry", path);
  expect(wrong).toEqual({ code: 1, out: "", err: expect.stringContaining("It has: clings.") });
  const bogus = await run("bogus");
  expect(bogus).toEqual({ code: 2, out: "", err: expect.stringContaining("Usage: mcp-bridge") });
});

describe("mcp-bridge start", () => {
  test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "serves until %s, then exits with 0 and leaves no process behind",
    { tags: ["bridge.commands"] },
    async (signal) => {
      const worker = new WebSocketServer({ port: 0, host: "127.0.0.1" });
      await once(worker, "listening");
      const { port } = worker.address() as AddressInfo;
      const path = await registry(server("clings", misbehaving("clings").mcp));
      const bridge = start(["start", "--url", `http://127.0.0.1:${port}`, "--registry", path], { BRIDGE_TOKEN: "secret" });
      const err = read(bridge.stderr);

      const [socket, request] = (await once(worker, "connection")) as [WebSocket, { url: string }];
      expect(request.url).toBe("/bridge");
      socket.send(callPids);
      const pids = await resultText(socket);
      expect(runningServers(bridge.pid)).toHaveLength(1);

      bridge.kill(signal);
      const [code] = await once(bridge, "close");
      expect(code).toBe(0);
      await expectGone(pids.leader);
      await expectGone(pids.child);
      expect(await err).toContain("clings: running");
      worker.close();
    },
  );

  test.each([
    ["a second Ctrl-C, which exits at once", ["SIGINT", "SIGINT"], 130],
    ["kill -9", ["SIGKILL"], null],
  ] as const)("leaves no process behind after %s", { tags: ["bridge.no-orphans"] }, async (_how, signals, expected) => {
    const worker = new WebSocketServer({ port: 0, host: "127.0.0.1" });
    await once(worker, "listening");
    const { port } = worker.address() as AddressInfo;
    const path = await registry(server("clings", misbehaving("clings").mcp));
    const bridge = start(["start", "--url", `http://127.0.0.1:${port}`, "--registry", path]);
    const [socket] = (await once(worker, "connection")) as [WebSocket];
    socket.send(callPids);
    const pids = await resultText(socket);

    for (const [index, signal] of signals.entries()) {
      if (index > 0) await once(socket, "close");
      bridge.kill(signal);
    }
    const [code] = await once(bridge, "close");
    expect(code).toBe(expected);
    await expectGone(pids.leader);
    await expectGone(pids.child);
    worker.close();
  });
});

/** The value of the first result frame. Uses one listener for all messages, because two frames may arrive in one chunk. */
async function resultText(socket: WebSocket): Promise<{ leader: number; child: number }> {
  for await (const [data] of on(socket, "message")) {
    const frame = JSON.parse(String(data)) as { type: string; value?: { content: [{ text: string }] } };
    if (frame.type === "result" && frame.value)
      return JSON.parse(frame.value.content[0].text) as { leader: number; child: number };
  }
  throw new Error("the socket gave no result");
}
