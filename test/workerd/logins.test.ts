import { createExecutionContext, evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { compose } from "../../worker/compose.ts";
import { app } from "../../worker/http/app.ts";
import type { Env } from "../../worker/http/env.ts";
import { createSqliteStore } from "../../worker/storage/sqlite.ts";
import { createSeal } from "../../worker/upstream/oauth/seal.ts";
import { Vault } from "../../worker/upstream/oauth/vault.ts";

const key = "a key of at least thirty-two letters";
const registry = JSON.stringify({
  servers: [
    {
      id: "notes",
      title: "Notes",
      summary: "Notes of a team.",
      mcp: { transport: "http", url: "https://notes.invalid/mcp" },
      auth: "oauth",
    },
  ],
});
const withLogins: Env = { ...env, OAUTH_KEY: key, MCP_REGISTRY: registry };

const newSession = () => env.SESSIONS.getByName(`owner/${crypto.randomUUID()}`);

/** The session's listing, as in a deployment with that environment. */
function listed(stub: ReturnType<typeof newSession>, environment: Env, origin: string | undefined): Promise<unknown> {
  return runInDurableObject(stub, (_session, ctx) =>
    compose(environment, {
      ctx,
      onBridge: () => {},
      onFilesExpiry: () => {},
      onAuditWaits: () => {},
      origin: () => origin,
    }).orchestrator.listCapabilities({}),
  );
}

test("the login address has the origin of the last request", { tags: ["login.address"] }, async () => {
  const stub = newSession();
  await stub.listCapabilities({}, { origin: "https://mcp.example.com" });
  await evictDurableObject(stub);
  const origin = await runInDurableObject(stub, (_session, { storage }) => storage.kv.get<string>("http/origin"));
  expect(origin).toBe("https://mcp.example.com");
  const url = expect.stringMatching(/^https:\/\/mcp\.example\.com\/oauth\/login\?ticket=[\w-]+$/);
  expect(await listed(stub, withLogins, origin)).toMatchObject({
    servers: expect.arrayContaining([expect.objectContaining({ id: "notes", status: "auth_required", url })]),
  });
});

test.each(["", "too short"])(
  "with the key %j a server is unavailable, and the reason says what to set",
  { tags: ["login.sealed"] },
  async (OAUTH_KEY) => {
    const reason = expect.stringContaining("npx wrangler secret put OAUTH_KEY");
    const servers = expect.arrayContaining([expect.objectContaining({ id: "notes", status: "unavailable", reason })]);
    expect(await listed(newSession(), { ...withLogins, OAUTH_KEY }, "https://mcp.example.com")).toMatchObject({ servers });
  },
);

test("a stored login opens after the object's eviction, but only with its key, session and storage key", {
  tags: ["login.sealed"],
}, async () => {
  const stub = newSession();
  const vaultOf = (ctx: DurableObjectState, { secret = key, session = "owner/a" } = {}) =>
    new Vault({ store: createSqliteStore(ctx.storage), seal: createSeal(secret), session });
  await runInDurableObject(stub, (_session, ctx) => vaultOf(ctx).write("oauth/login/notes", { token: "s3cret" }));
  await evictDurableObject(stub);
  await runInDurableObject(stub, (_session, ctx) => {
    const read = (vault: Vault, at = "oauth/login/notes") => vault.read(at, z.object({ token: z.string() }));
    expect(read(vaultOf(ctx))).toEqual({ token: "s3cret" });
    expect(read(vaultOf(ctx, { secret: `${key}!` }))).toBeUndefined();
    expect(read(vaultOf(ctx, { session: "owner/b" }))).toBeUndefined();
    const store = createSqliteStore(ctx.storage);
    expect(JSON.stringify(store.read("oauth/login/notes"))).not.toContain("s3cret");
    store.write("oauth/login/other", store.read("oauth/login/notes"));
    expect(read(vaultOf(ctx), "oauth/login/other")).toBeUndefined();
    for (const broken of ["", "x", 1, null, "A".repeat(40)]) {
      store.write("oauth/login/other", broken);
      expect(read(vaultOf(ctx), "oauth/login/other")).toBeUndefined();
    }
  });
});

describe("/oauth", () => {
  const open = (path: string, environment: Env = withLogins) =>
    app.fetch(new Request(`https://mcp.example.com${path}`), environment);

  test.each(["/oauth/login?ticket=x", "/oauth/callback?state=x"])("%s says what to set if OAUTH_KEY is missing", async (path) => {
    const response = await exports.default.fetch(`https://mcp.example.com${path}`);
    expect(response.status).toBe(503);
    expect(await response.text()).toContain("npx wrangler secret put OAUTH_KEY");
  });

  test.each(["/oauth/login", "/oauth/login?ticket=x", "/oauth/callback?code=x", "/oauth/callback?state=x&code=y"])(
    "%s without a valid ticket or state is refused before any session object is called",
    { tags: ["login.forged"] },
    async (path) => {
      const untouched = new Proxy(env.SESSIONS, {
        get() {
          throw new Error("a session was looked for");
        },
      });
      const response = await open(path, { ...withLogins, SESSIONS: untouched });
      expect([response.status, response.headers.get("content-type")]).toEqual([403, "text/html; charset=utf-8"]);
      expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
    },
  );

  test("/oauth/client.json is the client metadata document", async () => {
    expect(await (await open("/oauth/client.json")).json()).toEqual({
      client_id: "https://mcp.example.com/oauth/client.json",
      client_name: "mcp-dynamic-orchestrator",
      redirect_uris: ["https://mcp.example.com/oauth/callback"],
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      token_endpoint_auth_method: "none",
    });
  });
});

describe("the session takes the address of its logins", () => {
  const originAfter = async (path: string, environment: Partial<Env>, headers: Record<string, string> = {}) => {
    const name = crypto.randomUUID();
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "list_mcp_capabilities" } });
    const answer = await app.fetch(
      new Request(path.replace("NAME", name), {
        ...(path.endsWith("/mcp") ? { method: "POST", body } : {}),
        headers: {
          "Content-Type": "application/json",
          Accept: "application/json, text/event-stream",
          Host: "localhost:8787",
          ...headers,
        },
      }),
      { ...env, ...environment },
      createExecutionContext(),
    );
    answer.webSocket?.accept();
    if (answer.webSocket === null) await answer.text();
    answer.webSocket?.close();
    const origin = await runInDurableObject(env.SESSIONS.getByName(`owner/${name}`), (_session, { storage }) =>
      storage.kv.get<string>("http/origin"),
    );
    return [answer.status, origin];
  };

  test("from the host of a request that was let in", { tags: ["login.address"] }, async () => {
    expect(await originAfter("http://localhost:8787/s/NAME/mcp", {})).toEqual([200, "http://localhost:8787"]);
    expect(await originAfter("https://evil.example/s/NAME/mcp", {})).toEqual([403, undefined]);
  });

  test("from PUBLIC_URL, whatever host was called", { tags: ["login.address"] }, async () => {
    const PUBLIC_URL = "https://mcp.example.com";
    expect(await originAfter("http://localhost:8787/s/NAME/mcp", { PUBLIC_URL })).toEqual([200, PUBLIC_URL]);
    const bridge = { Upgrade: "websocket", Authorization: "Bearer test-bridge-token" };
    expect(await originAfter("http://localhost:8787/s/NAME/bridge", { PUBLIC_URL }, bridge)).toEqual([101, PUBLIC_URL]);
  });
});
