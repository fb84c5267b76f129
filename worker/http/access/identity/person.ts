import type { Scope } from "../../../scopes.ts";

/** Who logs in, and what that person may pass on to a client. */
export interface Person {
  principal: string;
  /** As the person is known to others; undefined for the owner. */
  name: string | undefined;
  scopes: readonly Scope[];
}

/** All that a login can pass on. No client becomes a bridge by one. */
export const ownerScopes: readonly Scope[] = ["mcp:read", "mcp:execute", "mcp:admin"];

/** Whoever is not the owner reads nothing that belongs to the operator. */
export const ordinaryScopes: readonly Scope[] = ["mcp:read", "mcp:execute"];
