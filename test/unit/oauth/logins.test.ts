import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { limits } from "../../../core/limits.ts";
import type { ServerEntry } from "../../../core/registry/registry.ts";
import { serverEntry } from "../../support/builders.ts";
import { failureOf } from "../../support/failure.ts";
import { ManualClock, memoryStore } from "../../support/fakes.ts";
import { linkTo, loginOf, startLogins } from "../../support/logins.ts";
import { type OauthServer, startOauthServer } from "../../support/oauth-server.ts";

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
  test("is good for an hour, and for one login", async () => {
    const clock = new ManualClock(Date.now());
    const session = startLogins({ clock });
    const link = linkTo(session, entry);
    clock.advance(limits.loginLinkMs - 1);
    const begun = await session.open(link, entry);
    clock.advance(1);
    expect(await session.open(link, entry)).toEqual(failed("no ticket"));
    const second = linkTo(session, entry);
    expect(await session.follow(begun, entry)).toEqual(loggedIn);
    expect(await session.open(second, entry)).toEqual(failed("is logged in already"));
  });

  test("may be opened again when the first login came to nothing", { tags: ["login.works"] }, async () => {
    const session = startLogins();
    const link = linkTo(session, entry);
    await session.open(link, entry);
    expect(await session.follow(await session.open(link, entry), entry)).toEqual(loggedIn);
  });

  test("is read with the key it was written with, and by nothing else", () => {
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

  test("of a server that went, or that nobody logs in to any more, leads nowhere", async () => {
    const session = startLogins();
    const link = linkTo(session, entry);
    const ticket = session.links.readTicket(new URL(link).searchParams.get("ticket") ?? "");
    expect(await session.logins.begin(undefined, ticket ?? {})).toEqual(failed("no longer in the registry"));
    const begun = await session.open(link, entry);
    expect(await session.follow(begun, { ...entry, id: "another" })).toEqual(failed("no longer in the registry"));
  });
});

describe("a login that was begun", () => {
  test("comes back once, whatever came of it", { tags: ["login.forged"] }, async () => {
    const session = startLogins();
    const begun = await session.open(linkTo(session, entry), entry);
    await oauth.control({ denies: true });
    expect(await session.follow(begun, entry)).toEqual(failed("because the login was refused"));
    await oauth.control({ denies: false });
    expect(await session.follow(begun, entry)).toEqual(failed("over already"));
    expect(session.servers.reachability(entry)).toMatchObject({ status: "auth_required" });
  });

  test("has a quarter of an hour to come back", async () => {
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

  test("comes back to its own session only", { tags: ["login.forged"] }, async () => {
    const store = memoryStore();
    const mine = startLogins({ store });
    const begun = await mine.open(linkTo(mine, entry), entry);
    expect(await startLogins().follow(begun, entry)).toEqual(failed("over already"));
    expect(await startLogins({ store, session: "owner/other" }).follow(begun, entry)).toEqual(failed("over already"));
  });

  test("makes room when there are many, the oldest first", async () => {
    const session = startLogins();
    const first = await session.open(linkTo(session, entry), entry);
    for (let n = 1; n < limits.loginAttemptsMax; n++) {
      session.clock.advance(1);
      await session.open(linkTo(session, entry), entry);
    }
    expect(session.store.keys("oauth/attempt/")).toHaveLength(limits.loginAttemptsMax);
    const last = await session.open(linkTo(session, entry), entry);
    expect(session.store.keys("oauth/attempt/")).toHaveLength(limits.loginAttemptsMax);
    expect(await session.follow(first, entry)).toEqual(failed("over already"));
    expect(await session.follow(last, entry)).toEqual(loggedIn);
  });

  test("does not take the place of a login that was made meanwhile", { tags: ["login.forged"] }, async () => {
    const session = startLogins();
    const link = linkTo(session, entry);
    const early = await session.open(link, entry);
    expect(await session.logIn(entry)).toEqual(loggedIn);
    const { redeemed } = await oauth.happened();
    expect(await session.follow(early, entry)).toEqual(failed("is logged in already"));
    expect((await oauth.happened()).redeemed).toBe(redeemed);
  });

  test("is not finished for an entry that names another address by now", async () => {
    const session = startLogins();
    const begun = await session.open(linkTo(session, entry), entry);
    session.logins.drop("notes");
    const moved = { ...entry, mcp: { transport: "http" as const, url: `${oauth.url}?other`, headers: {} } };
    expect(await session.follow(begun, moved)).toEqual(failed("has changed in the registry"));
  });

  test("is not finished by an answer of another authorization server, and its code is not shown to anybody", {
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

test("a login for more permissions keeps those there were", async () => {
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

describe("the client that this orchestrator is", () => {
  test("is registered at the first login and used again at the next", { tags: ["login.client"] }, async () => {
    const before = await oauth.happened();
    const session = startLogins();
    await session.logIn(entry);
    await oauth.control({ revoke: true });
    await failureOf(session.servers.listTools(entry, options));
    expect(await session.logIn(entry)).toEqual(loggedIn);
    expect((await oauth.happened()).registered - before.registered).toBe(1);
  });

  test("is registered anew where the authorization server has forgotten it", { tags: ["login.client"] }, async () => {
    const session = startLogins();
    await session.logIn(entry);
    await oauth.control({ revoke: true, forgetClients: true });
    await failureOf(session.servers.listTools(entry, options));
    expect(await session.logIn(entry)).toEqual(failed("HTTP 400"));
    expect(await session.logIn(entry)).toEqual(loggedIn);
  });

  test("is the configured one where there is one, its secret from the environment", { tags: ["login.client"] }, async () => {
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

  test("shows itself to no other authorization server than its entry names", async () => {
    const pinned = { ...entry, oauth: { clientId: "by-hand", clientSecret: "s3cret", issuer: "https://auth.example" } };
    expect(await startLogins().logIn(pinned)).toEqual(failed("another authorization server answered"));
  });

  test("is a document of its own where it has a public address and the authorization server reads such", {
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

  test("is to be registered by hand where it cannot do so itself, which the page says", { tags: ["login.client"] }, async () => {
    await oauth.control({ registers: false });
    const answer = await startLogins().logIn(entry);
    expect(answer).toEqual(failed("http://127.0.0.1:1/oauth/callback"));
    expect(answer).toEqual(failed('"oauth": { "clientId"'));
  });
});

test("an authorization server that is down is named on the page", async () => {
  await oauth.control({ isDown: true });
  expect(await startLogins().logIn(entry)).toEqual(failed("does not answer as one"));
});

test("a deployed orchestrator does not go to an authorization server inside a network", { tags: ["login.forged"] }, async () => {
  const session = startLogins({ reachesInside: false });
  const link = linkTo(session, entry);
  const before = await oauth.happened();
  expect(await session.open(link, entry)).toEqual(failed("where a deployed orchestrator does not go"));
  expect((await oauth.happened()).refused).toBe(before.refused);
});

test.each(["http://169.254.169.254/login", "http://metadata.google.internal/", "ftp://127.0.0.1/"])(
  "no browser is sent to %s, whatever an authorization server says",
  async (loginPage) => {
    await oauth.control({ loginPage });
    const session = startLogins();
    expect(await session.open(linkTo(session, entry), entry)).toEqual(failed("names"));
    expect(session.store.keys("oauth/")).toEqual([]);
  },
);

describe("a registry that changes", () => {
  const registry = (...servers: ServerEntry[]) => ({ servers, problems: [], warnings: [] });

  test.each<[string, (entry: ServerEntry) => ServerEntry[]]>([
    ["is gone", () => []],
    ["takes no logins", (before) => [{ ...before, auth: "none" }]],
    ["is somewhere else", (before) => [{ ...before, mcp: { transport: "http", url: "https://elsewhere.example", headers: {} } }]],
    ["is another client's", (before) => [{ ...before, oauth: { clientId: "x" } }]],
  ])("forgets the login of a server that %s", { tags: ["login.forgotten"] }, async (_what, change) => {
    const session = startLogins();
    await session.logIn(entry);
    session.logins.keepOnly(registry(entry));
    expect(session.store.keys("oauth/login/")).toHaveLength(1);
    session.logins.drop("notes");
    session.logins.keepOnly(registry(...change(entry)));
    expect(session.store.keys("oauth/login/")).toEqual([]);
  });

  test("keeps everybody logged in while it has a mistake in it", { tags: ["login.forgotten"] }, async () => {
    const session = startLogins();
    await session.logIn(entry);
    session.logins.keepOnly({ ...registry(), problems: [{ path: "1:1", message: "expected a comma" }] });
    expect(session.store.keys("oauth/login/")).toHaveLength(1);
  });
});

test("without a key nobody logs in, and what to set is said", async () => {
  const login = loginOf(entry);
  const reason = expect.stringContaining("npx wrangler secret put OAUTH_KEY");
  expect(login.standing()).toEqual({ status: "unavailable", reason });
  expect(login.refusal()).toMatchObject({ code: "server_unavailable", message: reason });
});

test("a server that asks for a login its entry knows nothing of leads to what to write there", async () => {
  const plain = { ...entry, auth: "none" as const };
  const failure = await failureOf(startLogins().servers.listTools(plain, options));
  expect(failure).toMatchObject({ code: "auth_required", delivery: "not_sent" });
  expect(failure.message).toContain('Set "auth": "oauth" in its registry entry');
});
