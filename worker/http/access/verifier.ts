import { createHash } from "node:crypto";
import type { Scope } from "../../scopes.ts";

/** Whom a token stands for. Sessions are named `<principal>/<session>`, so that no two principals share one. */
export interface Identity {
  principal: string;
  scopes: readonly Scope[];
}

export type Verdict =
  | { kind: "known"; identity: Identity }
  /** Not a token of this kind; another verifier may know it. */
  | { kind: "foreign" }
  /** A token of this kind that is not accepted. `why` is a sentence for its holder. */
  | { kind: "invalid"; why: string }
  /** Nobody can say now, through no fault of the token. */
  | { kind: "unavailable"; why: string };

/** Knows the tokens of one mode of access. */
export interface Verifier {
  verify(token: string): Promise<Verdict>;
}

/** The principal of AUTH_TOKEN, BRIDGE_TOKEN, the passphrase and of callers on this machine. */
export const owner = "owner";

/** A person or a program that is not the owner: the same for the same issuer and subject, and never `owner`. */
export function principalOf({ issuer, subject }: { issuer: string; subject: string }): string {
  const hash = createHash("sha256")
    .update(JSON.stringify([issuer, subject]))
    .digest("base64url");
  return `u_${hash.slice(0, 22)}`;
}
