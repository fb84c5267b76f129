import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { accessLimits } from "../../worker/http/access/access-limits.ts";
import { authoriseBrowser } from "../../worker/http/access/browser-access.ts";
import { createBrowserLogins } from "../../worker/http/access/browser-login.ts";
import { doorOf } from "../../worker/http/access/door.ts";
import { app } from "../../worker/http/app.ts";
import type { Env } from "../../worker/http/env.ts";
import { readIdentity } from "../../worker/identity-settings.ts";
import type { Scope } from "../../worker/scopes.ts";

const site = "https://mcp.example.com";
const token = "the owner's token, 32 characters and more";
const closed: Env = { ...(env as Env), AUTH_TOKEN: token };

const post = (path: string, form: Record<string, string>, headers: Record<string, string> = {}) =>
  app.request(
    `${site}${path}`,
    { method: "POST", body: new URLSearchParams(form), headers: { Origin: site, ...headers } },
    closed,
  );

async function cookieFrom(response: Response): Promise<string> {
  await response.body?.cancel();
  return (response.headers.get("Set-Cookie") ?? "").split(";")[0] ?? "";
}

const visit = (headers: Record<string, string>, { method = "GET", needed = "mcp:admin" as Scope, url = site } = {}) =>
  authoriseBrowser(new Request(`${url}/`, { method, headers }), needed, doorOf(closed));

describe("the login of a browser", { tags: ["access.browser"] }, () => {
  test("with the token sets a cookie that is not the token, for this host and its pages alone", async () => {
    const response = await post("/login", { token, next: "/approve/a_1" });
    expect(response.status).toBe(303);
    expect(response.headers.get("Location")).toBe("/approve/a_1");
    const cookie = response.headers.get("Set-Cookie") ?? "";
    expect(cookie).toMatch(/^__Host-mcp-console=\d+\.[\w-]{43}; Path=\/; Max-Age=604800; HttpOnly; SameSite=Lax; Secure$/);
    expect(cookie).not.toContain(token);
    expect(await visit({ Cookie: await cookieFrom(response) })).toMatchObject({ kind: "granted", principal: "owner" });
  });

  test.each(["", "another", `${token} `.toUpperCase()])("with the token %j is refused and sets no cookie", async (wrong) => {
    const response = await post("/login", { token: wrong });
    expect(response.status).toBe(401);
    expect(response.headers.has("Set-Cookie")).toBe(false);
    await response.body?.cancel();
  });

  test.each(["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/a\r\nSet-Cookie: b=c"])(
    "never leads to %j afterwards",
    async (next) => {
      const response = await post("/login", { token, next });
      expect(response.headers.get("Location")).toBe("/");
    },
  );

  test.each([
    ["another site", { Origin: "https://evil.example" }],
    ["a program on this machine", { Origin: "http://localhost:3000" }],
    ["no page at all", { Origin: "null" }],
    ["another origin of the same site", { "Sec-Fetch-Site": "same-site" }],
  ])("is refused when its form comes from %s", async (_from, headers: Record<string, string>) => {
    const response = await post("/login", { token }, headers);
    expect(response.status).toBe(403);
    await response.body?.cancel();
  });

  test("is not taken from an address, unless the browser is on this machine", async () => {
    const address = `/login?token=${encodeURIComponent(token)}`;
    const elsewhere = await app.request(`${site}${address}`, {}, closed);
    expect(elsewhere.headers.has("Set-Cookie")).toBe(false);
    await elsewhere.body?.cancel();
    const here = await app.request(`http://127.0.0.1:8787${address}`, {}, closed);
    expect(here.headers.get("Set-Cookie")).toMatch(/^mcp-console-8787=/);
  });

  test("is refused after twenty wrong tokens of one caller in a minute", async () => {
    const headers = { "CF-Connecting-IP": "203.0.113.77" };
    const statuses: number[] = [];
    for (let attempt = 0; attempt <= accessLimits.wrongTokensPerMinute; attempt++) {
      const response = await post("/login", { token: `wrong ${attempt}` }, headers);
      statuses.push(response.status);
      await response.body?.cancel();
    }
    expect(statuses.at(-2)).toBe(401);
    expect(statuses.at(-1)).toBe(429);
  });
});

describe("a browser's visit", { tags: ["access.browser"] }, () => {
  test("without a cookie, or with one that was made up, has to log in", async () => {
    expect(await visit({})).toEqual({ kind: "login" });
    expect(await visit({ Cookie: `__Host-mcp-console=${Date.now() + 60_000}.${"A".repeat(43)}` })).toEqual({ kind: "login" });
    expect(await visit({ Cookie: `__Host-mcp-console=${token}` })).toEqual({ kind: "login" });
  });

  test("with a cookie changes something only from a page of this origin", async () => {
    const cookie = await cookieFrom(await post("/login", { token }));
    expect(await visit({ Cookie: cookie, Origin: site }, { method: "POST" })).toMatchObject({ kind: "granted" });
    for (const origin of ["https://evil.example", "https://mcp.example.com:8443", "null"])
      expect(await visit({ Cookie: cookie, Origin: origin }, { method: "POST" })).toMatchObject({ kind: "refused", status: 403 });
    expect(await visit({ Cookie: cookie }, { method: "POST" })).toMatchObject({ kind: "refused", status: 403 });
  });

  test("over plain http from another machine is refused", async () => {
    expect(await visit({}, { url: "http://mcp.example.com" })).toMatchObject({ kind: "refused", status: 403 });
  });

  test("where no token is set is the owner's on this machine, and refused elsewhere", async () => {
    const open = doorOf({ ...(env as Env), AUTH_TOKEN: "" });
    const here = await authoriseBrowser(new Request("http://127.0.0.1:8787/"), "mcp:admin", open);
    expect(here).toMatchObject({ kind: "granted", principal: "owner" });
    const elsewhere = await authoriseBrowser(new Request(`${site}/`), "mcp:admin", open);
    expect(elsewhere).toMatchObject({ kind: "refused", status: 403 });
  });
});

describe("the cookie of a login", { tags: ["access.browser"] }, () => {
  const logins = (authToken: string, now = 0) => createBrowserLogins(readIdentity({ AUTH_TOKEN: authToken }), () => now);

  test("ends after a week, and when the token is taken away", () => {
    const cookie = logins(token).logIn(token)?.cookie ?? "";
    expect(logins(token, accessLimits.browserLoginMs - 1).identityOf(cookie)).toMatchObject({ principal: "owner" });
    expect(logins(token, accessLimits.browserLoginMs).identityOf(cookie)).toBeUndefined();
    expect(logins("another token of at least 32 characters").identityOf(cookie)).toBeUndefined();
  });

  test("cannot be made to last longer", () => {
    const [, mac] = (logins(token).logIn(token)?.cookie ?? "").split(".");
    expect(logins(token).identityOf(`${2 * accessLimits.browserLoginMs}.${mac}`)).toBeUndefined();
  });

  test("is not given for the token of a bridge", () => {
    const both = createBrowserLogins(readIdentity({ AUTH_TOKEN: token, BRIDGE_TOKEN: "bridge-token" }), () => 0);
    expect(both.logIn("bridge-token")).toBeUndefined();
  });
});
