import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findFreePort } from "../../bridge/free-port.ts";
import { type BackgroundProcess, startBackground } from "../support/background-process.ts";
import { connectModern, type McpClient } from "../support/mcp-clients.ts";
import { type Product, startProduct } from "../support/product.ts";

/** The published server-everything on its two remote transports, a port where nobody listens, and a secret that is not set. */
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

let servers: (BackgroundProcess & { url: string })[] = [];
let product: Product;
let client: McpClient;

beforeAll(async () => {
  servers = await Promise.all([startEverything("streamableHttp"), startEverything("sse")]);
  const [http, sse] = servers;
  const nobody = `http://127.0.0.1:${await findFreePort()}/mcp`;
  product = await startProduct({
    registry: {
      servers: [
        entry("over-http", { transport: "http", url: http?.url }),
        entry("over-sse", { transport: "sse", url: sse?.url }),
        entry("nobody", { transport: "http", url: nobody }),
        entry("locked", { transport: "http", url: http?.url, headers: { Authorization: "Bearer ${env:NOT_SET_ANYWHERE}" } }),
      ],
    },
  });
  client = await connectModern(`${product.url}/mcp`);
});

afterAll(async () => {
  await client?.close();
  await product?.[Symbol.asyncDispose]();
  await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
});

describe("remote servers", () => {
  test("are discovered without being asked for, and shown with their state and the reason for it", async () => {
    const { structured } = await client.call("list_mcp_capabilities");
    expect(structured.servers).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ id: "over-http", status: "ready", toolCount: expect.any(Number) }),
        expect.objectContaining({ id: "over-sse", status: "ready", toolCount: expect.any(Number) }),
        expect.objectContaining({ id: "nobody", status: "unavailable", reason: expect.stringContaining("127.0.0.1") }),
        expect.objectContaining({ id: "locked", status: "unavailable", reason: expect.stringContaining("NOT_SET_ANYWHERE") }),
      ]),
    );
  });

  test("are called from one program over Streamable HTTP and SSE", async () => {
    const code = `import { over_http, over_sse } from "mcp-clients";
      return await Promise.all([over_http.echo({ message: "a" }), over_sse.echo({ message: "b" })]);`;
    const { structured } = await client.call("execute_mcp_code", { code });
    expect(structured).toMatchObject({ ok: true, result: ["Echo: a", "Echo: b"] });
  });

  test("that are out of reach fail by name, before anything of the program ran", async () => {
    const code = `import { over_http, nobody } from "mcp-clients";
      await over_http.echo({ message: "side effect" });
      return await nobody.anything({});`;
    const { structured } = await client.call("execute_mcp_code", { code });
    expect(structured).toMatchObject({ ok: false, errors: [{ code: "server_unavailable", phase: "load", server: "nobody" }] });
    expect(structured).not.toHaveProperty("calls");
  });

  test("that end and come back are reached again", async () => {
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
    expect(back.structured).toMatchObject({ ok: true, result: "Echo: hello" });
  });
});
