import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { ServerEntry } from "../../../core/registry/registry.ts";
import { serverEntry, textResult } from "../../support/builders.ts";
import { failureOf } from "../../support/failure.ts";
import { ManualClock, memoryStore } from "../../support/fakes.ts";
import { type LoginSession, type LoginsOptions, linkTo, startLogins } from "../../support/logins.ts";
import { type OauthServer, startOauthServer } from "../../support/oauth-server.ts";

/* A real protected server and a real authorization server; every second use of a code or a refresh token is counted there. */

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

/** What happened between two moments. */
async function since(before: Awaited<ReturnType<OauthServer["happened"]>>) {
  const { refreshed, reused, refused, redeemed } = await oauth.happened();
  return {
    refreshed: refreshed - before.refreshed,
    reused: reused - before.reused,
    refused: refused - before.refused,
    redeemed: redeemed - before.redeemed,
  };
}

test("a server that asks for a login says where, and is not connected to before", { tags: ["login.address"] }, async () => {
  const { servers } = startLogins();
  const before = await oauth.happened();
  const url = expect.stringMatching(/^http:\/\/127\.0\.0\.1:1\/oauth\/login\?ticket=[\w-]+$/);
  expect(servers.reachability(entry)).toEqual({ status: "auth_required", url });
  const failure = await failureOf(servers.listTools(entry, options));
  expect(failure).toMatchObject({ code: "auth_required", delivery: "not_sent", details: { server: "notes", url } });
  expect(failure.message).toMatch(/http:\/\/127\.0\.0\.1:1\/oauth\/login\?ticket=/);
  expect(await since(before)).toEqual({ refreshed: 0, reused: 0, refused: 0, redeemed: 0 });
});

test("after the login its tools are listed and called", async () => {
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

describe("an access token that has expired", () => {
  test("is renewed once for twenty calls that find out at the same time", { tags: ["login.one-refresh"] }, async () => {
    const session = await loggedIn();
    await call(session);
    await oauth.control({ expire: true });
    const before = await oauth.happened();
    const results = await Promise.all(Array.from({ length: 20 }, () => call(session)));
    expect(results).toHaveLength(20);
    for (const result of results) expect(result).toMatchObject(textResult("hello"));
    expect(await since(before)).toMatchObject({ refreshed: 1, reused: 0 });
  });

  test("is renewed before it is sent where its end is known, and each refresh token is redeemed once", {
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

  test("is used until shortly before its end", async () => {
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

  test("that cannot be renewed asks for a login, at an address that works", { tags: ["login.one-refresh"] }, async () => {
    const session = await loggedIn();
    await call(session);
    await oauth.control({ revoke: true });
    const failures = await Promise.all([failureOf(call(session)), failureOf(call(session))]);
    for (const failure of failures) expect(failure).toMatchObject({ code: "auth_required", delivery: "not_sent" });
    expect(session.servers.reachability(entry)).toMatchObject({ status: "auth_required" });
    expect(await session.logIn(entry)).toMatchObject({ kind: "logged_in" });
    expect(await call(session)).toMatchObject(textResult("hello"));
  });

  test("for which there is no refresh token asks for a login", async () => {
    await oauth.control({ givesRefreshTokens: false });
    const session = await loggedIn();
    await oauth.control({ expire: true });
    const before = await oauth.happened();
    expect(await failureOf(call(session))).toMatchObject({ code: "auth_required" });
    expect(await since(before)).toMatchObject({ refreshed: 0, reused: 0 });
  });

  test("stays when its authorization server is down, and is renewed when that is back", {
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

test("a token that is refused although it is new is not renewed again and again", async () => {
  const session = await loggedIn();
  await oauth.control({ refusesAllTokens: true });
  const before = await oauth.happened();
  expect(await failureOf(call(session))).toMatchObject({ code: "auth_required" });
  expect(await since(before)).toMatchObject({ refreshed: 1, reused: 0 });
});

test("all of it holds over the older transport too", async () => {
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

test("a token that its server repeats does not come through", { tags: ["login.sealed"] }, async () => {
  const session = await loggedIn();
  expect(await call(session, "reveal")).toMatchObject(textResult('{"got":"Bearer [secret access token]"}'));
  await oauth.control({ expire: true });
  expect(await call(session, "reveal")).toMatchObject(textResult('{"got":"Bearer [secret access token]"}'));
});

test("a login outlives whoever made it, and opens with its own key and in its own session only", {
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

test("nothing that is kept says any of it in the clear", { tags: ["login.sealed"] }, async () => {
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
