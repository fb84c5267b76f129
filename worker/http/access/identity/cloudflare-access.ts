import { type JWTVerifyGetKey, jwtVerify } from "jose";
import { principalOf } from "../../../principals.ts";
import { accessLimits } from "../access-limits.ts";
import { algorithms, remoteKeys } from "../jwt.ts";
import { ordinaryScopes, type Person } from "./person.ts";

const keysByTeam = new Map<string, JWTVerifyGetKey>();

/**
 * The person whom Cloudflare Access, which stands in front of `/authorize`, has let through. Its header alone proves nothing,
 * because whoever reaches the Worker by another way can send it: it is signed.
 */
export async function personBehindAccess(
  request: Request,
  { team, audience }: { team: string; audience: string },
): Promise<Person | undefined> {
  const assertion = request.headers.get("Cf-Access-Jwt-Assertion");
  if (assertion === null) return undefined;
  const issuer = `https://${team}`;
  const keys = keysByTeam.get(team) ?? remoteKeys(`${issuer}/cdn-cgi/access/certs`);
  keysByTeam.set(team, keys);
  try {
    const { payload } = await jwtVerify(assertion, keys, {
      ...{ issuer, audience, algorithms },
      requiredClaims: ["exp", "sub"],
      clockTolerance: accessLimits.tokenClockSecondsMax,
    });
    // A service token of Access has an empty subject: it is no person.
    if (!payload.sub) return undefined;
    const name = typeof payload.email === "string" ? payload.email : payload.sub;
    return { principal: principalOf({ issuer, subject: payload.sub }), name, scopes: ordinaryScopes };
  } catch (error) {
    console.warn({ event: "access_refused", error: String(error) });
    return undefined;
  }
}
