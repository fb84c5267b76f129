import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { auth, type OAuthClientProvider } from "@modelcontextprotocol/client";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterEach, describe, expect, test, vi } from "vitest";
import { app } from "../../worker/http/app.ts";
import type { Env } from "../../worker/http/env.ts";
import { recordsOf } from "./records.ts";

/* MCP clients log in to this orchestrator by OAuth. The client is the SDK's own; the browser is played by hand. */

const origin = "https://mcp.example.com";
const passphrase = "a passphrase that is long enough";
const withPassphrase: Env = { ...env, PUBLIC_URL: origin, OAUTH_IDENTITY: "passphrase", OAUTH_PASSPHRASE: passphrase };

/** The deployment, as a fetch. */
function deploymentOf(environment: Env) {
  return async (url: string | URL | Request, init?: RequestInit): Promise<Response> =>
    app.fetch(new Request(url, init), environment, createExecutionContext());
}

afterEach(() => vi.restoreAllMocks());

/** What an MCP client keeps. */
class ClientMemory implements OAuthClientProvider {
  readonly redirectUrl = "http://127.0.0.1:4711/callback";
  readonly clientMetadata = {
    client_name: "Claude <Code>",
    redirect_uris: [this.redirectUrl],
    token_endpoint_auth_method: "none",
  };
  address: URL | undefined;
  #client: ReturnType<OAuthClientProvider["clientInformation"]>;
  #tokens:
    | { access_token: string; token_type: string; refresh_token?: string | undefined; scope?: string | undefined }
    | undefined;
  #verifier = "";

  clientInformation() {
    return this.#client;
  }
  saveClientInformation(client: NonNullable<Awaited<ReturnType<OAuthClientProvider["clientInformation"]>>>) {
    this.#client = client;
  }
  tokens() {
    return this.#tokens;
  }
  saveTokens(tokens: NonNullable<ReturnType<ClientMemory["tokens"]>>) {
    this.#tokens = tokens;
  }
  redirectToAuthorization(address: URL) {
    this.address = address;
  }
  saveCodeVerifier(verifier: string) {
    this.#verifier = verifier;
  }
  codeVerifier() {
    return this.#verifier;
  }
}

/** Opens the login page, as a browser that sends its cookies. */
async function openPage(fetch: ReturnType<typeof deploymentOf>, address: URL, headers: Record<string, string> = {}) {
  const page = await fetch(address, { headers });
  const text = await page.text();
  const cookie = page.headers
    .getSetCookie()
    .map((set) => set.split(";")[0])
    .join("; ");
  const handle = /name="handle" value="([^"]+)"/.exec(text)?.[1] ?? "";
  const submit = (fields: Record<string, string>, more: Record<string, string> = {}) =>
    fetch(address, {
      method: "POST",
      headers: { Cookie: cookie, Origin: origin, ...headers, ...more },
      body: new URLSearchParams({ handle, ...fields }),
      redirect: "manual",
    });
  return { page, text, submit };
}

async function begin(fetch: ReturnType<typeof deploymentOf>, scope?: string) {
  const memory = new ClientMemory();
  await auth(memory, { serverUrl: `${origin}/mcp`, fetchFn: fetch, ...(scope === undefined ? {} : { scope }) });
  if (memory.address === undefined) throw new Error("the client was not sent to a login");
  return { memory, address: memory.address };
}

async function finish(fetch: ReturnType<typeof deploymentOf>, memory: ClientMemory, answer: Response) {
  const back = new URL(answer.headers.get("Location") ?? "");
  const code = back.searchParams.get("code");
  if (code === null) throw new Error(`no code: ${back}`);
  await auth(memory, {
    serverUrl: `${origin}/mcp`,
    authorizationCode: code,
    iss: back.searchParams.get("iss") ?? "",
    fetchFn: fetch,
  });
  return memory.tokens();
}

function call(fetch: ReturnType<typeof deploymentOf>, token: string, name?: string) {
  const method = name === undefined ? "tools/list" : "tools/call";
  return fetch(`${origin}/mcp`, {
    method: "POST",
    headers: {
      Authorization: `Bearer ${token}`,
      "Content-Type": "application/json",
      Accept: "application/json, text/event-stream",
      "MCP-Protocol-Version": "2025-11-25",
    },
    body: JSON.stringify({
      jsonrpc: "2.0",
      id: 1,
      method,
      params: name === undefined ? {} : { name, arguments: { code: "return 1" } },
    }),
  });
}

describe("a client of the SDK", () => {
  test("is told where to log in, registers, and is let in after the passphrase", { tags: ["access.oauth"] }, async () => {
    const fetch = deploymentOf(withPassphrase);
    const closed = await call(fetch, "wrong");
    expect(closed.status).toBe(401);
    expect(closed.headers.get("WWW-Authenticate")).toContain(
      `resource_metadata="${origin}/.well-known/oauth-protected-resource"`,
    );

    const { memory, address } = await begin(fetch);
    expect(address.searchParams.get("code_challenge_method")).toBe("S256");
    const { page, text, submit } = await openPage(fetch, address);
    expect(text).toContain("Allow Claude &lt;Code&gt;?");
    expect(text).toContain("its name is not verified");
    expect(text).toContain("127.0.0.1");
    expect(text).toContain("run programs that call the tools");
    expect(page.headers.get("Content-Security-Policy")).toContain("frame-ancestors 'none'");

    const tokens = await finish(fetch, memory, await submit({ decision: "allow", passphrase }));
    expect(tokens?.scope).toBe("mcp:read mcp:execute");
    expect((await call(fetch, tokens?.access_token ?? "")).status).toBe(200);
    expect((await call(fetch, `${tokens?.access_token}x`)).status).toBe(401);
    expect((await fetch(`${origin}/metrics`, { headers: { Authorization: `Bearer ${tokens?.access_token}` } })).status).toBe(403);

    await auth(memory, { serverUrl: `${origin}/mcp`, fetchFn: fetch });
    expect(memory.tokens()?.access_token).not.toBe(tokens?.access_token);
    expect((await call(fetch, memory.tokens()?.access_token ?? "")).status).toBe(200);
  });

  test("that may only read is refused a run, with the scope to ask for", { tags: ["access.scopes"] }, async () => {
    const fetch = deploymentOf(withPassphrase);
    const { memory, address } = await begin(fetch, "mcp:read");
    const { submit } = await openPage(fetch, address);
    const tokens = await finish(fetch, memory, await submit({ decision: "allow", passphrase }));
    expect(tokens?.scope).toBe("mcp:read");
    const token = tokens?.access_token ?? "";

    expect((await call(fetch, token, "list_mcp_capabilities")).status).toBe(200);
    const refused = await call(fetch, token, "execute_mcp_code");
    expect(refused.status).toBe(403);
    expect(refused.headers.get("WWW-Authenticate")).toMatch(/error="insufficient_scope".*scope="mcp:execute"/);
  });
});

describe("the login page", () => {
  test("refuses a wrong passphrase, and then takes the right one", { tags: ["access.oauth"] }, async () => {
    const fetch = deploymentOf(withPassphrase);
    const { address } = await begin(fetch);
    const { submit } = await openPage(fetch, address);
    const wrong = await submit({ decision: "allow", passphrase: "wrong" });
    expect([wrong.status, await wrong.text()]).toEqual([403, expect.stringContaining("not the passphrase")]);
    expect(await recordsOf(wrong.headers.get("X-Request-Id"))).toMatchObject([{ action: "denial", rule: "passphrase" }]);

    expect((await submit({ decision: "allow", passphrase })).status).toBe(302);
  });

  test("slows down whoever guesses the passphrase", { tags: ["access.throttled"] }, async () => {
    const fetch = deploymentOf({ ...withPassphrase });
    const { address } = await begin(fetch);
    const { submit } = await openPage(fetch, address);
    const guess = () => submit({ decision: "allow", passphrase: "wrong" }, { "CF-Connecting-IP": "203.0.113.7" });
    for (let round = 0; round < 20; round += 1) await guess();

    const late = await guess();
    expect(late.status).toBe(429);
    expect(await recordsOf(late.headers.get("X-Request-Id"))).toMatchObject([{ action: "denial", rule: "throttle" }]);
  });

  test("sends a client away when the person denies", async () => {
    const fetch = deploymentOf(withPassphrase);
    const { address } = await begin(fetch);
    const denied = await (await openPage(fetch, address)).submit({ decision: "deny" });

    expect(new URL(denied.headers.get("Location") ?? "").searchParams.get("error")).toBe("access_denied");
  });

  test("is not answered from another browser or another site", { tags: ["access.oauth"] }, async () => {
    const fetch = deploymentOf(withPassphrase);
    const { address } = await begin(fetch);
    const { submit } = await openPage(fetch, address);

    expect((await submit({ decision: "allow", passphrase }, { Cookie: "" })).status).toBe(400);
    expect((await submit({ decision: "allow", passphrase }, { Origin: "https://evil.example" })).status).toBe(400);
  });

  test("never sends a browser to an address that no client has registered", { tags: ["access.oauth"] }, async () => {
    const fetch = deploymentOf(withPassphrase);
    const { address } = await begin(fetch);
    for (const [name, value] of [
      ["redirect_uri", "https://evil.example/"],
      ["client_id", "unknown"],
    ] as const) {
      const forged = new URL(address);
      forged.searchParams.set(name, value);
      const answer = await fetch(forged, { redirect: "manual" });
      expect([answer.status, answer.headers.get("Location")]).toEqual([400, null]);
    }
  });
});

/** An identity provider: its keys, and what it answers at its addresses. */
async function identityProvider(issuer: string, answers: (url: URL, init: RequestInit | undefined) => unknown) {
  const { publicKey, privateKey } = await generateKeyPair("RS256");
  const keys = [{ ...(await exportJWK(publicKey)), kid: "one", alg: "RS256" }];
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : String(input));
    return Response.json(/certs|keys/.test(url.pathname) ? { keys } : await answers(url, init));
  });
  return (claims: object) =>
    new SignJWT({ iss: issuer, ...claims })
      .setProtectedHeader({ alg: "RS256", kid: "one" })
      .setExpirationTime("5m")
      .sign(privateKey);
}

test("whoever Cloudflare Access lets through logs in as a person, and not as the owner", { tags: ["access.oauth"] }, async () => {
  const [team, audience] = ["team.cloudflareaccess.com", "the audience tag"];
  const sign = await identityProvider(`https://${team}`, () => ({}));
  const fetch = deploymentOf({
    ...env,
    PUBLIC_URL: origin,
    OAUTH_IDENTITY: "access",
    ACCESS_TEAM: team,
    ACCESS_AUDIENCE: audience,
  });
  const { memory, address } = await begin(fetch, "mcp:read mcp:execute mcp:admin");
  for (const claims of [
    { aud: "another application", sub: "anna" },
    { aud: audience, sub: "" },
  ]) {
    const { page } = await openPage(fetch, address, { "Cf-Access-Jwt-Assertion": await sign(claims) });
    expect(page.status).toBe(403);
  }
  expect((await openPage(fetch, address)).page.status).toBe(403);

  const assertion = await sign({ aud: audience, sub: "anna", email: "anna@example.com" });
  const { text, submit } = await openPage(fetch, address, { "Cf-Access-Jwt-Assertion": assertion });
  expect(text).toContain("anna@example.com");
  const tokens = await finish(fetch, memory, await submit({ decision: "allow" }));
  expect(tokens?.scope).toBe("mcp:read mcp:execute");
  expect(tokens?.access_token).toMatch(/^u_[\w-]{22}:/);
  expect((await call(fetch, tokens?.access_token ?? "")).status).toBe(200);
});

describe("an OIDC provider", () => {
  const issuer = "https://id.example.com";
  const allowed = "@example.com, bert@other.example";
  const oidc: Env = {
    ...env,
    ...{ PUBLIC_URL: origin, OAUTH_IDENTITY: "oidc", OIDC_ISSUER: issuer, OIDC_CLIENT_ID: "us", OIDC_CLIENT_SECRET: "s" },
    OIDC_ALLOW: allowed,
  };

  /** Logs in as this person, up to where the browser is sent to the client. */
  async function logIn(claims: object, { nonce }: { nonce?: string } = {}) {
    let idToken = "";
    const exchanged: string[] = [];
    const sign = await identityProvider(issuer, async (url, init) => {
      if (url.pathname !== "/token") {
        return {
          issuer,
          authorization_endpoint: `${issuer}/login`,
          token_endpoint: `${issuer}/token`,
          jwks_uri: `${issuer}/keys`,
        };
      }
      exchanged.push(String(init?.body));
      return { id_token: idToken };
    });
    const fetch = deploymentOf(oidc);
    const { memory, address } = await begin(fetch);
    const there = await (await openPage(fetch, address)).submit({ decision: "allow" });
    const login = new URL(there.headers.get("Location") ?? "");
    idToken = await sign({ aud: "us", sub: "anna", nonce: nonce ?? login.searchParams.get("nonce"), ...claims });
    const cookie = there.headers
      .getSetCookie()
      .map((set) => set.split(";")[0])
      .join("; ");
    const back = `${origin}/oauth/identity?code=c&state=${login.searchParams.get("state")}`;
    const answer = await fetch(back, { headers: { Cookie: cookie }, redirect: "manual" });
    return { fetch, memory, login, answer, back, exchanged };
  }

  test("says who logs in", { tags: ["access.oauth"] }, async () => {
    const { fetch, memory, login, answer, back, exchanged } = await logIn({ email: "Anna@example.com", email_verified: true });
    expect(`${login.origin}${login.pathname}`).toBe(`${issuer}/login`);
    expect(exchanged[0]).toContain("code_verifier=");
    const tokens = await finish(fetch, memory, answer);
    expect((await call(fetch, tokens?.access_token ?? "")).status).toBe(200);
    expect((await fetch(back, { redirect: "manual" })).status).toBe(400);
  });

  /** Logs this browser in at the console, up to where it comes back. */
  async function logInBrowser(
    claims: object,
    {
      allow = allowed,
      cookie,
      answered = "code=c",
      isDown = false,
    }: Partial<Record<"allow" | "cookie" | "answered", string>> & { isDown?: boolean } = {},
  ) {
    let idToken = "";
    const addresses = {
      authorization_endpoint: `${issuer}/login`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/keys`,
    };
    const sign = await identityProvider(issuer, (url) =>
      url.pathname === "/token" ? (isDown ? {} : { id_token: idToken }) : { issuer, ...addresses },
    );
    const fetch = deploymentOf({ ...oidc, OIDC_ALLOW: allow });
    const page = await (await fetch(origin)).text();
    const link = /href="(\/login\/identity[^"]+)"/.exec(page)?.[1] ?? "";
    const there = await fetch(origin + link.replaceAll("&amp;", "&"), { redirect: "manual" });
    const login = new URL(there.headers.get("Location") ?? "");
    idToken = await sign({ aud: "us", sub: "anna", nonce: login.searchParams.get("nonce"), ...claims });
    const back = `${origin}/oauth/identity?${answered}&state=${login.searchParams.get("state")}`;
    const answer = await fetch(back, { headers: { Cookie: cookie ?? cookieIn(there) }, redirect: "manual" });
    return { page, login, answer, text: await answer.text() };
  }

  const cookieIn = (response: Response) =>
    response.headers
      .getSetCookie()
      .map((set) => set.split(";")[0])
      .join("; ");
  const visit = (cookie: string, allow = allowed) =>
    deploymentOf({ ...oidc, OIDC_ALLOW: allow })(origin, { headers: { Cookie: cookie } });

  test("logs a browser in to the console, as long as the person is allowed", { tags: ["access.browser"] }, async () => {
    const { page, login, answer } = await logInBrowser({ email: "Anna@example.com", email_verified: true });
    expect(page).toContain("Log in with id.example.com");
    expect(login.searchParams.get("redirect_uri")).toBe(`${origin}/oauth/identity`);
    expect([answer.status, answer.headers.get("Location")]).toEqual([303, "/"]);
    expect(answer.headers.get("Set-Cookie")).toMatch(
      /^__Host-mcp-console=person\.[\w-]{72}; .*Max-Age=604800; HttpOnly; SameSite=Lax; Secure$/,
    );
    const cookie = cookieIn(answer);
    const console = await visit(cookie);
    expect([console.status, await console.text()]).toEqual([200, expect.stringContaining("<h1>Servers</h1>")]);
    // A person is not the owner.
    const runs = await deploymentOf(oidc)(`${origin}/console/runs`, { headers: { Cookie: cookie } });
    expect([runs.status, await runs.text()]).toEqual([403, expect.stringContaining("mcp:admin")]);
    const removed = await visit(cookie, "bert@other.example");
    expect([removed.status, await removed.text()]).toEqual([401, expect.stringContaining("Log in with id.example.com")]);
    await deploymentOf(oidc)(`${origin}/logout`, {
      method: "POST",
      headers: { Cookie: cookie, Origin: origin },
      redirect: "manual",
    });
    expect((await visit(cookie)).status).toBe(401);
  });

  test.each([
    ["whom nobody has allowed", { email: "anna@elsewhere.example", email_verified: true }, {}],
    ["with an address that nobody has verified", { email: "anna@example.com", email_verified: false }, {}],
    ["with the token of another login", { email: "anna@example.com", email_verified: true, nonce: "other" }, {}],
    ["whose browser has not begun the login", { email: "anna@example.com", email_verified: true }, { cookie: "a=b" }],
  ])("lets no browser into the console for somebody %s", { tags: ["access.browser"] }, async (_who, claims, options) => {
    const { answer } = await logInBrowser(claims, options);
    expect([answer.status, answer.headers.get("Set-Cookie")]).toEqual([403, null]);
  });

  test.each([
    ["was not finished there", { answered: "error=access_denied" }, 403, "sent you back without a login"],
    ["could not be confirmed, because the provider is out of order", { isDown: true }, 503, "does not answer"],
  ])("says of a browser's login that it %s", { tags: ["access.browser"] }, async (_what, options, status, why) => {
    const { answer, text } = await logInBrowser({ email: "anna@example.com", email_verified: true }, options);
    expect([answer.status, text, answer.headers.get("Set-Cookie")]).toEqual([status, expect.stringContaining(why), null]);
  });

  test.each([
    ["from elsewhere", { email: "anna@elsewhere.example", email_verified: true }, {}],
    ["with an address that nobody has verified", { email: "anna@example.com", email_verified: false }, {}],
    ["with the name of a domain only", { email: "anna@sub.example.com", email_verified: true }, {}],
    ["with a token for another service", { aud: "other", email: "anna@example.com", email_verified: true }, {}],
    ["with the token of another login", { email: "anna@example.com", email_verified: true }, { nonce: "other" }],
  ])("lets nobody in %s", { tags: ["access.oauth"] }, async (_who, claims, options) => {
    const { answer } = await logIn(claims, options);
    expect(new URL(answer.headers.get("Location") ?? "").searchParams.get("error")).toBe("access_denied");
    expect(await recordsOf(answer.headers.get("X-Request-Id"))).toMatchObject([{ action: "denial", rule: "identity" }]);
  });
});

test("the login is closed while a setting is wrong", { tags: ["access.settings"] }, async () => {
  const fetch = deploymentOf({ ...withPassphrase, OAUTH_PASSPHRASE: "short" });
  expect((await fetch(`${origin}/mcp`, { method: "POST" })).status).toBe(503);
  expect((await fetch(`${origin}/register`, { method: "POST" })).status).not.toBe(201);
});
