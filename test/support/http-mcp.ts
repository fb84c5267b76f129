import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { systemClock } from "../../bridge/clock.ts";
import { SessionUpstream, type SessionUpstreamOptions } from "../../worker/upstream/upstream.ts";
import { FakeUpstream, memoryStore } from "./fakes.ts";
import { loginOf } from "./logins.ts";

/** An incoming JSON-RPC message and its pending HTTP response. */
export class Exchange {
  readonly method: string;
  readonly id: number | string | undefined;
  readonly params: Record<string, unknown>;
  readonly headers: IncomingMessage["headers"];
  readonly response: ServerResponse;
  /** Resolves when the response is complete or the client has closed the connection. */
  readonly closed: Promise<unknown>;

  constructor(request: IncomingMessage, response: ServerResponse, message: Message) {
    this.method = message.method ?? "";
    this.id = message.id;
    this.params = message.params ?? {};
    this.headers = request.headers;
    this.response = response;
    this.closed = once(response, "close");
  }

  json(result: object): void {
    this.body(JSON.stringify({ jsonrpc: "2.0", id: this.id, result }));
  }

  body(text: string): void {
    this.response.writeHead(200, { "content-type": "application/json" }).end(text);
  }

  status(code: number, body: object = {}): void {
    this.response.writeHead(code, { "content-type": "application/json" }).end(JSON.stringify(body));
  }

  /** Sends one SSE event. The first one starts the stream. */
  event(data: object | string, id?: string): void {
    if (!this.response.headersSent) this.response.writeHead(200, { "content-type": "text/event-stream" });
    const text = typeof data === "string" ? data : JSON.stringify(data);
    this.response.write(`${id === undefined ? "" : `id: ${id}\n`}data: ${text}\n\n`);
  }

  result(text: string): object {
    return { jsonrpc: "2.0", id: this.id, result: { content: [{ type: "text", text }] } };
  }

  progress(progress: number): object {
    const { progressToken } = (this.params._meta ?? {}) as { progressToken?: number };
    return { jsonrpc: "2.0", method: "notifications/progress", params: { progressToken, progress } };
  }
}

interface Message {
  method?: string;
  id?: number | string;
  params?: Record<string, unknown>;
}

export interface HttpMcpOptions {
  /** Answers tools/call. By default a call is answered with its number. */
  onCall?: (exchange: Exchange, call: number) => void;
  /** Answers GET, which opens the standalone stream. By default there is none. */
  onGet?: (request: IncomingMessage, response: ServerResponse) => void;
  /** Called first for each POST; returns true if it has answered it. */
  before?: (exchange: Exchange) => boolean;
  /** The response to an unknown session. */
  unknownSession?: { status: number; body?: object };
  /** The names of its tools; ["work"] by default. */
  tools?: readonly string[];
  /** Uses protocol 2026-07-28, which has no sessions. */
  isModern?: boolean;
}

/** A remote MCP server on loopback, written without any library. Records all requests. */
export class HttpMcp implements AsyncDisposable {
  readonly url: string;
  readonly seen: Exchange[] = [];
  readonly sessions = new Set<string>();
  readonly ended: string[] = [];
  readonly #server: ReturnType<typeof createServer>;

  static async start(options: HttpMcpOptions = {}): Promise<HttpMcp> {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new HttpMcp(server, options);
  }

  private constructor(server: ReturnType<typeof createServer>, options: HttpMcpOptions) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
    server.on("request", (request, response) => void this.#serve(request, response, options));
  }

  calls(): Exchange[] {
    return this.of("tools/call");
  }

  of(method: string): Exchange[] {
    return this.seen.filter((exchange) => exchange.method === method);
  }

  /** Forgets all sessions, like a restarted server. */
  forget(): void {
    this.sessions.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse, options: HttpMcpOptions): Promise<void> {
    const session = request.headers["mcp-session-id"];
    if (request.method === "GET" && options.onGet) {
      options.onGet(request, response);
      return;
    }
    if (request.method === "DELETE") this.ended.push(String(session));
    if (request.method !== "POST") {
      response.writeHead(405).end();
      return;
    }
    const body = await text(request);
    const exchange = new Exchange(request, response, JSON.parse(body));
    this.seen.push(exchange);
    if (options.before?.(exchange)) return;
    const isKnown = options.isModern || exchange.method === "initialize" || exchange.method === "server/discover";
    if (!isKnown && !this.sessions.has(String(session))) {
      const { status, body = notFound(exchange, -32_001) } = options.unknownSession ?? { status: 404 };
      exchange.status(status, body);
    } else if (exchange.id === undefined) response.writeHead(202).end();
    else if (exchange.method === "tools/call" && options.onCall) options.onCall(exchange, this.calls().length);
    else {
      const body = this.#answer(exchange, options);
      exchange.body(JSON.stringify({ jsonrpc: "2.0", id: exchange.id, ...body }));
    }
  }

  #answer(exchange: Exchange, { isModern = false, tools = ["work"] }: HttpMcpOptions): object {
    const complete = (fields: object) => ({ result: isModern ? { ...modern, ...fields } : fields });
    switch (exchange.method) {
      case "server/discover":
        if (!isModern) return notFound(exchange, -32_601);
        return complete({ supportedVersions: ["2026-07-28"], capabilities: { tools: {} }, serverInfo });
      case "initialize": {
        const id = randomUUID();
        this.sessions.add(id);
        exchange.response.setHeader("mcp-session-id", id);
        const { protocolVersion } = exchange.params;
        return { result: { protocolVersion, capabilities: { tools: {} }, serverInfo } };
      }
      case "tools/list":
        return complete({ tools: tools.map((name) => ({ name, inputSchema: { type: "object" } })) });
      case "tools/call":
        return complete({ content: [{ type: "text", text: String(this.calls().length) }] });
      default:
        return notFound(exchange, -32_601);
    }
  }
}

const serverInfo = { name: "by hand", version: "1" };
const modern = { resultType: "complete", ttlMs: 0, cacheScope: "private" };

export function notFound({ id }: { id: Exchange["id"] }, code: number): object {
  return { jsonrpc: "2.0", id: id ?? null, error: { code, message: "not found" } };
}

/** Clients of remote servers as in a session, but in Node. There is no bridge. */
export function remoteServers(options: Partial<SessionUpstreamOptions> = {}): SessionUpstream {
  const { environment = () => undefined } = options;
  return new SessionUpstream({
    tunnel: new FakeUpstream(),
    environment,
    reachesInside: true,
    clock: systemClock,
    store: memoryStore(),
    loginOf: (server) => loginOf(server, environment),
    onToolsChanged: () => {},
    ...options,
  });
}
