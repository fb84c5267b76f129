import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import type { Clock } from "../../../../core/clock.ts";
import { limits } from "../../../../core/limits.ts";
import { serverEntry } from "../../../support/builders.ts";
import { failureOf } from "../../../support/failure.ts";
import { ManualClock } from "../../../support/fakes.ts";
import { remoteServers } from "../../../support/http-mcp.ts";

const options = { signal: new AbortController().signal, timeoutMs: 20_000 };
const work = { tool: "work", args: {} };

interface Message {
  id?: number;
  method?: string;
  params?: { protocolVersion?: string };
}

interface Behaviour {
  /** The path to which messages are posted. If it is empty, no endpoint event is sent. */
  endpoint?: string | undefined;
  onCall?: (message: Message, stream: ServerResponse, answer: ServerResponse) => void;
}

/** The HTTP+SSE transport of 2024-11-05: one stream for all messages of the server, and a POST for each message to it. */
async function startSse({ endpoint = "/message", onCall }: Behaviour) {
  const streams: ServerResponse[] = [];
  const calls: Message[] = [];
  const server = createServer(async (request, response) => {
    if (request.method === "GET") {
      response.writeHead(200, { "content-type": "text/event-stream" }).write(": welcome\n\n");
      if (endpoint !== "") response.write(`event: endpoint\ndata: ${endpoint}\n\n`);
      streams.push(response);
      return;
    }
    const message: Message = JSON.parse(await text(request));
    const stream = streams.at(-1);
    if (stream === undefined) return;
    if (message.method === "tools/call") {
      calls.push(message);
      if (onCall) {
        onCall(message, stream, response);
        return;
      }
    }
    response.writeHead(202).end();
    if (message.id !== undefined) send(stream, { id: message.id, result: resultOf(message) });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const entry = (fields = {}) =>
    serverEntry("old", { mcp: { transport: "sse", url: `http://127.0.0.1:${port}/sse`, headers: {} }, ...fields });
  return {
    streams,
    calls,
    entry,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function send(stream: ServerResponse, message: object): void {
  stream.write(`event: message\ndata: ${JSON.stringify({ jsonrpc: "2.0", ...message })}\n\n`);
}

function resultOf({ method, params }: Message): object {
  if (method === "initialize") {
    const { protocolVersion } = params ?? {};
    return { protocolVersion, capabilities: { tools: {} }, serverInfo: { name: "old", version: "1" } };
  }
  return method === "tools/list" ? { tools: [] } : { content: [{ type: "text", text: "done" }] };
}

describe("a server of the SSE transport", () => {
  test("answers all calls over one stream, in any order", { tags: ["upstream.remote"] }, async () => {
    const waiting: Message[] = [];
    await using server = await startSse({
      onCall(message, stream, answer) {
        answer.writeHead(202).end();
        waiting.push(message);
        if (waiting.length === 2)
          for (const { id } of waiting.reverse()) send(stream, { id, result: { content: [{ type: "text", text: String(id) }] } });
      },
    });
    const servers = remoteServers();
    const results = await Promise.all([1, 2].map(() => servers.callTool(server.entry(), work, options)));
    expect(results.map(({ content }) => content)).toEqual(server.calls.map(({ id }) => [{ type: "text", text: String(id) }]));
    expect(server.streams).toHaveLength(1);
  });

  test("that closes its stream fails the calls in flight at once, and the next call opens a new one", async () => {
    let isEnding = true;
    await using server = await startSse({
      onCall(message, stream, answer) {
        answer.writeHead(202).end();
        if (isEnding) stream.destroy();
        else send(stream, { id: message.id, result: resultOf(message) });
        isEnding = false;
      },
    });
    const servers = remoteServers();
    const failure = await failureOf(servers.callTool(server.entry(), work, options));
    expect(failure).toMatchObject({
      code: "server_unavailable",
      delivery: "sent",
      message: expect.stringContaining("closed the connection"),
    });
    await servers.callTool(server.entry(), work, options);
    expect(server.streams).toHaveLength(2);
    expect(server.calls).toHaveLength(2);
  });

  test("that is stateful and closed its stream between calls fails the next call once", async () => {
    await using server = await startSse({});
    const servers = remoteServers();
    const entry = server.entry({ stateful: true });
    await servers.callTool(entry, work, options);
    server.streams[0]?.destroy();
    await expect.poll(() => servers.reachability(entry)).toEqual({ status: "not_connected" });
    const failure = await failureOf(servers.callTool(entry, work, options));
    expect(failure.message).toMatch(/^old lost its state since the last call: it closed the connection\./);
    await servers.callTool(entry, work, options);
  });

  test("that is stateful and closes its stream during a call fails that call and the next one", async () => {
    await using server = await startSse({
      onCall(message, stream, answer) {
        answer.writeHead(202).end();
        if (server.calls.length === 2) stream.destroy();
        else send(stream, { id: message.id, result: resultOf(message) });
      },
    });
    const servers = remoteServers();
    const entry = server.entry({ stateful: true });
    await servers.callTool(entry, work, options);
    expect(await failureOf(servers.callTool(entry, work, options))).toMatchObject({ delivery: "sent" });
    expect((await failureOf(servers.callTool(entry, work, options))).message).toContain("lost its state");
    await servers.callTool(entry, work, options);
    expect(server.calls).toHaveLength(3);
  });

  test("that answers 404 for an unknown session gets a new session, and the call is sent again", async () => {
    let isForgotten = true;
    await using server = await startSse({
      onCall(message, stream, answer) {
        if (isForgotten) answer.writeHead(404).end();
        else {
          answer.writeHead(202).end();
          send(stream, { id: message.id, result: resultOf(message) });
        }
        isForgotten = false;
      },
    });
    expect(await remoteServers().callTool(server.entry(), work, options)).toMatchObject({ content: [{ text: "done" }] });
    expect(server.streams).toHaveLength(2);
  });

  test("is sent no message at an endpoint of another origin", { tags: ["upstream.addresses"] }, async () => {
    await using other = await startSse({});
    const { mcp } = other.entry();
    const endpoint = mcp.transport === "sse" ? new URL("/message", mcp.url).href : "";
    await using server = await startSse({ endpoint });
    const failure = await failureOf(remoteServers().callTool(server.entry(), work, options));
    expect(failure).toMatchObject({ code: "server_unavailable", delivery: "not_sent" });
    expect(other.calls).toEqual([]);
  });

  test("that never sends its endpoint is waited for at most catalogFetchMs", async () => {
    await using server = await startSse({ endpoint: "" });
    const clock = new ManualClock();
    const failure = failureOf(remoteServers({ clock }).callTool(server.entry(), work, { ...options, timeoutMs: 60_000 }));
    await expect.poll(() => server.streams).toHaveLength(1);
    clock.advance(limits.catalogFetchMs);
    expect(await failure).toMatchObject({ code: "server_unavailable", delivery: "not_sent" });
  });

  test("whose answer is too large fails the call as output_limit", async () => {
    await using server = await startSse({
      onCall({ id }, stream, answer) {
        answer.writeHead(202).end();
        send(stream, { id, result: { content: [{ type: "text", text: "x".repeat(limits.remoteAnswerBytesMax) }] } });
      },
    });
    expect(await failureOf(remoteServers().callTool(server.entry(), work, options))).toMatchObject({ code: "output_limit" });
  });
});

test("a call to a port where nothing listens fails at once and names the address", async () => {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const clock: Clock = new ManualClock();
  for (const transport of ["http", "sse"] as const) {
    const entry = serverEntry("nobody", { mcp: { transport, url: `http://127.0.0.1:${port}/mcp`, headers: {} } });
    const failure = await failureOf(remoteServers({ clock }).callTool(entry, work, options));
    expect(failure).toMatchObject({ code: "server_unavailable", delivery: "not_sent" });
    expect(failure.message).toContain(`did not answer at 127.0.0.1:${port}`);
  }
});
