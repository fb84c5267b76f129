import { type Context, Hono, type Next } from "hono";
import { limits } from "../../core/limits.ts";
import { authorise, lacking, type Refusal } from "./access/access.ts";
import { doorOf } from "./access/door.ts";
import { requiredScope } from "./access/required-scope.ts";
import type { Env } from "./env.ts";
import { serveAuthorize, serveIdentityReturn } from "./routes/authorize.ts";
import { serveBridge } from "./routes/bridge.ts";
import { serveLivez, serveMetrics, serveReadyz } from "./routes/health.ts";
import { hasLogin, serveLoginServer, serveResourceMetadata } from "./routes/login-metadata.ts";
import { serveMcp } from "./routes/mcp.ts";
import { explainLogin, refuseLogin, serveNoMetadata } from "./routes/no-login.ts";
import { serveClientMetadata, serveLogin, serveLoginReturn } from "./routes/oauth.ts";

/** All HTTP routes of the Worker. */
export const app = new Hono<{ Bindings: Env }>();

app.get("/livez", serveLivez);
app.get("/readyz", serveReadyz);
app.get("/metrics", async (c) => {
  const access = await authorise(c.req.raw, "mcp:admin", doorOf(c.env));
  return access.kind === "refused" ? refuseAccess(access) : serveMetrics(c);
});

// These need no bearer token, because browsers open them. The sealed ticket or state in the address is the proof.
app.get("/oauth/login", serveLogin);
app.get("/oauth/callback", serveLoginReturn);
app.get("/oauth/client.json", serveClientMetadata);

// The login of MCP clients, where it is on.
app.get("/.well-known/oauth-protected-resource", whereLoginIsOn(serveResourceMetadata));
app.get("/.well-known/oauth-protected-resource/*", whereLoginIsOn(serveResourceMetadata));
app.all("/.well-known/oauth-authorization-server", whereLoginIsOn(serveLoginServer));
app.all("/register", whereLoginIsOn(serveLoginServer));
app.all("/token", whereLoginIsOn(serveLoginServer));
app.all("/authorize", whereLoginIsOn(serveAuthorize));
app.get("/oauth/identity", whereLoginIsOn(serveIdentityReturn));

// Where it is off, a client without the right token looks for it all the same, and prints what these answer.
for (const document of ["oauth-protected-resource", "oauth-authorization-server", "openid-configuration"]) {
  app.get(`/.well-known/${document}`, serveNoMetadata);
  app.get(`/.well-known/${document}/*`, serveNoMetadata);
}
for (const path of ["/mcp", "/s/:session/mcp"]) app.get(`${path}/.well-known/*`, serveNoMetadata);
app.all("/register", refuseLogin);
app.all("/token", refuseLogin);
app.all("/authorize", explainLogin);

for (const [endpoint, scope, serve] of [
  ["mcp", "mcp:read", serveMcp],
  ["bridge", "mcp:bridge", serveBridge],
] as const) {
  for (const path of [`/${endpoint}`, `/s/:session/${endpoint}`]) {
    app.all(path, async (c) => {
      const access = await authorise(c.req.raw, scope, doorOf(c.env));
      if (access.kind === "refused") return refuseAccess(access);
      const session = c.req.param("session") ?? "default";
      if (!/^[A-Za-z0-9_-]{1,64}$/.test(session)) return refuse(404, "A session name is 1 to 64 letters, digits, - and _.");
      if (endpoint === "mcp" && !access.scopes.includes("mcp:execute")) {
        const refusal = await refuseRuns(c);
        if (refusal) return refusal;
      }
      return serve(c, { principal: access.principal, session });
    });
  }
}

/** For a caller who may only read: refuses what would run a program. */
async function refuseRuns(c: Context<{ Bindings: Env }>): Promise<Response | undefined> {
  const required = await requiredScope(c.req.raw);
  if (required === undefined) return refuse(413, `The body is larger than ${limits.requestBytesMax} bytes.`);
  if (required.scope !== "mcp:read") return refuseAccess(lacking(required.scope, doorOf(c.env).settings));
  // The body can be read only once.
  if (c.req.method === "POST") c.req.raw = new Request(c.req.raw, { body: required.body });
  return undefined;
}

function whereLoginIsOn(serve: (c: Context<{ Bindings: Env }>) => Response | Promise<Response>) {
  return (c: Context<{ Bindings: Env }>, next: Next) => (hasLogin(c) ? serve(c) : next());
}

app.notFound((c) => refuse(404, `There is nothing at ${c.req.path}. The MCP endpoint is /mcp.`));

app.onError((error) => {
  console.error({ event: "http_error", error: error.stack });
  return refuse(500, "The orchestrator failed internally. Try again.");
});

function refuseAccess({ status, message, headers }: Refusal): Response {
  return refuse(status, message, headers);
}

/** A JSON-RPC error without a request id: the form in which MCP clients expect an HTTP error. */
function refuse(status: number, message: string, headers: Record<string, string> = {}): Response {
  return Response.json({ jsonrpc: "2.0", id: null, error: { code: -32000, message } }, { status, headers });
}
