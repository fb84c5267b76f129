import { type ChildProcess, spawn } from "node:child_process";
import { on, once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import { findFreePort } from "../../../bridge/local/free-port.ts";
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
  return spawn(process.execPath, [join(projectRoot, "bridge/cli.ts"), ...args], {
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
const missing = server("missing", { transport: "stdio", command: "no-such-program" });
const remote = server("remote", { transport: "http", url: "https://mcp.example.dev", headers: { "X-Key": "${env:UNSET_KEY}" } });
const crashes = { ...server("crashes", misbehaving("crashes").mcp) };

const callPids = JSON.stringify({
  type: "call_tool",
  id: "1",
  server: "clings",
  tool: "pids",
  args: {},
  timeoutMs: 20_000,
} satisfies WorkerFrame);

describe("mcp-bridge check", () => {
  test("prints a row per server and exits with 1 when one fails", { tags: ["bridge.commands"] }, async () => {
    const { code, out, err } = await run("check", "--registry", await registry(crashes, missing, remote));
    expect(code).toBe(1);
    expect(out).toMatch(/^ID +TRANSPORT +STATUS +TOOLS +CONNECT +LIST +REASON$/m);
    expect(out).toMatch(/^crashes +stdio +ok +2 +\d+ +\d+$/m);
    expect(out).toMatch(/^missing +stdio +failed +\d+ +missing cannot start: the command "no-such-program" was not found/m);
    expect(out).toMatch(/^remote +http +failed +\d+ +set UNSET_KEY in \.dev\.vars or in the environment$/m);
    expect(err).toContain("1 of 3 servers answer; failed: missing, remote.");
  });

  test("exits with 0 when every server answers, and prints JSON with --json", async () => {
    const { code, out } = await run("check", "--json", "--only", "crashes", "--registry", await registry(crashes, missing));
    expect(code).toBe(0);
    const times = { connectMs: expect.any(Number), listMs: expect.any(Number) };
    expect(JSON.parse(out)).toEqual([{ id: "crashes", transport: "stdio", status: "ok", tools: 2, ...times }]);
  });

  test("names the registry's problem, checks the other servers, and exits with 1", async () => {
    const { code, out, err } = await run("check", "--registry", await registry(crashes, { id: "broken" }));
    expect(code).toBe(1);
    expect(err).toContain("servers[1].title");
    expect(out).toContain("crashes");
  });
});

describe("mcp-bridge list", () => {
  test("prints the registry's servers without starting any", async () => {
    const { code, out } = await run("list", "--registry", await registry(missing, remote));
    expect(code).toBe(0);
    expect(out).toMatch(/^missing +stdio/m);
    expect(out).toMatch(/^remote +http/m);
  });

  test("prints the tools of one server", async () => {
    const { code, out } = await run("list", "crashes", "--registry", await registry(crashes));
    expect(code).toBe(0);
    expect(out.split("\n").slice(0, 3)).toEqual(["TOOL   DESCRIPTION", "crash", "pid"]);
  });

  test("names the known servers when the id is unknown", async () => {
    const { code, err } = await run("list", "nope", "--registry", await registry(crashes));
    expect(code).toBe(1);
    expect(err).toContain("It has: crashes.");
  });
});

describe("mcp-bridge call", () => {
  test("prints the unwrapped result of a published server", { tags: ["bridge.commands"] }, async () => {
    const { code, out } = await run("call", "time", "days_in_month", '{"date":"2024-02-01"}');
    expect(code).toBe(0);
    expect(out).toContain("29");
  });

  test("names the server's tools when the tool is unknown", async () => {
    const { code, err } = await run("call", "crashes", "nope", "--registry", await registry(crashes));
    expect(code).toBe(1);
    expect(err).toBe('error: No tool "nope" on crashes. It has: crash, pid.\n');
  });

  test("fails with the last output of a server that exits during the call", async () => {
    const { code, err } = await run("call", "crashes", "crash", "--registry", await registry(crashes));
    expect(code).toBe(1);
    expect(err).toContain("out of cheese");
  });

  test("prints a tool's error to stderr and exits with 1", async () => {
    const { code, out, err } = await run("call", "time", "current_time", '{"timezone":"No/Where"}');
    expect(code).toBe(1);
    expect(out).toBe("");
    expect(err).toContain("time.current_time failed:");
  });

  test.each(["{", "[1]", "7"])("refuses %s as arguments and prints the usage", async (json) => {
    const { code, err } = await run("call", "time", "current_time", json);
    expect(code).toBe(2);
    expect(err).toContain("Usage: mcp-bridge call");
  });

  test("names the unset variables that a remote server's entry refers to", { tags: ["bridge.remote-commands"] }, async () => {
    const { code, err } = await run("call", "remote", "x", "--registry", await registry(remote));
    expect(code).toBe(1);
    expect(err).toBe("error: remote: set UNSET_KEY in .dev.vars or in the environment.\n");
  });
});

describe("a remote server", () => {
  const everything = fileURLToPath(
    new URL("../../../node_modules/@modelcontextprotocol/server-everything/dist/index.js", import.meta.url),
  );

  test.each([
    ["http", "streamableHttp", "/mcp"],
    ["sse", "sse", "/sse"],
  ])(
    "over %s is called and listed from this machine",
    { tags: ["bridge.remote-commands"] },
    async (transport, argument, path) => {
      const port = String(await findFreePort());
      const child = spawn(process.execPath, [everything, argument], {
        env: { ...process.env, PORT: port },
        stdio: ["ignore", "ignore", "pipe"],
      });
      try {
        await once(child.stderr, "data");
        const file = await registry(server("far", { transport, url: `http://127.0.0.1:${port}${path}` }));
        expect(await run("call", "far", "echo", '{"message":"hi"}', "--registry", file)).toEqual({
          code: 0,
          out: "Echo: hi\n",
          err: "",
        });
        const listed = await run("list", "far", "--registry", file);
        expect(listed).toMatchObject({ code: 0, out: expect.stringMatching(/^echo +Echoes back/m) });
        const unknown = await run("call", "far", "nope", "--registry", file);
        expect(unknown).toMatchObject({ code: 1, err: expect.stringContaining('No tool "nope" on far. It has: echo, ') });
        const raw = await run("call", "far", "echo", '{"message":"hi"}', "--json", "--registry", file);
        expect(JSON.parse(raw.out)).toMatchObject({ content: [{ type: "text", text: "Echo: hi" }] });
      } finally {
        child.kill("SIGKILL");
      }
    },
  );

  test("that repeats its key in an error is quoted without the key", async () => {
    const indiscreet = createServer(async (request, response) => {
      const { id } = JSON.parse(await text(request)) as { id: number };
      const error = { code: -32_603, message: `your key ${request.headers["x-api-key"]} is no good` };
      response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify({ jsonrpc: "2.0", id, error }));
    });
    indiscreet.listen(0, "127.0.0.1");
    await once(indiscreet, "listening");
    const { port } = indiscreet.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}/mcp`;
    const file = await registry(server("far", { transport: "http", url, headers: { "X-Api-Key": "${env:FAR_KEY}" } }));
    const child = start(["list", "far", "--registry", file], { FAR_KEY: "hunter2222" });
    const [err, [code]] = await Promise.all([read(child.stderr), once(child, "close")]);
    indiscreet.close();
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining("your key [secret FAR_KEY] is no good") });
  });

  test("that does not run is reported with its address", { tags: ["bridge.remote-commands"] }, async () => {
    const port = await findFreePort();
    const file = await registry(server("far", { transport: "http", url: `http://127.0.0.1:${port}/mcp` }));
    const { code, err } = await run("list", "far", "--registry", file);
    expect(code).toBe(1);
    expect(err).toBe(`error: far: 127.0.0.1:${port} does not answer (ECONNREFUSED); check the network and mcp.url.\n`);
  });

  test.each([
    [{ auth: "oauth" }, "asks for a login, which the orchestrator keeps and this command does not have"],
    [{}, 'asks for credentials; set them in mcp.headers, or auth to "oauth"'],
  ])(
    "that requires a login fails with the next step when its entry has %j",
    { tags: ["bridge.remote-commands"] },
    async (fields, words) => {
      const locked = createServer((_request, response) => response.writeHead(401).end());
      locked.listen(0, "127.0.0.1");
      await once(locked, "listening");
      const { port } = locked.address() as AddressInfo;
      const entry = { ...server("locked", { transport: "http", url: `http://127.0.0.1:${port}/mcp` }), ...fields };
      const { code, err } = await run("call", "locked", "x", "--registry", await registry(entry));
      locked.close();
      expect(code).toBe(1);
      expect(err).toContain(`error: locked: 127.0.0.1:${port} ${words}`);
    },
  );
});

describe("mcp-bridge exec", () => {
  test("says how to start an orchestrator when none answers", async () => {
    await writeFile(join(folder, "a.ts"), "return 1");
    const { code, err } = await run("exec", "a.ts", "--url", "http://127.0.0.1:9");
    expect(code).toBe(1);
    expect(err).toBe(
      "error: No orchestrator answers at http://127.0.0.1:9. Start it with npm start, or name another with --url.\n",
    );
  });

  test("names the program file that it cannot read", async () => {
    const { code, err } = await run("exec", "nowhere.ts");
    expect(code).toBe(1);
    expect(err).toContain(`Cannot read the program ${join(folder, "nowhere.ts")}.`);
  });
});

describe("a bridge that was started by a bridge", () => {
  test.each([["start", "--url", "http://127.0.0.1:9"], ["local"]])(
    "refuses to run the command %s",
    { tags: ["bridge.itself"] },
    async (...args) => {
      const child = start(args, { MCP_ORCHESTRATOR_BRIDGE: "7", PORT: "9" });
      const [err, [code]] = await Promise.all([read(child.stderr), once(child, "close")]);
      expect(code).toBe(1);
      expect(err).toContain("by the bridge with process id 7, and would start itself without end");
    },
  );
});

describe("mcp-bridge", () => {
  test.each([
    [["bogus"]],
    [["start"]],
    [["call", "time"]],
    [["exec"]],
    [["exec", "x.ts", "--arg", "a"]],
    [["exec", "x.ts", "--timeout", "0"]],
    [["import"]],
    [["check", "--only", "nope"]],
    [["start", "--url", "nowhere"]],
  ])("prints the usage and exits with 2 for the wrong command line %j", { tags: ["bridge.commands"] }, async (args) => {
    const { code, err } = await run(...args);
    expect(code).toBe(2);
    expect(err).toContain("Usage: mcp-bridge");
  });

  test.each([[["--help"]], [["start", "--help"]], [["help", "call"]]])("prints help and exits with 0 for %j", async (args) => {
    const { code, out } = await run(...args);
    expect(code).toBe(0);
    expect(out).toContain("Usage: mcp-bridge");
  });

  test("names the path of a registry that does not exist", async () => {
    const { code, err } = await run("list", "--registry", "nowhere.json");
    expect(code).toBe(1);
    expect(err).toContain(join(folder, "nowhere.json"));
  });
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

  test("exits with 1 and says what to do when the token is wrong", async () => {
    const worker = createServer((_request, response) => response.writeHead(401).end());
    worker.on("upgrade", (_request, socket) => socket.end("HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n\r\n"));
    worker.listen(0, "127.0.0.1");
    await once(worker, "listening");
    const { port } = worker.address() as AddressInfo;
    const { code, err } = await run("start", "--url", `http://127.0.0.1:${port}`);
    expect(code).toBe(1);
    expect(err).toContain("BRIDGE_TOKEN is missing or wrong");
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
