import type { Context } from "hono";
import { oauthClientMetadata, oauthKeyMessage } from "../../../core/run/login-urls.ts";
import { systemClock } from "../../clock.ts";
import { oauthKeyOf } from "../../settings.ts";
import { createLoginLinks, type LoginLinks } from "../../upstream/oauth/login-links.ts";
import { createSeal } from "../../upstream/oauth/seal.ts";
import { browserCookie, cookieOf } from "../access/browser-cookie.ts";
import { isFromThisMachine } from "../access/local.ts";
import { originOf } from "../access/origin.ts";
import { setDenial } from "../access-records.ts";
import type { Env } from "../env.ts";
import { type Page, privateHeaders, renderPage } from "../page.ts";

type C = Context<{ Bindings: Env }>;

/** `/oauth/login`, the login link: redirects the browser to the server's authorization server. */
export async function serveLogin(c: C): Promise<Response> {
  const links = loginLinksOf(c.env);
  if (links === undefined) return renderPage(noKey);
  const ticket = links.readTicket(c.req.query("ticket") ?? "");
  if (ticket === undefined) return refuseLink(c, noTicket);
  if (c.req.method !== "GET") return new Response(null, { status: 204, headers: privateHeaders });
  const { session, server, replaces, scope } = ticket;
  const answer = await c.env.SESSIONS.getByName(session).beginLogin({ server, replaces, scope });
  if (answer.kind !== "go") return renderPage({ status: 409, title: "Not logged in", text: answer.message });
  const elsewhere = otherOrigin(c.req.url, answer.url);
  // The cookie is only sent to the host that sets it, so the login begins where it will end.
  if (elsewhere !== undefined) return redirect(`${elsewhere}${c.req.path}${new URL(c.req.url).search}`);
  const state = new URL(answer.url).searchParams.get("state") ?? "";
  return redirect(answer.url, { "Set-Cookie": browserCookie(c.req.url, state, links.browserText(state)) });
}

/** The origin to which the authorization server will send the browser, if the browser is at another one now. */
function otherOrigin(here: string, authorization: string): string | undefined {
  const redirectUri = new URL(authorization).searchParams.get("redirect_uri") ?? "";
  const { origin } = URL.canParse(redirectUri) ? new URL(redirectUri) : new URL(here);
  return origin === new URL(here).origin ? undefined : origin;
}

function redirect(url: string, headers: Record<string, string> = {}): Response {
  return new Response(null, { status: 302, headers: { ...privateHeaders, ...headers, Location: url } });
}

/** `/oauth/callback`: the redirect address that the authorization server sends the browser back to. */
export async function serveLoginReturn(c: C): Promise<Response> {
  const links = loginLinksOf(c.env);
  if (links === undefined) return renderPage(noKey);
  const state = links.readState(c.req.query("state") ?? "");
  if (state === undefined) return refuseLink(c, noState);
  // A link preview sends HEAD. It must not use the login attempt up.
  if (c.req.method !== "GET") return new Response(null, { status: 204, headers: privateHeaders });
  // Whoever is sent here by somebody else would log that one's account in, or give away their own.
  const isSameBrowser = links.isSameBrowser(c.req.query("state") ?? "", cookieOf(c.req.raw, c.req.query("state") ?? ""));
  if (!isSameBrowser && !isOwnCommand(c.req.raw)) {
    setDenial(c, { rule: "other_browser", principal: state.session.split("/")[0] });
    return renderPage(otherBrowser);
  }
  const { code, error, error_description: errorDescription, iss } = c.req.query();
  const answer = await c.env.SESSIONS.getByName(state.session).finishLogin(state.attempt, { code, error, errorDescription, iss });
  if (answer.kind !== "logged_in") return renderPage({ status: 400, title: "Not logged in", text: answer.message });
  return renderPage({
    status: 200,
    title: `You are logged in to ${answer.title}`,
    text: "Close this page and go back to your agent. Its next call will work.",
  });
}

function refuseLink(c: C, page: Page): Promise<Response> {
  setDenial(c, { rule: "link" });
  return renderPage(page);
}

/**
 * Whether a command of this machine's user asks, such as `curl -L`, which keeps no cookies: where there is no browser, logins are made so.
 * Nobody else can send one here, as they could a browser; and no page can make a browser hide that it is one.
 */
function isOwnCommand(request: Request): boolean {
  const isBrowser = request.headers.has("Sec-Fetch-Site") || /^Mozilla\//.test(request.headers.get("User-Agent") ?? "");
  return !isBrowser && isFromThisMachine(request);
}

/** `/oauth/client.json`: this orchestrator's OAuth client metadata (Client ID Metadata Documents). */
export function serveClientMetadata(c: C): Response {
  const origin = originOf(c);
  return c.json({ client_id: `${origin}/oauth/client.json`, ...oauthClientMetadata(`${origin}/oauth/callback`) });
}

function loginLinksOf(env: Env): LoginLinks | undefined {
  const key = oauthKeyOf(env);
  return key === undefined ? undefined : createLoginLinks({ seal: createSeal(key), now: systemClock.now });
}

const noKey: Page = { status: 503, title: "Logins are switched off", text: oauthKeyMessage };
const noTicket: Page = {
  status: 403,
  title: "This link is not valid",
  text: "It has expired, or was not copied completely. Ask your agent to list the server again, and open the new address.",
};
const noState: Page = {
  status: 403,
  title: "This login is not one of ours",
  text: "It has expired, or was not started here. Ask your agent for the login address, and log in again.",
};
const otherBrowser: Page = {
  status: 403,
  title: "This login was started in another browser",
  text: "Open the login address in this browser, and log in again. If you did not start a login yourself, somebody else did: close this page.",
};
