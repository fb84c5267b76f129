import { z } from "zod";
import { UpstreamError } from "../core/errors.ts";
import type { Environment } from "../core/interpolation.ts";
import { limits } from "../core/limits.ts";
import type { ToolCall, UpstreamCallOptions } from "../core/ports.ts";
import { CallToolResult } from "../core/result.ts";
import { readTools, type Tool } from "../core/tool.ts";
import type { BridgeServer } from "../core/tunnel.ts";
import { type Deadline, openDeadline, waitFor } from "./deadline.ts";
import { planLaunch, type StdioEntry } from "./launch.ts";
import { connectStdioClient, type StdioClient } from "./stdio-client.ts";
import { isInvalidParams, isMethodNotFound, toUpstreamError } from "./stdio-failure.ts";
import type { StdioTransport } from "./stdio-transport.ts";

export interface StdioServerOptions {
  entry: StdioEntry;
  environment: Environment;
  projectRoot: string;
  onStatus: (server: BridgeServer) => void;
}

type State =
  | { kind: "stopped" }
  | { kind: "starting"; connecting: Promise<StdioClient> }
  | { kind: "running"; connection: StdioClient }
  | { kind: "failed"; reason: string }
  | { kind: "closed" };

/** Read leniently: a page without a list is an empty one, and each tool is judged on its own by readTools. */
const ToolsPage = z.looseObject({
  tools: z.array(z.unknown()).catch([]),
  nextCursor: z.string().optional().catch(undefined),
});

/**
 * One stdio server: started when it is first used, by whoever comes first, and again on the next use after it ended.
 * Failures are UpstreamErrors; their `delivery` says whether the server may have acted.
 */
export class StdioServer {
  readonly #options: StdioServerOptions;
  readonly #id: string;
  #state: State = { kind: "stopped" };
  #transport: StdioTransport | undefined;

  constructor(options: StdioServerOptions) {
    this.#options = options;
    this.#id = options.entry.id;
  }

  get status(): BridgeServer {
    return statusOf(this.#id, this.#state);
  }

  async listTools(options: UpstreamCallOptions): Promise<Tool[]> {
    using deadline = openDeadline(options);
    const connection = await this.#connect(deadline);
    try {
      return await listAllTools(connection, deadline);
    } catch (error) {
      // A server of prompts or resources alone does not know the method: it has no tools.
      if (isMethodNotFound(error)) return [];
      throw toUpstreamError(error, { server: this.#id, connection, deadline, request: { kind: "list" } });
    }
  }

  async callTool(call: ToolCall, options: UpstreamCallOptions): Promise<CallToolResult> {
    using deadline = openDeadline(options);
    const connection = await this.#connect(deadline);
    try {
      return await connection.client.request(
        { method: "tools/call", params: { name: call.tool, arguments: call.args } },
        CallToolResult,
        { ...waitOf(deadline), ...(options.onProgress && { onprogress: options.onProgress }) },
      );
    } catch (error) {
      const request = {
        kind: "call",
        tool: call.tool,
        isListed: await isListed(error, call.tool, connection, deadline),
      } as const;
      throw toUpstreamError(error, { server: this.#id, connection, deadline, request });
    }
  }

  /** Ends the server, even one that is still starting, and refuses further use. Resolves when its processes are gone. */
  async close(): Promise<void> {
    this.#state = { kind: "closed" };
    await this.#transport?.close();
  }

  async #connect(deadline: Deadline): Promise<StdioClient> {
    const connecting = this.#connection();
    try {
      return await waitFor(connecting, deadline.signal);
    } catch (error) {
      throw toUpstreamError(error, { server: this.#id, connection: undefined, deadline, request: { kind: "start" } });
    }
  }

  #connection(): Promise<StdioClient> {
    switch (this.#state.kind) {
      case "running":
        return Promise.resolve(this.#state.connection);
      case "starting":
        return this.#state.connecting;
      case "closed":
        return Promise.reject(this.#refusal("cannot start: the bridge is stopping"));
      case "stopped":
      case "failed": {
        const connecting = this.#start();
        this.#state = { kind: "starting", connecting };
        return connecting;
      }
    }
  }

  async #start(): Promise<StdioClient> {
    try {
      // What the last process left behind is gone first: two of one server may not share its files.
      await this.#transport?.close();
      const { launch, missing } = planLaunch(this.#options);
      if (missing.length > 0)
        throw new Error(`cannot start: set ${missing.join(", ")} in the bridge's environment and start the bridge again`);
      const connection = await connectStdioClient({ launch, onTransport: (transport) => this.#adopt(transport) });
      // Closed in the meantime: the transport is down already, and the state must stay as it is.
      if (this.#state.kind === "closed") throw new Error("cannot start: the bridge is stopping");
      this.#enter({ kind: "running", connection });
      connection.client.onclose = () => this.#onEnded(connection);
      return connection;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#enter({ kind: "failed", reason });
      throw this.#refusal(reason, error);
    }
  }

  #adopt(transport: StdioTransport): void {
    if (this.#state.kind === "closed") throw new Error("cannot start: the bridge is stopping");
    this.#transport = transport;
  }

  #onEnded({ transport }: StdioClient): void {
    const { ending } = transport;
    if (ending === undefined || ending.isClean) this.#enter({ kind: "stopped" });
    else this.#enter({ kind: "failed", reason: `${ending.text}.${transport.stderr}` });
  }

  #enter(state: State): void {
    if (this.#state.kind === "closed") return;
    this.#state = state;
    this.#options.onStatus(this.status);
  }

  #refusal(reason: string, cause?: unknown): UpstreamError {
    return new UpstreamError("server_unavailable", `${this.#id} ${reason}`, { server: this.#id, delivery: "not_sent", cause });
  }
}

function statusOf(id: string, state: State): BridgeServer {
  switch (state.kind) {
    case "running":
      return { id, state: "running" };
    case "failed":
      return { id, state: "failed", reason: state.reason };
    case "stopped":
    case "starting":
    case "closed":
      return { id, state: "stopped" };
  }
}

async function listAllTools({ client }: StdioClient, deadline: Deadline): Promise<Tool[]> {
  const candidates: unknown[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < limits.toolPagesMax; page++) {
    const params = cursor === undefined ? {} : { cursor };
    const answer = await client.request({ method: "tools/list", params }, ToolsPage, waitOf(deadline));
    candidates.push(...answer.tools);
    cursor = answer.nextCursor;
    if (cursor === undefined || candidates.length >= limits.toolsPerServerMax) break;
  }
  return readTools(candidates);
}

/**
 * A refusal of arguments and of an unknown tool share one JSON-RPC code: only the list tells them apart. Asked for
 * after the fact, so that it costs the calls that work nothing.
 */
async function isListed(error: unknown, tool: string, connection: StdioClient, deadline: Deadline): Promise<boolean> {
  if (!isInvalidParams(error)) return true;
  try {
    return (await listAllTools(connection, deadline)).some((listed) => listed.name === tool);
  } catch {
    // Not known: the server's own words about the arguments stand.
    return true;
  }
}

/** The SDK's clock and ours hold the same time; our signal also tells the server that nobody waits any more. */
function waitOf(deadline: Deadline): { signal: AbortSignal; timeout: number; maxTotalTimeout: number } {
  return { signal: deadline.signal, timeout: deadline.timeoutMs, maxTotalTimeout: deadline.timeoutMs };
}
