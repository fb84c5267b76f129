import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findFreePort } from "../../bridge/local/free-port.ts";
import { connectModern, type McpClient } from "../support/mcp-clients.ts";
import { Browser, type OauthServer, startOauthServer } from "../support/oauth-server.ts";
import { type Product, startProduct } from "../support/product.ts";
import { projectRoot } from "../support/project-root.ts";

/* A person logs in to a remote server in a browser, and the product keeps the login. The tests build on one another. */

let oauth: OauthServer;
let product: Product;
let client: McpClient;
let registry: object;

const whoami = { code: `import { notes } from "mcp-clients"; return await notes.whoami({});` };

beforeAll(async () => {
  oauth = await startOauthServer();
  const entry = (id: string, fields: object) => ({ id, title: `The ${id}`, summary: `${id} of a team.`, ...fields });
  const mcp = { transport: "http", url: oauth.url };
  registry = { servers: [entry("notes", { mcp, auth: "oauth" }), entry("undeclared", { mcp })] };
  product = await startProduct({ registry, port: await findFreePort() });
  client = recording(await connectModern(`${product.url}/mcp`));
});

const browser = new Browser();

/** All answers of the product. */
const answers: string[] = [];

function recording(inner: McpClient): McpClient {
  return {
    ...inner,
    async call(...args) {
      const answer = await inner.call(...args);
      answers.push(answer.text, JSON.stringify(answer.structured));
      return answer;
    },
  };
}

afterAll(async () => {
  await client?.close();
  await product?.[Symbol.asyncDispose]();
  await oauth?.[Symbol.asyncDispose]();
});

interface Shown {
  id: string;
  status: string;
  url?: string;
  reason?: string;
}

async function listed(id: string): Promise<Shown> {
  const { structured } = await client.call("list_mcp_capabilities");
  const shown = (structured.servers as Shown[]).find((server) => server.id === id);
  if (shown === undefined) throw new Error(`${id} is not listed`);
  return shown;
}

async function loginUrl(): Promise<string> {
  const { url } = await listed("notes");
  if (url === undefined) throw new Error("no address to log in at");
  return url;
}

test("npm start prints the login address and does not wait for a login", { tags: ["login.address"] }, () => {
  expect(product.output()).toMatch(/^notes +auth_required +log in at http:\/\/127\.0\.0\.1:\d+\/oauth\/login\?ticket=/m);
});

test("a server without a login is listed and described with its login address", {
  tags: ["login.address"],
}, async () => {
  const url = expect.stringMatching(new RegExp(`^${product.url}/oauth/login\\?ticket=[\\w-]+$`));
  expect(await listed("notes")).toMatchObject({ status: "auth_required", url });
  const summary = await client.call("describe_mcp", { id: "notes", detail: "summary" });
  expect(summary.structured).toMatchObject({ status: "auth_required", url });
  const tools = await client.call("describe_mcp", { id: "notes" });
  expect(tools.text).toContain(`${product.url}/oauth/login?ticket=`);
});

test("a program that imports it fails with the login address, in a field and in the message", {
  tags: ["login.address"],
}, async () => {
  const { structured } = await client.call("execute_mcp_code", whoami);
  const url = expect.stringContaining(`${product.url}/oauth/login?ticket=`);
  expect(structured).toMatchObject({ ok: false, errors: [{ code: "auth_required", server: "notes", url, message: url }] });
});

test("the error for a server whose entry has no auth says what to set", async () => {
  expect((await listed("undeclared")).reason).toContain('"auth": "oauth"');
});

test("truncated, replayed and forged links lead to an error page and change nothing", {
  tags: ["login.forged"],
}, async () => {
  const url = await loginUrl();
  for (const wrong of [
    `${url}x`,
    url.slice(0, -4),
    `${product.url}/oauth/login`,
    `${product.url}/oauth/login?ticket=${"A".repeat(9_999)}`,
  ]) {
    const { status, text } = await browser.open(wrong);
    expect([status, text]).toEqual([403, expect.stringContaining("This link is not valid")]);
  }
  const ticket = new URL(url).searchParams.get("ticket");
  for (const query of ["", "?state=x&code=y", `?state=${ticket}&code=y`]) {
    const { status, text } = await browser.open(`${product.url}/oauth/callback${query}`);
    expect([status, text]).toEqual([403, expect.stringContaining("not one of ours")]);
  }
  expect((await fetch(url, { method: "POST" })).status).toBe(404);
  expect((await fetch(url, { method: "HEAD", redirect: "manual" })).status).toBe(204);
  expect((await oauth.happened()).registered).toBe(0);
  expect(await listed("notes")).toMatchObject({ status: "auth_required" });
});

test("a login that comes back in another browser is refused, also in one that has begun a login of its own", {
  tags: ["login.same-browser"],
}, async () => {
  const begun = await browser.visit(await loginUrl());
  const authorization = begun.headers.get("location") ?? "";
  expect(begun.headers.get("set-cookie")).toMatch(/^mcp-login-[\w-]{16}=[\w-]+; Path=\/; Max-Age=900; HttpOnly; SameSite=Lax$/);
  const back = (await new Browser().visit(authorization)).headers.get("location") ?? "";
  for (const other of [new Browser(), await browserWithLogin()]) {
    const { status, text } = await other.open(back);
    expect([status, text]).toEqual([403, expect.stringContaining("started in another browser")]);
  }
  expect(await listed("notes")).toMatchObject({ status: "auth_required" });
});

/** It has begun a login of its own. */
async function browserWithLogin(): Promise<Browser> {
  const other = new Browser();
  await other.visit(await loginUrl());
  return other;
}

test("a login that is begun under another name of this machine ends where its browser can end it", {
  tags: ["login.same-browser"],
}, async () => {
  const elsewhere = (await loginUrl()).replace("127.0.0.1", "localhost");
  const moved = await browser.visit(elsewhere);
  expect(moved.headers.get("location")).toBe(elsewhere.replace("localhost", "127.0.0.1"));
});

test("a refused login leads to an error page, which escapes untrusted text", async () => {
  await oauth.control({ denies: true });
  const { status, text, visited } = await browser.open(await loginUrl());
  expect(status).toBe(400);
  expect(text).toContain("The notes was not logged in to, because the login was refused");
  expect(text).toContain("&lt;script&gt;");
  expect(text).not.toContain("<script>");
  const page = await browser.visit(visited.at(-1) ?? "");
  expect(page.headers.get("content-security-policy")).toMatch(/^default-src 'none'; style-src 'nonce-[\w-]+'/);
  expect(Object.fromEntries(page.headers)).toMatchObject({ "cache-control": "no-store", "referrer-policy": "no-referrer" });
  expect(await page.text()).toContain("over already");
  expect(await listed("notes")).toMatchObject({ status: "auth_required" });
  await oauth.control({ denies: false });
});

test("a login ends at a page that says so, and the next call works", {
  tags: ["login.works"],
}, async () => {
  const url = await loginUrl();
  const { status, text, visited } = await browser.open(url);
  expect([status, text]).toEqual([200, expect.stringContaining("You are logged in to The notes")]);
  expect(visited.map((address) => new URL(address).pathname)).toEqual(["/oauth/login", "/authorize", "/oauth/callback"]);
  expect((await client.call("execute_mcp_code", whoami)).structured).toMatchObject({ ok: true, result: "login-1" });
  expect(await listed("notes")).toMatchObject({ status: "ready", toolCount: 5 });
  expect(await listed("notes")).not.toHaveProperty("url");

  const replayed = await browser.open(visited.at(-1) ?? "");
  expect([replayed.status, replayed.text]).toEqual([400, expect.stringContaining("over already")]);
  const again = await browser.open(url);
  expect([again.status, again.text]).toEqual([409, expect.stringContaining("is logged in already")]);
  expect(await oauth.happened()).toMatchObject({ redeemed: 1, reused: 0 });
});

const twenty = {
  code: `import { notes } from "mcp-clients";
    return await Promise.all(Array.from({ length: 20 }, (_, n) => notes.echo({ message: String(n) })));`,
};
const toTwenty = Array.from({ length: 20 }, (_, n) => String(n));

test("twenty calls of one program with an expired token refresh it once", { tags: ["login.one-refresh"] }, async () => {
  await oauth.control({ expire: true });
  const before = await oauth.happened();
  expect((await client.call("execute_mcp_code", twenty)).structured).toMatchObject({ ok: true, result: toTwenty });
  const after = await oauth.happened();
  expect([after.refreshed - before.refreshed, after.reused]).toEqual([1, 0]);
});

test("a call that needs more scopes than the login has leads to a login with them", async () => {
  const code = `import { notes } from "mcp-clients";
    try { return await notes.admin({}); } catch (error) { return [error.code, error.message]; }`;
  const { result } = (await client.call("execute_mcp_code", { code })).structured as { result: string[] };
  expect(result[0]).toBe("auth_required");
  const url = /http\S+/.exec(result[1] ?? "")?.[0] ?? "";
  expect((await browser.open(url)).text).toContain("You are logged in");
  expect((await client.call("execute_mcp_code", { code })).structured).toMatchObject({ ok: true, result: "done" });
});

test("a login survives a restart, and none of its secrets is in plain text in storage, logs or answers", {
  tags: ["login.sealed"],
}, async () => {
  await client.close();
  await product.stop();
  const folder = join(projectRoot, ".wrangler", "local", String(product.port));
  const { secrets } = await oauth.happened();
  expect(secrets.length).toBeGreaterThan(4);
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((file) => file.isFile());
  const contents = await Promise.all(files.map((file) => readFile(join(file.parentPath, file.name), "latin1")));
  expect(contents.some((content) => content.includes("oauth/login/notes"))).toBe(true);
  const key = /^OAUTH_KEY=(\S+)$/m.exec(await readFile(join(folder, "oauth.env"), "utf8"))?.[1] ?? "";
  expect(key.length).toBeGreaterThan(40);
  expect((await stat(join(folder, "oauth.env"))).mode & 0o777).toBe(0o600);
  for (const [index, content] of [...contents, product.output(), ...answers].entries()) {
    for (const secret of secrets) expect(content.includes(secret), files[index]?.name).toBe(false);
    if (files[index]?.name !== "oauth.env") expect(content.includes(key.slice(0, 20)), files[index]?.name).toBe(false);
  }

  const output = product.output();
  product = await startProduct({ registry, port: product.port });
  client = recording(await connectModern(`${product.url}/mcp`));
  expect(output).not.toContain(key);
  await oauth.control({ expire: true });
  const before = await oauth.happened();
  expect((await client.call("execute_mcp_code", whoami)).structured).toMatchObject({ ok: true, result: "login-2" });
  const after = await oauth.happened();
  expect([after.refreshed - before.refreshed, after.reused, after.authorized]).toEqual([1, 0, before.authorized]);
});

test("revoked tokens lead to a login at a new address", async () => {
  await oauth.control({ revoke: true });
  const { structured } = await client.call("execute_mcp_code", whoami);
  const url = expect.stringContaining("/oauth/login?ticket=");
  expect(structured).toMatchObject({ ok: false, errors: [{ code: "auth_required", server: "notes", url, message: url }] });
  expect((await browser.open(await loginUrl())).text).toContain("You are logged in");
  expect((await client.call("execute_mcp_code", whoami)).structured).toMatchObject({ ok: true });
});

test("a command that keeps no cookies can make a login where nobody else can send it one", {
  tags: ["login.same-browser"],
}, async () => {
  await oauth.control({ revoke: true });
  await client.call("execute_mcp_code", whoami);
  const begun = await fetch(await loginUrl(), { redirect: "manual" });
  const back = (await fetch(begun.headers.get("location") ?? "", { redirect: "manual" })).headers.get("location") ?? "";
  const comingBack = (headers: Record<string, string>) => fetch(back, { headers, redirect: "manual" });
  for (const headers of [
    { "Sec-Fetch-Site": "cross-site" },
    { "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0" },
    { "X-Forwarded-For": "203.0.113.7" },
    { Forwarded: "for=203.0.113.7" },
  ]) {
    expect((await comingBack(headers)).status).toBe(403);
  }
  expect(await listed("notes")).toMatchObject({ status: "auth_required" });
  // The attempt is not used up by what was refused.
  expect(await (await comingBack({ "User-Agent": "curl/8.5.0" })).text()).toContain("You are logged in to The notes");
  expect((await client.call("execute_mcp_code", whoami)).structured).toMatchObject({ ok: true });
});
