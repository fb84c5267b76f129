import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { systemClock } from "../../bridge/clock.ts";
import { findFreePort } from "../../bridge/local/free-port.ts";
import type { Progress, ServerLog } from "../../core/mcp/upstream.ts";
import { ServerEntry } from "../../core/registry/registry.ts";
import { HttpServers } from "../../worker/upstream/remote/clients.ts";
import { startBackground } from "../support/background-process.ts";
import { failureOf } from "../support/failure.ts";
import { memoryStore } from "../support/fakes.ts";
import { loginOf } from "../support/logins.ts";

/* What remote servers tell while they work, and what they offer beside tools, in both protocol generations. */

const patient = { signal: new AbortController().signal, timeoutMs: 20_000 };

function entryAt(url: string): ServerEntry {
  return ServerEntry.parse({ id: "far", title: "Far", summary: "Far away.", mcp: { transport: "http", url } });
}

function connect(): HttpServers {
  const onToolsChanged = () => {};
  return new HttpServers(() => undefined, {
    reachesInside: true,
    clock: systemClock,
    store: memoryStore(),
    loginOf,
    onToolsChanged,
  });
}

function listen() {
  const logs: ServerLog[] = [];
  const progress: Progress[] = [];
  return {
    ...{ logs, progress },
    options: {
      ...patient,
      onLog: (line: ServerLog) => logs.push(line),
      onProgress: (notice: Progress) => progress.push(notice),
    },
  };
}

describe("a server of 2026-07-28", () => {
  const handler = createMcpHandler(createModern);
  const http = createServer(async (request, response) => {
    const answer = await handler.fetch(
      new Request(`http://localhost${request.url}`, {
        method: request.method ?? "GET",
        headers: Object.entries(request.headers).map(([name, value]): [string, string] => [name, String(value)]),
        ...(request.method === "POST" ? { body: Buffer.concat(await request.toArray()) } : {}),
      }),
    );
    response.writeHead(answer.status, Object.fromEntries(answer.headers));
    if (answer.body) Readable.fromWeb(answer.body).pipe(response);
    else response.end();
  });
  let entry: ServerEntry;

  beforeAll(async () => {
    http.listen(0, "127.0.0.1");
    await once(http, "listening");
    entry = entryAt(`http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`);
  });

  afterAll(async () => {
    await handler.close();
    http.closeAllConnections();
    http.close();
  });

  test("is asked for its log from info up with each call, and heard", { tags: ["upstream.news"] }, async () => {
    const { logs, progress, options } = listen();
    await connect().callTool(entry, { tool: "work", args: {} }, options);
    expect(logs).toEqual([
      { level: "info", message: "begun" },
      { level: "warn", message: '{"slow":true}' },
    ]);
    expect(progress).toEqual([{ progress: 1, total: 2, message: "half" }]);
  });

  test("gives its resources and prompts", async () => {
    const servers = connect();
    expect(await servers.ask(entry, { method: "resources/list" }, patient)).toEqual([
      expect.objectContaining({ uri: "note://1", name: "one" }),
    ]);
    expect(await servers.ask(entry, { method: "resources/read", uri: "note://1" }, patient)).toEqual([
      { uri: "note://1", text: "first" },
    ]);
    expect(await servers.ask(entry, { method: "prompts/get", name: "greet" }, patient)).toEqual({
      messages: [{ role: "user", content: { type: "text", text: "Greet." } }],
    });
    const failure = await failureOf(servers.ask(entry, { method: "resources/read", uri: "note://9" }, patient));
    expect(failure).toMatchObject({ code: "invalid_arguments", delivery: "answered", details: { tool: "$resources.read" } });
  });
});

function createModern(): McpServer {
  const server = new McpServer({ name: "modern", version: "1" }, { capabilities: { logging: {} } });
  server.registerTool("work", {}, async ({ mcpReq: { _meta, log, notify } }) => {
    await log("debug", "too detailed");
    await log("info", "begun");
    await log("warning", { slow: true });
    const progressToken = _meta?.progressToken;
    if (progressToken !== undefined) {
      await notify({ method: "notifications/progress", params: { progressToken, progress: 1, total: 2, message: "half" } });
    }
    return { content: [] };
  });
  server.registerResource("one", "note://1", {}, () => ({ contents: [{ uri: "note://1", text: "first" }] }));
  server.registerPrompt("greet", {}, () => ({ messages: [{ role: "user", content: { type: "text", text: "Greet." } }] }));
  return server;
}

describe("the published server-everything over Streamable HTTP", () => {
  let server: Awaited<ReturnType<typeof startBackground>>;
  let entry: ServerEntry;

  beforeAll(async () => {
    const port = await findFreePort();
    server = await startBackground({
      args: () => ["node_modules/@modelcontextprotocol/server-everything/dist/index.js", "streamableHttp"],
      env: () => ({ PORT: String(port) }),
    });
    await server.printed(/on port \d+/);
    entry = entryAt(`http://127.0.0.1:${port}/mcp`);
  });

  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
  });

  test("tells how far a call is, and its log lines from info up", async () => {
    const servers = connect();
    const { logs, progress, options } = listen();
    await servers.callTool(entry, { tool: "trigger-long-running-operation", args: { duration: 0.2, steps: 2 } }, options);
    expect(progress.map((notice) => [notice.progress, notice.total])).toEqual([
      [1, 2],
      [2, 2],
    ]);
    // Each switching on logs one line of a random level, and one in eight is of debug.
    for (let tries = 0; tries < 20 && logs.length === 0; tries++) {
      await servers.callTool(entry, { tool: "toggle-simulated-logging", args: {} }, options);
      await servers.callTool(entry, { tool: "echo", args: { message: "wait" } }, options);
    }
    expect(logs.length).toBeGreaterThan(0);
    expect(logs.map(({ level }) => level)).not.toContain("debug");
  });

  test("gives its resources, templates and prompts", { tags: ["upstream.features"] }, async () => {
    const servers = connect();
    const resources = await servers.ask(entry, { method: "resources/list" }, patient);
    const [first] = Array.isArray(resources) ? resources : [];
    const contents = await servers.ask(entry, { method: "resources/read", uri: String(first?.uri) }, patient);
    expect(contents).toEqual([expect.objectContaining({ uri: first?.uri, text: expect.any(String) })]);
    expect(await servers.ask(entry, { method: "resources/templates/list" }, patient)).not.toEqual([]);
    const prompts = await servers.ask(entry, { method: "prompts/list" }, patient);
    expect(prompts).toEqual(expect.arrayContaining([expect.objectContaining({ name: "simple-prompt" })]));
    const missing = await failureOf(servers.ask(entry, { method: "prompts/get", name: "args-prompt" }, patient));
    expect(missing).toMatchObject({ code: "invalid_arguments", message: expect.stringContaining("far.$prompts.get") });
  });
});
