import { createHash, randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json as readJson, text as readText } from "node:stream/consumers";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { SSEServerTransport } from "@modelcontextprotocol/sdk/server/sse.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { z } from "zod";

/** Its behaviour, which a test can change. */
interface Behaviour {
  tokenSeconds: number;
  scopes: string;
  denies: boolean;
  isDown: boolean;
  registers: boolean;
  readsClientMetadata: boolean;
  givesRefreshTokens: boolean;
  refusesAllTokens: boolean;
  /** The issuer in the authorization response; one other than its own simulates a mix-up attack. */
  iss: string | null;
  /** The address of the login page; its own if null. */
  loginPage: string | null;
  /** Members of its documents that are not as they should be. */
  documents: Partial<Record<"resource" | "metadata" | "registration" | "token", object>>;
  /** Whether the token endpoint refuses clients that it does not know, as real ones do. */
  checksClients: boolean;
}

/** A change of its behaviour, or a single action. */
export interface OauthChanges extends Partial<Behaviour> {
  expire?: boolean;
  revoke?: boolean;
  forgetClients?: boolean;
  /** A client that is registered in advance. */
  client?: Client;
}

const Client = z.looseObject({ client_id: z.string(), client_secret: z.string().optional(), redirect_uris: z.array(z.string()) });
type Client = z.infer<typeof Client>;

const McpBody = z.looseObject({ params: z.looseObject({ name: z.string().optional() }).optional() });

export interface Happened {
  registered: number;
  authorized: number;
  redeemed: number;
  refreshed: number;
  /** Number of codes and refresh tokens that were used a second time. */
  reused: number;
  /** Number of requests to the MCP server without a valid token, and with one. */
  refused: number;
  mcp: number;
  /** All codes and tokens ever issued, to search for leaks. */
  secrets: string[];
}

/** A code or a refresh token, which can be exchanged once. */
interface Grant {
  client: string;
  scopes: string[];
  /** Only for a refresh token. */
  login?: string;
  /** Only for a code. */
  challenge?: string;
  redirectUri?: string;
  isUsed: boolean;
}

interface AccessToken {
  login: string;
  scopes: string[];
  until: number;
}

export async function startOauthServer(): Promise<OauthServer> {
  const [mcp, authority] = [createServer(), createServer()];
  for (const server of [mcp, authority]) {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
  }
  return new OauthServer(mcp, authority);
}

/**
 * A protected MCP server and its authorization server, each on its own port. Codes and refresh tokens may be used once; a second
 * use is counted and revokes everything. Opening the login page logs in at once, unless `denies` is set.
 */
export class OauthServer implements AsyncDisposable {
  /** The address of the MCP server. */
  readonly url: string;
  readonly issuer: string;
  readonly #origin: string;
  readonly #servers: Server[];
  readonly #behaviour: Behaviour = {
    tokenSeconds: 3600,
    scopes: "notes",
    denies: false,
    isDown: false,
    registers: true,
    readsClientMetadata: false,
    givesRefreshTokens: true,
    refusesAllTokens: false,
    iss: null,
    loginPage: null,
    documents: {},
    checksClients: false,
  };
  readonly #happened: Happened = {
    registered: 0,
    authorized: 0,
    redeemed: 0,
    refreshed: 0,
    reused: 0,
    refused: 0,
    mcp: 0,
    secrets: [],
  };
  readonly #clients = new Map<string, Client>();
  readonly #streams = new Map<string, SSEServerTransport>();
  readonly #codes = new Map<string, Grant>();
  readonly #refreshTokens = new Map<string, Grant>();
  readonly #accessTokens = new Map<string, AccessToken>();

  constructor(mcp: Server, authority: Server) {
    this.#servers = [mcp, authority];
    this.#origin = addressOf(mcp);
    this.url = `${this.#origin}/mcp`;
    this.issuer = addressOf(authority);
    serve(mcp, (request, response) => this.#serveMcp(request, response));
    serve(authority, (request, response) => this.#serveAuthority(request, response));
  }

  control({ expire = false, revoke = false, forgetClients = false, client, ...changes }: OauthChanges): void {
    Object.assign(this.#behaviour, changes);
    if (expire) for (const token of this.#accessTokens.values()) token.until = 0;
    if (revoke) this.#revokeAll();
    if (forgetClients) this.#clients.clear();
    if (client) this.#clients.set(client.client_id, client);
  }

  happened(): Happened {
    return { ...this.#happened, secrets: [...this.#happened.secrets] };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of this.#servers) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }

  async #serveMcp(request: IncomingMessage, response: ServerResponse): Promise<unknown> {
    const { pathname, searchParams } = new URL(request.url ?? "", this.url);
    if (pathname === "/elsewhere/protected-resource") {
      const scopes_supported = ["notes", "admin"];
      const { resource } = this.#behaviour.documents;
      return reply(response, 200, {
        resource: this.#origin,
        authorization_servers: [this.issuer],
        scopes_supported,
        ...resource,
      });
    }
    if (!["/mcp", "/sse", "/messages"].includes(pathname)) return response.writeHead(404).end();
    if (request.method !== (pathname === "/sse" ? "GET" : "POST")) return response.writeHead(405).end();
    const body = request.method === "POST" ? McpBody.parse(await readJson(request)) : {};
    const token = this.#accessTokens.get(/^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1] ?? "");
    const metadata = `resource_metadata="${this.#origin}/elsewhere/protected-resource"`;
    if (token === undefined || Date.now() >= token.until || this.#behaviour.refusesAllTokens) {
      this.#happened.refused += 1;
      response.setHeader("WWW-Authenticate", `Bearer ${metadata}, scope="${this.#behaviour.scopes}"`);
      return reply(response, 401, { error: "invalid_token" });
    }
    const tool = body.params?.name ?? "";
    if (["admin", "erase"].includes(tool) && !token.scopes.includes(tool)) {
      response.setHeader("WWW-Authenticate", `Bearer error="insufficient_scope", scope="${tool}", ${metadata}`);
      return reply(response, 403, { error: "insufficient_scope" });
    }
    this.#happened.mcp += 1;
    const stream = this.#streams.get(searchParams.get("sessionId") ?? "");
    if (pathname === "/messages") return stream?.handlePostMessage(request, response, body);
    const server = createMcp({ login: token.login, authorization: request.headers.authorization });
    response.on("close", () => void server.close());
    if (pathname === "/sse") {
      const opened = new SSEServerTransport("/messages", response);
      this.#streams.set(opened.sessionId, opened);
      return server.connect(opened);
    }
    const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true });
    await server.connect(transport);
    return transport.handleRequest(request, response, body);
  }

  async #serveAuthority(request: IncomingMessage, response: ServerResponse): Promise<unknown> {
    const url = new URL(request.url ?? "", this.issuer);
    if (this.#behaviour.isDown) return response.writeHead(503).end("down");
    switch (`${request.method} ${url.pathname}`) {
      case "GET /.well-known/oauth-authorization-server":
        return reply(response, 200, this.#metadata());
      case "POST /register":
        return this.#register(await readJson(request), response);
      case "GET /authorize":
        return this.#authorize(url.searchParams, response);
      case "POST /token":
        return this.#give(new URLSearchParams(await readText(request)), request, response);
      default:
        return response.writeHead(404).end();
    }
  }

  #metadata(): object {
    return {
      issuer: this.issuer,
      authorization_endpoint: this.#behaviour.loginPage ?? `${this.issuer}/authorize`,
      token_endpoint: `${this.issuer}/token`,
      ...(this.#behaviour.registers ? { registration_endpoint: `${this.issuer}/register` } : {}),
      response_types_supported: ["code"],
      grant_types_supported: ["authorization_code", "refresh_token"],
      code_challenge_methods_supported: ["S256"],
      token_endpoint_auth_methods_supported: ["none", "client_secret_basic"],
      authorization_response_iss_parameter_supported: true,
      client_id_metadata_document_supported: this.#behaviour.readsClientMetadata,
      ...this.#behaviour.documents.metadata,
    };
  }

  #revokeAll(): void {
    this.#accessTokens.clear();
    this.#refreshTokens.clear();
  }

  #register(wanted: unknown, response: ServerResponse): ServerResponse {
    this.#happened.registered += 1;
    const client = Client.parse({ ...Object(wanted), client_id: `client-${randomUUID()}` });
    this.#clients.set(client.client_id, client);
    return reply(response, 201, { ...client, ...this.#behaviour.documents.registration });
  }

  #authorize(query: URLSearchParams, response: ServerResponse): ServerResponse {
    const asked = (name: string) => query.get(name) ?? "";
    const [clientId, redirectUri] = [asked("client_id"), asked("redirect_uri")];
    const known = this.#clients.get(clientId)?.redirect_uris;
    const redirectUris = known ?? (this.#behaviour.readsClientMetadata ? describedRedirectUris(clientId) : []);
    // Shown to the user only: there is no safe address to redirect to.
    if (!redirectUris.includes(redirectUri)) return response.writeHead(400).end("unknown client or redirect address");
    const back = new URL(redirectUri);
    back.searchParams.set("state", asked("state"));
    back.searchParams.set("iss", this.#behaviour.iss ?? this.issuer);
    if (this.#behaviour.denies) {
      back.searchParams.set("error", "access_denied");
      back.searchParams.set("error_description", "<script>alert(1)</script> the owner said no");
    } else if (asked("code_challenge_method") !== "S256" || asked("resource") !== this.#origin) {
      return response.writeHead(400).end("no PKCE, or no resource");
    } else {
      this.#happened.authorized += 1;
      const code = this.#newSecret();
      const scopes = query.get("scope")?.split(" ") ?? [];
      this.#codes.set(code, { client: clientId, redirectUri, challenge: asked("code_challenge"), scopes, isUsed: false });
      back.searchParams.set("code", code);
    }
    return response.writeHead(302, { Location: back.href }).end();
  }

  #give(form: URLSearchParams, request: IncomingMessage, response: ServerResponse): ServerResponse {
    const refuse = (error: string) => reply(response, 400, { error, error_description: "as the server says" });
    const basic = Buffer.from(request.headers.authorization?.replace("Basic ", "") ?? "", "base64").toString();
    const [basicId, basicSecret] = basic.split(":");
    const clientId = form.get("client_id") ?? basicId ?? "";
    if (this.#behaviour.checksClients && !this.#clients.has(clientId)) return refuse("invalid_client");
    const expected = this.#clients.get(clientId)?.client_secret;
    if (expected !== undefined && expected !== basicSecret) return refuse("invalid_client");
    const isCode = form.get("grant_type") === "authorization_code";
    const presented = form.get(isCode ? "code" : "refresh_token") ?? "";
    const grant = (isCode ? this.#codes : this.#refreshTokens).get(presented);
    if (grant === undefined || grant.client !== clientId) return refuse("invalid_grant");
    if (grant.isUsed) {
      this.#happened.reused += 1;
      this.#revokeAll();
      return refuse("invalid_grant");
    }
    grant.isUsed = true;
    if (isCode) {
      const challenge = createHash("sha256")
        .update(form.get("code_verifier") ?? "")
        .digest("base64url");
      if (challenge !== grant.challenge || form.get("redirect_uri") !== grant.redirectUri) return refuse("invalid_grant");
    }
    this.#happened[isCode ? "redeemed" : "refreshed"] += 1;
    const { scopes, login = `login-${this.#happened.redeemed}` } = grant;
    const [access, refresh] = [this.#newSecret(), this.#newSecret()];
    const { tokenSeconds, givesRefreshTokens } = this.#behaviour;
    this.#accessTokens.set(access, { login, scopes, until: Date.now() + tokenSeconds * 1_000 });
    this.#refreshTokens.set(refresh, { login, client: clientId, scopes, isUsed: false });
    const refreshable = givesRefreshTokens ? { refresh_token: refresh } : {};
    const given = { access_token: access, token_type: "Bearer", expires_in: tokenSeconds, ...refreshable };
    return reply(response, 200, { ...given, ...this.#behaviour.documents.token });
  }

  #newSecret(): string {
    const secret = `secret-${randomUUID()}`;
    this.#happened.secrets.push(secret);
    return secret;
  }
}

function createMcp({ login, authorization }: { login: string; authorization: string | undefined }): McpServer {
  const server = new McpServer({ name: "protected", version: "1" });
  const say = (text: string) => ({ content: [{ type: "text" as const, text }] });
  server.registerTool("whoami", { inputSchema: {} }, () => say(login));
  server.registerTool("echo", { inputSchema: { message: z.string() } }, ({ message }) => say(message));
  server.registerTool("reveal", { inputSchema: {} }, () => say(JSON.stringify({ got: authorization })));
  for (const name of ["admin", "erase"]) server.registerTool(name, { inputSchema: {} }, () => say("done"));
  return server;
}

/** The redirect URIs in the Client ID Metadata Document at that address. */
function describedRedirectUris(clientId: string): string[] {
  return [`${new URL(clientId).origin}/oauth/callback`];
}

function serve(server: Server, answer: (request: IncomingMessage, response: ServerResponse) => Promise<unknown>): void {
  server.on("request", (request, response) => {
    answer(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
}

function addressOf(server: Server): string {
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${port}`;
}

function reply(response: ServerResponse, status: number, body: object): ServerResponse {
  return response
    .writeHead(status, { "Content-Type": "application/json", "Cache-Control": "no-store" })
    .end(JSON.stringify(body));
}

/** What browsers send and no page can change. Not all of them send Sec-Fetch-Site to this machine. */
const asBrowser = {
  "User-Agent": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.0 Safari/605.1.15",
};

/** Opens addresses like a browser: follows redirects and keeps cookies, by host. */
export class Browser {
  readonly #cookies = new Map<string, Map<string, string>>();

  /** Returns the final response, and the addresses on the way to it. */
  async open(url: string): Promise<{ status: number; text: string; visited: string[] }> {
    const visited: string[] = [];
    for (let address = url; visited.length < 10; ) {
      visited.push(address);
      const response = await this.visit(address);
      const location = response.headers.get("location");
      if (location === null) return { status: response.status, text: await response.text(), visited };
      await response.body?.cancel();
      address = new URL(location, address).href;
    }
    throw new Error(`too many redirects: ${visited.join(" → ")}`);
  }

  /** One request, without following where it leads. */
  async visit(address: string): Promise<Response> {
    const { host } = new URL(address);
    const cookies = this.#cookies.get(host) ?? new Map<string, string>();
    this.#cookies.set(host, cookies);
    const response = await fetch(address, {
      redirect: "manual",
      headers: { ...asBrowser, Cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; ") },
    });
    for (const set of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      if (name !== undefined && value !== undefined) cookies.set(name, value);
    }
    return response;
  }
}
