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
  /** @param hash of the token's text, by `hashOf` */
  verify(token: string, hash: Uint8Array): Promise<Verdict>;
}

/** SHA-256. Tokens are compared and remembered by it. */
export function hashOf(token: string): Uint8Array {
  return createHash("sha256").update(token).digest();
}
