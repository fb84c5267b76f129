import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createJwt } from "../../../worker/http/access/jwt.ts";
import { principalOf } from "../../../worker/principals.ts";

/* An issuer with a real key server on loopback. */

const issuer = "https://issuer.example";
const audience = "https://mcp.example.com";
const now = Date.parse("2026-12-01T12:00:00Z");

let keys: (JWK | object)[] = [];
let isDown = false;
let fetched = 0;
let server: ReturnType<typeof createServer>;
let jwksUrl: string;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["Date"], now });
  [keys, isDown, fetched] = [[], false, 0];
  server = createServer((_request, response) => {
    fetched += 1;
    if (isDown) response.writeHead(500).end();
    else response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ keys }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  jwksUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;
});

afterEach(() => {
  vi.useRealTimers();
  server.closeAllConnections();
  server.close();
});

async function newKey(kid: string, algorithm = "ES256") {
  const { publicKey, privateKey } = await generateKeyPair(algorithm);
  const published = { ...(await exportJWK(publicKey)), kid, alg: algorithm };
  const sign = (claims: object = {}, { exp = now / 1_000 + 300 }: { exp?: number | undefined } = {}) => {
    const jwt = new SignJWT({ iss: issuer, aud: audience, sub: "anna", scope: "mcp:execute other", ...claims });
    return jwt.setProtectedHeader({ alg: algorithm, kid }).setExpirationTime(exp).sign(privateKey);
  };
  return { published, sign };
}

const verifierOf = (scopesClaim = "scope") => createJwt({ issuer, audience, jwksUrl, scopesClaim }, () => Date.now());

test.each(["ES256", "RS256", "PS512", "EdDSA"])("a token signed by %s is known", { tags: ["access.jwt"] }, async (algorithm) => {
  const key = await newKey("one", algorithm);
  keys = [key.published];

  expect(await verifierOf().verify(await key.sign())).toEqual({
    kind: "known",
    identity: { principal: principalOf({ issuer, subject: "anna" }), scopes: ["mcp:execute"] },
  });
});

test.each([
  ["another issuer", { iss: "https://other.example" }, "another issuer"],
  ["another audience", { aud: "https://other.example" }, "another audience"],
  ["no audience", { aud: undefined }, "another audience"],
  ["no subject", { sub: undefined }, "sub"],
  ["an empty subject", { sub: "" }, "no subject"],
  ["a later start", { nbf: now / 1_000 + 62 }, "not valid yet"],
])("a token with %s is not accepted", { tags: ["access.jwt"] }, async (_what, claims, why) => {
  const key = await newKey("one");
  keys = [key.published];

  expect(await verifierOf().verify(await key.sign(claims))).toEqual({ kind: "invalid", why: expect.stringContaining(why) });
});

test("clocks may differ by a minute", { tags: ["access.jwt"] }, async () => {
  const key = await newKey("one");
  keys = [key.published];
  const expiredSince = (seconds: number) => key.sign({}, { exp: now / 1_000 - seconds });

  expect(await verifierOf().verify(await expiredSince(59))).toMatchObject({ kind: "known" });
  expect(await verifierOf().verify(await expiredSince(60))).toEqual({ kind: "invalid", why: "The token has expired." });
});

test("a token without an expiry is not accepted", async () => {
  const { privateKey, publicKey } = await generateKeyPair("ES256");
  keys = [{ ...(await exportJWK(publicKey)), kid: "one", alg: "ES256" }];
  const token = await new SignJWT({ iss: issuer, aud: audience, sub: "anna" })
    .setProtectedHeader({ alg: "ES256", kid: "one" })
    .sign(privateKey);

  expect(await verifierOf().verify(token)).toMatchObject({ kind: "invalid" });
});

test("neither a shared secret nor no signature is accepted", { tags: ["access.jwt"] }, async () => {
  const key = await newKey("one");
  keys = [key.published];
  const secret = new TextEncoder().encode(JSON.stringify(key.published).padEnd(64));
  const claims = { iss: issuer, aud: audience, sub: "anna", exp: now / 1_000 + 300 };
  const shared = await new SignJWT(claims).setProtectedHeader({ alg: "HS256", kid: "one" }).sign(secret);
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const [header, payload, signature] = (await key.sign()).split(".");

  for (const token of [
    shared,
    `${part({ alg: "none" })}.${part(claims)}.`,
    `${header}.${part(claims)}.${signature}`,
    `${header}.${payload}.${signature?.split("").reverse().join("")}`,
  ]) {
    expect(await verifierOf().verify(token)).toMatchObject({ kind: "invalid" });
  }
});

test("what is odd about a token is no fault of the key server", { tags: ["access.jwt"] }, async () => {
  const [one, two] = [await newKey("one"), await newKey("two")];
  keys = [one.published, two.published];
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const [header = "", payload = "", signature = ""] = (await one.sign()).split(".");
  const claims = JSON.parse(Buffer.from(payload, "base64url").toString());
  const es256 = { alg: "ES256", kid: "one" };

  for (const token of [
    `${part({ alg: "ES256" })}.${payload}.${signature}`,
    `${part({ alg: "RS256", kid: "one" })}.${payload}.${signature}`,
    `${part({ ...es256, crit: ["exp"] })}.${payload}.${signature}`,
    `${part({ ...es256, b64: false, crit: ["b64"] })}.${payload}.${signature}`,
    `${part({ ...es256, kid: { toString: 1 } })}.${payload}.${signature}`,
    `${header}.${payload}.`,
    `${header}.${payload}.${signature.slice(0, 8)}`,
    `${header}.${part("no claims")}.${signature}`,
    `${header}.A.${signature}`,
    await one.sign({ ...claims, nbf: "soon" }),
  ]) {
    expect([token, (await verifierOf().verify(token)).kind]).toEqual([token, "invalid"]);
  }
});

test("a token of another key is not accepted, and a new key is found after a rotation", { tags: ["access.jwt"] }, async () => {
  const [old, next] = [await newKey("old"), await newKey("new")];
  keys = [old.published];
  const verifier = verifierOf();
  expect(await verifier.verify(await old.sign())).toMatchObject({ kind: "known" });
  expect(await verifier.verify(await next.sign())).toMatchObject({ kind: "invalid" });

  keys = [next.published];
  vi.setSystemTime(now + 6_000);
  expect(await verifier.verify(await next.sign())).toMatchObject({ kind: "known" });
  expect(await verifier.verify(await old.sign())).toMatchObject({ kind: "invalid" });
});

test("tokens of unknown keys do not flood the key server", async () => {
  const [known, unknown] = [await newKey("known"), await newKey("unknown")];
  keys = [known.published];
  const verifier = verifierOf();
  for (let round = 0; round < 20; round += 1) await verifier.verify(await unknown.sign());

  expect(fetched).toBe(1);
});

test("while the key server is down, nobody is called a liar", async () => {
  const key = await newKey("one");
  isDown = true;
  expect(await verifierOf().verify(await key.sign())).toMatchObject({ kind: "unavailable" });
});

test("scopes are read from the claim that the settings name, as words or as a list", async () => {
  const key = await newKey("one");
  keys = [key.published];
  const verifier = verifierOf("permissions");

  expect(await verifier.verify(await key.sign({ permissions: ["mcp:read", "x"] }))).toMatchObject({
    identity: { scopes: ["mcp:read"] },
  });
  expect(await verifier.verify(await key.sign())).toMatchObject({ identity: { scopes: [] } });
});

test.each(["", "x", "a.b", "a.b.c", "1.2.3", "user:grant:secret"])("%j is no JWT, and is left to others", async (token) => {
  expect(await verifierOf().verify(token)).toEqual({ kind: "foreign" });
});
