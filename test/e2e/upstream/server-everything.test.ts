import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findFreePort } from "../../../bridge/local/free-port.ts";
import type { Progress, ServerLog } from "../../../core/mcp/upstream.ts";
import type { ServerEntry } from "../../../core/registry/registry.ts";
import { type BackgroundProcess, startBackground } from "../../support/background-process.ts";
import { serverEntry } from "../../support/builders.ts";
import { failureOf } from "../../support/failure.ts";
import { remoteServers } from "../../support/http-mcp.ts";

const patient = { signal: new AbortController().signal, timeoutMs: 20_000 };

describe("the published server-everything over Streamable HTTP", () => {
  let server: BackgroundProcess;
  let entry: ServerEntry;
  const servers = remoteServers();

  beforeAll(async () => {
    const port = await findFreePort();
    server = await startBackground({
      args: () => ["node_modules/@modelcontextprotocol/server-everything/dist/index.js", "streamableHttp"],
      env: () => ({ PORT: String(port) }),
    });
    await server.printed(/on port \d+/);
    entry = serverEntry("far", { mcp: { transport: "http", url: `http://127.0.0.1:${port}/mcp`, headers: {} } });
  });

  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
  });

  test("sends progress notifications and log messages of level info and above", async () => {
    const logs: ServerLog[] = [];
    const progress: Progress[] = [];
    const options = {
      ...patient,
      onLog: (line: ServerLog) => logs.push(line),
      onProgress: (notice: Progress) => progress.push(notice),
    };
    await servers.callTool(entry, { tool: "trigger-long-running-operation", args: { duration: 0.2, steps: 2 } }, options);
    expect(progress.map((notice) => [notice.progress, notice.total])).toEqual([
      [1, 2],
      [2, 2],
    ]);
    // Each call that switches logging on logs one line of a random level. One in eight has level debug, which is dropped.
    for (let tries = 0; tries < 20 && logs.length === 0; tries++) {
      await servers.callTool(entry, { tool: "toggle-simulated-logging", args: {} }, options);
      await servers.callTool(entry, { tool: "echo", args: { message: "wait" } }, options);
    }
    expect(logs.length).toBeGreaterThan(0);
    expect(logs.map(({ level }) => level)).not.toContain("debug");
  });

  test("lists and reads its resources, resource templates and prompts", { tags: ["upstream.features"] }, async () => {
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
