import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findFreePort } from "../../bridge/local/free-port.ts";
import { type BackgroundProcess, startBackground } from "../support/background-process.ts";
import { type Exchange, HttpMcp } from "../support/http-mcp.ts";
import { connectModern, type McpClient } from "../support/mcp-clients.ts";
import { type Product, startProduct } from "../support/product.ts";

/*
 * The published server-everything on its two remote transports, a hand-written server, a port where nothing listens, a forbidden
 * address, and an entry with an unset variable.
 */
const entry = (id: string, mcp: object) => ({ id, title: id, summary: `The server ${id}.`, mcp });

async function startEverything(transport: "streamableHttp" | "sse"): Promise<BackgroundProcess & { url: string }> {
  const port = await findFreePort();
  const server = await startBackground({
    args: () => ["node_modules/@modelcontextprotocol/server-everything/dist/index.js", transport],
    env: () => ({ PORT: String(port) }),
  });
  await server.printed(/on port \d+/);
  return { ...server, url: `http://127.0.0.1:${port}${transport === "sse" ? "/sse" : "/mcp"}` };
}

const stdioEverything = {
  transport: "stdio",
  command: "node",
  args: ["node_modules/@modelcontextprotocol/server-everything/dist/index.js"],
};

/** The behaviour of the hand-written server, by tool. */
const behaviours: Record<string, (exchange: Exchange) => void> = {
  work: (exchange) => exchange.json({ content: [{ type: "text", text: "done" }] }),
  never: (exchange) => exchange.event(exchange.progress(1)),
  breaks: (exchange) => {
    exchange.event(exchange.progress(1));
    exchange.response.end();
  },
  large: (exchange) => exchange.json({ content: [{ type: "text", text: "x".repeat(5 * 1024 * 1024) }] }),
  page: (exchange) => exchange.response.writeHead(200, { "content-type": "text/html" }).end("<html>Sign in</html>"),
  digits: ({ id, response }) =>
    response
      .writeHead(200, { "content-type": "text/plain" })
      .end(`{"jsonrpc":"2.0","id":${id},"result":{"structuredContent":{"id":1915883588174806058},"isError":null}}`),
  echoes: (exchange) => exchange.json({ content: String(Object(exchange.params.arguments).id) }),
  huge: (exchange) => exchange.event(exchange.result("x".repeat(20 * 1024 * 1024))),
};
const tools = Object.keys(behaviours);

let servers: (BackgroundProcess & { url: string })[] = [];
let byHand: HttpMcp;
let product: Product;
let client: McpClient;

beforeAll(async () => {
  servers = await Promise.all([startEverything("streamableHttp"), startEverything("sse")]);
  const [http, sse] = servers;
  byHand = await HttpMcp.start({ onCall: (exchange) => behaviours[String(exchange.params.name)]?.(exchange), tools });
  const nobody = `http://127.0.0.1:${await findFreePort()}/mcp`;
  product = await startProduct({
    registry: {
      servers: [
        entry("over-http", { transport: "http", url: http?.url }),
        entry("over-sse", { transport: "sse", url: sse?.url }),
        entry("untyped-sse", { transport: "http", url: sse?.url }),
        entry("nobody", { transport: "http", url: nobody }),
        { ...entry("impatient-http", { transport: "http", url: http?.url }), limits: { timeoutMs: 1_500 } },
        { ...entry("impatient-sse", { transport: "sse", url: sse?.url }), limits: { timeoutMs: 1_500 } },
        { ...entry("impatient-stdio", stdioEverything), limits: { timeoutMs: 1_500 } },
        entry("by-hand", { transport: "http", url: byHand.url }),
        entry("in-the-cloud", { transport: "http", url: "http://169.254.169.254/mcp" }),
        entry("locked", { transport: "http", url: http?.url, headers: { Authorization: "Bearer ${env:NOT_SET_ANYWHERE}" } }),
      ],
    },
  });
  client = await connectModern(`${product.url}/mcp`);
});

afterAll(async () => {
  await client?.close();
  await product?.[Symbol.asyncDispose]();
  await Promise.all([...servers, byHand].map((server) => server?.[Symbol.asyncDispose]()));
});

describe("remote servers", () => {
  test("are discovered in the background and listed with their status and the reason for it", {
    tags: ["list.status"],
  }, async () => {
    const { structured } = await client.call("list_mcp_capabilities");
    expect(structured.servers).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ id: "over-http", status: "ready", toolCount: expect.any(Number) }),
        expect.objectContaining({ id: "over-sse", status: "ready", toolCount: expect.any(Number) }),
        expect.objectContaining({ id: "nobody", status: "unavailable", reason: expect.stringContaining("127.0.0.1") }),
        expect.objectContaining({
          id: "in-the-cloud",
          status: "unavailable",
          reason: expect.stringContaining("169.254.169.254"),
        }),
        expect.objectContaining({ id: "locked", status: "unavailable", reason: expect.stringContaining("NOT_SET_ANYWHERE") }),
      ]),
    );
  });

  test("are called from one program over Streamable HTTP and SSE", { tags: ["upstream.remote"] }, async () => {
    const code = `import { over_http, over_sse } from "mcp-clients";
      return await Promise.all([over_http.echo({ message: "a" }), over_sse.echo({ message: "b" })]);`;
    const { structured } = await client.call("execute_mcp_code", { code });
    expect(structured).toMatchObject({ ok: true, result: ["Echo: a", "Echo: b"] });
  });

  test("that are not quite to the letter are read all the same, and a page is told as one", async () => {
    const code = `import { by_hand, untyped_sse } from "mcp-clients";
      const page = await by_hand.page({}).catch(({ code, message }) => [code, message]);
      const small = await by_hand.echoes({ id: 7n });
      const large = await by_hand.echoes({ id: 2 ** 60 }).catch(({ code }) => code);
      return [await by_hand.digits({}), await untyped_sse.echo({ message: "a" }), small, large, ...page];`;
    const { structured } = await client.call("execute_mcp_code", { code });
    const page = "by-hand.page answered with text/html, and not with MCP. Check the url in its registry entry.";
    expect(structured).toMatchObject({
      ok: true,
      result: [{ id: "1915883588174806058" }, "Echo: a", "7", "invalid_arguments", "server_unavailable", page],
    });
  });

  test("that cannot be reached fail by name before the program starts", async () => {
    const code = `import { over_http, nobody } from "mcp-clients";
      await over_http.echo({ message: "side effect" });
      return await nobody.anything({});`;
    const { structured } = await client.call("execute_mcp_code", { code });
    expect(structured).toMatchObject({ ok: false, errors: [{ code: "server_unavailable", phase: "load", server: "nobody" }] });
    expect(structured).not.toHaveProperty("calls");
  });

  test("that report progress may take longer than their time limit, on every transport", {
    tags: ["upstream.progress-waits"],
  }, async () => {
    const code = `import { impatient_http, impatient_sse, impatient_stdio } from "mcp-clients";
      const long = { duration: 4, steps: 8 };
      const clients = [impatient_http, impatient_sse, impatient_stdio];
      const done = await Promise.all(clients.map((client) => client.$call("trigger-long-running-operation", long)));
      return done.map((text) => text.slice(0, 31));`;
    const { structured } = await client.call("execute_mcp_code", { code, maxRuntimeMs: 30_000 });
    expect(structured).toMatchObject({ ok: true, result: Array(3).fill("Long running operation complete") });
  });

  test("that do not answer get a cancellation when the run ends, and their request is closed", {
    tags: ["upstream.cancelled"],
  }, async () => {
    const code = `import { by_hand } from "mcp-clients"; return await by_hand.never({});`;
    const { structured } = await client.call("execute_mcp_code", { code, maxRuntimeMs: 1_500 });
    expect(structured).toMatchObject({
      ok: false,
      errors: [{ code: "call_timeout", message: expect.stringContaining("all the time left") }],
      calls: [{ outcome: "unknown" }],
    });
    const call = byHand.calls().findLast(({ params }) => params.name === "never");
    await call?.closed;
    await expect.poll(() => byHand.of("notifications/cancelled").map(({ params }) => params.requestId)).toContain(call?.id);
  });

  test("that interrupt an answer, or send one that is too large, fail only that call", {
    tags: ["upstream.answer-bounds"],
  }, async () => {
    const code = `import { by_hand } from "mcp-clients";
      const codeOf = (call) => call.then((text) => text.length, (error) => error.code);
      const codes = [];
      for (const name of ["breaks", "huge", "large", "work"]) codes.push(await codeOf(by_hand.$call(name, {})));
      return codes;`;
    const { structured } = await client.call("execute_mcp_code", { code, language: "js", maxRuntimeMs: 30_000 });
    expect(structured).toMatchObject({ ok: true, result: ["server_unavailable", "output_limit", 5 * 1024 * 1024, 4] });
  });

  test("that end and start again are reconnected", { tags: ["upstream.remote"] }, async () => {
    const code = `import { over_http } from "mcp-clients"; return await over_http.echo({ message: "hello" });`;
    const [http] = servers;
    const port = new URL(http?.url ?? "").port;
    await http?.[Symbol.asyncDispose]();
    const gone = await client.call("execute_mcp_code", { code });
    expect(gone.structured).toMatchObject({ ok: false, errors: [{ code: "server_unavailable", server: "over-http" }] });

    const again = await startBackground({
      args: () => ["node_modules/@modelcontextprotocol/server-everything/dist/index.js", "streamableHttp"],
      env: () => ({ PORT: port }),
    });
    await again.printed(/on port \d+/);
    servers = [{ ...again, url: http?.url ?? "" }, ...servers.slice(1)];
    const back = await client.call("execute_mcp_code", { code });
    expect(back.structured).toMatchObject({
      ok: true,
      result: "Echo: hello",
      logs: [{ level: "warn", message: expect.stringContaining("no longer knows the session") }],
    });
  });
});
