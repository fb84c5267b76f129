import { execFile } from "node:child_process";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findFreePort } from "../../bridge/local/free-port.ts";
import { scriptEnvironment, startBackground } from "../support/background-process.ts";
import { connectModern } from "../support/mcp-clients.ts";
import { type Product, startProduct } from "../support/product.ts";
import { projectRoot } from "../support/project-root.ts";
import { rawRequest } from "../support/raw-mcp.ts";

/* `npm start` without --no-token: what other programs of this machine may do, and how those of its user get in. */

let product: Product;
let token: string;

beforeAll(async () => {
  product = await startProduct({ registry: { servers: [] }, isClosed: true });
  token = await product.authToken();
});

afterAll(async () => {
  await product?.[Symbol.asyncDispose]();
});

const listTools = rawRequest("2025-11-25", { method: "tools/list" });

function call(headers: Record<string, string>, path = "/mcp"): Promise<Response> {
  return fetch(product.url + path, { ...listTools, headers: { ...(listTools.headers as Record<string, string>), ...headers } });
}

/** A command of the project, or another program, in the environment of the user who started the product. */
async function run(program: string, args: string[], more: Record<string, string> = {}): Promise<string> {
  const env = { ...scriptEnvironment(), XDG_STATE_HOME: product.stateHome, PORT: String(product.port), ...more };
  const { stdout } = await promisify(execFile)(program, args, { cwd: projectRoot, env });
  return stdout;
}

const bridge = (...args: string[]) => run(process.execPath, ["bridge/main.mjs", ...args]);

it("prints the whole command with the token, and uses it for its own table", { tags: ["access.local"] }, () => {
  expect(token).toMatch(/^[\w-]{43}$/);
  expect(product.output()).toContain(
    `  claude mcp add --transport http orchestrator ${product.url}/mcp --header "Authorization: Bearer ${token}"`,
  );
});

it("refuses whoever has no token, and answers whether it is ready to everybody", { tags: ["access.local"] }, async () => {
  expect((await call({})).status).toBe(401);
  expect((await call({ Authorization: "Bearer wrong" })).status).toBe(401);
  expect((await call({ Authorization: `Bearer ${await product.bridgeToken()}` })).status).toBe(403);
  expect((await fetch(`${product.url}/metrics`)).status).toBe(401);
  for (const path of ["/livez", "/readyz"]) expect((await fetch(product.url + path)).status).toBe(200);
  expect((await call({ Authorization: `Bearer ${token}` })).status).toBe(200);
  expect((await fetch(`${product.url}/metrics`, { headers: { Authorization: `Bearer ${token}` } })).status).toBe(200);
});

it("keeps the token where only its user can read it", { tags: ["access.local"] }, async () => {
  const kept = join(projectRoot, ".wrangler", "local", String(product.port));
  const forPlugin = join(product.stateHome, "mcp-dynamic-orchestrator", `${product.port}.token`);
  for (const path of [join(kept, "access.env"), join(kept, "start.json"), forPlugin]) {
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  }
  expect(await readFile(forPlugin, "utf8")).toBe(`${token}\n`);
});

it("is found by the commands", { tags: ["access.local"] }, async () => {
  const program = join(product.folder, "program.ts");
  await writeFile(program, "return 6 * 7;");

  expect(await bridge("exec", program)).toBe("42\n");
  expect(await bridge("token", "show")).toBe(`${token}\n`);
});

it("is found by the plugin's headers helper, and given to no other machine", { tags: ["access.local"] }, async () => {
  const headersAt = async (url: string) =>
    JSON.parse(await run(process.execPath, [".claude-plugin/headers.mjs"], { CLAUDE_CODE_MCP_SERVER_URL: url }));

  expect(await headersAt(`${product.url}/mcp`)).toEqual({ Authorization: `Bearer ${token}` });
  for (const url of [`https://mcp.example.com:${product.port}/mcp`, "http://127.0.0.1:1/mcp", "", "not a url"]) {
    expect(await headersAt(url)).toEqual({});
  }
});

it("makes a token for somebody else, of which only the hash is to be kept", { tags: ["access.named"] }, async () => {
  const entry = JSON.parse(await bridge("token", "new", "anna", "--scopes", "mcp:read", "--until", "2027-01-31"));

  expect(entry).toEqual({
    name: "anna",
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    scopes: ["mcp:read"],
    until: "2027-01-31",
  });
  await expect(bridge("token", "new", "anna", "--scopes", "all")).rejects.toThrow("mcp:read");
  await expect(bridge("token", "steal")).rejects.toThrow("show, or new");
});

describe("another start", () => {
  it("has the same token", { tags: ["access.local"] }, async () => {
    await product.stop();
    await using again = await startProduct({ registry: { servers: [] }, isClosed: true, port: product.port });
    expect(await again.authToken()).toBe(token);
    await using client = await connectModern(`${again.url}/mcp`, { headers: { Authorization: `Bearer ${token}` } });
    expect(await client.listTools()).toHaveLength(3);
  });

  it("with --no-token says what that opens", { tags: ["access.local"] }, async () => {
    await using open = await startProduct({ registry: { servers: [] } });
    expect(open.output()).toMatch(/^Without a token: every program and every user of this machine can call your servers/m);
    expect(open.output()).toMatch(/^ {2}claude mcp add \S+ http orchestrator \S+\/mcp$/m);
    expect(await open.authToken()).toBe("");
    const forwarded = { ...(listTools.headers as Record<string, string>), "X-Forwarded-For": "203.0.113.1" };
    expect((await fetch(`${open.url}/mcp`, listTools)).status).toBe(200);
    expect((await fetch(`${open.url}/mcp`, { ...listTools, headers: forwarded })).status).toBe(403);
  });

  it("with a token that could be guessed does not happen", { tags: ["access.settings"] }, async () => {
    await using short = await startBackground({
      args: () => ["bridge/main.mjs", "local"],
      env: () => ({ PORT: String(freePort), AUTH_TOKEN: "short" }),
    });
    expect(await short.exited()).toBe(1);
    expect(short.output()).toContain("AUTH_TOKEN has fewer than 32 characters");
  });

  it("takes the token of the environment, and does not print it", { tags: ["access.local"] }, async () => {
    const AUTH_TOKEN = "a-token-that-the-user-has-chosen-himself";
    await using chosen = await startProduct({ registry: { servers: [] }, isClosed: true, env: { AUTH_TOKEN } });
    expect(await chosen.authToken()).toBe(AUTH_TOKEN);
    expect(chosen.output()).toContain(`--header "Authorization: Bearer $(PORT=${chosen.port} npm run -s bridge -- token show)"`);
    expect(chosen.output()).not.toContain(AUTH_TOKEN);
  });
});

const freePort = await findFreePort();
