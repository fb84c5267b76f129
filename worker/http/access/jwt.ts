import { createRemoteJWKSet, decodeProtectedHeader, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from "jose";
import type { JwtSettings } from "../../identity-settings.ts";
import { principalOf } from "../../principals.ts";
import { type Scope, scopesAmong } from "../../scopes.ts";
import { accessLimits } from "./access-limits.ts";
import type { Verdict } from "./verifier.ts";

/**
 * Only algorithms with a public key. With a shared secret (HS256) whoever can verify a token can also make one, and `none` signs
 * nothing (RFC 8725, 3.1 and 3.2).
 */
export const algorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"];

/** The keys of an issuer, fetched when needed and again when a token names one that is not among them (rotation). */
export function remoteKeys(url: string): JWTVerifyGetKey {
  return createRemoteJWKSet(new URL(url), {
    timeoutDuration: accessLimits.keysRequestMs,
    cooldownDuration: accessLimits.keysGapMs,
    cacheMaxAge: accessLimits.keysKeptMs,
  });
}

/** Access tokens that another service signs: its issuer, our audience, its published keys. */
export function createJwt(
  { issuer, audience, jwksUrl, scopesClaim }: JwtSettings,
  now: () => number,
): { verify(token: string): Promise<Verdict> } {
  const keys = readable(remoteKeys(jwksUrl));
  return {
    async verify(token) {
      if (!isJwt(token)) return { kind: "foreign" };
      try {
        const { payload } = await jwtVerify(token, keys, {
          ...{ issuer, audience, algorithms },
          requiredClaims: ["exp", "sub"],
          clockTolerance: accessLimits.tokenClockSecondsMax,
          currentDate: new Date(now()),
        });
        if (!payload.sub) return { kind: "invalid", why: "The token has no subject." };
        return {
          kind: "known",
          identity: { principal: principalOf({ issuer, subject: payload.sub }), scopes: scopesIn(payload, scopesClaim) },
        };
      } catch (error) {
        return verdictOn(error);
      }
    },
  };
}

/** Three parts, of which the first says how it is signed. Other tokens have no points, or none of these. */
function isJwt(token: string): boolean {
  if (!/^[\w-]+\.[\w-]+\.[\w-]*$/.test(token)) return false;
  try {
    return typeof decodeProtectedHeader(token).alg === "string";
  } catch {
    // Not base64url of a JSON object: some other token with two points.
    return false;
  }
}

/** A text of words, as in OAuth (RFC 8693, 4.2), or a list of them, as some services write it. */
function scopesIn(payload: JWTPayload, claim: string): Scope[] {
  const value = payload[claim];
  if (typeof value === "string") return scopesAmong(value.split(" "));
  return Array.isArray(value) ? scopesAmong(value) : [];
}

/** The keys could not be read, through no fault of the token. */
class KeysUnreadable extends Error {}

/** Tells a failure of the key server from a key that it does not have. */
function readable(keys: JWTVerifyGetKey): JWTVerifyGetKey {
  return async (header, token) => {
    try {
      return await keys(header, token);
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) throw error;
      throw new KeysUnreadable(String(error), { cause: error });
    }
  };
}

function verdictOn(error: unknown): Verdict {
  if (error instanceof KeysUnreadable) {
    console.warn({ event: "jwks_unreachable", error: error.message });
    return { kind: "unavailable", why: "The keys of the token's issuer cannot be read now. Try again." };
  }
  if (error instanceof errors.JWTExpired) return { kind: "invalid", why: "The token has expired." };
  if (error instanceof errors.JWTClaimValidationFailed) {
    return { kind: "invalid", why: claimMessages[error.claim] ?? `The token's claim ${error.claim} is not accepted.` };
  }
  if (error instanceof errors.JOSEAlgNotAllowed)
    return { kind: "invalid", why: "The token is signed by an algorithm that is not accepted." };
  if (error instanceof errors.JWKSNoMatchingKey)
    return { kind: "invalid", why: "The token is signed by a key that its issuer does not publish." };
  if (error instanceof errors.JWKSMultipleMatchingKeys)
    return { kind: "invalid", why: "The token does not say by its kid which of its issuer's keys has signed it." };
  if (error instanceof errors.JWSSignatureVerificationFailed) return { kind: "invalid", why: "The token's signature is wrong." };
  // Whatever else a stranger wrote into it.
  return { kind: "invalid", why: "The token is not a JWT that can be read." };
}

const claimMessages: Record<string, string> = {
  iss: "The token is from another issuer.",
  aud: "The token is for another audience.",
  nbf: "The token is not valid yet.",
};
