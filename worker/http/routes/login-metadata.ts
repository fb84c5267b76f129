import type { Context } from "hono";
import { systemClock } from "../../clock.ts";
import { loginScopes } from "../access/access.ts";
import { doorOf } from "../access/door.ts";
import { loginServerOf } from "../access/oauth.ts";
import { setDenial } from "../access-records.ts";
import type { Env } from "../env.ts";
import { httpLimits } from "../http-limits.ts";
import { readBody } from "../read-body.ts";

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

/** `/token`, `/register` and the metadata of the authorization server (RFC 8414). Anybody may send them a body. */
export async function serveLoginServer(c: C): Promise<Response> {
  const { pathname, search } = new URL(c.req.url);
  const { method, headers, body: stream } = c.req.raw;
  const body = await readBody(stream, { bytesMax: httpLimits.formBytesMax, ms: httpLimits.bodyMs, clock: systemClock });
  if (body.kind !== "text") return c.json({ error: "invalid_request" }, body.kind === "too_large" ? 413 : 408);
  const content = stream === null ? {} : { body: body.text };
  const request = new Request(`${doorOf(c.env).settings.publicOrigin}${pathname}${search}`, { method, headers, ...content });
  const response = await (await loginServerOf(c.env)).fetch(request, c.env, c.executionCtx as ExecutionContext);
  if (pathname === "/token" && response.status >= 400 && response.status < 500) setDenial(c, { rule: "grant" });
  return response;
}
