import { execFile } from "node:child_process";
import { readFile, stat, writeFile } from "node:fs/promises";
import { request } from "node:http";
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
  return (await runBoth(program, args, more)).stdout;
}

function runBoth(program: string, args: string[], more: Record<string, string> = {}) {
  const env = { ...scriptEnvironment(), XDG_STATE_HOME: product.stateHome, PORT: String(product.port), ...more };
  return promisify(execFile)(program, args, { cwd: projectRoot, env });
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

it("refuses a flood of headers before it looks for a token, and answers the next request", {
  tags: ["http.bodies"],
}, async () => {
  const flood = request(`${product.url}/mcp`, { agent: false, headers: { "X-Flood": "x".repeat(4_000_000) } });
  // Whoever still sends when the refusal is there may see the connection close instead.
  const seen = new Promise((resolve) => {
    flood.once("response", ({ statusCode }) => resolve(statusCode));
    flood.once("error", ({ name }) => resolve(name));
  });
  flood.end();
  expect([431, "Error"]).toContain(await seen);
  flood.destroy();
  expect((await call({ Authorization: `Bearer ${token}` })).status).toBe(200);
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
    JSON.parse(await run(process.execPath, ["skills/.claude-plugin/headers.mjs"], { CLAUDE_CODE_MCP_SERVER_URL: url }));

  expect(await headersAt(`${product.url}/mcp`)).toEqual({ Authorization: `Bearer ${token}` });
  for (const url of [`https://mcp.example.com:${product.port}/mcp`, "http://127.0.0.1:1/mcp", "", "not a url"]) {
    expect(await headersAt(url)).toEqual({});
  }
});

it("is tried by doctor, here and from outside", { tags: ["doctor"] }, async () => {
  const url = ["--url", product.url];
  const examined = async (args: string[], more: Record<string, string> = {}) => {
    const { stdout } = await runBoth(process.execPath, ["bridge/main.mjs", "doctor", "--json", ...args], more).catch(
      (error: { stdout: string }) => error,
    );
    expect(stdout).not.toContain(token);
    const findings: { check: string; status: string; message: string }[] = JSON.parse(stdout);
    return Object.fromEntries(findings.map(({ check, status }) => [check, status]));
  };
  const inOrder = { token: "ok", version: "ok", ready: "ok", "registry there": "ok" };
  expect(await examined([])).toMatchObject({ port: "ok", files: "ok", listens: "ok", ...inOrder });
  expect(await examined(url)).toMatchObject({ alive: "ok", closed: "ok", login: "ok", bridge: "ok", ...inOrder });
  expect(await examined(url, { AUTH_TOKEN: "wrong", BRIDGE_TOKEN: "wrong" })).toMatchObject({
    token: "failed",
    bridge: "failed",
  });
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
  await expect(bridge("token", "steal")).rejects.toThrow("show, new <name>, list or revoke <name>");
});

describe("another start", () => {
  it("has the same token, and lets in those of token new", { tags: ["access.local", "access.named"] }, async () => {
    const { stderr } = await runBoth(process.execPath, ["bridge/main.mjs", "token", "new", "ben", "--scopes", "mcp:read"]);
    const [, bens = ""] = /shown only now: (\S+)/.exec(stderr) ?? [];
    expect((await call({ Authorization: `Bearer ${bens}` })).status).toBe(401);
    await product.stop();
    await using again = await startProduct({ registry: { servers: [] }, isClosed: true, port: product.port });
    expect(await again.authToken()).toBe(token);
    await using client = await connectModern(`${again.url}/mcp`, { headers: { Authorization: `Bearer ${token}` } });
    expect(await client.listTools()).toHaveLength(3);
    expect((await call({ Authorization: `Bearer ${bens}` })).status).toBe(200);
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
