import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { ServerEntry } from "../../../../core/registry/registry.ts";
import { isSameIssuer } from "../../../../worker/upstream/oauth/issuers.ts";
import { serverEntry } from "../../../support/builders.ts";
import { linkTo, startLogins } from "../../../support/logins.ts";
import { type OauthServer, startOauthServer } from "../../../support/oauth-server.ts";

/* Authorization servers whose documents are not quite to the letter. */

const options = { signal: new AbortController().signal, timeoutMs: 20_000 };
const whoami = { tool: "whoami", args: {} };

let oauth: OauthServer;
let entry: ServerEntry;

beforeAll(async () => {
  oauth = await startOauthServer();
  entry = serverEntry("notes", { mcp: { transport: "http", url: oauth.url, headers: {} }, auth: "oauth" });
});
afterAll(() => oauth[Symbol.asyncDispose]());
beforeEach(() => oauth.control({ documents: {}, iss: null, revoke: true, checksClients: false }));

const loggedIn = { kind: "logged_in", server: "notes", title: "notes" };
const failed = (words: RegExp) => ({ kind: "failed", message: expect.stringMatching(words) });

describe("null and empty texts", () => {
  test.each([
    ["the resource metadata", { resource: { resource_name: null, resource_documentation: "", jwks_uri: null } }],
    ["the metadata", { metadata: { scopes_supported: null, service_documentation: "", revocation_endpoint: null } }],
    ["a required list of the metadata", { metadata: { response_types_supported: null } }],
    [
      "the registration",
      { registration: { client_secret: null, client_uri: "", jwks_uri: null, contacts: [null], scope: null } },
    ],
    ["the token answer", { token: { refresh_token: null, scope: "", id_token: null, expires_in: null, token_type: null } }],
  ])("in %s are as if absent", async (_name, documents) => {
    oauth.control({ documents });
    const session = startLogins();
    expect(await session.logIn(entry)).toEqual(loggedIn);
    expect(await session.servers.callTool(entry, whoami, options)).toMatchObject({ content: [{ type: "text" }] });
  });
});

describe("an issuer", () => {
  test("with a quarter of a megabyte of slashes in it is compared in one pass", () => {
    const slashes = "/".repeat(250_000);
    expect(isSameIssuer(`https://a.example${slashes}`, "https://a.example")).toBe(true);
    expect(isSameIssuer(`https://a.example${slashes}x`, "https://a.example")).toBe(false);
    expect(isSameIssuer(`${slashes}x`, "https://a.example")).toBe(false);
  });

  test("with a slash at the end in the metadata is the same", async () => {
    oauth.control({ documents: { metadata: { issuer: `${oauth.issuer}/` } }, iss: oauth.issuer });
    expect(await startLogins().logIn(entry)).toEqual(loggedIn);
  });

  test("with a slash at the end in the browser's return is the same", async () => {
    oauth.control({ iss: `${oauth.issuer}/` });
    expect(await startLogins().logIn(entry)).toEqual(loggedIn);
  });

  test("of another server in the metadata is refused with both names, and nothing is registered", async () => {
    oauth.control({ documents: { metadata: { issuer: "https://other.example" } } });
    const before = oauth.happened().registered;
    const begun = await startLogins().logIn(entry);
    expect(begun).toEqual(failed(/named http:\/\/127\.0\.0\.1:\d+.* the issuer https:\/\/other\.example\./));
    expect(oauth.happened().registered).toBe(before);
  });

  test("of another server in the browser's return is refused with both names", async () => {
    oauth.control({ iss: "https://other.example" });
    const { issuer } = oauth;
    expect(await startLogins().logIn(entry)).toEqual(failed(new RegExp(`${issuer} was expected, .* is https://other\\.example`)));
  });

  test.each([
    ["https://a.example", "https://a.example/", true],
    ["https://A.example:443/x", "https://a.example/x/", true],
    ["https://a.example", "https://a.example/x", false],
    ["https://a.example", "http://a.example", false],
    ["urn:a", "urn:b", false],
  ])("%s and %s: %s", (a, b, isSame) => {
    expect(isSameIssuer(a, b)).toBe(isSame);
  });
});

describe("a client that the authorization server has forgotten", () => {
  test("when a token is refreshed is registered anew by the next login", { tags: ["login.works"] }, async () => {
    oauth.control({ checksClients: true });
    const session = startLogins();
    await session.logIn(entry);
    oauth.control({ forgetClients: true, revoke: true });
    await expect(session.servers.callTool(entry, whoami, options)).rejects.toMatchObject({ code: "auth_required" });
    expect(await session.logIn(entry)).toEqual(loggedIn);
  });

  test("when a code is redeemed is registered anew by the next login", async () => {
    oauth.control({ checksClients: true });
    const session = startLogins();
    const begun = await session.open(linkTo(session, entry), entry);
    const visiting = session.follow(begun, entry);
    oauth.control({ forgetClients: true });
    expect(await visiting).toMatchObject({ kind: expect.stringMatching(/failed|logged_in/) });
    expect(await session.logIn(entry)).toEqual(loggedIn);
  });
});

describe("a document that cannot be used is named, with what stood there:", () => {
  test.each([
    [
      "registration",
      { registration: { client_id: 7 } },
      /registration answer \(.*\/register\) cannot be used: its client_id is 7\./,
    ],
    [
      "metadata",
      { metadata: { token_endpoint: "none" } },
      /authorization server metadata \(.*\) cannot be used: its token_endpoint is "none"\./,
    ],
    [
      "token answer",
      { token: { access_token: null } },
      /token answer \(.*\/token\) cannot be used: its access_token is missing\./,
    ],
  ])("%s", async (_name, documents, words) => {
    oauth.control({ documents });
    expect(await startLogins().logIn(entry)).toEqual(failed(words));
  });
});
