import { exports } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { authorise, type Door } from "../../worker/http/access/access.ts";
import { createBrowserLogins } from "../../worker/http/access/browser-login.ts";
import { createStaticTokens } from "../../worker/http/access/static-tokens.ts";
import { Throttle } from "../../worker/http/access/throttle.ts";
import { type IdentityVariables, readIdentity } from "../../worker/identity-settings.ts";
import type { Scope } from "../../worker/scopes.ts";

const authToken = "a token of at least 32 characters";
const secrets = { AUTH_TOKEN: authToken, BRIDGE_TOKEN: "bridge-token" };

function doorOf(variables: IdentityVariables): Door {
  const settings = readIdentity(variables);
  const now = () => 0;
  const browserLogins = createBrowserLogins(settings, now);
  return { settings, verifiers: [createStaticTokens(settings, now)], throttle: new Throttle(now), browserLogins };
}

function request(url: string, headers: Record<string, string> = {}) {
  return new Request(url, { method: "POST", headers });
}

function decide(url: string, variables: IdentityVariables, headers: Record<string, string> = {}) {
  const needed: Scope = new URL(url).pathname === "/bridge" ? "mcp:bridge" : "mcp:read";
  return authorise(request(url, headers), needed, doorOf(variables));
}

const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });

describe("without any secret", () => {
  test.each(["http://127.0.0.1:8787/mcp", "http://localhost/mcp", "http://[::1]:8787/mcp"])(
    "%s answers a caller on this machine",
    async (url) => {
      expect(await decide(url, {})).toMatchObject({ kind: "granted", principal: "owner" });
    },
  );

  test.each([
    ["another host name", "https://mcp.example.workers.dev/mcp", {}],
    ["a host that only starts like loopback", "http://127.0.0.1.example.com/mcp", {}],
    ["a caller elsewhere who names loopback", "http://127.0.0.1/mcp", { "CF-Connecting-IP": "203.0.113.9" }],
    ["a caller behind a proxy", "http://127.0.0.1/mcp", { "X-Forwarded-For": "127.0.0.1" }],
    ["a caller behind a proxy that names only the host", "http://127.0.0.1/mcp", { "X-Forwarded-Host": "localhost" }],
    ["a caller behind a proxy of RFC 7239", "http://127.0.0.1/mcp", { Forwarded: "for=127.0.0.1" }],
    ["a caller behind a proxy of RFC 9110", "http://127.0.0.1/mcp", { Via: "1.1 proxy" }],
  ])("/mcp refuses %s and says what to set", { tags: ["access.closed"] }, async (_who, url, headers) => {
    const access = await decide(url, {}, headers);
    expect(access).toMatchObject({ kind: "refused", status: 403 });
    expect(JSON.stringify(access)).toContain("AUTH_TOKEN");
  });

  test("/bridge refuses everyone, loopback included", { tags: ["access.closed"] }, async () => {
    const access = await decide("http://127.0.0.1:8787/bridge", {});
    expect(access).toMatchObject({ kind: "refused", status: 403 });
    expect(JSON.stringify(access)).toContain("BRIDGE_TOKEN");
  });
});

describe("with secrets set", () => {
  test.each(["mcp", "bridge"] as const)(
    "/%s accepts its own token and no other",
    { tags: ["access.tokens"] },
    async (endpoint) => {
      const [own, other] = endpoint === "mcp" ? [authToken, "bridge-token"] : ["bridge-token", authToken];
      const at = (token: string) => decide(`https://mcp.example.workers.dev/${endpoint}`, secrets, bearer(token));
      expect(await at(own)).toMatchObject({ kind: "granted" });
      for (const wrong of ["", `${own}x`, own.slice(1)]) expect(await at(wrong)).toMatchObject({ kind: "refused", status: 401 });
      expect(await at(other)).toMatchObject({ kind: "refused", status: 403 });
    },
  );

  test("a caller on loopback needs the token too", async () => {
    expect(await decide("http://127.0.0.1/mcp", secrets)).toMatchObject({ kind: "refused", status: 401 });
  });

  test.each([
    ["names another host", "http://mcp.example.com/mcp", {}],
    ["comes from elsewhere", "http://127.0.0.1/mcp", { "CF-Connecting-IP": "203.0.113.9" }],
    ["reached a proxy in plain http", "http://127.0.0.1/mcp", { "X-Forwarded-Proto": "http" }],
    ["reached the first of two proxies in plain http", "http://127.0.0.1/mcp", { "X-Forwarded-Proto": "http, https" }],
    ["reached a proxy of RFC 7239 in plain http", "http://127.0.0.1/mcp", { Forwarded: "for=192.0.2.4;proto=http" }],
    ["reached a proxy that does not say how", "http://127.0.0.1/mcp", { "X-Forwarded-For": "192.0.2.4" }],
    ["reached a proxy that only names itself", "http://127.0.0.1/mcp", { Via: "1.1 proxy" }],
  ])("a right token over plain http that %s is refused", { tags: ["access.encrypted"] }, async (_how, url, headers) => {
    const access = await decide(url, secrets, { ...headers, ...bearer(authToken) });
    expect(access).toMatchObject({ kind: "refused", status: 403, message: expect.stringContaining("Use https") });
  });

  test("a proxy on this machine may end the encryption", { tags: ["access.encrypted"] }, async () => {
    for (const said of [{ "X-Forwarded-Proto": "https" }, { Forwarded: 'for=203.0.113.9; Proto="https"' }]) {
      const headers = { ...said, "X-Forwarded-For": "203.0.113.9", ...bearer(authToken) };
      expect(await decide("http://mcp.example.com/mcp", secrets, headers)).toMatchObject({ kind: "granted" });
    }
  });
});

test("a wrong setting closes everything and is named", { tags: ["access.settings"] }, async () => {
  const short = { AUTH_TOKEN: "short", BRIDGE_TOKEN: "bridge-token" };
  for (const path of ["mcp", "bridge"]) {
    const access = await decide(`http://127.0.0.1/${path}`, short, bearer(path === "mcp" ? "short" : "bridge-token"));
    expect(access).toMatchObject({ status: 503, message: expect.stringContaining("AUTH_TOKEN has fewer than 32 characters") });
  }
});

test("a caller with many wrong tokens has to wait, and is told how long", { tags: ["access.throttled"] }, async () => {
  const door = doorOf(secrets);
  const from = (address: string, token: string) =>
    authorise(request("https://mcp.example.com/mcp", { "CF-Connecting-IP": address, ...bearer(token) }), "mcp:read", door);
  for (let guess = 0; guess < 20; guess += 1) expect(await from("203.0.113.9", `guess ${guess}`)).toMatchObject({ status: 401 });

  expect(await from("203.0.113.9", authToken)).toMatchObject({ status: 429, headers: { "Retry-After": "3" } });
  expect(await from("203.0.113.8", authToken)).toMatchObject({ kind: "granted" });
});

test("a web page of another origin is refused even with the token", async () => {
  const headers = { Origin: "https://evil.example", ...bearer(authToken) };
  expect(await decide("http://127.0.0.1/mcp", secrets, headers)).toMatchObject({ status: 403 });
  for (const origin of ["null", "file://", "not an origin"]) {
    expect(await decide("http://127.0.0.1/mcp", {}, { Origin: origin })).toMatchObject({ status: 403 });
  }
});

test("a web page on this machine is accepted", async () => {
  expect(await decide("http://127.0.0.1/mcp", {}, { Origin: "http://localhost:6274" })).toMatchObject({ kind: "granted" });
});

test("a refusal over HTTP names the next step", async () => {
  const response = await exports.default.fetch("https://mcp.example.workers.dev/mcp", { method: "POST" });
  expect(response.status).toBe(403);
  expect(await response.text()).toContain("npx wrangler secret put AUTH_TOKEN");
});

test("health endpoints answer without a token", async () => {
  for (const path of ["/livez", "/readyz"]) {
    const response = await exports.default.fetch(`https://mcp.example.workers.dev${path}`);
    expect([response.status, await response.text()]).toEqual([200, "ok\n"]);
  }
});

test("metrics are for whoever may read them", { tags: ["access.scopes"] }, async () => {
  expect((await exports.default.fetch("https://mcp.example.workers.dev/metrics")).status).toBe(403);
  const metrics = await (await exports.default.fetch("http://127.0.0.1/metrics")).text();
  expect(metrics).toMatch(/^mcp_orchestrator_registry_servers 2$/m);
});
