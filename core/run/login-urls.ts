import type { PublicError } from "../errors.ts";
import type { Upstream } from "../mcp/upstream.ts";
import type { ServerEntry } from "../registry/registry.ts";

/* What both sides of a login say of this orchestrator: the session that begins it, and the address that shows it to others. */

/** As a Client ID Metadata Document says it, and a dynamic registration (RFC 7591). */
export function oauthClientMetadata(redirectUri: string) {
  return {
    client_name: "mcp-dynamic-orchestrator",
    redirect_uris: [redirectUri],
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    token_endpoint_auth_method: "none",
  };
}

export const oauthKeyMessage =
  "Logins need OAUTH_KEY, a secret of at least 32 random characters that encrypts their tokens (openssl rand -base64 32 makes one). Run: npx wrangler secret put OAUTH_KEY";

/**
 * Adds the login address to the errors that ask for a login. A program may forge such an error, so the address is looked up and
 * never taken from it.
 */
export function withLoginUrls(
  errors: readonly PublicError[],
  { servers, upstream }: { servers: readonly ServerEntry[]; upstream: Pick<Upstream, "reachability"> },
): PublicError[] {
  return errors.map((error) => {
    if (error.code !== "auth_required" || error.url !== undefined) return error;
    const server = servers.find(({ id }) => id === error.server);
    const reach = server && upstream.reachability(server);
    return reach?.status === "auth_required" ? { ...error, url: reach.url } : error;
  });
}
