import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { findFreePort } from "../../../bridge/local/free-port.ts";
import { runBridge } from "../../support/command-line.ts";

/* What the commands print, and their exit codes, where no server has to be started. */

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

describe("mcp-bridge list", () => {
  test("prints the registry's servers without starting any", async () => {
    const { code, out } = await run("list", "--registry", await registry(missing, remote));
    expect(code).toBe(0);
    expect(out).toMatch(/^missing +stdio/m);
    expect(out).toMatch(/^remote +http/m);
  });

  test("names the known servers when the id is unknown", async () => {
    const { code, err } = await run("list", "nope", "--registry", await registry(missing));
    expect(code).toBe(1);
    expect(err).toContain("It has: missing.");
  });
});

describe("mcp-bridge call", () => {
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
    const { code, err } = await runBridge(["list", "far", "--registry", file], {
      folder,
      environment: { FAR_KEY: "hunter2222" },
    });
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

describe("the orchestrator that --url names", () => {
  const commands = [
    ["accept"],
    ["approvals", "list"],
    ["approvals", "deny", "default.0"],
    ["exec", "a.ts"],
    ["export", "report"],
    ["run", "report"],
    ["save", "a.ts"],
    ["save", "--accept", "report"],
    ["session", "list"],
    ["session", "delete", "owner/default"],
    ["skill", "report"],
  ];
  const runAt = async (url: string, [command = "", ...rest]: string[], environment = {}) => {
    await writeFile(join(folder, "a.ts"), "return 1");
    return runBridge([command, "--url", url, ...rest], { folder, environment });
  };

  test.each([...commands, ["stdio"]].map((args) => [args]))(
    "is refused for %j if that is no URL, or if others could read the token",
    { tags: ["access.encrypted"] },
    async (args) => {
      const wrong = await runAt("nowhere", args);
      expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining('error: --url "nowhere" is not a URL.')]);
      const plain = await runAt("http://mcp.example.com", args, { AUTH_TOKEN: "secret-word" });
      expect([plain.code, plain.err]).toEqual([2, expect.stringContaining("http://mcp.example.com is plain http")]);
      expect(plain.err).not.toContain("secret-word");
    },
  );

  test.each(commands.map((args) => [args]))("is named for %j if nothing answers there", async (args) => {
    const { code, err } = await runAt("http://127.0.0.1:9", args);
    expect([code, err]).toEqual([1, expect.stringContaining("No orchestrator answers at http://127.0.0.1:9.")]);
  });
});

test("what the owner asks an orchestrator is sent with the token, and refused in the orchestrator's own words", {
  tags: ["bridge.commands"],
}, async () => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers.authorization}`);
    const answers: Record<string, [status: number, body: string]> = {
      "GET /sessions": [200, '{"sessions":[]}'],
      "DELETE /sessions/agents.example:1@x/default": [200, '{"deleted":"agents.example:1@x/default"}'],
      "DELETE /sessions/owner/gone": [404, '{"error":"There is no session owner/gone."}'],
      "GET /proposals/report": [403, '{"error":{"message":"The token needs the scope mcp:admin."}}'],
      "GET /changed-tools?session=default": [200, "<html>"],
    };
    const [status, body] = answers[`${request.method} ${request.url}`] ?? [500, ""];
    response.writeHead(status, { "Content-Type": "application/json" }).end(body);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const at = (...args: string[]) => runBridge([...args, "--url", url], { folder, environment: { AUTH_TOKEN: "secret-word" } });
    expect(await at("session", "list")).toMatchObject({ code: 0, out: "There are no sessions yet.\n" });
    expect(await at("session", "delete", "owner/gone")).toMatchObject({
      code: 1,
      err: "error: There is no session owner/gone.\n",
    });
    // Principals of service bindings have such names.
    expect(await at("session", "delete", "agents.example:1@x/default")).toMatchObject({ code: 0 });
    expect(await at("save", "--accept", "report")).toMatchObject({
      code: 1,
      err: "error: The token needs the scope mcp:admin.\n",
    });
    expect(await at("accept")).toMatchObject({ code: 1, err: expect.stringContaining("Check that --url is its address.") });
    expect(new Set(asked.map((line) => line.split(" ").at(-1)))).toEqual(new Set(["secret-word"]));
    expect(asked).toHaveLength(5);
  } finally {
    server.close();
  }
});

describe("a bridge that was started by a bridge", () => {
  test.each([["start", "--url", "http://127.0.0.1:9"], ["local"]])(
    "refuses to run the command %s",
    { tags: ["bridge.itself"] },
    async (...args) => {
      const environment = { MCP_ORCHESTRATOR_BRIDGE: "7", PORT: "9" };
      const { code, err } = await runBridge(args, { folder, environment });
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
