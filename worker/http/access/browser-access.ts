import { createHash } from "node:crypto";
import type { Scope } from "../../scopes.ts";
import { allows } from "../../scopes.ts";
import {
  type Access,
  anyoneHere,
  authorise,
  type Door,
  inTheClear,
  isConfigured,
  lacking,
  notConfigured,
  type Refusal,
  refused,
  refuseSettings,
} from "./access.ts";
import { personBehindAccess } from "./identity/cloudflare-access.ts";
import { isFromThisMachine, isInTheClear } from "./local.ts";
import type { Identity } from "./verifier.ts";

/** What a browser may see. `login` means that a person has to log in first. */
export type BrowserAccess = Visitor | { kind: "login" } | Refusal;

export interface Visitor extends Identity {
  kind: "granted";
  /** Stands in every form of a page: another site cannot know it. */
  formToken: string;
  /** To be sent with the page. */
  headers: Record<string, string>;
}

/**
 * Decides whether the person at this browser may see or do what needs this scope: who has logged in, whom Cloudflare Access has let
 * through, and, where no token is set, anyone on this machine.
 */
export async function authoriseBrowser(request: Request, needed: Scope, door: Door): Promise<BrowserAccess> {
  const { settings, browserLogins, personLogins } = door;
  const refusal = refuseSettings(settings) ?? refuseOtherSites(request);
  if (refusal) return refusal;
  const cookie = readCookie(request);
  if (!isConfigured(needed, settings)) {
    if (!isFromThisMachine(request)) return refused(403, "not_configured", notConfigured.mcp);
    const value = cookie ?? crypto.randomUUID();
    const headers = cookie === undefined ? { "Set-Cookie": loginCookie(request, value) } : {};
    return { kind: "granted", ...anyoneHere, formToken: formTokenOf(value), headers };
  }
  if (isInTheClear(request)) return refused(403, "encryption", inTheClear);
  const assertion = request.headers.get("Cf-Access-Jwt-Assertion");
  // Whoever has logged in with a token may do what the token may, also behind Access.
  const known = cookie === undefined ? undefined : (browserLogins.identityOf(cookie) ?? (await personLogins?.identityOf(cookie)));
  const identity = known ?? (settings.login?.kind === "access" ? await personBehindAccess(request, settings.login) : undefined);
  if (identity === undefined) return { kind: "login" };
  if (!allows(identity.scopes, needed)) return lacking(needed, settings, identity);
  const { principal, scopes } = identity;
  return { kind: "granted", principal, scopes, formToken: formTokenOf(String(known ? cookie : assertion)), headers: {} };
}

/** Whether a form was sent from a page that this browser got from here. */
export function isOwnForm(form: FormData, { formToken }: Visitor): boolean {
  return form.get("form_token") === formToken;
}

/** Decides about a command: without a token anybody on this machine is let in, and so must not be a web page. */
export async function authoriseCommand(request: Request, needed: Scope, door: Door): Promise<Access> {
  const access = await authorise(request, needed, door);
  if (access.kind === "refused" || request.headers.has("Authorization")) return access;
  return refuseOtherSites(request) ?? access;
}

/** Only a page of this very origin may change anything. Loopback origins of other ports are other programs' pages. */
export function refuseOtherSites(request: Request): Refusal | undefined {
  if (request.method === "GET" || request.method === "HEAD") return undefined;
  const origin = request.headers.get("Origin");
  const site = request.headers.get("Sec-Fetch-Site");
  const isOwn = site === null ? hostOf(origin) === new URL(request.url).host : site === "same-origin";
  return isOwn
    ? undefined
    : refused(403, "other_site", "This page was not opened from here. Open it again and repeat what you did.");
}

/** @param seconds how long the browser keeps it; left out, until it is closed */
export function loginCookie(request: Request, value: string, seconds?: number): string {
  const { name, isSecure } = cookieNameOf(request);
  const age = seconds === undefined ? "" : `; Max-Age=${seconds}`;
  return `${name}=${value}; Path=/${age}; HttpOnly; SameSite=Lax${isSecure ? "; Secure" : ""}`;
}

export function readCookie(request: Request): string | undefined {
  const { name } = cookieNameOf(request);
  const pairs = (request.headers.get("Cookie") ?? "").split(/;\s*/);
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1) || undefined;
}

/** Browsers send a cookie to every port of a host: two orchestrators on one machine have each its own. */
function cookieNameOf(request: Request): { name: string; isSecure: boolean } {
  const { protocol, port } = new URL(request.url);
  const isSecure = protocol === "https:";
  return { isSecure, name: isSecure ? "__Host-mcp-console" : `mcp-console-${port || "80"}` };
}

function formTokenOf(secret: string): string {
  return createHash("sha256").update(`form ${secret}`).digest("base64url");
}

function hostOf(origin: string | null): string | undefined {
  return origin !== null && URL.canParse(origin) ? new URL(origin).host : undefined;
}
