import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { limits } from "../../core/limits.ts";
import { app } from "../../worker/http/app.ts";
import type { Env } from "../../worker/http/env.ts";
import { recordsOf } from "./records.ts";

/* Who is refused leaves a record, whatever the answer looks like: an error, a page, a redirect, or what everybody gets. */

const origin = "https://mcp.example.com";
const authToken = "a token of at least 32 characters";
const logins = { PUBLIC_URL: origin, OAUTH_KEY: "a key of at least thirty-two characters" };
const byPassphrase = { ...logins, OAUTH_IDENTITY: "passphrase", OAUTH_PASSPHRASE: "long enough a phrase" };
const byAccess = { ...logins, OAUTH_IDENTITY: "access", ACCESS_TEAM: "team.example", ACCESS_AUDIENCE: "us" };
const byOidc = { ...logins, OAUTH_IDENTITY: "oidc", OIDC_ISSUER: "https://id.example", OIDC_CLIENT_ID: "us", OIDC_ALLOW: "anna" };
const noKeys = { JWT_ISSUER: "https://id.example", JWT_AUDIENCE: origin, JWT_JWKS_URL: "http://127.0.0.1:1/" };
const part = (value: object) => btoa(JSON.stringify(value)).replaceAll("=", "");
const jwt = `${part({ alg: "ES256", kid: "one" })}.${part({ sub: "anna" })}.AAAA`;
const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });

function ask(variables: Partial<Env>, url: string, init: RequestInit = {}): Promise<Response> {
  return Promise.resolve(app.fetch(new Request(new URL(url, origin), init), { ...env, ...variables }, createExecutionContext()));
}

test.each<[string, Partial<Env>, string, RequestInit, { status: number; rule: string }]>([
  ["a closed orchestrator", { AUTH_TOKEN: "short" }, "/mcp", {}, { status: 503, rule: "settings" }],
  ["a token whose issuer is away", noKeys, "/mcp", { headers: bearer(jwt) }, { status: 503, rule: "issuer" }],
  ["a guess at /readyz", { AUTH_TOKEN: authToken }, "/readyz", { headers: bearer("guess") }, { status: 200, rule: "token" }],
  ["a guess in a link", { AUTH_TOKEN: authToken }, "http://127.0.0.1/login?token=guess", {}, { status: 401, rule: "token" }],
  ["a code that was never given", byPassphrase, "/token", { method: "POST", body: grant() }, { status: 401, rule: "grant" }],
  ["a forged login link", logins, "/oauth/login?ticket=forged", {}, { status: 403, rule: "link" }],
  ["a forged return", logins, "/oauth/callback?state=forged&code=c", {}, { status: 403, rule: "link" }],
  ["another browser", byOidc, "/oauth/identity?state=browser.x&code=c", {}, { status: 403, rule: "other_browser" }],
  ["a way round Access", byAccess, "/authorize?client_id=x", {}, { status: 403, rule: "identity" }],
])("%s leaves one record with its rule", { tags: ["audit.records"] }, async (_what, variables, url, init, denial) => {
  const answer = await ask(variables, url, init);
  await answer.text();

  expect(answer.status).toBe(denial.status);
  const records = await recordsOf(answer.headers.get("X-Request-Id"));
  expect(records).toEqual([expect.objectContaining({ action: "denial", outcome: "not_started", ...denial })]);
  expect(JSON.stringify(records)).not.toMatch(/guess|forged/);
});

test("a body over the bound leaves a record with whose it was", { tags: ["audit.records", "http.bodies"] }, async () => {
  const body = " ".repeat(limits.requestBytesMax + 1);
  const answer = await ask({ AUTH_TOKEN: authToken }, "/mcp", { method: "POST", headers: bearer(authToken), body });
  await answer.text();
  const records = await recordsOf(answer.headers.get("X-Request-Id"));
  expect(records).toEqual([expect.objectContaining({ action: "denial", status: 413, rule: "body", principal: "owner" })]);
});

test("the page of the login, and whoever may not administer, leave none", { tags: ["audit.records"] }, async () => {
  const scoped = { AUTH_TOKEN: authToken, BRIDGE_TOKEN: "a bridge's token" };
  for (const [url, init] of [
    ["/login", {}],
    ["/readyz", {}],
    ["/readyz", { headers: bearer("a bridge's token") }],
  ] as const) {
    const answer = await ask(scoped, url, init);
    await answer.text();
    expect(await recordsOf(answer.headers.get("X-Request-Id"))).toEqual([]);
  }
});

test("a token that somebody puts into an address or a request id is in no record", { tags: ["audit.arguments"] }, async () => {
  const secret = "owners-token-that-has-no-blanks-in-it";
  for (const [url, id] of [
    [`/sessions/${secret}/default`, "a"],
    [`/${"s/".repeat(90)}${secret}`, "b"],
    [`/s/${secret}/mcp`, "c"],
    ["/metrics", secret],
  ] as const) {
    const method = url.startsWith("/sessions") ? "DELETE" : "GET";
    const headers = { "X-Request-Id": id, Origin: "https://evil.example" };
    const answer = await ask({ AUTH_TOKEN: secret }, url, { method, headers });
    expect(await answer.text()).not.toContain(id === secret ? secret : "evil evil");
    expect(answer.headers.get("X-Request-Id")).not.toBe(secret);
    const records = await recordsOf(answer.headers.get("X-Request-Id"));
    expect(records.length).toBe(answer.status === 404 ? 0 : 1);
    expect(JSON.stringify(records)).not.toContain("owners-token");
  }
});

function grant(): URLSearchParams {
  return new URLSearchParams({ grant_type: "authorization_code", client_id: "nobody", code: "a:b:c", redirect_uri: origin });
}
