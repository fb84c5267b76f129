import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { toValue } from "../../../../core/mcp/tool-result.ts";
import type { ServerLog } from "../../../../core/mcp/upstream.ts";
import { createRemoteFetch } from "../../../../core/remote/remote-fetch.ts";
import { serverEntry } from "../../../support/builders.ts";
import { failureOf } from "../../../support/failure.ts";
import { ManualClock } from "../../../support/fakes.ts";
import { type Exchange, HttpMcp, notFound, remoteServers } from "../../../support/http-mcp.ts";

/* Remote servers that are not quite to the letter. */

const options = { signal: new AbortController().signal, timeoutMs: 10_000 };
const work = { tool: "work", args: {} };
const html = (exchange: Exchange) =>
  exchange.response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end("<html>Sign in, secret-12345</html>");

const entryOf = ({ url }: { url: string }, fields: object = {}) =>
  serverEntry("notes", { mcp: { transport: "http", url, headers: {} }, ...fields });

/** A server that answers the newer handshake in its own way. */
function withProbe(answer: (exchange: Exchange) => unknown): Promise<HttpMcp> {
  return HttpMcp.start({
    before(exchange) {
      if (exchange.method !== "server/discover") return false;
      answer(exchange);
      return true;
    },
  });
}

describe("a server that answers server/discover with", () => {
  test.each<[string, (exchange: Exchange) => unknown]>([
    ["500", (exchange) => exchange.status(500, { detail: "Internal Server Error" })],
    ["502 and a page", (exchange) => exchange.response.writeHead(502, { "content-type": "text/html" }).end("<html>")],
    ["403", (exchange) => exchange.status(403)],
    ["404", (exchange) => exchange.status(404)],
    ["422", (exchange) => exchange.status(422, { detail: [] })],
    ["a page", html],
    ["half a JSON text", (exchange) => exchange.body('{"jsonrpc":')],
    ["JSON that is no answer", (exchange) => exchange.body('{"message":"ok"}')],
    ["202 and nothing", (exchange) => exchange.response.writeHead(202).end()],
    ["an error without an id", (exchange) => exchange.body('{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"no"}}')],
    ["a stream that ends", (exchange) => exchange.response.writeHead(200, { "content-type": "text/event-stream" }).end()],
  ])("%s is spoken to with initialize", async (_what, answer) => {
    await using server = await withProbe(answer);
    expect(toValue(await remoteServers().callTool(entryOf(server), work, options))).toBe("1");
    expect(server.of("initialize")).toHaveLength(1);
  });

  test("401 is not asked again", async () => {
    await using server = await withProbe((exchange) => exchange.status(401));
    expect(await failureOf(remoteServers().callTool(entryOf(server), work, options))).toMatchObject({ code: "auth_required" });
    expect(server.of("initialize")).toHaveLength(0);
  });
});

describe("a handshake over HTTP", () => {
  test.each([
    ["lists for objects", { protocolVersion: "2025-06-18", capabilities: { tools: [] }, serverInfo: [] }],
    ["null", { protocolVersion: null, capabilities: null, serverInfo: null }],
    ["nothing", {}],
    ["a list", []],
  ])("with %s costs nothing", async (_what, result) => {
    await using server = await HttpMcp.start({
      isModern: true,
      before(exchange) {
        if (exchange.method === "server/discover") exchange.status(404);
        else if (exchange.method === "initialize") exchange.body(JSON.stringify({ jsonrpc: "2.0", id: exchange.id, result }));
        else return false;
        return true;
      },
    });
    expect(await remoteServers().listTools(entryOf(server), options)).toHaveLength(1);
  });

  test("whose last notification is answered as an unknown request is complete", async () => {
    await using server = await HttpMcp.start({
      before(exchange) {
        if (exchange.method !== "notifications/initialized") return false;
        exchange.status(400, { error: "unknown" });
        return true;
      },
    });
    expect(await remoteServers().listTools(entryOf(server), options)).toHaveLength(1);
  });

  test("of 2026-07-28 with PHP's lists is one of 2026-07-28", async () => {
    await using server = await HttpMcp.start({
      isModern: true,
      before(exchange) {
        if (exchange.method !== "server/discover") return false;
        exchange.json({ supportedVersions: ["2026-07-28"], capabilities: { tools: [] } });
        return true;
      },
    });
    expect(toValue(await remoteServers().callTool(entryOf(server), work, options))).toBe("1");
    expect(server.of("initialize")).toHaveLength(0);
  });

  test("that is answered with a page says so, without its text", async () => {
    await using server = await HttpMcp.start({
      before(exchange) {
        html(exchange);
        return true;
      },
    });
    const failure = await failureOf(remoteServers().callTool(entryOf(server), work, options));
    expect(failure).toMatchObject({ code: "server_unavailable", delivery: "not_sent", details: { retryable: false } });
    expect(failure.message).toBe("notes answered with text/html, and not with MCP. Check the url in its registry entry.");
  });
});

describe("an answer over HTTP", () => {
  const call = async (onCall: (exchange: Exchange) => void): Promise<unknown> => {
    await using server = await HttpMcp.start({ onCall });
    return toValue(await remoteServers().callTool(entryOf(server), work, options));
  };
  const json = (exchange: Exchange) => JSON.stringify(exchange.result("done"));
  const as = (type: string | undefined, exchange: Exchange, body: string) =>
    exchange.response.writeHead(200, type === undefined ? {} : { "content-type": type }).end(body);

  test.each<[string, (exchange: Exchange) => unknown, unknown]>([
    ["text/plain", (exchange) => as("text/plain", exchange, json(exchange)), "done"],
    ["text/html", (exchange) => as("text/html", exchange, json(exchange)), "done"],
    ["no content type", (exchange) => as(undefined, exchange, json(exchange)), "done"],
    ["warnings around it", (exchange) => exchange.body(`<br>Warning: x {0}\n${json(exchange)}\n`), "done"],
    ["a byte order mark", (exchange) => exchange.body(`\ufeff${json(exchange)}`), "done"],
    [
      "its id as a text",
      (exchange) => exchange.body(JSON.stringify({ ...exchange.result("done"), id: `${exchange.id}` })),
      "done",
    ],
    ["no id", (exchange) => exchange.body(JSON.stringify({ ...exchange.result("done"), id: null })), "done"],
    ["an event stream of another type", (exchange) => as("text/plain", exchange, `data: ${json(exchange)}\n\n`), "done"],
    ["a list as its result", (exchange) => exchange.body(JSON.stringify({ jsonrpc: "2.0", id: exchange.id, result: [] })), ""],
    ["a text as its content", (exchange) => exchange.json({ content: "done", isError: null }), "done"],
  ])("with %s is read", async (_what, answer, value) => {
    expect(await call((exchange) => void answer(exchange))).toBe(value);
  });

  test("that is an event and cut off fails at once", async () => {
    const failure = await failureOf(
      call(({ id, response }) => {
        response.writeHead(200, { "content-type": "text/event-stream" });
        response.write(`data: {"jsonrpc":"2.0","id":${id},"result":{\n\n`);
      }),
    );
    expect(failure).toMatchObject({ code: "tool_error", delivery: "answered" });
    expect(failure.message).toContain("is no JSON, or only a part of it");
  });

  test.each([false, true])("with NaN or a tab as it is in a string is read (as an event: %s)", async (isEvent) => {
    const value = await call(({ id, response }) => {
      const body = `{"jsonrpc":"2.0","id":${id},"result":{"content":[],"structuredContent":{"mean":NaN,"name":"a\tb"}}}`;
      if (isEvent) response.writeHead(200, { "content-type": "text/event-stream" }).end(`data: ${body}\n\n`);
      else response.writeHead(200, { "content-type": "application/json" }).end(body);
    });
    expect(value).toEqual({ mean: null, name: "a\tb" });
  });

  test.each([false, true])("with an integer beyond 2^53 keeps its digits (as an event: %s)", async (isEvent) => {
    const value = await call(({ id, response }) => {
      const body = `{"jsonrpc":"2.0","id":${id},"result":{"content":[],"structuredContent":{"id":1915883588174806058}}}`;
      if (isEvent) response.writeHead(200, { "content-type": "text/event-stream" }).end(`data: ${body}\n\n`);
      else response.writeHead(200, { "content-type": "application/json" }).end(body);
    });
    expect(value).toEqual({ id: "1915883588174806058" });
  });

  test.each<[string, (exchange: Exchange) => unknown, string]>([
    ["a page", html, "notes.work answered with text/html, and not with MCP"],
    [
      "nothing",
      (exchange) => exchange.response.writeHead(204).end(),
      "notes.work answered with HTTP status 204 and nothing else",
    ],
    ["JSON of its own", (exchange) => exchange.body('{"ok":true}'), "notes.work answered with JSON that is no JSON-RPC answer"],
  ])("that is %s fails at once, as an answer", async (_what, answer, words) => {
    await using server = await HttpMcp.start({ onCall: (exchange) => void answer(exchange) });
    const failure = await failureOf(remoteServers().callTool(entryOf(server), work, options));
    expect(failure).toMatchObject({ code: "server_unavailable", delivery: "answered", details: { retryable: false } });
    expect(failure.message).toContain(words);
  });

  test.each([
    ["a text", { error: "the disk is full" }],
    ["a status of 500", { jsonrpc: "2.0", error: { code: -32_603, message: "the disk is full" } }],
  ])("that is an error with %s is the tool's error", async (what, body) => {
    await using server = await HttpMcp.start({
      onCall: (exchange) => exchange.status(what === "a status of 500" ? 500 : 200, { id: exchange.id, ...body }),
    });
    const failure = await failureOf(remoteServers().callTool(entryOf(server), work, options));
    expect(failure).toMatchObject({ code: "tool_error", delivery: "answered", message: "notes.work: the disk is full" });
  });
});

test("a BigInt in the arguments is sent over HTTP as the integer that it is", async () => {
  const bodies: unknown[] = [];
  const fetch = createRemoteFetch({
    transport: "http",
    clock: new ManualClock(),
    async fetch(_url, init) {
      bodies.push(init?.body);
      return new Response('{"jsonrpc":"2.0","id":1,"result":{}}');
    },
  });
  const body = JSON.stringify({ id: 1, params: { arguments: { id: "\u0000integer:1915883588174806058" } } });
  const request = { id: 1, method: "tools/call", onTooLarge: () => {} };
  await fetch("http://127.0.0.1/mcp", { method: "POST", body }, request);
  expect(bodies).toEqual(['{"id":1,"params":{"arguments":{"id":1915883588174806058}}}']);
});

describe("a session that is refused as if the server were broken", () => {
  test.each([
    [503, { jsonrpc: "2.0", id: null, error: { code: -32_000, message: "Session is not known here" } }],
    [500, {}],
    [401, {}],
  ])("twice in a row with %i is given up for a new one, and the run's log says so", async (status, body) => {
    await using server = await HttpMcp.start({ unknownSession: { status, body } });
    const servers = remoteServers();
    const told: ServerLog[] = [];
    const withLog = { ...options, onLog: (line: ServerLog) => told.push(line) };
    await servers.callTool(entryOf(server), work, withLog);
    server.forget();
    await failureOf(servers.callTool(entryOf(server), work, withLog));
    await failureOf(servers.callTool(entryOf(server), work, withLog));
    expect(toValue(await servers.callTool(entryOf(server), work, withLog))).toEqual(expect.any(String));
    expect(server.of("initialize")).toHaveLength(2);
    expect(told).toEqual([{ level: "warn", message: expect.stringContaining(`2 requests in a row with HTTP status ${status}`) }]);
  });

  test("with 410 is known to be gone", async () => {
    await using server = await HttpMcp.start({ unknownSession: { status: 410 } });
    const servers = remoteServers();
    await servers.callTool(entryOf(server), work, options);
    server.forget();
    await servers.callTool(entryOf(server), work, options);
    expect(server.of("initialize")).toHaveLength(2);
  });

  test("of a stateful server says that its state is lost, once", async () => {
    await using server = await HttpMcp.start({ unknownSession: { status: 503, body: {} } });
    const servers = remoteServers();
    const entry = entryOf(server, { stateful: true });
    await servers.callTool(entry, work, options);
    server.forget();
    for (let times = 0; times < 2; times++) await failureOf(servers.callTool(entry, work, options));
    expect((await failureOf(servers.callTool(entry, work, options))).message).toContain("lost its state");
    await servers.callTool(entry, work, options);
  });

  test("is given up only once, if a new one does not help, and again after an answer", async () => {
    let isDown = false;
    await using server = await HttpMcp.start({
      onCall: (exchange, call) => (isDown ? exchange.status(503) : exchange.json({ content: String(call) })),
    });
    const servers = remoteServers();
    await servers.callTool(entryOf(server), work, options);
    isDown = true;
    for (let times = 0; times < 6; times++) await failureOf(servers.callTool(entryOf(server), work, options));
    expect(server.of("initialize")).toHaveLength(2);
  });

  test("once, or with different statuses, is kept", async () => {
    const statuses = [503, 500, 503];
    await using server = await HttpMcp.start({
      onCall(exchange) {
        const status = statuses.shift();
        if (status === undefined) exchange.json({ content: "done" });
        else exchange.status(status, notFound(exchange, -32_000));
      },
    });
    const servers = remoteServers();
    for (let times = 0; times < 3; times++) await failureOf(servers.callTool(entryOf(server), work, options));
    await servers.callTool(entryOf(server), work, options);
    expect(server.of("initialize")).toHaveLength(1);
  });
});

describe("an http entry whose server speaks only the SSE transport", () => {
  test.each([405, 404, 400])("and answers POST with %i is spoken to over SSE", async (status) => {
    await using server = await serve(createServer(oldServer(status)));
    expect(toValue(await remoteServers().callTool(entryOf(server), work, options))).toBe("over sse");
  });

  test("is told apart from one that is not there, whose own failure is reported", async () => {
    await using server = await serve(createServer((_request, response) => void response.writeHead(404).end()));
    const failure = await failureOf(remoteServers().callTool(entryOf(server), work, options));
    expect(failure.message).toMatch(/^notes at 127\.0\.0\.1:\d+ answered with HTTP status 404\.$/);
  });

  test("and names another origin for its messages says which", async () => {
    await using server = await serve(createServer(oldServer(405, "http://elsewhere.example/messages")));
    const entry = serverEntry("notes", { mcp: { transport: "sse", url: server.url, headers: {} } });
    const failure = await failureOf(remoteServers().callTool(entry, work, options));
    expect(failure).toMatchObject({ code: "server_unavailable", delivery: "not_sent", details: { retryable: false } });
    expect(failure.message).toContain("names http://elsewhere.example as the place for its messages");
  });
});

/** The transport of 2024-11-05 alone. */
function oldServer(postStatus: number, endpoint = "/messages") {
  let stream: ServerResponse | undefined;
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.method === "GET") {
      stream = response.writeHead(200, { "content-type": "text/event-stream" });
      stream.write(`event: endpoint\ndata: ${endpoint}\n\n`);
      return;
    }
    if (request.url !== "/messages") return void response.writeHead(postStatus).end();
    const { id, method } = JSON.parse(await text(request));
    response.writeHead(202).end();
    const result =
      method === "initialize"
        ? { protocolVersion: "2024-11-05", capabilities: { tools: {} }, serverInfo: { name: "old", version: "1" } }
        : { content: [{ type: "text", text: "over sse" }] };
    if (id !== undefined) stream?.write(`event: message\ndata: ${JSON.stringify({ jsonrpc: "2.0", id, result })}\n\n`);
  };
}

async function serve(server: ReturnType<typeof createServer>): Promise<AsyncDisposable & { url: string }> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/sse`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
