import { z } from "zod";

/*
 * What a session stores of a login, always sealed. Only the fields that later steps read, because an authorization server may
 * send others, of any size.
 */

/** The part of an authorization server's metadata that is used (RFC 8414). */
const Metadata = z.object({
  issuer: z.string(),
  authorization_endpoint: z.string(),
  token_endpoint: z.string(),
  registration_endpoint: z.string().optional(),
  response_types_supported: z.array(z.string()),
  token_endpoint_auth_methods_supported: z.array(z.string()).optional(),
  authorization_response_iss_parameter_supported: z.boolean().optional(),
});

/** The authorization server that discovery found, and the resource that tokens are requested for. */
export const Authority = z.object({
  url: z.string(),
  /** Without it, the endpoints are at their default paths. */
  metadata: Metadata.optional(),
  /** The resource indicator of the MCP server, which tokens are bound to (RFC 8707). */
  resource: z.string().optional(),
});
export type Authority = z.infer<typeof Authority>;

/** The identity of this orchestrator at an authorization server. */
export const Client = z.object({
  client_id: z.string(),
  client_secret: z.string().optional(),
  client_secret_expires_at: z.number().optional(),
  token_endpoint_auth_method: z.string().optional(),
  /** The authorization server that issued the client. */
  issuer: z.string().optional(),
});
export type Client = z.infer<typeof Client>;

/** A client that was registered for a server, and whether the last login with it was completed. */
export const Registration = z.object({
  client: Client,
  redirectUri: z.string(),
  /** The last login with it was completed. If not, the authorization server may have forgotten the client. */
  isProven: z.boolean(),
});
export type Registration = z.infer<typeof Registration>;

/** A login that was started in a browser and is not completed yet. */
export const Attempt = z.object({
  server: z.string(),
  audience: z.string(),
  /** The id of the login to replace. */
  replaces: z.string().optional(),
  authority: Authority,
  client: Client,
  /** The requested scope. It is the granted one too, unless the token response names another. */
  scope: z.string().optional(),
  redirectUri: z.string(),
  /** PKCE (RFC 7636). */
  verifier: z.string(),
  /** Milliseconds since the epoch. */
  begunAt: z.number(),
});
export type Attempt = z.infer<typeof Attempt>;

/** A completed login. */
export const Login = z.object({
  /** New for each login, and unchanged when its tokens are refreshed. */
  id: z.string(),
  /** The server address and client that the tokens were issued for. They are not used once the registry entry names others. */
  audience: z.string(),
  authority: Authority,
  client: Client,
  scope: z.string().optional(),
  accessToken: z.string(),
  refreshToken: z.string().optional(),
  /** When to refresh the access token, in milliseconds since the epoch. Absent if the authorization server named no expiry. */
  renewAt: z.number().optional(),
});
export type Login = z.infer<typeof Login>;
