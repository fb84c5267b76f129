import type { AuthRequest, OAuthHelpers } from "@cloudflare/workers-oauth-provider";
import type { Context } from "hono";
import type { LoginIdentity } from "../../identity-settings.ts";
import { allows, type Scope, scopesAmong } from "../../scopes.ts";
import { loginScopes, refuseForeignOrigin } from "../access/access.ts";
import { doorOf } from "../access/door.ts";
import { personBehindAccess } from "../access/identity/cloudflare-access.ts";
import { newOidcLogin, OidcLogin, oidcAddress, personWithCode } from "../access/identity/oidc.ts";
import { personWith } from "../access/identity/passphrase.ts";
import { ordinaryScopes, ownerScopes, type Person } from "../access/identity/person.ts";
import { callerOf } from "../access/local.ts";
import { type GrantProps, loginServerOf } from "../access/oauth.ts";
import { hashOf } from "../access/verifier.ts";
import { note, setDenial } from "../access-records.ts";
import { renderConsent } from "../consent-page.ts";
import type { Env } from "../env.ts";
import { renderPage } from "../page.ts";
import { readForm } from "../read-form.ts";
import { finishIdentityLogin, isBrowserLogin } from "./identity-login.ts";

type C = Context<{ Bindings: Env }>;

/** One visit of a browser to the login. */
interface Visit {
  request: Request;
  oauth: OAuthHelpers;
  identity: LoginIdentity;
  redirectUri: string;
}

/** `/authorize`: shows a person which client asks for what, and lets it in if the person agrees. */
export function serveAuthorize(c: C): Promise<Response> {
  return visiting(c, async (visit) => {
    if (c.req.method === "GET") return ask(c, visit);
    const refusal = c.req.method === "POST" ? refuseForeignOrigin(visit.request) : undefined;
    if (c.req.method !== "POST" || refusal) return renderPage(notHere);
    return decide(c, visit);
  });
}

/** `/oauth/identity`: the browser returns from the identity provider. */
export function serveIdentityReturn(c: C): Promise<Response> {
  if (isBrowserLogin(c.req.query("state"))) return finishIdentityLogin(c);
  return visiting(c, async ({ request, oauth, identity, redirectUri }) => {
    if (identity.kind !== "oidc" || request.method !== "GET") return renderPage(notHere);
    const { request: original, data, headers } = await oauth.finishUpstream(request);
    const code = c.req.query("code");
    if (code === undefined) return toClient(headers, await refusalFor(original));
    const person = await personWithCode(identity, OidcLogin.parse(data), { code, redirectUri }).catch(notIdentified);
    if (person === undefined) {
      setDenial(c, { rule: "identity" });
      return toClient(headers, await refusalFor(original));
    }
    return toClient(headers, await complete(c, { oauth, request: original, person }));
  });
}

/** The login itself, where it is on; untrusted requests that it refuses end at a page or at their client. */
async function visiting(c: C, serve: (visit: Visit) => Promise<Response>): Promise<Response> {
  const { login: identity, publicOrigin: origin, problems } = doorOf(c.env).settings;
  if (identity === undefined || origin === undefined || problems.length > 0)
    return renderPage({ ...closed, text: problems.join(" ") });
  const { pathname, search } = new URL(c.req.url);
  // Behind a proxy that ends the encryption, the address is another one than the browser's.
  const request = new Request(`${origin}${pathname}${search}`, c.req.raw);
  const { AuthorizationError, CimdFetchError } = await import("@cloudflare/workers-oauth-provider");
  const oauth = (await loginServerOf(c.env)).getOAuthApi(c.env);
  try {
    return await serve({ request, oauth, identity, redirectUri: `${origin}/oauth/identity` });
  } catch (error) {
    if (error instanceof AuthorizationError && error.redirectTo !== undefined) return toClient(new Headers(), error.redirectTo);
    if (error instanceof AuthorizationError) return renderPage({ ...refused, text: `${error.description}. ${again}` });
    if (error instanceof CimdFetchError)
      return renderPage({ ...refused, text: "The client's metadata document cannot be read." });
    throw error;
  }
}

/** @param wrong what was wrong with the last attempt */
async function ask(c: C, { request, oauth, identity }: Visit, wrong?: { status: number; text: string }): Promise<Response> {
  const person = identity.kind === "access" ? await personBehindAccess(request, identity) : undefined;
  if (identity.kind === "access" && person === undefined) {
    setDenial(c, { rule: "identity" });
    return renderPage(notBehindAccess);
  }
  const asked = await oauth.parseAuthRequest(request);
  const client = await oauth.describeConsent(asked);
  const consent = await oauth.beginConsent(asked);
  return renderConsent({
    client,
    scopes: grantedTo(asked.scope, identity.kind === "passphrase" ? ownerScopes : ordinaryScopes),
    person: person?.name,
    takesPassphrase: identity.kind === "passphrase",
    handle: consent.handle,
    headers: consent.headers,
    wrong,
  });
}

async function decide(c: C, visit: Visit): Promise<Response> {
  const { request, oauth, identity, redirectUri } = visit;
  const form = await readForm(c.req.raw);
  if (form instanceof Response) return form;
  const handle = String(form.get("handle"));
  if (form.get("decision") !== "allow") {
    const denied = await oauth.denyConsent(request, handle);
    return toClient(denied.headers, denied.redirectTo);
  }
  if (identity.kind === "oidc") {
    const { request: approved, headers: cookies } = await oauth.approveConsent(request, handle);
    const login = newOidcLogin();
    const { state, headers } = await oauth.beginUpstream(approved, { data: login, headers: cookies });
    return toClient(headers, (await oidcAddress(identity, login, { redirectUri, state })).href);
  }
  const person =
    identity.kind === "access"
      ? await personBehindAccess(request, identity)
      : personOf(c, { passphrase: String(form.get("passphrase") ?? ""), expected: identity.passphrase });
  if (person === "later") {
    setDenial(c, { rule: "throttle" });
    return ask(c, visit, { status: 429, text: "Too many wrong passphrases came from this address. Try again later." });
  }
  if (person === undefined) {
    setDenial(c, { rule: identity.kind === "access" ? "identity" : "passphrase" });
    return identity.kind === "access"
      ? renderPage(notBehindAccess)
      : ask(c, visit, { status: 403, text: "That is not the passphrase." });
  }
  const { request: approved, headers } = await oauth.approveConsent(request, handle);
  return toClient(headers, await complete(c, { oauth, request: approved, person }));
}

function personOf(c: C, { passphrase, expected }: { passphrase: string; expected: string }): Person | "later" | undefined {
  const { throttle } = doorOf(c.env);
  const caller = callerOf(c.req.raw) ?? "";
  const hash = hashOf(passphrase);
  if (throttle.waitMs(caller, hash) > 0) return "later";
  const person = personWith(passphrase, expected);
  if (person === undefined) throttle.wasWrong(caller, hash);
  return person;
}

interface Login {
  oauth: OAuthHelpers;
  request: AuthRequest;
  person: Person;
}

/** The grant, and the address of the client with its code. */
async function complete(c: C, { oauth, request, person: { principal, scopes } }: Login): Promise<string> {
  await note(c, "records", { action: "login", what: "client_login", outcome: "succeeded", principal });
  const props: GrantProps = { principal };
  const { redirectTo } = await oauth.completeAuthorization({
    request,
    userId: principal,
    metadata: {},
    scope: grantedTo(request.scope, scopes),
    props,
    // The same client on another machine of this person stays logged in.
    revokeExistingGrants: false,
  });
  return redirectTo;
}

/** What the client asked for, as far as this person may pass it on. Clients that ask for nothing get what most need. */
function grantedTo(asked: readonly string[], grantable: readonly Scope[]): Scope[] {
  const wanted = scopesAmong(asked);
  return (wanted.length === 0 ? loginScopes : wanted).filter((scope) => allows(grantable, scope));
}

async function refusalFor(request: AuthRequest): Promise<string> {
  const { authorizationErrorRedirect } = await import("@cloudflare/workers-oauth-provider");
  return authorizationErrorRedirect(request, "access_denied", "This account may not use this orchestrator");
}

function notIdentified(error: unknown): undefined {
  console.warn({ event: "identity_failed", error: String(error) });
}

function toClient(headers: Headers, address: string): Response {
  headers.set("Location", address);
  headers.set("Cache-Control", "no-store");
  headers.set("Referrer-Policy", "no-referrer");
  return new Response(null, { status: 302, headers });
}

const again = "Start the login in your MCP client again";
const notHere = { status: 400, title: "Not a login", text: `This address is part of a login. ${again}.` };
const closed = { status: 503, title: "The login is closed" };
const refused = { status: 400, title: "Not logged in" };
const notBehindAccess = {
  status: 403,
  title: "Not logged in",
  text: "Cloudflare Access has not said who you are. Whoever set this orchestrator up must put /authorize behind an Access application.",
};
