import { Client, SSEClientTransport, StreamableHTTPClientTransport, type Transport } from "@modelcontextprotocol/client";
import { z } from "zod";
import { UpstreamError } from "../../core/errors.ts";
import { type Environment, interpolate, interpolateRecord } from "../../core/interpolation.ts";
import { loosely, loosen } from "../../core/lenient.ts";
import { limits } from "../../core/limits.ts";
import type { Reachability, ToolCall, Upstream, UpstreamCallOptions } from "../../core/ports.ts";
import type { ServerEntry } from "../../core/registry.ts";
import { CallToolResult } from "../../core/result.ts";
import { readAllTools, type Tool } from "../../core/tool.ts";
import { isMethodNotFound, toUpstreamError } from "./http-failure.ts";
import { repairingFetch } from "./repairing-fetch.ts";

const AnyPage = loosely(z.unknown());
const AnyResult = loosely(CallToolResult);

type RemoteTransport = Exclude<ServerEntry["mcp"], { transport: "stdio" }>;

/**
 * HTTP and SSE servers: one MCP client each, connected on first use and kept while the session object lives. Both
 * protocol generations, by negotiation.
 */
export class HttpServers implements Upstream {
  readonly #environment: Environment;
  readonly #onToolsChanged: (id: string) => void;
  readonly #clients = new Map<string, Promise<Client>>();
  readonly #connected = new Set<string>();

  constructor(environment: Environment, { onToolsChanged }: { onToolsChanged: (id: string) => void }) {
    this.#environment = environment;
    this.#onToolsChanged = onToolsChanged;
  }

  reachability(server: ServerEntry): Reachability {
    const remote = this.#resolve(server);
    if (remote.missing.length > 0) return { status: "unavailable", reason: missingReason(remote.missing) };
    return { status: this.#connected.has(server.id) ? "connected" : "not_connected" };
  }

  async listTools(server: ServerEntry, { signal, timeoutMs }: UpstreamCallOptions): Promise<Tool[]> {
    const client = await this.#connect(server);
    const options = { signal, timeout: timeoutMs };
    try {
      return await readAllTools((params) => client.request({ method: "tools/list", params }, AnyPage, options));
    } catch (error) {
      // A server of prompts or resources alone does not know the method: it has no tools.
      if (isMethodNotFound(error)) return [];
      throw this.#failed(server, error);
    }
  }

  async callTool(server: ServerEntry, { tool, args }: ToolCall, { signal, timeoutMs, onProgress }: UpstreamCallOptions) {
    const client = await this.#connect(server);
    try {
      return await client.request({ method: "tools/call", params: { name: tool, arguments: args } }, AnyResult, {
        signal,
        timeout: timeoutMs,
        maxTotalTimeout: timeoutMs,
        ...(onProgress ? { onprogress: onProgress } : {}),
      });
    } catch (error) {
      throw this.#failed(server, error, tool);
    }
  }

  #connect(server: ServerEntry): Promise<Client> {
    const existing = this.#clients.get(server.id);
    if (existing) return existing;
    const connecting = this.#open(server);
    this.#clients.set(server.id, connecting);
    connecting.catch(() => this.#forget(server.id));
    return connecting;
  }

  async #open(server: ServerEntry): Promise<Client> {
    const { url, headers, missing, kind } = this.#resolve(server);
    const address = URL.canParse(url) ? new URL(url) : undefined;
    if (missing.length > 0) throw notSent(server, missingReason(missing));
    if (address === undefined || !/^https?:$/.test(address.protocol))
      throw notSent(server, "Its url in the registry is no http(s) address.");

    const onChanged = () => this.#onToolsChanged(server.id);
    const client = new Client(
      { name: "mcp-dynamic-orchestrator", version: "1" },
      { versionNegotiation: { mode: "auto" }, listChanged: { tools: { autoRefresh: false, onChanged } } },
    );
    client.onclose = () => this.#forget(server.id);
    const options = { requestInit: { headers }, fetch: repairingFetch };
    const transport: Transport =
      kind === "sse" ? new SSEClientTransport(address, options) : new StreamableHTTPClientTransport(address, options);
    // The client calls this handler before its own reads the message.
    transport.onmessage = loosen;
    try {
      await client.connect(transport, { timeout: limits.catalogueFetchMs });
    } catch (error) {
      throw toUpstreamError(error, { server, hasConnected: false });
    }
    this.#connected.add(server.id);
    return client;
  }

  /** The entry with its references filled in; made anew at each connect, so that secrets live no longer than that. */
  #resolve(server: ServerEntry) {
    const remote = remoteOf(server);
    const url = interpolate(remote.url, this.#environment);
    const headers = interpolateRecord(remote.headers, this.#environment);
    return {
      kind: remote.transport,
      url: url.value,
      // An optional key that is not set is not sent empty.
      headers: Object.fromEntries(Object.entries(headers.value).filter(([, value]) => value !== "")),
      missing: [...url.missing, ...headers.missing],
    };
  }

  /** A server that is gone gets a new client next time. */
  #failed(server: ServerEntry, error: unknown, tool?: string): UpstreamError {
    const failure = toUpstreamError(error, { server, hasConnected: true, ...(tool === undefined ? {} : { tool }) });
    if (failure.code === "server_unavailable" || failure.code === "auth_required") this.#forget(server.id);
    return failure;
  }

  /** Its entry changed, or went: the next call connects anew. */
  drop(id: string): void {
    const client = this.#clients.get(id);
    this.#forget(id);
    // A client that never came to be needs no closing.
    client?.then((open) => open.close()).catch(() => undefined);
  }

  #forget(id: string): void {
    this.#clients.delete(id);
    this.#connected.delete(id);
  }
}

function remoteOf(server: ServerEntry): RemoteTransport {
  if (server.mcp.transport === "stdio") throw new Error(`${server.id} is a stdio server; the bridge serves it`);
  return server.mcp;
}

function missingReason(names: readonly string[]): string {
  return `Set ${[...new Set(names)].join(", ")} as a Worker secret (locally in .dev.vars).`;
}

function notSent(server: ServerEntry, reason: string): UpstreamError {
  return new UpstreamError("server_unavailable", `${server.id} cannot be reached. ${reason}`, {
    delivery: "not_sent",
    server: server.id,
  });
}
