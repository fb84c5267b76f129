import type { Context } from "hono";
import { oauthClientMetadata, oauthKeyMessage } from "../../../core/run/login-urls.ts";
import { systemClock } from "../../clock.ts";
import { oauthKeyOf } from "../../settings.ts";
import { createLoginLinks, type LoginLinks } from "../../upstream/oauth/login-links.ts";
import { createSeal } from "../../upstream/oauth/seal.ts";
import type { Env } from "../env.ts";
import { type Page, privateHeaders, renderPage } from "../page.ts";

type C = Context<{ Bindings: Env }>;

/** `/oauth/login`, the login link: redirects the browser to the server's authorization server. */
export async function serveLogin(c: C): Promise<Response> {
  const links = loginLinksOf(c.env);
  if (links === undefined) return renderPage(noKey);
  const ticket = links.readTicket(c.req.query("ticket") ?? "");
  if (ticket === undefined) return renderPage(noTicket);
  if (c.req.method !== "GET") return new Response(null, { status: 204, headers: privateHeaders });
  const { session, server, replaces, scope } = ticket;
  const answer = await c.env.SESSIONS.getByName(session).beginLogin({ server, replaces, scope });
  if (answer.kind !== "go") return renderPage({ status: 409, title: "Not logged in", text: answer.message });
  return new Response(null, { status: 302, headers: { ...privateHeaders, Location: answer.url } });
}

/** `/oauth/callback`: the redirect address that the authorization server sends the browser back to. */
export async function serveLoginReturn(c: C): Promise<Response> {
  const links = loginLinksOf(c.env);
  if (links === undefined) return renderPage(noKey);
  const state = links.readState(c.req.query("state") ?? "");
  if (state === undefined) return renderPage(noState);
  // A link preview sends HEAD. It must not use the login attempt up.
  if (c.req.method !== "GET") return new Response(null, { status: 204, headers: privateHeaders });
  const { code, error, error_description: errorDescription, iss } = c.req.query();
  const answer = await c.env.SESSIONS.getByName(state.session).finishLogin(state.attempt, { code, error, errorDescription, iss });
  if (answer.kind !== "logged_in") return renderPage({ status: 400, title: "Not logged in", text: answer.message });
  return renderPage({
    status: 200,
    title: `You are logged in to ${answer.title}`,
    text: "Close this page and go back to your agent. Its next call will work.",
  });
}

/** `/oauth/client.json`: this orchestrator's OAuth client metadata (Client ID Metadata Documents). */
export function serveClientMetadata(c: C): Response {
  const { origin } = new URL(c.req.url);
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
