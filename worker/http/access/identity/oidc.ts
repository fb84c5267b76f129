import { createHash } from "node:crypto";
import { type JWTPayload, jwtVerify } from "jose";
import { z } from "zod";
import { limits } from "../../../../core/limits.ts";
import type { LoginIdentity } from "../../../identity-settings.ts";
import { principalOf } from "../../../principals.ts";
import { accessLimits } from "../access-limits.ts";
import { algorithms, remoteKeys } from "../jwt.ts";
import { ordinaryScopes, type Person } from "./person.ts";

type OidcSettings = Extract<LoginIdentity, { kind: "oidc" }>;

/** The part of a provider's configuration that is used (OpenID Connect Discovery 1.0, 3). */
const Provider = z.object({
  issuer: z.string(),
  authorization_endpoint: z.url(),
  token_endpoint: z.url(),
  jwks_uri: z.url(),
  token_endpoint_auth_methods_supported: z.array(z.string()).optional(),
});
type Provider = z.infer<typeof Provider>;

/** What a login remembers until the browser returns. It never leaves this orchestrator. */
export const OidcLogin = z.object({ verifier: z.string(), nonce: z.string() });
export type OidcLogin = z.infer<typeof OidcLogin>;

export function newOidcLogin(): OidcLogin {
  const random = () => `${crypto.randomUUID()}${crypto.randomUUID()}`;
  return { verifier: random(), nonce: random() };
}

interface Addresses {
  redirectUri: string;
  state: string;
}

/** The address at the provider where the person logs in. */
export async function oidcAddress(settings: OidcSettings, login: OidcLogin, { redirectUri, state }: Addresses): Promise<URL> {
  const address = new URL((await discover(settings)).authorization_endpoint);
  const parameters = {
    response_type: "code",
    client_id: settings.clientId,
    redirect_uri: redirectUri,
    scope: "openid email",
    state,
    nonce: login.nonce,
    code_challenge: createHash("sha256").update(login.verifier).digest("base64url"),
    code_challenge_method: "S256",
  };
  for (const [name, value] of Object.entries(parameters)) address.searchParams.set(name, value);
  return address;
}

/** What a provider has said of somebody, as far as it decides whether they come in. */
export const OidcClaims = z.object({
  issuer: z.string(),
  sub: z.string().min(1),
  /** An address that the provider has verified. */
  email: z.string().optional(),
});
export type OidcClaims = z.infer<typeof OidcClaims>;

interface Return {
  code: string;
  redirectUri: string;
}

/** The person who has logged in with this code; undefined for one who may not come in. */
export async function personWithCode(settings: OidcSettings, login: OidcLogin, back: Return): Promise<Person | undefined> {
  const claims = await claimsWithCode(settings, login, back);
  return claims && personOf(settings, claims);
}

/** The person of these claims, unless they may not come in any more. */
export function personOf({ issuer, allow }: OidcSettings, claims: OidcClaims): Person | undefined {
  const { sub, email } = claims;
  const isOfProvider = withoutSlash(claims.issuer) === withoutSlash(issuer);
  if (!isOfProvider || !isAllowed({ sub, ...(email !== undefined && { email, email_verified: true }) }, allow)) return undefined;
  return { principal: principalOf({ issuer: claims.issuer, subject: sub }), name: email ?? sub, scopes: ordinaryScopes };
}

/** What the provider says of whoever has logged in with this code; undefined for the answer to another login. */
export async function claimsWithCode(
  settings: OidcSettings,
  login: OidcLogin,
  { code, redirectUri }: Return,
): Promise<OidcClaims | undefined> {
  const provider = await discover(settings);
  const idToken = await exchange({ settings, provider, code, redirectUri, verifier: login.verifier });
  const { payload } = await jwtVerify(idToken, remoteKeys(provider.jwks_uri), {
    issuer: provider.issuer,
    audience: settings.clientId,
    algorithms,
    requiredClaims: ["exp", "sub", "nonce"],
    clockTolerance: accessLimits.tokenClockSecondsMax,
  });
  if (payload.nonce !== login.nonce || !payload.sub) return undefined;
  const isVerified = typeof payload.email === "string" && payload.email_verified === true;
  return { issuer: provider.issuer, sub: payload.sub, ...(isVerified && { email: String(payload.email) }) };
}

/** By subject, or by an address that the provider has verified: an unverified one can be anybody's. */
function isAllowed({ sub, email, email_verified: isVerified }: JWTPayload, allow: readonly string[]): boolean {
  if (sub !== undefined && allow.includes(sub)) return true;
  if (typeof email !== "string" || isVerified !== true) return false;
  const address = email.toLowerCase();
  const domain = address.slice(address.lastIndexOf("@"));
  return allow.some((entry) => entry.includes("@") && [address, domain].includes(entry.toLowerCase()));
}

async function discover({ issuer }: OidcSettings): Promise<Provider> {
  const base = withoutSlash(issuer);
  const provider = Provider.parse(await readJson(await send(`${base}/.well-known/openid-configuration`, {})));
  // Otherwise another provider's tokens would be taken for this one's (OpenID Connect Discovery 1.0, 4.3).
  if (withoutSlash(provider.issuer) !== base) throw new Error(`OIDC_ISSUER answers as ${provider.issuer}`);
  return provider;
}

function withoutSlash(issuer: string): string {
  return issuer.replace(/\/$/, "");
}

interface CodeExchange {
  settings: OidcSettings;
  provider: Provider;
  code: string;
  redirectUri: string;
  verifier: string;
}

async function exchange({ settings, provider, code, redirectUri, verifier }: CodeExchange): Promise<string> {
  const { clientId, clientSecret } = settings;
  const body = new URLSearchParams({
    grant_type: "authorization_code",
    code,
    redirect_uri: redirectUri,
    code_verifier: verifier,
  });
  const headers = new Headers();
  const takesBody = provider.token_endpoint_auth_methods_supported?.includes("client_secret_post") === true;
  if (clientSecret === undefined || takesBody) {
    body.set("client_id", clientId);
    if (clientSecret !== undefined) body.set("client_secret", clientSecret);
  } else {
    headers.set("Authorization", `Basic ${btoa(`${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`)}`);
  }
  const answer = await readJson(await send(provider.token_endpoint, { method: "POST", body, headers }));
  return z.object({ id_token: z.string() }).parse(answer).id_token;
}

function send(url: string, init: RequestInit): Promise<Response> {
  return fetch(url, { ...init, redirect: "manual", signal: AbortSignal.timeout(limits.loginRequestMs) });
}

async function readJson(response: Response): Promise<unknown> {
  if (!response.ok) throw new Error(`the identity provider answered ${response.status}`);
  return response.json();
}
