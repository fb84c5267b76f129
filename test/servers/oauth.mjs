import { createHash, randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { SSEServerTransport } from "@modelcontextprotocol/sdk/server/sse.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { z } from "zod";

/*
 * A protected MCP server and its authorization server, each on its own port. Codes and refresh tokens are valid once; a second use of
 * either is counted and revokes everything. A browser that opens the login page is logged in at once, unless `denies` is set.
 * POST /control changes the behaviour, GET /control returns the counts and the tokens.
 */

const how = {
  tokenSeconds: 3600,
  scopes: "notes",
  denies: false,
  isDown: false,
  registers: true,
  readsClientMetadata: false,
  givesRefreshTokens: true,
  refusesAllTokens: false,
  /** The issuer in the redirect to the client. A value other than its own simulates a mix-up attack. */
  iss: undefined,
  /** The authorization endpoint in its metadata. */
  loginPage: undefined,
};
const counts = { registered: 0, authorized: 0, redeemed: 0, refreshed: 0, reused: 0, refused: 0, mcp: 0 };
const clients = new Map();
const streams = new Map();
const codes = new Map();
const refreshTokens = new Map();
const accessTokens = new Map();
/** Every code and token that was ever issued, so that tests can search for them where none may appear. */
const secrets = [];

const [mcpPort, authPort] = await Promise.all([listen(serveMcp), listen(serveAuthority)]);
const mcpUrl = `http://127.0.0.1:${mcpPort}/mcp`;
const origin = `http://127.0.0.1:${mcpPort}`;
const metadataUrl = `${origin}/elsewhere/protected-resource`;
const issuer = `http://127.0.0.1:${authPort}`;
console.log(`mcp on ${mcpUrl}, authorization server on ${issuer}`);

async function listen(serve) {
  const server = createServer((request, response) => {
    serve(request, response).catch((error) => response.writeHead(500).end(String(error)));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server.address().port;
}

async function serveMcp(request, response) {
  const { pathname, searchParams } = new URL(request.url, mcpUrl);
  if (pathname === "/elsewhere/protected-resource") {
    return json(response, 200, { resource: origin, authorization_servers: [issuer], scopes_supported: ["notes", "admin"] });
  }
  if (!["/mcp", "/sse", "/messages"].includes(pathname)) return response.writeHead(404).end();
  if (request.method !== (pathname === "/sse" ? "GET" : "POST")) return response.writeHead(405).end();
  const body = request.method === "POST" ? JSON.parse(await textOf(request)) : {};
  const token = accessTokens.get(/^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1]);
  if (token === undefined || Date.now() >= token.until || how.refusesAllTokens) {
    counts.refused += 1;
    response.setHeader("WWW-Authenticate", `Bearer resource_metadata="${metadataUrl}", scope="${how.scopes}"`);
    return json(response, 401, { error: "invalid_token" });
  }
  const tool = body.params?.name;
  if (["admin", "erase"].includes(tool) && !token.scopes.includes(tool)) {
    response.setHeader(
      "WWW-Authenticate",
      `Bearer error="insufficient_scope", scope="${tool}", resource_metadata="${metadataUrl}"`,
    );
    return json(response, 403, { error: "insufficient_scope" });
  }
  counts.mcp += 1;
  if (pathname === "/messages") return streams.get(searchParams.get("sessionId")).handlePostMessage(request, response, body);
  const server = new McpServer({ name: "protected", version: "1" });
  const say = (text) => ({ content: [{ type: "text", text }] });
  server.registerTool("whoami", { inputSchema: {} }, () => say(token.login));
  server.registerTool("echo", { inputSchema: { message: z.string() } }, ({ message }) => say(message));
  server.registerTool("reveal", { inputSchema: {} }, () => say(JSON.stringify({ got: request.headers.authorization })));
  for (const name of ["admin", "erase"]) server.registerTool(name, { inputSchema: {} }, () => say("done"));
  response.on("close", () => void server.close());
  if (pathname === "/sse") {
    const stream = new SSEServerTransport("/messages", response);
    streams.set(stream.sessionId, stream);
    return server.connect(stream);
  }
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined, enableJsonResponse: true });
  await server.connect(transport);
  await transport.handleRequest(request, response, body);
}

async function serveAuthority(request, response) {
  const url = new URL(request.url, issuer);
  if (url.pathname === "/control") {
    if (request.method === "POST") control(JSON.parse(await textOf(request)));
    return json(response, 200, { ...counts, secrets });
  }
  if (how.isDown) return response.writeHead(503).end("down");
  switch (`${request.method} ${url.pathname}`) {
    case "GET /.well-known/oauth-authorization-server":
      return json(response, 200, metadata());
    case "POST /register":
      return register(JSON.parse(await textOf(request)), response);
    case "GET /authorize":
      return authorize(url.searchParams, response);
    case "POST /token":
      return give(new URLSearchParams(await textOf(request)), request, response);
    default:
      return response.writeHead(404).end();
  }
}

function metadata() {
  return {
    issuer,
    authorization_endpoint: how.loginPage ?? `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    ...(how.registers ? { registration_endpoint: `${issuer}/register` } : {}),
    response_types_supported: ["code"],
    grant_types_supported: ["authorization_code", "refresh_token"],
    code_challenge_methods_supported: ["S256"],
    token_endpoint_auth_methods_supported: ["none", "client_secret_basic"],
    authorization_response_iss_parameter_supported: true,
    client_id_metadata_document_supported: how.readsClientMetadata,
  };
}

function control({ expire, forgetClients, client, revoke, ...changes }) {
  Object.assign(how, changes);
  if (expire) for (const token of accessTokens.values()) token.until = 0;
  if (revoke) revokeAll();
  if (forgetClients) clients.clear();
  if (client) clients.set(client.client_id, client);
}

function revokeAll() {
  accessTokens.clear();
  refreshTokens.clear();
}

function register(wanted, response) {
  counts.registered += 1;
  const client = { ...wanted, client_id: `client-${randomUUID()}` };
  clients.set(client.client_id, client);
  return json(response, 201, client);
}

function authorize(query, response) {
  const client = clients.get(query.get("client_id")) ?? (how.readsClientMetadata ? described(query) : undefined);
  const redirectUri = query.get("redirect_uri");
  // Shown in the browser and not sent as a redirect: an unknown redirect address is not safe.
  if (!client?.redirect_uris.includes(redirectUri)) return response.writeHead(400).end("unknown client or redirect address");
  const back = new URL(redirectUri);
  back.searchParams.set("state", query.get("state"));
  back.searchParams.set("iss", how.iss ?? issuer);
  if (how.denies) {
    back.searchParams.set("error", "access_denied");
    back.searchParams.set("error_description", "<script>alert(1)</script> the owner said no");
    return response.writeHead(302, { Location: back.href }).end();
  }
  if (query.get("code_challenge_method") !== "S256" || query.get("resource") !== origin)
    return response.writeHead(400).end("no PKCE, or no resource");
  counts.authorized += 1;
  const code = randomUUID();
  secrets.push(code);
  codes.set(code, {
    client: query.get("client_id"),
    redirectUri,
    challenge: query.get("code_challenge"),
    scopes: query.get("scope")?.split(" ") ?? [],
  });
  back.searchParams.set("code", code);
  return response.writeHead(302, { Location: back.href }).end();
}

/** The contents of the Client ID Metadata Document at that address. */
function described(query) {
  const id = new URL(query.get("client_id"));
  return { redirect_uris: [`${id.origin}/oauth/callback`] };
}

function give(form, request, response) {
  const refuse = (error) => json(response, 400, { error, error_description: "as the server says" });
  const [basicId, basicSecret] = Buffer.from(request.headers.authorization?.replace("Basic ", "") ?? "", "base64")
    .toString()
    .split(":");
  const clientId = form.get("client_id") ?? basicId;
  const expected = clients.get(clientId)?.client_secret;
  if (expected !== undefined && expected !== basicSecret) return refuse("invalid_client");
  const isCode = form.get("grant_type") === "authorization_code";
  const presented = isCode ? form.get("code") : form.get("refresh_token");
  const grant = (isCode ? codes : refreshTokens).get(presented);
  if (grant === undefined || grant.client !== clientId) return refuse("invalid_grant");
  if (grant.isUsed) {
    counts.reused += 1;
    revokeAll();
    return refuse("invalid_grant");
  }
  grant.isUsed = true;
  if (isCode) {
    const challenge = createHash("sha256").update(form.get("code_verifier")).digest("base64url");
    if (challenge !== grant.challenge || form.get("redirect_uri") !== grant.redirectUri) return refuse("invalid_grant");
  }
  counts[isCode ? "redeemed" : "refreshed"] += 1;
  const login = grant.login ?? `login-${counts.redeemed}`;
  const [access, refresh] = [`access-${randomUUID()}`, `refresh-${randomUUID()}`];
  secrets.push(access, refresh);
  accessTokens.set(access, { login, scopes: grant.scopes, until: Date.now() + how.tokenSeconds * 1_000 });
  refreshTokens.set(refresh, { login, client: clientId, scopes: grant.scopes });
  return json(response, 200, {
    access_token: access,
    token_type: "Bearer",
    expires_in: how.tokenSeconds,
    ...(how.givesRefreshTokens ? { refresh_token: refresh } : {}),
  });
}

async function textOf(request) {
  return Buffer.concat(await Array.fromAsync(request)).toString();
}

function json(response, status, body) {
  response.writeHead(status, { "Content-Type": "application/json", "Cache-Control": "no-store" }).end(JSON.stringify(body));
}
