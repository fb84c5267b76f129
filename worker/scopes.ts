import { z } from "zod";

/** What a token may do: list and describe; run programs too; be a bridge; read what the operator reads. */
export const Scope = z.enum(["mcp:read", "mcp:execute", "mcp:bridge", "mcp:admin"]);
export type Scope = z.infer<typeof Scope>;

/** Whoever may run programs may also list and describe what they call. No other scope contains another. */
export function allows(granted: readonly Scope[], needed: Scope): boolean {
  return granted.includes(needed) || (needed === "mcp:read" && granted.includes("mcp:execute"));
}

/** The scopes among these words. Others belong to other services that share an authorization server. */
export function scopesAmong(words: readonly unknown[]): Scope[] {
  return words.flatMap((word) => Scope.safeParse(word).data ?? []);
}
