import { exports } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { directDefinitions, toolDefinitions } from "../../core/discovery/tool-definitions.ts";
import { rawRequest } from "../support/raw-mcp.ts";

/** The result of one request to the endpoint, over the wire. */
async function ask(method: string, params: object, path = "/mcp"): Promise<Record<string, unknown>> {
  const request = rawRequest("2025-11-25", { method, params });
  const headers = new Headers(request.headers);
  headers.set("Host", "127.0.0.1");
  headers.set("Content-Length", String(String(request.body).length));
  const response = await exports.default.fetch(new Request(`http://127.0.0.1${path}`, { ...request, headers }));
  const event = (await response.text()).split("\n").findLast((line) => line.startsWith("data: {"));
  return JSON.parse(event?.slice("data: ".length) ?? "{}").result;
}

const png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

describe("an image that a program returns", () => {
  test("is an image block of the answer, and its base64 is nowhere else", { tags: ["results.media"] }, async () => {
    const code = `return { screenshot: { type: "image", mimeType: "image/png", data: "${png}" }, title: "Home" };`;
    const result = await ask("tools/call", { name: "execute_mcp_code", arguments: { code } });
    expect(result.content).toEqual([
      { type: "text", text: expect.not.stringContaining(png) },
      { type: "image", mimeType: "image/png", data: png },
    ]);
    expect(result.structuredContent).toMatchObject({
      ok: true,
      result: { screenshot: { type: "image", mimeType: "image/png", bytes: 70 }, title: "Home" },
    });
    expect(result.structuredContent).not.toHaveProperty("images");
  });
});

describe("a name that an isolate lacks", { tags: ["errors.next-step"] }, () => {
  test.each([
    ['return await fetch("https://example.com/");', "no network here: call a tool of a server"],
    ['return new WebSocket("wss://example.com/");', "no network here: call a tool"],
    ['return Buffer.from("a").toString("base64");', 'import { Buffer } from "node:buffer"'],
    ["return process.env.HOME;", "pass values in as `args`"],
  ])("is explained: %s", async (code, told) => {
    const result = await ask("tools/call", { name: "execute_mcp_code", arguments: { code } });
    expect(result.structuredContent).toMatchObject({ ok: false, errors: [{ message: expect.stringContaining(told) }] });
  });

  test("does not keep fetch from addresses that need no network", async () => {
    const code = 'return await (await fetch("data:text/plain,hello")).text();';
    const result = await ask("tools/call", { name: "execute_mcp_code", arguments: { code } });
    expect(result.structuredContent).toMatchObject({ ok: true, result: "hello" });
  });
});

describe("?mode=direct", { tags: ["surface.direct"] }, () => {
  const direct = "/mcp?mode=direct";
  const call = (params: object) => ask("tools/call", { name: "call_mcp_tool", arguments: params }, direct);

  test("lists three tools with output schemas, and calls are refused like those of programs", async () => {
    const { tools } = await ask("tools/list", {}, direct);
    expect(tools).toEqual(directDefinitions);
    expect((await ask("tools/list", {})).tools).toEqual(toolDefinitions);
    expect(await call({ server: "none", tool: "x" })).toMatchObject({
      isError: true,
      structuredContent: { ok: false, errors: [{ code: "server_unknown" }] },
    });
    expect(await call({ tool: "x" })).toMatchObject({
      isError: true,
      structuredContent: { errors: [{ code: "invalid_input" }] },
    });
    const execute = await ask("tools/call", { name: "execute_mcp_code", arguments: { code: "return 1" } }, direct);
    expect(execute.content).toMatchObject([{ text: expect.stringContaining("call_mcp_tool") }]);
  });
});
