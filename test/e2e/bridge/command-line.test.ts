import { spawn } from "node:child_process";
import { on } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { findFreePort } from "../../../bridge/local/free-port.ts";
import { runBridge } from "../../support/command-line.ts";
import { projectRoot } from "../../support/project-root.ts";
import { misbehaving } from "../../support/stdio-entries.ts";

/* The commands on servers that they start, or that run elsewhere. */

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "bridge-"));
});
afterEach(() => rm(folder, { recursive: true }));

const run = (...args: string[]) => runBridge(args, { folder });

async function registry(...servers: unknown[]): Promise<string> {
  const path = join(folder, "registry.json");
  await writeFile(path, JSON.stringify({ servers }));
  return path;
}

const server = (id: string, mcp: object) => ({ id, title: id, summary: `What ${id} does.`, mcp });
const missing = server("missing", { transport: "stdio", command: "no-such-program" });
const remote = server("remote", { transport: "http", url: "https://mcp.example.dev", headers: { "X-Key": "${env:UNSET_KEY}" } });
const crashes = { ...server("crashes", misbehaving("crashes").mcp) };

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
  test("prints the signatures of one server", async () => {
    const { code, out } = await run("list", "crashes", "--registry", await registry(crashes));
    expect(code).toBe(0);
    expect(out.split("\n").slice(0, 2)).toEqual([
      expect.stringMatching(/^crash\(args\?: /),
      expect.stringMatching(/^pid\(args\?: /),
    ]);
  });
});

describe("mcp-bridge call", () => {
  test("prints the unwrapped result of a published server", { tags: ["bridge.commands"] }, async () => {
    const { code, out } = await run("call", "time", "days_in_month", '{"date":"2024-02-01"}');
    expect(code).toBe(0);
    expect(out).toContain("29");
  });

  test("takes arguments as people type them, and a name that is written otherwise", { tags: ["bridge.commands"] }, async () => {
    const { code, out, err } = await run("call", "time", "daysInMonth", "date=2024-02-01");
    expect({ code, err: err.includes("calling days_in_month") }).toEqual({ code: 0, err: true });
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
});

describe("a remote server", () => {
  const everything = join(projectRoot, "node_modules/@modelcontextprotocol/server-everything/dist/index.js");

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
        await printsPort(child.stderr, port);
        const file = await registry(server("far", { transport, url: `http://127.0.0.1:${port}${path}` }));
        expect(await run("call", "far", "echo", '{"message":"hi"}', "--registry", file)).toEqual({
          code: 0,
          out: "Echo: hi\n",
          err: "",
        });
        const listed = await run("list", "far", "--registry", file);
        expect(listed).toMatchObject({
          code: 0,
          out: expect.stringMatching(/^echo\(args: { message: string }\): .*\n +Echoes back/m),
        });
        const unknown = await run("call", "far", "nope", "--registry", file);
        expect(unknown).toMatchObject({ code: 1, err: expect.stringContaining('No tool "nope" on far. It has: echo, ') });
        const raw = await run("call", "far", "echo", '{"message":"hi"}', "--json", "--registry", file);
        expect(JSON.parse(raw.out)).toMatchObject({ content: [{ type: "text", text: "Echo: hi" }] });
      } finally {
        child.kill("SIGKILL");
      }
    },
  );
});

/** server-everything prints other lines first; the one with its port says that it listens. */
async function printsPort(output: Readable, port: string): Promise<void> {
  for await (const [chunk] of on(output, "data", { signal: AbortSignal.timeout(30_000) })) {
    if (String(chunk).includes(port)) return;
  }
}
