import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { limits } from "../../../../core/limits.ts";
import type { ServerEntry } from "../../../../core/registry/registry.ts";
import { loginLimits } from "../../../../worker/upstream/oauth/login-limits.ts";
import { serverEntry } from "../../../support/builders.ts";
import { failureOf } from "../../../support/failure.ts";
import { ManualClock, memoryStore } from "../../../support/fakes.ts";
import { linkTo, loginOf, startLogins } from "../../../support/logins.ts";
import { type OauthServer, startOauthServer } from "../../../support/oauth-server.ts";

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
    registers: true,
    readsClientMetadata: false,
    iss: null,
    loginPage: null,
    revoke: true,
  }),
);

const loggedIn = { kind: "logged_in", server: "notes", title: "notes" };
const failed = (words: string) => ({ kind: "failed", message: expect.stringContaining(words) });

describe("a login link", () => {
  test("is valid for one hour and for one login", async () => {
    const clock = new ManualClock(Date.now());
    const session = startLogins({ clock });
    const link = linkTo(session, entry);
    clock.advance(loginLimits.loginLinkMs - 1);
    const begun = await session.open(link, entry);
    clock.advance(1);
    expect(await session.open(link, entry)).toEqual(failed("no ticket"));
    const second = linkTo(session, entry);
    expect(await session.follow(begun, entry)).toEqual(loggedIn);
    expect(await session.open(second, entry)).toEqual(failed("is logged in already"));
  });

  test("may be opened again if the first login was not completed", { tags: ["login.works"] }, async () => {
    const session = startLogins();
    const link = linkTo(session, entry);
    await session.open(link, entry);
    expect(await session.follow(await session.open(link, entry), entry)).toEqual(loggedIn);
  });

  test("opens only with the key it was sealed with", () => {
    const { links } = startLogins();
    const ticket = links.ticketText({ session: "owner/a", server: "notes" });
    expect(links.readTicket(ticket)).toMatchObject({ session: "owner/a", server: "notes" });
    const flipped = [...ticket].with(20, ticket[20] === "A" ? "B" : "A").join("");
    for (const wrong of ["", "x", ticket.slice(1), `${ticket}AAAA`, flipped, "é", "A".repeat(10_000)])
      expect(links.readTicket(wrong)).toBeUndefined();
    expect(links.readState(ticket)).toBeUndefined();
    expect(links.readTicket(links.stateText({ session: "owner/a", attempt: "1" }))).toBeUndefined();
    expect(startLogins({ key: "x".repeat(32) }).links.readTicket(ticket)).toBeUndefined();
  });

  test("of a server that was removed from the registry is refused", async () => {
    const session = startLogins();
    const link = linkTo(session, entry);
    const ticket = session.links.readTicket(new URL(link).searchParams.get("ticket") ?? "");
    expect(await session.logins.begin(undefined, ticket ?? {})).toEqual(failed("no longer in the registry"));
    const begun = await session.open(link, entry);
    expect(await session.follow(begun, { ...entry, id: "another" })).toEqual(failed("no longer in the registry"));
  });
});

describe("a login attempt", () => {
  test("is used up by the first return, even if that fails", { tags: ["login.forged"] }, async () => {
    const session = startLogins();
    const begun = await session.open(linkTo(session, entry), entry);
    await oauth.control({ denies: true });
    expect(await session.follow(begun, entry)).toEqual(failed("because the login was refused"));
    await oauth.control({ denies: false });
    expect(await session.follow(begun, entry)).toEqual(failed("over already"));
    expect(session.servers.reachability(entry)).toMatchObject({ status: "auth_required" });
  });

  test("expires after 15 minutes", async () => {
    const clock = new ManualClock(Date.now());
    const session = startLogins({ clock });
    const begun = await session.open(linkTo(session, entry), entry);
    clock.advance(limits.loginAttemptMs - 1);
    expect(await session.follow(begun, entry)).toEqual(loggedIn);
    const late = startLogins({ clock });
    const second = await late.open(linkTo(late, entry), entry);
    clock.advance(limits.loginAttemptMs);
    expect(await late.follow(second, entry)).toMatchObject({ kind: "failed" });
  });

  test("can be completed only in its own session", { tags: ["login.forged"] }, async () => {
    const store = memoryStore();
    const mine = startLogins({ store });
    const begun = await mine.open(linkTo(mine, entry), entry);
    expect(await startLogins().follow(begun, entry)).toEqual(failed("over already"));
    expect(await startLogins({ store, session: "owner/other" }).follow(begun, entry)).toEqual(failed("over already"));
  });

  test("is dropped as the oldest when there are more than loginAttemptsMax", async () => {
    const session = startLogins();
    const first = await session.open(linkTo(session, entry), entry);
    for (let n = 1; n < loginLimits.loginAttemptsMax; n++) {
      session.clock.advance(1);
      await session.open(linkTo(session, entry), entry);
    }
    expect(session.store.keys("oauth/attempt/")).toHaveLength(loginLimits.loginAttemptsMax);
    const last = await session.open(linkTo(session, entry), entry);
    expect(session.store.keys("oauth/attempt/")).toHaveLength(loginLimits.loginAttemptsMax);
    expect(await session.follow(first, entry)).toEqual(failed("over already"));
    expect(await session.follow(last, entry)).toEqual(loggedIn);
  });

  test("does not replace a login that was made meanwhile", { tags: ["login.forged"] }, async () => {
    const session = startLogins();
    const link = linkTo(session, entry);
    const early = await session.open(link, entry);
    expect(await session.logIn(entry)).toEqual(loggedIn);
    const { redeemed } = await oauth.happened();
    expect(await session.follow(early, entry)).toEqual(failed("is logged in already"));
    expect((await oauth.happened()).redeemed).toBe(redeemed);
  });

  test("cannot be completed after its entry was changed to another address", async () => {
    const session = startLogins();
    const begun = await session.open(linkTo(session, entry), entry);
    session.logins.drop("notes");
    const moved = { ...entry, mcp: { transport: "http" as const, url: `${oauth.url}?other`, headers: {} } };
    expect(await session.follow(begun, moved)).toEqual(failed("has changed in the registry"));
  });

  test("is not completed by a response from another issuer, and its code is sent to nobody", {
    tags: ["login.forged"],
  }, async () => {
    await oauth.control({ iss: "https://mix-up.example" });
    const before = await oauth.happened();
    const session = startLogins();
    expect(await session.logIn(entry)).toEqual(failed("another authorization server answered"));
    const after = await oauth.happened();
    expect([after.authorized - before.authorized, after.redeemed - before.redeemed]).toEqual([1, 0]);
  });
});

test("a login for more scopes keeps the earlier ones", async () => {
  const session = startLogins();
  await session.logIn(entry);
  const use = (tool: string) => session.servers.callTool(entry, { tool, args: {} }, options);
  for (const tool of ["admin", "erase"]) {
    const failure = await failureOf(use(tool));
    expect(failure).toMatchObject({
      code: "auth_required",
      delivery: "not_sent",
      message: expect.stringContaining("more permissions"),
    });
    expect(await session.follow(await session.open(failure.details.url ?? "", entry), entry)).toEqual(loggedIn);
  }
  for (const tool of ["admin", "erase", "whoami"]) expect(await use(tool)).toMatchObject({ content: [{ type: "text" }] });
});

describe("the OAuth client of this orchestrator", () => {
  test("is registered at the first login and reused at the next", { tags: ["login.client"] }, async () => {
    const before = await oauth.happened();
    const session = startLogins();
    await session.logIn(entry);
    await oauth.control({ revoke: true });
    await failureOf(session.servers.listTools(entry, options));
    expect(await session.logIn(entry)).toEqual(loggedIn);
    expect((await oauth.happened()).registered - before.registered).toBe(1);
  });

  test("is registered again after the authorization server has forgotten it", { tags: ["login.client"] }, async () => {
    const session = startLogins();
    await session.logIn(entry);
    await oauth.control({ revoke: true, forgetClients: true });
    await failureOf(session.servers.listTools(entry, options));
    expect(await session.logIn(entry)).toEqual(failed("HTTP 400"));
    expect(await session.logIn(entry)).toEqual(loggedIn);
  });

  test("is the configured one if the entry has one, with its secret from the environment", {
    tags: ["login.client"],
  }, async () => {
    const origin = "http://127.0.0.1:1";
    await oauth.control({
      registers: false,
      client: { client_id: "by-hand", client_secret: "s3cret", redirect_uris: [`${origin}/oauth/callback`] },
    });
    const named = { ...entry, oauth: { clientId: "by-hand", clientSecret: "${env:NOTES_SECRET}", scopes: ["admin"] } };
    const unset = startLogins({ origin });
    expect(unset.servers.reachability(named)).toMatchObject({
      status: "unavailable",
      reason: expect.stringContaining("NOTES_SECRET"),
    });
    const before = await oauth.happened();
    const session = startLogins({ origin, environment: (name) => (name === "NOTES_SECRET" ? "s3cret" : undefined) });
    expect(await session.logIn(named)).toEqual(loggedIn);
    expect((await oauth.happened()).registered).toBe(before.registered);
    const admin = await session.servers.callTool(named, { tool: "admin", args: {} }, options);
    expect(admin.content).toEqual([{ type: "text", text: "done" }]);
    await oauth.control({ expire: true });
    await session.servers.callTool(named, { tool: "whoami", args: {} }, options);
    expect((await oauth.happened()).refreshed).toBe(before.refreshed + 1);
  });

  test("is not used with an authorization server other than the configured issuer", async () => {
    const pinned = { ...entry, oauth: { clientId: "by-hand", clientSecret: "s3cret", issuer: "https://auth.example" } };
    expect(await startLogins().logIn(pinned)).toEqual(failed("another authorization server answered"));
  });

  test("is its metadata document if it has a public address and the authorization server reads such documents", {
    tags: ["login.client"],
  }, async () => {
    await oauth.control({ readsClientMetadata: true });
    const before = await oauth.happened();
    const session = startLogins({ origin: "https://orchestrator.example" });
    const begun = await session.open(linkTo(session, entry), entry);
    const query = begun.kind === "go" ? new URL(begun.url).searchParams : new URLSearchParams();
    expect(query.get("client_id")).toBe("https://orchestrator.example/oauth/client.json");
    expect(query.get("redirect_uri")).toBe("https://orchestrator.example/oauth/callback");
    expect(await session.follow(begun, entry)).toEqual(loggedIn);
    expect((await oauth.happened()).registered).toBe(before.registered);
  });

  test("must be registered by hand if the authorization server has no registration, and the page says so", {
    tags: ["login.client"],
  }, async () => {
    await oauth.control({ registers: false });
    const answer = await startLogins().logIn(entry);
    expect(answer).toEqual(failed("http://127.0.0.1:1/oauth/callback"));
    expect(answer).toEqual(failed('"oauth": { "clientId"'));
  });
});

test("the page says when an authorization server does not answer", async () => {
  await oauth.control({ isDown: true });
  expect(await startLogins().logIn(entry)).toEqual(failed("does not answer as one"));
});

test("a deployed orchestrator does not call an authorization server on a private network", {
  tags: ["login.forged"],
}, async () => {
  const session = startLogins({ reachesInside: false });
  const link = linkTo(session, entry);
  const before = await oauth.happened();
  expect(await session.open(link, entry)).toEqual(failed("where a deployed orchestrator does not go"));
  expect((await oauth.happened()).refused).toBe(before.refused);
});

test.each(["http://169.254.169.254/login", "http://metadata.google.internal/", "ftp://127.0.0.1/"])(
  "a browser is never redirected to %s",
  async (loginPage) => {
    await oauth.control({ loginPage });
    const session = startLogins();
    expect(await session.open(linkTo(session, entry), entry)).toEqual(failed("names"));
    expect(session.store.keys("oauth/")).toEqual([]);
  },
);

describe("a registry change", () => {
  const registry = (...servers: ServerEntry[]) => ({ servers, problems: [], warnings: [] });

  test.each<[string, (entry: ServerEntry) => ServerEntry[]]>([
    ["was removed", () => []],
    ["no longer uses OAuth", (before) => [{ ...before, auth: "none" }]],
    [
      "has another address",
      (before) => [{ ...before, mcp: { transport: "http", url: "https://elsewhere.example", headers: {} } }],
    ],
    ["has another client", (before) => [{ ...before, oauth: { clientId: "x" } }]],
  ])("deletes the login of a server that %s", { tags: ["login.forgotten"] }, async (_what, change) => {
    const session = startLogins();
    await session.logIn(entry);
    session.logins.keepOnly(registry(entry));
    expect(session.store.keys("oauth/login/")).toHaveLength(1);
    session.logins.drop("notes");
    session.logins.keepOnly(registry(...change(entry)));
    expect(session.store.keys("oauth/login/")).toEqual([]);
  });

  test("with a mistake in the registry deletes no login", { tags: ["login.forgotten"] }, async () => {
    const session = startLogins();
    await session.logIn(entry);
    session.logins.keepOnly({ ...registry(), problems: [{ path: "1:1", message: "expected a comma" }] });
    expect(session.store.keys("oauth/login/")).toHaveLength(1);
  });
});

test("without OAUTH_KEY a server is unavailable, and the reason says what to set", async () => {
  const login = loginOf(entry);
  const reason = expect.stringContaining("npx wrangler secret put OAUTH_KEY");
  expect(login.standing()).toEqual({ status: "unavailable", reason });
  expect(login.refusal()).toMatchObject({ code: "server_unavailable", message: reason });
});

test("the error for a server that requires a login, although its entry has no auth, names the setting", async () => {
  const plain = { ...entry, auth: "none" as const };
  const failure = await failureOf(startLogins().servers.listTools(plain, options));
  expect(failure).toMatchObject({ code: "auth_required", delivery: "not_sent" });
  expect(failure.message).toContain('Set "auth": "oauth" in its registry entry');
});
