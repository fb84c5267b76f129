import { isLoopback } from "../../../core/loopback.ts";
import type { IdentitySettings } from "../../identity-settings.ts";
import { owner } from "../../principals.ts";
import { allows, type Scope } from "../../scopes.ts";
import { accessLimits } from "./access-limits.ts";
import type { BrowserLogins } from "./browser-login.ts";
import { callerOf, isFromThisMachine, isInTheClear } from "./local.ts";
import type { PersonLogins } from "./person-logins.ts";
import type { Throttle } from "./throttle.ts";
import { hashOf, type Identity, type Verdict, type Verifier } from "./verifier.ts";

export type Access = ({ kind: "granted" } & Identity) | Refusal;

export interface Refusal {
  kind: "refused";
  status: 401 | 403 | 429 | 503;
  /** By which rule, as the audit names it. */
  rule: AccessRule;
  /** Whose request it was, where that is known. */
  principal?: string;
  message: string;
  headers: Record<string, string>;
}

export type AccessRule =
  | "origin"
  | "settings"
  | "not_configured"
  | "token"
  | "encryption"
  | "throttle"
  | "scope"
  | "issuer"
  | "other_site";

/** What decides about requests: the settings, a verifier for each mode that they switch on, the wrong tokens so far, browsers. */
export interface Door {
  settings: IdentitySettings;
  verifiers: readonly Verifier[];
  throttle: Throttle;
  browserLogins: BrowserLogins;
  /** Where people log in with an identity provider. */
  personLogins?: PersonLogins | undefined;
}

/**
 * Decides whether a caller may do what needs this scope. Closed by default: where nothing is set, callers on this machine may do
 * everything but be a bridge, and others nothing.
 */
export async function authorise(request: Request, needed: Scope, door: Door): Promise<Access> {
  const { settings, throttle } = door;
  const refusal = refuseForeignOrigin(request) ?? refuseSettings(settings);
  if (refusal) return refusal;
  if (!isConfigured(needed, settings)) {
    if (needed !== "mcp:bridge" && isFromThisMachine(request)) return { kind: "granted", ...anyoneHere };
    return refused(403, "not_configured", notConfigured[needed === "mcp:bridge" ? "bridge" : "mcp"]);
  }
  const token = /^Bearer (.+)$/i.exec(request.headers.get("Authorization") ?? "")?.[1];
  if (token === undefined) return challenge(needed, settings, {});
  if (isInTheClear(request)) return refused(403, "encryption", inTheClear);
  const caller = callerOf(request) ?? "";
  const hash = hashOf(token);
  const waitMs = throttle.waitMs(caller, hash);
  if (waitMs > 0) return refused(429, "throttle", tooManyWrong, { "Retry-After": String(Math.ceil(waitMs / 1_000)) });
  const verdict = await verify({ token, hash }, door.verifiers);
  switch (verdict.kind) {
    case "known":
      throttle.wasRight(hash);
      if (!allows(verdict.identity.scopes, needed)) return lacking(needed, settings, verdict.identity);
      return { kind: "granted", ...verdict.identity };
    case "unavailable":
      return refused(503, "issuer", verdict.why, { "Retry-After": "5" });
    case "foreign":
    case "invalid":
      throttle.wasWrong(caller, hash);
      return challenge(needed, settings, { why: verdict.kind === "invalid" ? verdict.why : "The token is not known." });
  }
}

/** The refusal of a valid token without this scope, in the form that lets a client ask for it (RFC 6750, 3.1). */
export function lacking(needed: Scope, settings: IdentitySettings, { principal }: Pick<Identity, "principal">): Refusal {
  const message = `This token lacks the scope ${needed}.`;
  const challenge = header(settings, { error: "insufficient_scope", error_description: message, scope: needed });
  return { ...refused(403, "scope", message, { "WWW-Authenticate": challenge }), principal };
}

/** A web page must not reach a server on the user's machine by DNS rebinding (MCP, transports, Security Warning). */
export function refuseForeignOrigin(request: Request): Refusal | undefined {
  const origin = request.headers.get("Origin");
  // Callers other than browsers send none.
  if (origin === null) return undefined;
  const hostname = URL.canParse(origin) ? new URL(origin).hostname : "";
  if (isLoopback(hostname) || hostname === new URL(request.url).hostname) return undefined;
  return refused(403, "origin", `Requests from the web origin ${origin.slice(0, 100)} are not accepted.`);
}

export const anyoneHere: Identity = { principal: owner, scopes: ["mcp:read", "mcp:execute", "mcp:admin"] };

/** A wrong setting closes everything: it may be the one that was meant to keep somebody out. */
export function refuseSettings({ problems }: IdentitySettings): Refusal | undefined {
  if (problems.length === 0) return undefined;
  return refused(503, "settings", `This orchestrator is closed until its settings are corrected. ${problems.join(" ")}`);
}

export function isConfigured(needed: Scope, { authToken, bridgeToken, namedTokens, jwt, login }: IdentitySettings): boolean {
  const own = needed === "mcp:bridge" ? [bridgeToken] : [authToken, login];
  return [...own, jwt].some((mode) => mode !== undefined) || namedTokens.length > 0;
}

/** Asks the verifiers in turn, until one knows tokens of this kind. */
async function verify({ token, hash }: { token: string; hash: Uint8Array }, verifiers: readonly Verifier[]): Promise<Verdict> {
  if (token.length > accessLimits.tokenCharsMax) return { kind: "invalid", why: "The token is too long." };
  for (const verifier of verifiers) {
    const verdict = await verifier.verify(token, hash);
    if (verdict.kind !== "foreign") return verdict;
  }
  return { kind: "foreign" };
}

/** Asks for a token: RFC 6750, and where clients can log in the address that tells them how (RFC 9728, 5.1). */
function challenge(needed: Scope, settings: IdentitySettings, { why }: { why?: string }): Refusal {
  const message = needed === "mcp:bridge" ? wrongBridgeToken : settings.login === undefined ? wrongTokenMessage : loginMessage;
  const problem = why === undefined ? {} : { error: "invalid_token", error_description: why };
  const scope = settings.login === undefined ? {} : { scope: loginScopes.join(" ") };
  return refused(401, "token", why === undefined ? message : `${why} ${message}`, {
    "WWW-Authenticate": header(settings, { ...problem, ...scope }),
  });
}

/** What clients ask for that were not told otherwise. */
export const loginScopes: readonly Scope[] = ["mcp:read", "mcp:execute"];

function header({ login, publicOrigin }: IdentitySettings, parameters: Record<string, string>): string {
  const metadata = login === undefined ? {} : { resource_metadata: `${publicOrigin}/.well-known/oauth-protected-resource` };
  const all = Object.entries({ realm: "mcp-dynamic-orchestrator", ...metadata, ...parameters });
  return `Bearer ${all.map(([name, value]) => `${name}="${value}"`).join(", ")}`;
}

export function refused(
  status: Refusal["status"],
  rule: AccessRule,
  message: string,
  headers: Record<string, string> = {},
): Refusal {
  return { kind: "refused", status, rule, message, headers };
}

export const notConfigured = {
  mcp: "This orchestrator is closed: it answers other machines only once AUTH_TOKEN is set. Run: npx wrangler secret put AUTH_TOKEN",
  bridge:
    "No bridge may connect until BRIDGE_TOKEN is set. npm start does that by itself; for a Worker of your own run: npx wrangler secret put BRIDGE_TOKEN",
};
/** For whoever has no token or a wrong one, through every client. */
export const wrongTokenMessage =
  'This orchestrator needs its access token, and has no login: send the header `Authorization: Bearer <AUTH_TOKEN>` with the AUTH_TOKEN that it was given. In Claude Code: claude mcp add --transport http orchestrator <url> --header "Authorization: Bearer <AUTH_TOKEN>"; in the plugin, set MCP_ORCHESTRATOR_TOKEN.';
const loginMessage =
  "This orchestrator needs a login, which your MCP client opens in a browser, or an access token in the header `Authorization: Bearer <token>`.";
const wrongBridgeToken = "Start the bridge with the BRIDGE_TOKEN this orchestrator was given.";
export const inTheClear =
  "Tokens are not accepted over plain http from another machine, or from a proxy that does not say X-Forwarded-Proto: https: others may have read this one. Use https, and replace the token.";
export const tooManyWrong = "Too many wrong tokens came from this address. Try again later.";
