import type { OAuthAuthorizationServer } from "@cloudflare/workers-oauth-provider";
import { z } from "zod";
import { scopesAmong } from "../../scopes.ts";
import { readSettings } from "../../settings.ts";
import type { Env } from "../env.ts";
import { ownerScopes } from "./identity/person.ts";
import type { Verdict, Verifier } from "./verifier.ts";

/** What a grant carries, encrypted in OAUTH_KV under the token itself. */
export const GrantProps = z.object({ principal: z.string().min(1) });
export type GrantProps = z.infer<typeof GrantProps>;

export type LoginServer = OAuthAuthorizationServer<Env>;

const servers = new WeakMap<Env, Promise<LoginServer>>();

/** The authorization server of this orchestrator. To be called only where OAuth is on. */
export function loginServerOf(env: Env): Promise<LoginServer> {
  const server = servers.get(env) ?? createServer(readSettings(env).publicOrigin ?? "");
  servers.set(env, server);
  return server;
}

/** The resource is the origin, so that a token is good for every session of its principal. */
async function createServer(origin: string): Promise<LoginServer> {
  // Loaded only here, because it is as large as the rest of the Worker.
  const { OAuthAuthorizationServer } = await import("@cloudflare/workers-oauth-provider");
  return new OAuthAuthorizationServer<Env>({
    issuer: origin,
    resources: [origin],
    // Clients of 2025-03-26 name no resource.
    defaultResource: origin,
    authorizeEndpoint: `${origin}/authorize`,
    tokenEndpoint: `${origin}/token`,
    clientRegistrationEndpoint: `${origin}/register`,
    clientIdMetadataDocumentEnabled: true,
    scopesSupported: [...ownerScopes],
  });
}

/** Tokens that this orchestrator has issued itself, to clients where a person logged in. */
export function createOauth(env: Env): Verifier {
  return {
    async verify(token) {
      // User, grant and secret. Other tokens have no colons.
      if (!/^[^:\s]+:[^:\s]+:[^:\s]+$/.test(token)) return { kind: "foreign" };
      try {
        const server = await loginServerOf(env);
        const valid = await server.validateToken(readSettings(env).publicOrigin ?? "", token, env);
        if (valid === null) return { kind: "invalid", why: "The token has expired or was revoked." };
        const { principal } = GrantProps.parse(valid.props);
        return { kind: "known", identity: { principal, scopes: scopesAmong(valid.scope) } };
      } catch (error) {
        return notReadable(error);
      }
    },
  };
}

function notReadable(error: unknown): Verdict {
  console.warn({ event: "grants_unreadable", error: String(error) });
  return { kind: "unavailable", why: "The login cannot be checked now. Try again." };
}
