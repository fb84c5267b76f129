import { createHmac } from "node:crypto";
import type { IdentitySettings } from "../../identity-settings.ts";
import { accessLimits } from "./access-limits.ts";
import { createTokenTable } from "./static-tokens.ts";
import { hashOf, type Identity } from "./verifier.ts";

/**
 * The logins of browsers to the pages of this orchestrator. A browser proves once that its user knows a token, and gets a cookie
 * that was made with the token's hash: nothing is stored, the token is not in it, and whoever removes the token ends the login.
 */
export interface BrowserLogins {
  /** The value of the cookie, and for how many seconds it is good. Undefined for a text that is none of the Worker's tokens. */
  logIn(token: string): { cookie: string; seconds: number } | undefined;
  identityOf(cookie: string): Identity | undefined;
}

export function createBrowserLogins(settings: IdentitySettings, now: () => number): BrowserLogins {
  const { login, authToken } = settings;
  // Where people log in with a passphrase, they do so here too.
  const passphrase = login?.kind === "passphrase" ? login.passphrase : undefined;
  const table = createTokenTable({ ...settings, bridgeToken: undefined, authToken: authToken ?? passphrase }, now);
  const identityWith = (hash: Uint8Array): Identity | undefined => {
    const verdict = table.verdictOn(hash);
    return verdict.kind === "known" ? verdict.identity : undefined;
  };
  return {
    logIn(token) {
      const hash = hashOf(token === passphrase && authToken !== undefined ? authToken : token);
      if (identityWith(hash) === undefined) return undefined;
      const until = String(now() + accessLimits.browserLoginMs);
      return { cookie: `${until}.${macOf(until, hash)}`, seconds: accessLimits.browserLoginMs / 1_000 };
    },
    identityOf(cookie) {
      const [until = "", mac = ""] = cookie.split(".");
      if (!/^\d{1,16}$/.test(until) || Number(until) <= now()) return undefined;
      const hash = table.hashes.find((candidate) => macOf(until, candidate) === mac);
      return hash && identityWith(hash);
    },
  };
}

/** Of a moment, which nobody needs to keep secret: how long a comparison takes tells nothing that could be used. */
function macOf(until: string, hash: Uint8Array): string {
  return createHmac("sha256", hash).update(`browser login until ${until}`).digest("base64url");
}
