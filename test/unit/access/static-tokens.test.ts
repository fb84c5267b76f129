import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { createStaticTokens } from "../../../worker/http/access/static-tokens.ts";
import { hashOf } from "../../../worker/http/access/verifier.ts";
import { readIdentity } from "../../../worker/identity-settings.ts";
import { principalOf } from "../../../worker/principals.ts";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const until = Date.parse("2027-01-31T00:00:00Z");

function tokens({ now = 0, ...variables }: Record<string, unknown> & { now?: number }) {
  const verifier = createStaticTokens(readIdentity(variables), () => now);
  return { verify: (token: string) => verifier.verify(token, hashOf(token)) };
}

const anna = { name: "anna", sha256: sha256("annas"), scopes: ["mcp:read"], until: "2027-01-31" };

test("the owner's tokens belong to the owner, each with its own scopes", { tags: ["access.tokens"] }, async () => {
  const verifier = tokens({ AUTH_TOKEN: "o".repeat(32), BRIDGE_TOKEN: "b" });

  expect(await verifier.verify("o".repeat(32))).toEqual({
    kind: "known",
    identity: { principal: "owner", scopes: ["mcp:read", "mcp:execute", "mcp:admin"] },
  });
  expect(await verifier.verify("b")).toEqual({ kind: "known", identity: { principal: "owner", scopes: ["mcp:bridge"] } });
  for (const wrong of ["", "o".repeat(31), "o".repeat(33), "B"])
    expect(await verifier.verify(wrong)).toEqual({ kind: "foreign" });
});

test("one text may be both tokens of the owner", async () => {
  const both = "x".repeat(32);

  expect(await tokens({ AUTH_TOKEN: both, BRIDGE_TOKEN: both }).verify(both)).toMatchObject({
    identity: { scopes: ["mcp:read", "mcp:execute", "mcp:admin", "mcp:bridge"] },
  });
});

test("a named token is known by its hash, and is a principal of its own", { tags: ["access.named"] }, async () => {
  const verifier = tokens({ AUTH_TOKENS: JSON.stringify([anna, { ...anna, name: "bert", sha256: sha256("berts") }]) });
  const principal = principalOf({ issuer: "token", subject: "anna" });

  expect(await verifier.verify("annas")).toEqual({ kind: "known", identity: { principal, scopes: ["mcp:read"] } });
  expect(await verifier.verify(anna.sha256)).toEqual({ kind: "foreign" });
  const bert = await verifier.verify("berts");
  expect(bert.kind === "known" && bert.identity.principal).not.toBe(principal);
});

test("a named token expires at its moment", { tags: ["access.named"] }, async () => {
  const AUTH_TOKENS = JSON.stringify([anna]);

  expect(await tokens({ AUTH_TOKENS, now: until - 1 }).verify("annas")).toMatchObject({ kind: "known" });
  expect(await tokens({ AUTH_TOKENS, now: until }).verify("annas")).toEqual({ kind: "invalid", why: "The token has expired." });
});

test("no issuer and subject make the owner, and two that join to one text differ", () => {
  expect(principalOf({ issuer: "owner", subject: "" })).toMatch(/^u_[\w-]{22}$/);
  expect(principalOf({ issuer: "a", subject: "bc" })).not.toBe(principalOf({ issuer: "ab", subject: "c" }));
});

test.each([
  [{ AUTH_TOKEN: "x".repeat(31) }, "AUTH_TOKEN has fewer than 32 characters"],
  [{ AUTH_TOKENS: "{" }, "AUTH_TOKENS is not a list of tokens"],
  [{ AUTH_TOKENS: JSON.stringify([{ ...anna, sha256: "short" }]) }, "0.sha256"],
  [{ AUTH_TOKENS: JSON.stringify([{ ...anna, scopes: ["mcp:all"] }]) }, "0.scopes.0"],
  [{ AUTH_TOKENS: JSON.stringify([{ ...anna, until: "soon" }]) }, "0.until"],
  [{ AUTH_TOKENS: JSON.stringify([anna, anna]) }, "two tokens with the name anna"],
  [{ JWT_ISSUER: "https://issuer.example" }, "JWT_AUDIENCE is not set"],
  [{ JWT_ISSUER: "i", JWT_AUDIENCE: "a", JWT_JWKS_URL: "http://keys.example/" }, "JWT_JWKS_URL"],
  [{ OAUTH_IDENTITY: "magic", PUBLIC_URL: "https://a.example", OAUTH_KV: {} }, "access, oidc or passphrase"],
  [{ OAUTH_IDENTITY: "passphrase", OAUTH_PASSPHRASE: "p".repeat(16), PUBLIC_URL: "https://a.example" }, "OAUTH_KV"],
  [{ OAUTH_IDENTITY: "passphrase", OAUTH_PASSPHRASE: "short", PUBLIC_URL: "https://a.example", OAUTH_KV: {} }, "at least 16"],
  [{ OAUTH_IDENTITY: "oidc", PUBLIC_URL: "https://a.example", OAUTH_KV: {} }, "OIDC_ALLOW is not set"],
  [{ PUBLIC_URL: "http://mcp.example.com" }, "PUBLIC_URL"],
])("the wrong setting %j is named", { tags: ["access.settings"] }, (variables, problem) => {
  expect(readIdentity(variables).problems.join("\n")).toContain(problem);
});

test("settings at their bounds are right", () => {
  const right = { AUTH_TOKEN: "x".repeat(32), AUTH_TOKENS: "[]", PUBLIC_URL: "http://127.0.0.1:8787" };

  expect(readIdentity(right)).toMatchObject({ problems: [], publicOrigin: "http://127.0.0.1:8787" });
  expect(readIdentity({ AUTH_TOKEN: "", AUTH_TOKENS: " ", JWT_ISSUER: "" })).toMatchObject({
    problems: [],
    authToken: undefined,
  });
});
