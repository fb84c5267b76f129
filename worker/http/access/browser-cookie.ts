import { createHash } from "node:crypto";
import { limits } from "../../../core/limits.ts";

/** The cookie of a browser that begins a login to a remote server. One for each login, so that two tabs do not disturb each other. */
export function browserCookie(url: string, state: string, value: string): string {
  const { isSecure, name } = nameOf(url, state);
  const seconds = limits.loginAttemptMs / 1_000;
  return `${name}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Lax${isSecure ? "; Secure" : ""}`;
}

/** The value that this browser has for the login with this state; empty if none. */
export function cookieOf(request: Request, state: string): string {
  const { name } = nameOf(request.url, state);
  const pairs = (request.headers.get("Cookie") ?? "").split(/;\s*/);
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1) ?? "";
}

/** With `__Host-` no other host of the same domain can set it. Browsers allow that only over https. */
function nameOf(url: string, state: string): { isSecure: boolean; name: string } {
  const isSecure = new URL(url).protocol === "https:";
  const login = createHash("sha256").update(state).digest("base64url").slice(0, 16);
  return { isSecure, name: `${isSecure ? "__Host-" : ""}mcp-login-${login}` };
}
