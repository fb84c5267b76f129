import type { ConsentDescription } from "@cloudflare/workers-oauth-provider";
import { html } from "hono/html";
import type { Scope } from "../scopes.ts";
import { pageStyle, privateHeaders } from "./page.ts";

export interface Consent {
  client: ConsentDescription;
  scopes: readonly Scope[];
  /** Who is logged in already. */
  person: string | undefined;
  takesPassphrase: boolean;
  /** Ties the form to this browser, together with the cookie in `headers`. */
  handle: string;
  headers: Headers;
  wrong: { status: number; text: string } | undefined;
}

/** Asks a person whether a client may come in. Name and addresses are the client's own words: all of them are escaped. */
export async function renderConsent(consent: Consent): Promise<Response> {
  const { client, scopes, person, takesPassphrase, handle, headers, wrong } = consent;
  const nonce = crypto.randomUUID();
  const passphrase = html`<p><label>Passphrase of this orchestrator
<input type="password" name="passphrase" autocomplete="current-password" required autofocus></label></p>`;
  const body = await html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Allow ${client.clientName}?</title>
<style nonce="${nonce}">${pageStyle}</style>
<h1>Allow ${client.clientName}?</h1>
${wrong === undefined ? "" : html`<p role="alert"><strong>${wrong.text}</strong></p>`}
<p>${client.clientDomain === undefined ? "It registered itself: its name is not verified." : html`Published by <strong>${client.clientDomain}</strong>.`}
Access will be sent to <strong>${client.redirectHost}</strong>.</p>
${client.redirectIsLoopback ? html`<p><strong>That is a program on your computer. Continue only if you have just started to log in from it.</strong></p>` : ""}
<p>It will be able to:</p>
<ul>${scopes.map((scope) => html`<li>${meanings[scope]}</li>`)}</ul>
${person === undefined ? "" : html`<p>You are logged in as ${person}.</p>`}
<form method="post">
<input type="hidden" name="handle" value="${handle}">
${takesPassphrase ? passphrase : ""}
<p><button name="decision" value="allow">Allow</button> <button name="decision" value="deny" formnovalidate>Deny</button></p>
</form>
</html>
`;
  for (const [name, value] of Object.entries({
    ...privateHeaders,
    "Content-Type": "text/html; charset=utf-8",
    // Without form-action: browsers apply it to the redirect after the form too, which leads to the client.
    "Content-Security-Policy": `default-src 'none'; style-src 'nonce-${nonce}'; base-uri 'none'; frame-ancestors 'none'`,
    "X-Content-Type-Options": "nosniff",
  })) {
    headers.set(name, value);
  }
  return new Response(String(body), { status: wrong?.status ?? 200, headers });
}

const meanings: Record<Scope, string> = {
  "mcp:read": "see your MCP servers and their tools",
  "mcp:execute": "run programs that call the tools of your MCP servers, with your logins there",
  "mcp:bridge": "serve MCP servers of another machine",
  "mcp:admin": "read the metrics of this orchestrator",
};
