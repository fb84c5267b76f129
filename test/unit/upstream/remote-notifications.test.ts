import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Progress, ServerLog } from "../../../core/mcp/upstream.ts";
import { FileEntry } from "../../../core/registry/registry.ts";
import { failureOf } from "../../support/failure.ts";
import { remoteServers } from "../../support/http-mcp.ts";

/* Notifications, resources and prompts of remote servers, in both protocol generations. */

const patient = { signal: new AbortController().signal, timeoutMs: 20_000 };

function entryAt(url: string): FileEntry {
  return FileEntry.parse({ id: "far", title: "Far", summary: "Far away.", mcp: { transport: "http", url } });
}

function connect() {
  return remoteServers();
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
  let entry: FileEntry;

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

  test("is sent the log level info with each call, and its log messages and progress are passed on", {
    tags: ["upstream.news"],
  }, async () => {
    const { logs, progress, options } = listen();
    await connect().callTool(entry, { tool: "work", args: {} }, options);
    expect(logs).toEqual([
      { level: "info", message: "begun" },
      { level: "warn", message: '{"slow":true}' },
    ]);
    expect(progress).toEqual([{ progress: 1, total: 2, message: "half" }]);
  });

  test("returns its resources and prompts, and an error for an unknown URI", async () => {
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
