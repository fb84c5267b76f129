import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createStdioServers } from "../../../bridge/stdio/servers.ts";
import type { Tool } from "../../../core/mcp/tool.ts";
import { type CallToolResult, toValue } from "../../../core/mcp/tool-result.ts";
import type { ServerEntry } from "../../../core/registry/registry.ts";
import { type BackgroundProcess, startBackground } from "../../support/background-process.ts";
import { serverEntry } from "../../support/builders.ts";
import { failureOf } from "../../support/failure.ts";
import { ManualClock } from "../../support/fakes.ts";
import { remoteServers } from "../../support/http-mcp.ts";
import { projectRoot } from "../../support/project-root.ts";
import { misbehaving } from "../../support/stdio-entries.ts";

/* A server with malformed tools and results, over each transport: each of them affects only itself. */

const options = { signal: new AbortController().signal, timeoutMs: 20_000 };

interface Reached extends AsyncDisposable {
  listTools(): Promise<Tool[]>;
  call(tool: string): Promise<CallToolResult>;
}

async function overStdio(generation: string): Promise<Reached> {
  const pool = createStdioServers({
    servers: [misbehaving("odd", generation)],
    registryPath: "registry.json",
    environment: (name) => process.env[name],
    projectRoot,
    clock: new ManualClock(),
    onStatus: () => {},
  });
  return {
    listTools: () => pool.listTools("subject", options),
    call: (tool) => pool.callTool("subject", { tool, args: {} }, options),
    [Symbol.asyncDispose]: () => pool.close(),
  };
}

async function overHttp(generation: string): Promise<Reached> {
  const server: BackgroundProcess = await startBackground({ args: () => ["test/servers/odd.mjs", generation, "0"] });
  const [, port] = await server.printed(/on port (\d+)/);
  const entry: ServerEntry = serverEntry("subject", {
    mcp: { transport: "http", url: `http://127.0.0.1:${port}/mcp`, headers: {} },
  });
  const servers = remoteServers();
  return {
    listTools: () => servers.listTools(entry, options),
    call: (tool) => servers.callTool(entry, { tool, args: {} }, options),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

describe.each([
  ["stdio", "legacy", overStdio],
  ["stdio", "modern", overStdio],
  ["http", "legacy", overHttp],
  ["http", "modern", overHttp],
] as const)("an odd server over %s, of the %s protocol", (_transport, generation, reach) => {
  let subject: Reached;
  beforeAll(async () => {
    subject = await reach(generation);
  });
  afterAll(() => subject[Symbol.asyncDispose]());

  // "asks_back" is listed only for clients that declare elicitation.
  test("keeps the first tool of each name, with those of its schemas that are valid", {
    tags: ["upstream.odd-servers"],
  }, async () => {
    const tools = await subject.listTools();
    expect(tools.map((tool) => tool.name)).toEqual([
      "good",
      "no_input_schema",
      "null_input_schema",
      "string_input_schema",
      "list_input_schema",
      "list_output_schema",
      "odd_words",
      "odd_hints",
      "asks_back",
    ]);
    expect(tools.find((tool) => tool.name === "no_input_schema")?.inputSchema).toEqual({ type: "object" });
    expect(tools.find((tool) => tool.name === "list_output_schema")?.outputSchema).toMatchObject({ type: "array" });
  });

  test.each([
    ["good", "fine"],
    ["structured", { a: 1 }],
    ["structured_list", [1, 2]],
    ["hologram", { type: "hologram", depth: 3 }],
    ["digits", "12345678901234567890"],
    ["json_error", { error: "the disk is full" }],
  ])("returns the value of the result of %s", { tags: ["upstream.odd-servers"] }, async (tool, value) => {
    expect(toValue(await subject.call(tool))).toEqual(value);
  });

  test.each(["is_error", "is_error_structured", "is_error_empty"])("returns the error result of %s as a result", async (tool) => {
    expect(await subject.call(tool)).toMatchObject({ isError: true });
  });

  test.each([
    ["rpc_error", "the disk is full"],
    ["rpc_error_named", "the disk is full"],
    ["rpc_error_silent", "-32000"],
  ])("fails with the server's message for the JSON-RPC error of %s", async (tool, words) => {
    const failure = await failureOf(subject.call(tool));
    expect(failure).toMatchObject({ code: "tool_error", delivery: "answered" });
    expect(failure.message).toContain(words);
  });
});
