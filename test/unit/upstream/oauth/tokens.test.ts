import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { ServerEntry } from "../../../../core/registry/registry.ts";
import { serverEntry, textResult } from "../../../support/builders.ts";
import { failureOf } from "../../../support/failure.ts";
import { ManualClock, memoryStore } from "../../../support/fakes.ts";
import { type LoginSession, type LoginsOptions, linkTo, startLogins } from "../../../support/logins.ts";
import { type OauthServer, startOauthServer } from "../../../support/oauth-server.ts";

/* A real protected server and a real authorization server, which counts every reuse of a code or a refresh token. */

const options = { signal: new AbortController().signal, timeoutMs: 20_000 };

let oauth: OauthServer;
let entry: ServerEntry;

beforeAll(async () => {
  oauth = await startOauthServer();
  entry = serverEntry("notes", { mcp: { transport: "http", url: oauth.url, headers: {} }, auth: "oauth" });
});
afterAll(() => oauth[Symbol.asyncDispose]());
beforeEach(() =>
  oauth.control({
    denies: false,
    isDown: false,
    tokenSeconds: 3600,
    refusesAllTokens: false,
    givesRefreshTokens: true,
    revoke: true,
  }),
);

async function loggedIn(parts: LoginsOptions = {}): Promise<LoginSession> {
  const session = startLogins(parts);
  expect(await session.logIn(entry)).toEqual({ kind: "logged_in", server: "notes", title: "notes" });
  return session;
}

const call = ({ servers }: LoginSession, tool = "echo") => servers.callTool(entry, { tool, args: { message: "hello" } }, options);

/** What the servers have counted since then. */
async function since(before: Awaited<ReturnType<OauthServer["happened"]>>) {
  const { refreshed, reused, refused, redeemed } = await oauth.happened();
  return {
    refreshed: refreshed - before.refreshed,
    reused: reused - before.reused,
    refused: refused - before.refused,
    redeemed: redeemed - before.redeemed,
  };
}

test("a server without a login gives the login address and is not connected to", { tags: ["login.address"] }, async () => {
  const { servers } = startLogins();
  const before = await oauth.happened();
  const url = expect.stringMatching(/^http:\/\/127\.0\.0\.1:1\/oauth\/login\?ticket=[\w-]+$/);
  expect(servers.reachability(entry)).toEqual({ status: "auth_required", url });
  const failure = await failureOf(servers.listTools(entry, options));
  expect(failure).toMatchObject({ code: "auth_required", delivery: "not_sent", details: { server: "notes", url } });
  expect(failure.message).toMatch(/http:\/\/127\.0\.0\.1:1\/oauth\/login\?ticket=/);
  expect(await since(before)).toEqual({ refreshed: 0, reused: 0, refused: 0, redeemed: 0 });
});

test("after a login the server's tools are listed and called", async () => {
  const session = await loggedIn();
  expect(session.servers.reachability(entry)).toEqual({ status: "not_connected" });
  expect((await session.servers.listTools(entry, options)).map(({ name }) => name)).toEqual([
    "whoami",
    "echo",
    "reveal",
    "admin",
    "erase",
  ]);
  expect(await call(session)).toMatchObject(textResult("hello"));
});

describe("an access token that expires", () => {
  test("is refreshed once for twenty concurrent calls", { tags: ["login.one-refresh"] }, async () => {
    const session = await loggedIn();
    await call(session);
    await oauth.control({ expire: true });
    const before = await oauth.happened();
    const results = await Promise.all(Array.from({ length: 20 }, () => call(session)));
    expect(results).toHaveLength(20);
    for (const result of results) expect(result).toMatchObject(textResult("hello"));
    expect(await since(before)).toMatchObject({ refreshed: 1, reused: 0 });
  });

  test("is refreshed before use if its expiry is known, with each refresh token used once", {
    tags: ["login.one-refresh"],
  }, async () => {
    const clock = new ManualClock(Date.now());
    const session = await loggedIn({ clock });
    const before = await oauth.happened();
    for (const round of [1, 2, 3]) {
      clock.advance(3_600_000);
      await Promise.all([call(session), call(session), call(session)]);
      expect(await since(before)).toEqual({ refreshed: round, reused: 0, refused: 0, redeemed: 0 });
    }
  });

  test("is used until 30 seconds before its expiry", async () => {
    const clock = new ManualClock(Date.now());
    const session = await loggedIn({ clock });
    const before = await oauth.happened();
    clock.advance(3_600_000 - 30_001);
    await call(session);
    expect(await since(before)).toMatchObject({ refreshed: 0 });
    clock.advance(1);
    await call(session);
    expect(await since(before)).toMatchObject({ refreshed: 1 });
  });

  test("and cannot be refreshed leads to a login with a working address", { tags: ["login.one-refresh"] }, async () => {
    const session = await loggedIn();
    await call(session);
    await oauth.control({ revoke: true });
    const failures = await Promise.all([failureOf(call(session)), failureOf(call(session))]);
    for (const failure of failures) expect(failure).toMatchObject({ code: "auth_required", delivery: "not_sent" });
    expect(session.servers.reachability(entry)).toMatchObject({ status: "auth_required" });
    expect(await session.logIn(entry)).toMatchObject({ kind: "logged_in" });
    expect(await call(session)).toMatchObject(textResult("hello"));
  });

  test("without a refresh token leads to a login", async () => {
    await oauth.control({ givesRefreshTokens: false });
    const session = await loggedIn();
    await oauth.control({ expire: true });
    const before = await oauth.happened();
    expect(await failureOf(call(session))).toMatchObject({ code: "auth_required" });
    expect(await since(before)).toMatchObject({ refreshed: 0, reused: 0 });
  });

  test("is kept while the authorization server is down, and refreshed when that is back", {
    tags: ["login.one-refresh"],
  }, async () => {
    const session = await loggedIn();
    await call(session);
    await oauth.control({ expire: true, isDown: true });
    const failure = await failureOf(call(session));
    expect(failure).toMatchObject({ code: "server_unavailable", delivery: "not_sent" });
    expect(failure.message).toContain(new URL(oauth.issuer).host);
    expect(session.servers.reachability(entry)).not.toMatchObject({ status: "auth_required" });
    await oauth.control({ isDown: false });
    expect(await call(session)).toMatchObject(textResult("hello"));
  });
});

test("a new token that is refused is not refreshed again", async () => {
  const session = await loggedIn();
  await oauth.control({ refusesAllTokens: true });
  const before = await oauth.happened();
  expect(await failureOf(call(session))).toMatchObject({ code: "auth_required" });
  expect(await since(before)).toMatchObject({ refreshed: 1, reused: 0 });
});

test("login, refresh and revocation work over the sse transport too", async () => {
  const old: ServerEntry = { ...entry, mcp: { transport: "sse", url: oauth.url.replace(/mcp$/, "sse"), headers: {} } };
  const session = startLogins();
  const echo = () => session.servers.callTool(old, { tool: "echo", args: { message: "hello" } }, options);
  expect(await failureOf(echo())).toMatchObject({ code: "auth_required" });
  expect(await session.logIn(old)).toMatchObject({ kind: "logged_in" });
  expect(await echo()).toMatchObject(textResult("hello"));
  await oauth.control({ expire: true });
  const before = await oauth.happened();
  await Promise.all([echo(), echo(), echo()]);
  expect(await since(before)).toMatchObject({ refreshed: 1, reused: 0 });
  await oauth.control({ revoke: true });
  expect(await failureOf(echo())).toMatchObject({ code: "auth_required", delivery: "not_sent" });
  session.servers.drop("notes");
});

test("a token in a server's result is redacted", { tags: ["login.sealed"] }, async () => {
  const session = await loggedIn();
  expect(await call(session, "reveal")).toMatchObject(textResult('{"got":"Bearer [secret access token]"}'));
  await oauth.control({ expire: true });
  expect(await call(session, "reveal")).toMatchObject(textResult('{"got":"Bearer [secret access token]"}'));
});

test("a stored login can be used after a restart, but only with its key", {
  tags: ["login.sealed"],
}, async () => {
  const store = memoryStore();
  await loggedIn({ store });
  expect(await call(startLogins({ store }))).toMatchObject(textResult("hello"));
  const other = startLogins({ store, key: "another key of thirty-two letters" });
  expect(other.servers.reachability(entry)).toMatchObject({ status: "auth_required" });
  expect(await failureOf(call(other))).toMatchObject({ code: "auth_required" });
  expect(await call(startLogins({ store }))).toMatchObject(textResult("hello"));
});

test("no secret of a login is stored in plain text", { tags: ["login.sealed"] }, async () => {
  const store = memoryStore();
  const session = await loggedIn({ store });
  await oauth.control({ expire: true });
  await call(session);
  const other = { ...entry, id: "other" };
  expect(await session.open(linkTo(session, other), other)).toMatchObject({ kind: "go" });
  const kept = JSON.stringify(store.keys("").map((key) => store.read(key)));
  const { secrets } = await oauth.happened();
  expect(secrets.length).toBeGreaterThan(3);
  for (const secret of [...secrets, "verifier", "refresh", "access", "client-", oauth.issuer]) expect(kept).not.toContain(secret);
});
