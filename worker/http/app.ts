import { Hono } from "hono";
import { readSettings } from "../settings.ts";
import { authorise } from "./access/access.ts";
import type { Env } from "./env.ts";
import { serveBridge } from "./routes/bridge.ts";
import { serveLivez, serveMetrics, serveReadyz } from "./routes/health.ts";
import { serveMcp } from "./routes/mcp.ts";
import { explainLogin, refuseLogin, serveNoMetadata } from "./routes/no-login.ts";
import { serveClientMetadata, serveLogin, serveLoginReturn } from "./routes/oauth.ts";

/** All HTTP routes of the Worker. */
export const app = new Hono<{ Bindings: Env }>();

app.get("/livez", serveLivez);
app.get("/readyz", serveReadyz);
app.get("/metrics", serveMetrics);

// These need no bearer token, because browsers open them. The sealed ticket or state in the address is the proof.
app.get("/oauth/login", serveLogin);
app.get("/oauth/callback", serveLoginReturn);
app.get("/oauth/client.json", serveClientMetadata);

// A client without the right token looks for a login, and prints what these answer.
for (const document of ["oauth-protected-resource", "oauth-authorization-server", "openid-configuration"]) {
  app.get(`/.well-known/${document}`, serveNoMetadata);
  app.get(`/.well-known/${document}/*`, serveNoMetadata);
}
for (const path of ["/mcp", "/s/:session/mcp"]) app.get(`${path}/.well-known/*`, serveNoMetadata);
app.all("/register", refuseLogin);
app.all("/token", refuseLogin);
app.all("/authorize", explainLogin);

for (const [endpoint, serve] of [
  ["mcp", serveMcp],
  ["bridge", serveBridge],
] as const) {
  for (const path of [`/${endpoint}`, `/s/:session/${endpoint}`]) {
    app.all(path, async (c) => {
      const access = await authorise(c.req.raw, { endpoint, settings: readSettings(c.env) });
      if (access.kind === "refused") {
        return refuse(access.status, access.message, access.status === 401 ? { "WWW-Authenticate": challenge } : {});
      }
      const session = c.req.param("session") ?? "default";
      if (!/^[A-Za-z0-9_-]{1,64}$/.test(session)) return refuse(404, "A session name is 1 to 64 letters, digits, - and _.");
      return serve(c, { principal: access.principal, session });
    });
  }
}

app.notFound((c) => refuse(404, `There is nothing at ${c.req.path}. The MCP endpoint is /mcp.`));

app.onError((error) => {
  console.error({ event: "http_error", error: error.stack });
  return refuse(500, "The orchestrator failed internally. Try again.");
});

/** RFC 6750, 3. Without `resource_metadata`, because there is no login. */
const challenge = 'Bearer realm="mcp-dynamic-orchestrator"';

/** A JSON-RPC error without a request id: the form in which MCP clients expect an HTTP error. */
function refuse(status: number, message: string, headers: Record<string, string> = {}): Response {
  return Response.json({ jsonrpc: "2.0", id: null, error: { code: -32000, message } }, { status, headers });
}
