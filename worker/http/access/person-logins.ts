import { createHash } from "node:crypto";
import type { LoginIdentity } from "../../identity-settings.ts";
import { accessLimits } from "./access-limits.ts";
import { OidcClaims, personOf } from "./identity/oidc.ts";
import type { Identity } from "./verifier.ts";

/**
 * Browsers of people who have logged in with the identity provider. What it said of them is kept, under the hash of a random cookie,
 * and looked at again at each visit: whoever is taken off OIDC_ALLOW is out.
 */
export interface PersonLogins {
  /** The value of the cookie, and for how many seconds it is good. */
  logIn(claims: OidcClaims): Promise<{ cookie: string; seconds: number }>;
  identityOf(cookie: string): Promise<Identity | undefined>;
  logOut(cookie: string): Promise<void>;
}

export function createPersonLogins(kept: KVNamespace, settings: Extract<LoginIdentity, { kind: "oidc" }>): PersonLogins {
  return {
    async logIn(claims) {
      const cookie = `person.${crypto.randomUUID()}${crypto.randomUUID()}`;
      const seconds = accessLimits.browserLoginMs / 1_000;
      await kept.put(keyOf(cookie), JSON.stringify(claims), { expirationTtl: seconds });
      return { cookie, seconds };
    },
    async identityOf(cookie) {
      if (!isOurs(cookie)) return undefined;
      const claims = OidcClaims.safeParse(await kept.get(keyOf(cookie), "json"));
      const person = claims.success ? personOf(settings, claims.data) : undefined;
      return person && { principal: person.principal, scopes: person.scopes };
    },
    async logOut(cookie) {
      if (isOurs(cookie)) await kept.delete(keyOf(cookie));
    },
  };
}

function isOurs(cookie: string): boolean {
  return /^person\.[0-9a-f-]{72}$/.test(cookie);
}

/** Not the cookie itself: who reads the namespace is not logged in by that. */
function keyOf(cookie: string): string {
  return `browser-login:${createHash("sha256").update(cookie).digest("base64url")}`;
}
