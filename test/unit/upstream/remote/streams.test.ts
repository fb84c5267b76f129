import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { InMemoryEventStore } from "@modelcontextprotocol/sdk/examples/shared/inMemoryEventStore.js";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { describe, expect, test } from "vitest";
import { limits } from "../../../../core/limits.ts";
import { serverEntry } from "../../../support/builders.ts";
import { failureOf } from "../../../support/failure.ts";
import { type Exchange, HttpMcp, type HttpMcpOptions, remoteServers } from "../../../support/http-mcp.ts";

const options = { signal: new AbortController().signal, timeoutMs: 20_000 };

/** One call to a server with the given answer. */
async function callOf(behaviour: HttpMcpOptions) {
  const server = await HttpMcp.start(behaviour);
  const entry = serverEntry("notes", { mcp: { transport: "http", url: server.url, headers: {} } });
  const servers = remoteServers();
  const again = () => servers.callTool(entry, { tool: "work", args: {} }, options);
  const call = again();
  const settled = call.then(
    () => undefined,
    () => undefined,
  );
  return { server, call, again, [Symbol.asyncDispose]: () => settled.then(() => server[Symbol.asyncDispose]()) };
}

const text = (message: object) => `data: ${JSON.stringify(message)}\n\n`;

describe("a stream that ends before the answer", () => {
  test.each(["ends", "is cut"])(
    "and %s after an event with an id is resumed from there, and the call is sent once",
    { tags: ["upstream.streams"] },
    async (how) => {
      let call: Exchange | undefined;
      const resumed: unknown[] = [];
      await using it = await callOf({
        onCall(exchange) {
          call = exchange;
          exchange.event(exchange.progress(1), "first");
          if (how === "ends") exchange.response.end();
          else exchange.response.write(": on its way", () => exchange.response.destroy());
        },
        onGet(request, response) {
          if (request.headers["last-event-id"] === undefined) return response.writeHead(405).end();
          resumed.push(request.headers["last-event-id"]);
          response.writeHead(200, { "content-type": "text/event-stream" });
          const answer = text(call?.result("late") ?? {});
          return response.end(answer + answer);
        },
      });
      expect(await it.call).toMatchObject({ content: [{ text: "late" }] });
      expect(resumed).toEqual(["first"]);
      expect(it.server.calls()).toHaveLength(1);
    },
  );

  test.each(["ends", "is cut"])(
    "and %s without an event id fails the call at once, with delivery sent",
    { tags: ["upstream.streams"] },
    async (how) => {
      await using it = await callOf({
        onCall(exchange) {
          exchange.event(exchange.progress(1));
          if (how === "ends") exchange.response.end();
          else exchange.response.write(": on its way", () => exchange.response.destroy());
        },
      });
      const failure = await failureOf(it.call);
      expect(failure).toMatchObject({ code: "server_unavailable", delivery: "sent" });
      expect(failure.message).toContain("ended the stream of its answer");
      expect(it.server.calls()).toHaveLength(1);
    },
  );

  test("and cannot be resumed fails the call after streamRetriesMax attempts", async () => {
    let attempts = 0;
    await using it = await callOf({
      onCall(exchange) {
        exchange.response.writeHead(200, { "content-type": "text/event-stream" });
        exchange.response.end("id: first\nretry: 1\ndata:\n\n");
      },
      onGet(request, response) {
        if (request.headers["last-event-id"] === undefined) return response.writeHead(405).end();
        attempts += 1;
        return response.writeHead(500).end();
      },
    });
    expect(await failureOf(it.call)).toMatchObject({ code: "server_unavailable", delivery: "sent" });
    expect(attempts).toBe(limits.streamRetriesMax);
  });
});

test("a standing stream that always ends at once is opened at most standingStreamsPerMinute times", async () => {
  let opened = 0;
  const isEnough = Promise.withResolvers<void>();
  await using it = await callOf({
    onCall: (exchange) => void isEnough.promise.then(() => exchange.json({ content: [] })),
    onGet(_request, response) {
      opened += 1;
      if (opened === limits.standingStreamsPerMinute) isEnough.resolve();
      response.writeHead(200, { "content-type": "text/event-stream" }).end("retry: 1\n\n");
    },
  });
  await it.call;
  for (let times = 0; times < 10; times++) await it.again();
  expect(opened).toBe(limits.standingStreamsPerMinute);
});

test("a call to the official SDK's server, which closes its stream and replays the events, gets its result", {
  tags: ["upstream.streams"],
}, async () => {
  const server = new McpServer({ name: "patient", version: "1" });
  let calls = 0;
  server.registerTool("work", {}, ({ closeSSEStream }) => {
    calls += 1;
    closeSSEStream?.();
    return { content: [{ type: "text", text: "patience" }] };
  });
  const eventStore = new InMemoryEventStore();
  // By itself it sorts the events of one millisecond by chance, and loses those that come before the last one seen.
  let stored = 0;
  Object.assign(eventStore, { generateEventId: (stream: string) => `${stream}_${String(++stored).padStart(9, "0")}` });
  const transport = new StreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    eventStore,
    retryInterval: 50,
  });
  await server.connect(transport);
  const http = createServer((request, response) => void transport.handleRequest(request, response));
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  const { port } = http.address() as AddressInfo;
  const servers = remoteServers();
  try {
    const entry = serverEntry("notes", { mcp: { transport: "http", url: `http://127.0.0.1:${port}/mcp`, headers: {} } });
    const result = await servers.callTool(entry, { tool: "work", args: {} }, options);
    expect(result).toMatchObject({ content: [{ text: "patience" }] });
    expect(calls).toBe(1);
  } finally {
    servers.drop("notes");
    await server.close();
    http.closeAllConnections();
    http.close();
  }
});

describe("an answer in a stream", () => {
  test("is repaired like a JSON answer", async () => {
    await using it = await callOf({
      onCall: (exchange) => {
        exchange.event({ ...exchange.result("fine"), error: null });
        exchange.response.end();
      },
    });
    expect(await it.call).toMatchObject({ content: [{ text: "fine" }] });
  });

  test("is read even if each byte is a chunk and its lines end with CR LF", async () => {
    await using it = await callOf({
      onCall({ response, id }) {
        response.writeHead(200, { "content-type": "text/event-stream" });
        const lines = [`{"id":${id},"error":null,"result":`, '{"content":[{"type":"text","text":"größer"}]}}'];
        const event = Buffer.from(`: hello\r\nevent: message\r\n${lines.map((line) => `data:${line}\r\n`).join("")}\r\n`);
        for (const byte of event) response.write(Buffer.from([byte]));
        response.end();
      },
    });
    expect(await it.call).toMatchObject({ content: [{ text: "größer" }] });
  });
});

test("the stream of an answered request is closed, though its server goes on with it", {
  tags: ["upstream.streams"],
}, async () => {
  let isClosed: Promise<unknown> | undefined;
  await using it = await callOf({
    onCall(exchange) {
      isClosed = once(exchange.response, "close");
      exchange.event(exchange.progress(1));
      exchange.event(exchange.result("done"));
    },
  });
  expect(await it.call).toMatchObject({ content: [{ text: "done" }] });
  await isClosed;
});

describe("an answer that is too large", () => {
  const over = "x".repeat(limits.remoteAnswerBytesMax);
  const refusal = {
    code: "output_limit",
    delivery: "answered",
    message: expect.stringMatching(/^notes\.work answered more than .* Ask for less/),
  };

  test("is refused as JSON", async () => {
    await using it = await callOf({ onCall: (exchange) => exchange.json({ content: [{ type: "text", text: over }] }) });
    expect(await failureOf(it.call)).toMatchObject(refusal);
  });

  test("is refused as JSON and in a stream for its many parts", { tags: ["upstream.answer-bounds"] }, async () => {
    const result = { content: [], structuredContent: { rows: Array.from({ length: limits.answerPartsMax }, () => []) } };
    await using inJson = await callOf({ onCall: (exchange) => exchange.json(result) });
    expect(await failureOf(inJson.call)).toMatchObject(refusal);
    await using inStream = await callOf({
      onCall: (exchange) => exchange.event({ jsonrpc: "2.0", id: exchange.id, result }),
    });
    expect(await failureOf(inStream.call)).toMatchObject(refusal);
  });

  test("is refused in a stream and in a resumed stream", { tags: ["upstream.answer-bounds"] }, async () => {
    await using inOne = await callOf({ onCall: (exchange) => exchange.event(exchange.result(over)) });
    expect(await failureOf(inOne.call)).toMatchObject(refusal);

    let call: Exchange | undefined;
    await using inTwo = await callOf({
      onCall(exchange) {
        call = exchange;
        exchange.event(exchange.progress(1), "first");
        exchange.response.end();
      },
      onGet(request, response) {
        if (request.headers["last-event-id"] === undefined) return response.writeHead(405).end();
        response.writeHead(200, { "content-type": "text/event-stream" });
        return response.end(text(call?.result(over) ?? {}));
      },
    });
    expect(await failureOf(inTwo.call)).toMatchObject(refusal);
  });

  test("because it never ends has its connection closed", { tags: ["upstream.answer-bounds"] }, async () => {
    const let_go = Promise.withResolvers<void>();
    await using it = await callOf({
      onCall({ response, closed }) {
        void closed.then(() => let_go.resolve());
        response.writeHead(200, { "content-type": "text/event-stream" });
        const more = (): void => {
          while (!response.closed && response.write(`data: ${"x".repeat(64 * 1024)}\n`));
        };
        response.on("drain", more);
        more();
      },
    });
    expect(await failureOf(it.call)).toMatchObject(refusal);
    await let_go.promise;
  });

  test("is not one just below remoteAnswerBytesMax", async () => {
    const fits = "x".repeat(limits.remoteAnswerBytesMax - 1_000);
    await using inOne = await callOf({ onCall: (exchange) => exchange.json({ content: [{ type: "text", text: fits }] }) });
    expect(await inOne.call).toMatchObject({ content: [{ text: fits }] });
    await using inStream = await callOf({
      onCall: (exchange) => {
        exchange.event(exchange.result(fits));
        exchange.response.end();
      },
    });
    expect(await inStream.call).toMatchObject({ content: [{ text: fits }] });
  });

  test("as the page of an HTTP error fails with the HTTP status", async () => {
    await using it = await callOf({
      onCall({ response }) {
        response.writeHead(500, { "content-type": "text/html" });
        const more = (): void => {
          while (!response.closed && response.write("x".repeat(64 * 1024)));
        };
        response.on("drain", more);
        more();
      },
    });
    const failure = await failureOf(it.call);
    expect(failure).toMatchObject({ code: "server_unavailable", delivery: "sent" });
    expect(failure.message).toMatch(/answered with HTTP status 500/);
  });
});
