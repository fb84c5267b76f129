import { type Context, Hono, type Next } from "hono";
import { limits } from "../../core/limits.ts";
import { isLongToSend, moreThanIsSent } from "../../core/mcp/message-bounds.ts";
import { cutText } from "../../core/text.ts";
import { systemClock } from "../clock.ts";
import { authorise, lacking, type Refusal } from "./access/access.ts";
import { doorOf } from "./access/door.ts";
import { requiredScope } from "./access/required-scope.ts";
import type { Identity } from "./access/verifier.ts";
import { recordDenials, setDenial } from "./access-records.ts";
import { changeableHeaders, secureAnswers } from "./answer-headers.ts";
import { discardBody } from "./discard-body.ts";
import type { Env } from "./env.ts";
import { httpLimits } from "./http-limits.ts";
import { readBody } from "./read-body.ts";
import { identifyRequest } from "./request-id.ts";
import { serveApproval, serveApprovals, takeDecision } from "./routes/approve.ts";
import { serveAudit } from "./routes/audit.ts";
import { serveAuthorize, serveIdentityReturn } from "./routes/authorize.ts";
import { serveBridge } from "./routes/bridge.ts";
import { acceptChangedTools, serveChangedTools } from "./routes/changed-tools.ts";
import { serveConsole } from "./routes/console-entry.ts";
import { serveLivez, serveReadyz } from "./routes/health.ts";
import { beginIdentityLogin } from "./routes/identity-login.ts";
import { serveBrowserLogin, serveLogout, takeBrowserLogin } from "./routes/login.ts";
import { hasLogin, serveLoginServer, serveResourceMetadata } from "./routes/login-metadata.ts";
import { serveMcp } from "./routes/mcp.ts";
import { serveMetrics } from "./routes/metrics.ts";
import { explainLogin, refuseLogin, serveNoMetadata } from "./routes/no-login.ts";
import { serveClientMetadata, serveLogin, serveLoginReturn } from "./routes/oauth.ts";
import { decideProposal, serveProposal } from "./routes/saved.ts";
import { deleteSession, serveSessions } from "./routes/sessions.ts";

type C = Context<{ Bindings: Env }>;

/** All HTTP routes of the Worker. */
export const app = new Hono<{ Bindings: Env }>();

app.use(identifyRequest, secureAnswers, changeableHeaders, recordDenials);
app.use(async (c, next) => {
  await next();
  await discardBody(c.req.raw);
});

app.get("/livez", serveLivez);
app.get("/readyz", serveReadyz);
// What the operator reads and does.
app.get("/metrics", forAdmin(serveMetrics));
app.get("/audit.jsonl", forAdmin(serveAudit));
app.get("/sessions", forAdmin(serveSessions));
app.delete("/sessions/:principal/:session", forAdmin(deleteSession));

// These need no bearer token, because browsers open them. The sealed ticket or state in the address is the proof.
app.get("/oauth/login", serveLogin);
app.get("/oauth/callback", serveLoginReturn);
app.get("/oauth/client.json", serveClientMetadata);

// The console, for a person in a browser. It has more routes than these, and is loaded with the first request for one.
app.get("/", serveConsole);
app.on(["GET", "POST"], "/console/*", serveConsole);

// The login of a person to the pages.
app.get("/login", serveBrowserLogin);
app.post("/login", takeBrowserLogin);
app.post("/logout", serveLogout);
app.get("/login/identity", beginIdentityLogin);

// A person decides about calls that wait: in a browser, or from the command line.
app.get("/approve", serveApprovals);
app.get("/changed-tools", serveChangedTools);
app.post("/changed-tools", acceptChangedTools);
app.get("/approve/:id", serveApproval);
app.post("/approve/:id", takeDecision);
app.get("/proposals/:name", serveProposal);
app.post("/proposals/:name", decideProposal);

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
      if (access.kind === "refused") return refuseAccess(c, access);
      const session = c.req.param("session") ?? "default";
      if (!/^[A-Za-z0-9_-]{1,64}$/.test(session)) return refuse(c, 404, "A session name is 1 to 64 letters, digits, - and _.");
      const body = endpoint === "mcp" ? await takeBody(c, access) : undefined;
      return body instanceof Response ? body : serve(c, { principal: access.principal, session }, body);
    });
  }
}

/**
 * Reads the body, which can be read only once. It is refused beyond its bounds, and where it would run a program for a caller who
 * may only read.
 */
async function takeBody(c: C, identity: Identity): Promise<string | Response | undefined> {
  if (c.req.method !== "POST") return undefined;
  const { requestBytesMax: bytesMax } = limits;
  const body = await readBody(c.req.raw.body, { bytesMax, ms: httpLimits.bodyMs, clock: systemClock });
  const isLaborious = body.kind === "text" && isLongToSend(body.text);
  if (body.kind !== "text" || isLaborious) setDenial(c, { rule: "body", principal: identity.principal });
  if (body.kind === "too_large") return refuse(c, 413, `The body is larger than ${bytesMax} bytes.`);
  if (body.kind === "too_slow") return refuse(c, 408, `The body did not arrive within ${httpLimits.bodyMs} ms.`);
  if (isLaborious) return refuse(c, 413, laborious);
  if (!identity.scopes.includes("mcp:execute") && requiredScope(body.text) !== "mcp:read")
    return refuseAccess(c, lacking("mcp:execute", doorOf(c.env).settings, identity));
  return body.text;
}

const laborious = `The body has ${moreThanIsSent}. Send less at a time, or large data as one text that the program parses.`;

/** @param serve gets the principal who administers */
function forAdmin(serve: (c: C, principal: string) => Response | Promise<Response>) {
  return async (c: C) => {
    const access = await authorise(c.req.raw, "mcp:admin", doorOf(c.env));
    return access.kind === "refused" ? refuseAccess(c, access) : serve(c, access.principal);
  };
}

function whereLoginIsOn(serve: (c: C) => Response | Promise<Response>) {
  return (c: C, next: Next) => (hasLogin(c) ? serve(c) : next());
}

app.notFound((c) =>
  refuse(c, 404, `There is nothing at ${cutText(c.req.path, httpLimits.shownPathChars)}. The MCP endpoint is /mcp.`),
);

app.onError((error, c) => {
  console.error({ event: "http_error", requestId: c.get("requestId"), error: error.stack });
  return refuse(c, 500, "The orchestrator failed internally. Try again.");
});

function refuseAccess(c: C, refusal: Refusal): Response {
  setDenial(c, refusal);
  const { status, message, headers } = refusal;
  return refuse(c, status, message, headers);
}

/** A JSON-RPC error without a request id: the form in which MCP clients expect an HTTP error. */
function refuse(c: C, status: number, message: string, headers: Record<string, string> = {}): Response {
  const data = { requestId: c.get("requestId") };
  return Response.json({ jsonrpc: "2.0", id: null, error: { code: -32000, message, data } }, { status, headers });
}
