import { UpstreamError } from "../core/errors.ts";
import type { Environment } from "../core/interpolation.ts";
import { loosely } from "../core/lenient.ts";
import { limits } from "../core/limits.ts";
import type { Clock, ToolCall, UpstreamCallOptions } from "../core/ports.ts";
import { CallToolResult } from "../core/result.ts";
import type { Tool } from "../core/tool.ts";
import type { BridgeServer } from "../core/tunnel.ts";
import { type Deadline, openDeadline, waitFor } from "./deadline.ts";
import type { StdioEntry } from "./launch.ts";
import { isStartRefusal } from "./start-refusal.ts";
import type { StdioClient } from "./stdio-client.ts";
import { isMethodNotFound, toUpstreamError } from "./stdio-failure.ts";
import { StdioLife } from "./stdio-life.ts";
import { isListed, listAllTools, waitOf } from "./stdio-tools.ts";

const AnyResult = loosely(CallToolResult);

export interface StdioServerOptions {
  entry: StdioEntry;
  environment: Environment;
  projectRoot: string;
  clock: Clock;
  onStatus: (server: BridgeServer) => void;
}

/**
 * One stdio server: started when it is first used, by whoever comes first, stopped when nobody has used it for long, and started
 * again on the next use. Failures are UpstreamErrors; their `delivery` says whether the server may have acted.
 */
export class StdioServer {
  readonly #options: StdioServerOptions;
  readonly #id: string;
  readonly #life: StdioLife;
  #toolsChanges = 0;
  #requests = 0;
  #isClosed = false;
  #onUnused: () => void = () => {};
  #stopIdleTimer: () => void = () => {};
  /** It has been called and may hold something since. */
  #hasState = false;
  /** Why what a stateful server held is gone, until a caller was told. */
  #lost: string | undefined;

  constructor(options: StdioServerOptions) {
    const { entry, environment, projectRoot, clock } = options;
    this.#options = options;
    this.#id = entry.id;
    this.#life = new StdioLife({
      entry,
      environment,
      projectRoot,
      clock,
      onChange: () => this.#options.onStatus(this.status),
      onLost: (reason) => this.#onLost(reason),
      onToolsChanged: () => this.#onToolsChanged(),
    });
  }

  get status(): BridgeServer {
    const { status } = this.#life;
    return this.#toolsChanges === 0 ? status : { ...status, toolsChanges: this.#toolsChanges };
  }

  /** Starts it, unless it runs. */
  async start(options: UpstreamCallOptions): Promise<void> {
    using deadline = openDeadline(options);
    using _request = this.#beginRequest();
    await this.#connect(deadline);
  }

  async listTools(options: UpstreamCallOptions): Promise<Tool[]> {
    using deadline = openDeadline(options);
    using _request = this.#beginRequest();
    const connection = await this.#connect(deadline);
    try {
      const tools = await listAllTools(connection, deadline);
      this.#life.answered();
      return tools;
    } catch (error) {
      // A server of prompts or resources alone does not know the method: it has no tools.
      if (isMethodNotFound(error)) return [];
      throw toUpstreamError(error, { server: this.#id, connection, deadline, request: { kind: "list" } });
    }
  }

  async callTool(call: ToolCall, options: UpstreamCallOptions): Promise<CallToolResult> {
    using deadline = openDeadline(options);
    using _request = this.#beginRequest();
    this.#tellLoss();
    const connection = await this.#connect(deadline);
    this.#hasState = true;
    try {
      const result = await connection.client.request(
        { method: "tools/call", params: { name: call.tool, arguments: call.args } },
        AnyResult,
        { ...waitOf(deadline), ...(options.onProgress && { onprogress: options.onProgress }) },
      );
      this.#life.answered();
      return result;
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
    this.#isClosed = true;
    this.#stopIdleTimer();
    await this.#life.close();
  }

  /** The same, once the requests under way have their answers or the time for that is up. */
  async retire(): Promise<void> {
    if (this.#requests > 0) {
      await new Promise<void>((resolve) => {
        const stop = this.#options.clock.after(limits.drainMs, resolve);
        this.#onUnused = () => {
          stop();
          resolve();
        };
      });
    }
    await this.close();
  }

  #beginRequest(): Disposable {
    this.#stopIdleTimer();
    this.#requests += 1;
    return {
      [Symbol.dispose]: () => {
        this.#requests -= 1;
        if (this.#requests === 0) this.#rest();
      },
    };
  }

  /** What a stateful server holds would be gone: it rests running. */
  #rest(): void {
    this.#onUnused();
    if (this.#options.entry.stateful || this.#isClosed) return;
    this.#stopIdleTimer = this.#options.clock.after(limits.serverIdleMs, () => this.#life.stop());
  }

  async #connect(deadline: Deadline): Promise<StdioClient> {
    try {
      return await waitFor(this.#life.connection(), deadline.signal);
    } catch (error) {
      if (deadline.ended !== undefined) {
        throw toUpstreamError(error, { server: this.#id, connection: undefined, deadline, request: { kind: "start" } });
      }
      throw new UpstreamError("server_unavailable", `${this.#id} ${error instanceof Error ? error.message : String(error)}`, {
        server: this.#id,
        delivery: "not_sent",
        cause: error,
        ...(isStartRefusal(error) && { retryable: false }),
      });
    }
  }

  /** Those whose calls are under way hear of it by their failure. */
  #onLost(reason: string): void {
    if (this.#options.entry.stateful && this.#hasState && this.#requests === 0) this.#lost = reason;
    this.#hasState = false;
  }

  /** Never a silent new start: whoever relies on what was there must learn that it is gone. */
  #tellLoss(): void {
    if (this.#lost === undefined) return;
    const reason = this.#lost;
    this.#lost = undefined;
    throw new UpstreamError(
      "server_unavailable",
      `${this.#id} has lost what it held since the last call: it ${reason} The next call starts it afresh, with nothing open.`,
      { server: this.#id, delivery: "not_sent", retryable: false },
    );
  }

  #onToolsChanged(): void {
    this.#toolsChanges += 1;
    this.#options.onStatus(this.status);
  }
}
