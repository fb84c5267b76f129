import { expect, test } from "vitest";
import { serverEntry } from "../../../support/builders.ts";
import { FakeUpstream, memoryStore } from "../../../support/fakes.ts";
import { HttpMcp, remoteServers } from "../../../support/http-mcp.ts";

const options = { signal: new AbortController().signal, timeoutMs: 20_000 };

test("a stdio server is reached through the tunnel, and an HTTP server never", async () => {
  await using server = await HttpMcp.start();
  const tunnel = new FakeUpstream({
    local: { tools: [], reachability: { status: "connected" }, features: { "prompts/list": {} } },
  });
  const upstream = remoteServers({ tunnel, store: memoryStore() });
  const local = serverEntry("local", { mcp: { transport: "stdio", command: "local", args: [], env: {} } });
  const far = serverEntry("far", { mcp: { transport: "http", url: server.url, headers: {} } });

  expect([upstream.reachability(local).status, upstream.reachability(far).status]).toEqual(["connected", "not_connected"]);
  await upstream.listTools(local, options);
  await upstream.callTool(local, { tool: "work", args: {} }, options);
  await upstream.ask(local, { method: "prompts/list" }, options);
  expect([tunnel.listed, tunnel.called.length, tunnel.asked.length, server.seen.length]).toEqual([["local"], 1, 1, 0]);

  await upstream.listTools(far, options);
  await upstream.callTool(far, { tool: "work", args: {} }, options);
  expect([tunnel.listed, tunnel.called.length, server.calls().length]).toEqual([["local"], 1, 1]);
  expect(upstream.reachability(far)).toEqual({ status: "connected" });
});
