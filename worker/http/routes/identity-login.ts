import type { Context } from "hono";
import { z } from "zod";
import { loginCookie } from "../access/browser-access.ts";
import { browserCookie, cookieOf } from "../access/browser-cookie.ts";
import { doorOf } from "../access/door.ts";
import { claimsWithCode, newOidcLogin, OidcLogin, oidcAddress, personOf } from "../access/identity/oidc.ts";
import { note, setDenial } from "../access-records.ts";
import type { Env } from "../env.ts";
import { privateHeaders, renderPage } from "../page.ts";
import { pathIn } from "./login.ts";

type C = Context<{ Bindings: Env }>;

/** What the browser keeps until it returns: in a cookie of this login alone, which no other host can set. */
const Begun = OidcLogin.extend({ next: z.string() });

/** `/login/identity`: a person logs this browser in with the identity provider. */
export async function beginIdentityLogin(c: C): Promise<Response> {
  const { login: identity, publicOrigin: origin, problems } = doorOf(c.env).settings;
  if (identity?.kind !== "oidc" || origin === undefined || problems.length > 0) return renderPage(noProvider);
  const login = newOidcLogin();
  const state = `${ownState}${crypto.randomUUID()}${crypto.randomUUID()}`;
  const address = await oidcAddress(identity, login, { redirectUri: redirectUriOf(origin), state }).catch(failed);
  if (address === undefined) return renderPage(notReached);
  const begun = JSON.stringify({ ...login, next: pathIn(c.req.query("next")) } satisfies z.infer<typeof Begun>);
  const cookie = browserCookie(origin, state, encodeURIComponent(begun));
  return redirect(address.href, cookie);
}

/** Whether a return from the identity provider belongs to a login that began here, and not to one of a client. */
export function isBrowserLogin(state: string | undefined): boolean {
  return state?.startsWith(ownState) === true;
}

/** `/oauth/identity`, for such a login. */
export async function finishIdentityLogin(c: C): Promise<Response> {
  const { settings, personLogins } = doorOf(c.env);
  const { login: identity, publicOrigin: origin } = settings;
  if (identity?.kind !== "oidc" || personLogins === undefined || origin === undefined) return renderPage(noProvider);
  const { state = "", code } = c.req.query();
  const begun = begunWith(cookieOf(c.req.raw, state));
  // Whoever is sent here by somebody else would be logged in as that one.
  if (begun === undefined) {
    setDenial(c, { rule: "other_browser" });
    return renderPage(otherBrowser);
  }
  if (code === undefined) return renderPage(notFinished);
  const back = { code, redirectUri: redirectUriOf(origin) };
  const said = await claimsWithCode(identity, begun, back).then((claims) => ({ claims }), failed);
  if (said === undefined) return renderPage(notReached);
  const { claims } = said;
  const person = claims && personOf(identity, claims);
  if (claims === undefined || person === undefined) {
    setDenial(c, { rule: "identity" });
    return renderPage(notAllowed);
  }
  const { cookie, seconds } = await personLogins.logIn(claims);
  const { principal } = person;
  await note(c, "records", { action: "login", what: "browser_login", outcome: "succeeded", principal });
  const request = new Request(origin, { headers: c.req.raw.headers });
  return redirect(begun.next, loginCookie(request, cookie, seconds));
}

function begunWith(cookie: string): z.infer<typeof Begun> | undefined {
  try {
    return Begun.safeParse(JSON.parse(decodeURIComponent(cookie))).data;
  } catch {
    // Not a cookie of ours, or none.
    return undefined;
  }
}

function redirect(location: string, cookie: string): Response {
  return new Response(null, { status: 303, headers: { ...privateHeaders, Location: location, "Set-Cookie": cookie } });
}

/** The address that the provider knows, for the logins of clients too. */
function redirectUriOf(origin: string): string {
  return `${origin}/oauth/identity`;
}

function failed(error: unknown): undefined {
  console.warn({ event: "identity_failed", error: String(error) });
}

const ownState = "browser.";
const noProvider = {
  status: 404,
  title: "There is no such login here",
  text: "This orchestrator has no identity provider. Open /login.",
};
const notReached = {
  status: 503,
  title: "Not logged in",
  text: "The identity provider does not answer, or not as it should. Open /login, and try again.",
};
const notFinished = {
  status: 403,
  title: "Not logged in",
  text: "The identity provider sent you back without a login. Open /login to log in again.",
};
const otherBrowser = {
  status: 403,
  title: "Not logged in",
  text: "This login has expired, or was begun in another browser. Open /login, and log in again.",
};
const notAllowed = { status: 403, title: "Not logged in", text: "This account may not use this orchestrator." };
