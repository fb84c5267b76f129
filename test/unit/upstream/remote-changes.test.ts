import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { expect, test } from "vitest";
import { FileEntry } from "../../../core/registry/registry.ts";
import { remoteServers } from "../../support/http-mcp.ts";

const options = { signal: new AbortController().signal, timeoutMs: 20_000 };

test("the tools of a remote server are listed again after its tools/list_changed notification", {
  tags: ["catalog.changes"],
}, async () => {
  const server = new McpServer({ name: "changing", version: "1" });
  server.registerTool("first", {}, () => ({ content: [] }));
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: randomUUID });
  await server.connect(transport);
  const http = createServer((request, response) => void transport.handleRequest(request, response));
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  const { port } = http.address() as AddressInfo;
  const entry = FileEntry.parse({
    id: "changing",
    title: "Changing",
    summary: "Changes.",
    mcp: { transport: "http", url: `http://127.0.0.1:${port}/mcp` },
  });
  try {
    const changed = Promise.withResolvers<string>();
    const servers = remoteServers({ onToolsChanged: changed.resolve });
    const names = async () => (await servers.listTools(entry, options)).map(({ name }) => name);
    expect(await names()).toEqual(["first"]);
    server.registerTool("second", {}, () => ({ content: [] }));
    expect(await changed.promise).toBe("changing");
    expect(await names()).toEqual(["first", "second"]);
  } finally {
    await server.close();
    http.closeAllConnections();
    http.close();
  }
});
