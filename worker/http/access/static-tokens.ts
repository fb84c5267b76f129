import { timingSafeEqual } from "node:crypto";
import type { IdentitySettings } from "../../identity-settings.ts";
import { owner, principalOf, tokenIssuer } from "../../principals.ts";
import type { Scope } from "../../scopes.ts";
import { hashOf, type Verdict, type Verifier } from "./verifier.ts";

type Tokens = Pick<IdentitySettings, "authToken" | "bridgeToken" | "namedTokens">;

/** AUTH_TOKEN, BRIDGE_TOKEN and AUTH_TOKENS. */
export function createStaticTokens(tokens: Tokens, now: () => number): Verifier {
  const table = createTokenTable(tokens, now);
  return { verify: async (_token, hash) => table.verdictOn(hash) };
}

/** The tokens by the SHA-256 of their text, which is all that is known of those in AUTH_TOKENS. */
export interface TokenTable {
  hashes: readonly Uint8Array[];
  /** Hashes are compared in constant time, so that neither content nor length leaks. */
  verdictOn(hash: Uint8Array): Verdict;
}

export function createTokenTable({ authToken, bridgeToken, namedTokens }: Tokens, now: () => number): TokenTable {
  const owners = [
    ...(authToken === undefined ? [] : [{ hash: hashOf(authToken), scopes: ownerScopes }]),
    ...(bridgeToken === undefined ? [] : [{ hash: hashOf(bridgeToken), scopes: bridgeScopes }]),
  ];
  const named = namedTokens.map((token) => ({ ...token, hash: fromHex(token.sha256) }));
  return {
    hashes: [...owners, ...named].map(({ hash }) => hash),
    verdictOn(hash) {
      // One text may be both of the owner's tokens.
      const own = owners.filter((candidate) => timingSafeEqual(candidate.hash, hash)).flatMap(({ scopes }) => scopes);
      if (own.length > 0) return { kind: "known", identity: { principal: owner, scopes: own } };
      const found = named.filter((candidate) => timingSafeEqual(candidate.hash, hash))[0];
      if (found === undefined) return { kind: "foreign" };
      if (found.until !== undefined && now() >= found.until) return { kind: "invalid", why: "The token has expired." };
      const principal = principalOf({ issuer: tokenIssuer, subject: found.name });
      return { kind: "known", identity: { principal, scopes: found.scopes } };
    },
  };
}

const ownerScopes: readonly Scope[] = ["mcp:read", "mcp:execute", "mcp:admin"];
const bridgeScopes: readonly Scope[] = ["mcp:bridge"];

function fromHex(text: string): Uint8Array {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
