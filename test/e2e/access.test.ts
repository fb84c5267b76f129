import { request } from "node:http";
import { Client as ModernClient, StreamableHTTPClientTransport as ModernTransport } from "@modelcontextprotocol/client";
import { Client as LegacyClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as LegacyTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { clientKinds } from "../support/mcp-clients.ts";
import { type PlainWorker, startPlainWorker } from "../support/plain-worker.ts";
import { type Product, startProduct } from "../support/product.ts";
import { rawRequest } from "../support/raw-mcp.ts";

/* Access control, and what a Worker without a bridge can do. */

const token = "open-sesame-said-the-thirty-third-thief";
const listTools = rawRequest("2025-11-25", { method: "tools/list" });

describe("npm start", () => {
  let product: Product;

  beforeAll(async () => {
    product = await startProduct({ registry: { servers: [] } });
  });

  afterAll(async () => {
    await product?.[Symbol.asyncDispose]();
  });

  it.each(["evil.example", "evil.example:8787", "127.0.0.1.evil.example", "192.168.1.2"])(
    "refuses /mcp under the host name %s",
    { tags: ["access.browsers"] },
    async (host) => {
      const answer = await send(`${product.url}/mcp`, listTools, { Host: host });

      expect(answer.status).toBe(403);
      expect(answer.body).toContain("AUTH_TOKEN");
    },
  );

  it("serves /mcp under localhost", async () => {
    expect(await send(`${product.url}/mcp`, listTools, { Host: `localhost:${product.port}` })).toMatchObject({ status: 200 });
  });

  it.each(["https://evil.example", "null", "http://localhost.evil.example"])(
    "refuses web pages of %s",
    { tags: ["access.browsers"] },
    async (origin) => {
      const answer = await send(`${product.url}/mcp`, listTools, { Origin: origin });

      expect(answer.status).toBe(403);
      expect(answer.body).not.toContain("execute_mcp_code");
    },
  );

  it("serves web pages of this machine", async () => {
    expect(await send(`${product.url}/mcp`, listTools, { Origin: "http://localhost:6274" })).toMatchObject({ status: 200 });
  });

  it.each([
    ["without a token", {}],
    ["with a wrong token", { Authorization: "Bearer wrong" }],
    ["with an empty token", { Authorization: "Bearer " }],
  ])("refuses a bridge %s", async (_which, headers) => {
    for (const path of ["/bridge", "/s/a/bridge"]) {
      expect(await dial(`ws://127.0.0.1:${product.port}${path}`, headers)).toBe(401);
    }
  });

  it("answers livez, readyz and metrics", { tags: ["endpoints.health"] }, async () => {
    const [livez, readyz, metrics] = await Promise.all(
      ["livez", "readyz", "metrics"].map((path) => fetch(`${product.url}/${path}`)),
    );

    expect([livez?.status, readyz?.status, metrics?.status]).toEqual([200, 200, 200]);
    expect(metrics?.headers.get("Content-Type")).toContain("text/plain");
    expect(await metrics?.text()).toContain("mcp_orchestrator_registry_servers 0");
  });

  it.each(["/mcp/more", "/s/a", "/favicon.ico"])("answers 404 at %s and names the MCP endpoint", async (path) => {
    const response = await fetch(product.url + path);

    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ error: { message: expect.stringContaining("/mcp") } });
  });

  it("answers 404 for an invalid session name", async () => {
    expect(await statusOf(`${product.url}/s/${encodeURIComponent("a b")}/mcp`, listTools)).toBe(404);
    expect(await statusOf(`${product.url}/s/${"x".repeat(65)}/mcp`, listTools)).toBe(404);
    expect(await statusOf(`${product.url}/s/${"x".repeat(64)}/mcp`, listTools)).toBe(200);
  });

  it("has no stream for GET and no session for DELETE", async () => {
    for (const method of ["GET", "DELETE"]) {
      expect(await statusOf(`${product.url}/mcp`, { method, headers: { Accept: "text/event-stream" } })).toBe(405);
    }
  });

  it.each([
    ["not JSON", "{", 400],
    ["not JSON-RPC", '{"hello":1}', 400],
  ])("refuses a body that is %s and serves the next request", async (_what, body, status) => {
    expect(await statusOf(`${product.url}/mcp`, { ...listTools, body })).toBe(status);
    expect(await statusOf(`${product.url}/mcp`, listTools)).toBe(200);
  });

  it("refuses a body over the limit and serves the next request", async () => {
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list", params: { filler: "x".repeat(5 * 1024 * 1024) } });

    expect(await statusOf(`${product.url}/mcp`, { ...listTools, body })).toBe(413);
    expect(await statusOf(`${product.url}/mcp`, listTools)).toBe(200);
  });
});

describe("wrangler dev alone", () => {
  let worker: PlainWorker;

  beforeAll(async () => {
    worker = await startPlainWorker();
  });

  afterAll(async () => {
    await worker?.[Symbol.asyncDispose]();
  });

  it.each(clientKinds)("runs programs that call nothing, with $title", async ({ connect }) => {
    await using client = await connect(`${worker.url}/mcp`);
    const { structured } = await client.call("execute_mcp_code", { code: "return [3, 1, 2].sort();" });

    expect(structured).toMatchObject({ ok: true, result: [1, 2, 3] });
  });

  it.each(clientKinds)("says that the bridge is offline and how to start it, with $title", async ({ connect }) => {
    await using client = await connect(`${worker.url}/mcp`);
    const listed = await client.call("list_mcp_capabilities", { query: "time zone" });
    const described = await client.call("describe_mcp", { id: "time" });
    const run = await client.call("execute_mcp_code", { code: "return await time.current_time({});" });

    expect(listed.structured).toMatchObject({
      servers: [{ id: "time", status: "bridge_offline", reason: expect.stringContaining("npm start") }],
    });
    for (const { structured, isError } of [described, run]) {
      expect(isError).toBe(true);
      expect(structured).toMatchObject({ ok: false, errors: [{ code: "bridge_offline", server: "time", retryable: true }] });
    }
  });

  it("refuses every bridge while BRIDGE_TOKEN is not set", async () => {
    expect(await dial(`ws://127.0.0.1:${worker.port}/bridge`, { Authorization: "Bearer anything" })).toBe(403);
  });
});

describe("a Worker with AUTH_TOKEN", () => {
  let worker: PlainWorker;

  beforeAll(async () => {
    worker = await startPlainWorker("--var", `AUTH_TOKEN:${token}`);
  });

  afterAll(async () => {
    await worker?.[Symbol.asyncDispose]();
  });

  it.each([
    ["no token", {}],
    ["a wrong token", { Authorization: `Bearer ${token.slice(1)}` }],
    ["the token without its scheme", { Authorization: token }],
  ])("asks a caller with %s for the token", async (_which, headers) => {
    for (const path of ["/mcp", "/s/a/mcp"]) {
      const response = await fetch(worker.url + path, withHeaders(headers));

      expect(response.status).toBe(401);
      expect(response.headers.get("WWW-Authenticate")).toContain("Bearer");
      expect(await response.text()).not.toContain("execute_mcp_code");
    }
  });

  it.each(["/register", "/token"])(
    "answers a client that looks for a login at %s with what to send",
    {
      tags: ["access.explained"],
    },
    async (path) => {
      const response = await fetch(worker.url + path, { method: "POST", body: "{}" });

      expect(response.status).toBe(400);
      expect(await response.json()).toEqual({
        error: "access_denied",
        error_description: expect.stringContaining("Authorization: Bearer <AUTH_TOKEN>"),
      });
    },
  );

  it.each([
    "/.well-known/oauth-protected-resource",
    "/.well-known/oauth-protected-resource/mcp",
    "/.well-known/oauth-authorization-server/s/a/mcp",
    "/.well-known/openid-configuration",
    "/mcp/.well-known/openid-configuration",
    "/s/a/mcp/.well-known/openid-configuration",
  ])("has no metadata of a login at %s, and says what to send", { tags: ["access.explained"] }, async (path) => {
    const response = await fetch(worker.url + path);

    expect(response.status).toBe(404);
    expect(await response.text()).toContain("Authorization: Bearer <AUTH_TOKEN>");
  });

  it("explains itself in a browser that is sent to /authorize", { tags: ["access.explained"] }, async () => {
    const response = await fetch(`${worker.url}/authorize?client_id=x`);

    expect(response.status).toBe(400);
    expect(response.headers.get("Content-Type")).toContain("text/html");
    expect(await response.text()).toContain("Authorization: Bearer &lt;AUTH_TOKEN&gt;");
  });

  it.each([undefined, "wrong"])(
    "is explained by the official clients, with a login of theirs or without: token %s",
    {
      tags: ["access.explained"],
    },
    async (token) => {
      const headers: Record<string, string> = token === undefined ? {} : { Authorization: `Bearer ${token}` };
      for (const [Client, Transport] of [
        [LegacyClient, LegacyTransport],
        [ModernClient, ModernTransport],
      ] as const) {
        for (const login of [undefined, loginProvider()]) {
          const transport = new Transport(new URL(`${worker.url}/mcp`), {
            requestInit: { headers },
            ...(login && { authProvider: login }),
          });
          const client = new Client({ name: "test", version: "1" });
          await expect(client.connect(transport as never)).rejects.toThrow("Authorization: Bearer <AUTH_TOKEN>");
          await client.close();
        }
      }
    },
  );

  it("serves a caller with the token, under any host name", { tags: ["access.tokens"] }, async () => {
    const answer = await send(`${worker.url}/mcp`, listTools, { Authorization: `Bearer ${token}`, Host: "mcp.example.com" });

    expect(answer.status).toBe(200);
    expect(answer.body).toContain("execute_mcp_code");
  });

  it("needs no token for livez", async () => {
    expect(await statusOf(`${worker.url}/livez`)).toBe(200);
  });
});

function withHeaders(headers: Record<string, string>): RequestInit {
  return { ...listTools, headers: { ...(listTools.headers as Record<string, string>), ...headers } };
}

/** What a client with a login of its own brings: nothing yet, so that it has to register. */
function loginProvider() {
  return {
    redirectUrl: "http://127.0.0.1:1/callback",
    clientMetadata: { redirect_uris: ["http://127.0.0.1:1/callback"], client_name: "test" },
    clientInformation: () => undefined,
    saveClientInformation: () => {},
    tokens: () => undefined,
    saveTokens: () => {},
    redirectToAuthorization: () => {},
    saveCodeVerifier: () => {},
    codeVerifier: () => "",
  };
}

/** Like fetch, but can set the headers that fetch forbids. */
function send(url: string, { body }: RequestInit, headers: Record<string, string>): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      { method: "POST", headers: { ...(listTools.headers as Record<string, string>), ...headers } },
      (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => {
          text += chunk;
        });
        response.on("end", () => resolve({ status: response.statusCode ?? 0, body: text }));
        response.on("error", reject);
      },
    );
    sent.on("error", reject);
    sent.end(body);
  });
}

/** The HTTP status with which a WebSocket is refused; 101 when it is accepted. */
function dial(url: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, { headers });
    socket.on("unexpected-response", (_request, response) => {
      resolve(response.statusCode ?? 0);
      response.destroy();
    });
    socket.on("open", () => {
      resolve(101);
      socket.terminate();
    });
    socket.on("error", reject);
  });
}

/** Reads the body to its end: a stream that nobody reads would break off when the product stops. */
async function statusOf(url: string, init?: RequestInit): Promise<number> {
  const response = await fetch(url, init);
  await response.text();
  return response.status;
}
