import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { connectRemote, isRemoteEntry } from "../../../bridge/commands/remote-client.ts";
import { limits } from "../../../core/limits.ts";
import { toValue } from "../../../core/mcp/tool-result.ts";
import { serverEntry } from "../../support/builders.ts";
import { type Exchange, HttpMcp } from "../../support/http-mcp.ts";

/* The commands reach remote servers from this machine, and read them as leniently as the Worker does. */

async function callAt(url: string, transport: "http" | "sse" = "http"): Promise<unknown> {
  const entry = serverEntry("notes", { mcp: { transport, url, headers: {} } });
  if (!isRemoteEntry(entry)) throw new Error("not a remote entry");
  const { signal } = new AbortController();
  const client = await connectRemote(entry, { environment: () => undefined, signal, timeoutMs: limits.catalogFetchMs });
  try {
    const tools = await client.listTools();
    return [tools.length, toValue(await client.callTool({ tool: "work", args: {} }, limits.catalogFetchMs))];
  } finally {
    await client.close();
  }
}

/** A server that answers one method in its own way. */
function withOwn(method: string, answer: (exchange: Exchange) => unknown): Promise<HttpMcp> {
  return HttpMcp.start({
    before(exchange) {
      if (exchange.method !== method) return false;
      answer(exchange);
      return true;
    },
  });
}

const result = (id: unknown, value: string) => `{"jsonrpc":"2.0","id":${id},"result":${value}}`;
const working = '{"content":[{"type":"text","text":"done"}]}';

test.each<[string, string, (exchange: Exchange) => unknown, unknown]>([
  ["500 to the newer handshake", "server/discover", (exchange) => exchange.status(500), "1"],
  ["a page to the newer handshake", "server/discover", (exchange) => exchange.response.end("<html>"), "1"],
  ["a byte order mark", "tools/call", ({ id, response }) => response.end(`\ufeff${result(id, working)}`), "done"],
  ["its id as a text", "tools/call", ({ id, response }) => response.end(result(`"${id}"`, working)), "done"],
  ["isError null", "tools/call", ({ id, response }) => response.end(result(id, `{"isError":null,${working.slice(1)}`)), "done"],
  [
    "long integers",
    "tools/call",
    ({ id, response }) => response.end(result(id, '{"structuredContent":{"id":1915883588174806058},"content":[]}')),
    { id: "1915883588174806058" },
  ],
])("a server that answers with %s is understood", { tags: ["bridge.remote-commands"] }, async (_what, method, answer, value) => {
  await using server = await withOwn(method, answer);
  expect(await callAt(server.url)).toEqual([expect.any(Number), value]);
});

test("a page in place of an answer is named, and not taken for a network failure", {
  tags: ["bridge.remote-commands"],
}, async () => {
  const page = ({ response }: Exchange) =>
    response.writeHead(200, { "content-type": "text/html" }).end("<html>secret-12345</html>");
  await using server = await HttpMcp.start({ before: (exchange) => Boolean(page(exchange)) });
  const failure = await callAt(server.url).catch((error: Error) => error.message);
  expect(failure).toMatch(/answered with text\/html, and not with MCP/);
  expect(failure).not.toContain("secret-12345");
});

test.each(["http", "sse"] as const)(
  "a server of the old transport is reached by an entry of type %s",
  {
    tags: ["bridge.remote-commands"],
  },
  async (transport) => {
    await using server = await startOldServer();
    expect(await callAt(server.url, transport)).toEqual([1, "done"]);
  },
);

/** Speaks only the transport of 2024-11-05: answers come over the stream of a GET. */
async function startOldServer(): Promise<AsyncDisposable & { url: string }> {
  let stream: ServerResponse | undefined;
  const answers: Record<string, string> = {
    initialize: '{"protocolVersion":"2024-11-05","capabilities":{"tools":{}},"serverInfo":{"name":"old","version":"1"}}',
    "tools/list": '{"tools":[{"name":"work","inputSchema":{"type":"object"}}]}',
    "tools/call": working,
  };
  const server = createServer(async (request: IncomingMessage, response: ServerResponse) => {
    if (request.method === "GET") {
      stream = response.writeHead(200, { "content-type": "text/event-stream" });
      stream.write("event: endpoint\ndata: /messages\n\n");
      return;
    }
    if (request.url !== "/messages") return response.writeHead(405).end();
    const { id, method } = JSON.parse(await text(request));
    response.writeHead(202).end();
    if (id !== undefined) stream?.write(`event: message\ndata: ${result(id, answers[method] ?? "{}")}\n\n`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/sse`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}
