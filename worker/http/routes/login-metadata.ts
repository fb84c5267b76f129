import type { Context } from "hono";
import { loginScopes } from "../access/access.ts";
import { doorOf } from "../access/door.ts";
import { loginServerOf } from "../access/oauth.ts";
import type { Env } from "../env.ts";

type C = Context<{ Bindings: Env }>;

/** Whether MCP clients can log in here by OAuth. */
export function hasLogin({ env }: C): boolean {
  const { login, problems } = doorOf(env).settings;
  return login !== undefined && problems.length === 0;
}

/** `/.well-known/oauth-protected-resource`: where a client gets tokens for this orchestrator (RFC 9728). */
export function serveResourceMetadata(c: C): Response {
  const origin = doorOf(c.env).settings.publicOrigin ?? "";
  return c.json({
    resource: origin,
    authorization_servers: [origin],
    scopes_supported: loginScopes,
    bearer_methods_supported: ["header"],
    resource_name: "mcp-dynamic-orchestrator",
  });
}

/** `/token`, `/register` and the metadata of the authorization server (RFC 8414). */
export async function serveLoginServer(c: C): Promise<Response> {
  const { pathname, search } = new URL(c.req.url);
  const request = new Request(`${doorOf(c.env).settings.publicOrigin}${pathname}${search}`, c.req.raw);
  return (await loginServerOf(c.env)).fetch(request, c.env, c.executionCtx as ExecutionContext);
}
