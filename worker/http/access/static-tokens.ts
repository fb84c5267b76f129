import { createHash, timingSafeEqual } from "node:crypto";
import type { IdentitySettings } from "../../identity-settings.ts";
import type { Scope } from "../../scopes.ts";
import { owner, principalOf, type Verifier } from "./verifier.ts";

type Tokens = Pick<IdentitySettings, "authToken" | "bridgeToken" | "namedTokens">;

/** AUTH_TOKEN, BRIDGE_TOKEN and AUTH_TOKENS. Hashes are compared in constant time, so that neither content nor length leaks. */
export function createStaticTokens({ authToken, bridgeToken, namedTokens }: Tokens, now: () => number): Verifier {
  const owners = [
    ...(authToken === undefined ? [] : [{ hash: hashOf(authToken), scopes: ownerScopes }]),
    ...(bridgeToken === undefined ? [] : [{ hash: hashOf(bridgeToken), scopes: bridgeScopes }]),
  ];
  const named = namedTokens.map((token) => ({ ...token, hash: fromHex(token.sha256) }));
  return {
    async verify(token) {
      const hash = hashOf(token);
      // One text may be both of the owner's tokens.
      const own = owners.filter((candidate) => timingSafeEqual(candidate.hash, hash)).flatMap(({ scopes }) => scopes);
      if (own.length > 0) return { kind: "known", identity: { principal: owner, scopes: own } };
      const found = named.filter((candidate) => timingSafeEqual(candidate.hash, hash))[0];
      if (found === undefined) return { kind: "foreign" };
      if (found.until !== undefined && now() >= found.until) return { kind: "invalid", why: "The token has expired." };
      const principal = principalOf({ issuer: "token", subject: found.name });
      return { kind: "known", identity: { principal, scopes: found.scopes } };
    },
  };
}

const ownerScopes: readonly Scope[] = ["mcp:read", "mcp:execute", "mcp:admin"];
const bridgeScopes: readonly Scope[] = ["mcp:bridge"];

function hashOf(token: string): Uint8Array {
  return createHash("sha256").update(token).digest();
}

function fromHex(text: string): Uint8Array {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
