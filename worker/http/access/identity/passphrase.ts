import { timingSafeEqual } from "node:crypto";
import { owner } from "../../../principals.ts";
import { hashOf } from "../verifier.ts";
import { ownerScopes, type Person } from "./person.ts";

/** The owner, if this is the passphrase. */
export function personWith(given: string, passphrase: string): Person | undefined {
  return timingSafeEqual(hashOf(given), hashOf(passphrase))
    ? { principal: owner, name: undefined, scopes: ownerScopes }
    : undefined;
}
