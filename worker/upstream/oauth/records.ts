import { z } from "zod";

/*
 * What is kept of a login, always sealed. Only what later steps read: an authorization server may send more, of any size.
 */

/** Of an authorization server's metadata (RFC 8414). */
const Metadata = z.object({
  issuer: z.string(),
  authorization_endpoint: z.string(),
  token_endpoint: z.string(),
  registration_endpoint: z.string().optional(),
  response_types_supported: z.array(z.string()),
  token_endpoint_auth_methods_supported: z.array(z.string()).optional(),
  authorization_response_iss_parameter_supported: z.boolean().optional(),
});

/** The authorization server that was found, and what it is asked for. */
export const Authority = z.object({
  url: z.string(),
  /** Without any, its endpoints are at their default paths. */
  metadata: Metadata.optional(),
  /** The server's own name for itself, which its tokens are bound to (RFC 8707). */
  resource: z.string().optional(),
});
export type Authority = z.infer<typeof Authority>;

/** Who this orchestrator is to an authorization server. */
export const Client = z.object({
  client_id: z.string(),
  client_secret: z.string().optional(),
  client_secret_expires_at: z.number().optional(),
  token_endpoint_auth_method: z.string().optional(),
  /** The authorization server that knows this client. */
  issuer: z.string().optional(),
});
export type Client = z.infer<typeof Client>;

/** A client that was registered for a server, and how the last login with it went. */
export const Registration = z.object({
  client: Client,
  redirectUri: z.string(),
  /** The last login begun with it came back. One that never did may have ended at an authorization server that forgot the client. */
  isProven: z.boolean(),
});
export type Registration = z.infer<typeof Registration>;

/** A login that was begun in a browser and has not come back. */
export const Attempt = z.object({
  server: z.string(),
  audience: z.string(),
  /** The id of the login in whose place it comes. */
  replaces: z.string().optional(),
  authority: Authority,
  client: Client,
  /** What was asked for; what is given, unless the authorization server says otherwise. */
  scope: z.string().optional(),
  redirectUri: z.string(),
  /** PKCE (RFC 7636). */
  verifier: z.string(),
  /** Milliseconds since the epoch. */
  begunAt: z.number(),
});
export type Attempt = z.infer<typeof Attempt>;

/** A login that holds. */
export const Login = z.object({
  /** Another with every login of the server, the same through all its refreshes. */
  id: z.string(),
  /** What the tokens were given for; an entry that names something else does not get them. */
  audience: z.string(),
  authority: Authority,
  client: Client,
  scope: z.string().optional(),
  accessToken: z.string(),
  refreshToken: z.string().optional(),
  /** Milliseconds since the epoch: when the token is no longer used; absent when the authorization server did not say. */
  renewAt: z.number().optional(),
});
export type Login = z.infer<typeof Login>;
