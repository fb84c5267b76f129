import type { Context } from "hono";
import { html } from "hono/html";
import { tooManyWrong } from "../access/access.ts";
import { loginCookie, readCookie, refuseOtherSites } from "../access/browser-access.ts";
import { doorOf } from "../access/door.ts";
import { callerOf, isFromThisMachine, isInTheClear } from "../access/local.ts";
import { hashOf } from "../access/verifier.ts";
import { note, refusePage, setDenial } from "../access-records.ts";
import type { Env } from "../env.ts";
import { renderForm } from "../page.ts";
import { readForm } from "../read-form.ts";

type C = Context<{ Bindings: Env }>;

/** `/login`: a person proves to this browser's orchestrator that they have a token. */
export function serveBrowserLogin(c: C): Promise<Response> | Response {
  const token = c.req.query("token");
  // The link that `npm start` prints. Elsewhere a token in an address would be in logs and histories.
  if (token !== undefined && isFromThisMachine(c.req.raw)) return logIn(c, { token, next: pathIn(c.req.query("next")) });
  return askForToken(c.env, c.req.query("next"));
}

export async function takeBrowserLogin(c: C): Promise<Response> {
  const refusal = refuseOtherSites(c.req.raw);
  if (refusal) return refusePage(c, refusal);
  const form = await readForm(c.req.raw);
  if (form instanceof Response) return form;
  return logIn(c, { token: String(form.get("token") ?? "").trim(), next: pathIn(form.get("next")) });
}

/** `/logout` */
export async function serveLogout(c: C): Promise<Response> {
  const refusal = refuseOtherSites(c.req.raw);
  if (refusal) return refusePage(c, refusal);
  await doorOf(c.env).personLogins?.logOut(readCookie(c.req.raw) ?? "");
  return new Response(null, { status: 303, headers: { Location: "/login", "Set-Cookie": loginCookie(c.req.raw, "", 0) } });
}

/** The page that asks for a token, and leads to `next` afterwards. */
export function askForToken(env: Env, next: unknown, wrong?: { status: number; text: string }): Promise<Response> {
  const { login, jwt } = doorOf(env).settings;
  return renderForm({
    status: wrong?.status ?? 401,
    title: "Log in to the MCP orchestrator",
    body: html`${wrong === undefined ? "" : html`<p role="alert"><strong>${wrong.text}</strong></p>`}
${login?.kind === "oidc" ? html`<p><a href="/login/identity?next=${encodeURIComponent(pathIn(next))}">Log in with ${new URL(login.issuer).host}</a>, or with a token:</p>` : ""}
<form method="post" action="/login">
<input type="hidden" name="next" value="${pathIn(next)}">
<p><label>Access token<br><input type="password" name="token" autocomplete="current-password" required autofocus></label></p>
<p><button>Log in</button></p>
</form>
<p>Under <code>npm start</code>, <code>npm run -s bridge -- token show</code> prints it; elsewhere it is the AUTH_TOKEN of the deployment, or a token of AUTH_TOKENS with the scope that a page needs.${jwt === undefined ? "" : " A JWT is for programs, and logs no browser in."}</p>`,
  });
}

async function logIn(c: C, { token, next }: { token: string; next: string }): Promise<Response> {
  const { throttle, browserLogins } = doorOf(c.env);
  const caller = callerOf(c.req.raw) ?? "";
  if (isInTheClear(c.req.raw)) {
    setDenial(c, { rule: "encryption" });
    return askForToken(c.env, next, { status: 403, text: "Over plain http others could read the token. Use https." });
  }
  const hash = hashOf(token);
  if (throttle.waitMs(caller, hash) > 0) {
    setDenial(c, { rule: "throttle" });
    return askForToken(c.env, next, { status: 429, text: tooManyWrong });
  }
  const login = browserLogins.logIn(token);
  if (login === undefined) {
    throttle.wasWrong(caller, hash);
    setDenial(c, { rule: "token" });
    return askForToken(c.env, next, { status: 401, text: "That is not a token of this orchestrator." });
  }
  throttle.wasRight(hash);
  const principal = browserLogins.identityOf(login.cookie)?.principal;
  await note(c, "records", { action: "login", what: "browser_login", outcome: "succeeded", principal });
  const cookie = loginCookie(c.req.raw, login.cookie, login.seconds);
  return new Response(null, {
    status: 303,
    headers: { Location: next, "Set-Cookie": cookie, "Referrer-Policy": "no-referrer", "Cache-Control": "no-store" },
  });
}

/** A path of this origin; anything else could lead a person who has just logged in to another site. */
export function pathIn(next: unknown): string {
  return typeof next === "string" && /^\/(?![/\\])[\w./?=&%-]*$/.test(next) ? next : "/";
}
