import { z } from "zod";
import type { Clock } from "../../core/clock.ts";
import { UpstreamError } from "../../core/errors.ts";
import { limits } from "../../core/limits.ts";
import { type Deadline, openDeadline, waitFor } from "../../core/mcp/deadline.ts";
import { ServerQuestions } from "../../core/mcp/elicitation-requests.ts";
import { orInput, withInput } from "../../core/mcp/input-required.ts";
import { loosely } from "../../core/mcp/lenient-results.ts";
import { LogListeners } from "../../core/mcp/log-listeners.ts";
import {
  answerWithoutMethod,
  askFeature,
  type FeatureAnswer,
  type FeatureRequest,
  featureMembers,
} from "../../core/mcp/resources-and-prompts.ts";
import { logMeta } from "../../core/mcp/server-log.ts";
import type { Tool } from "../../core/mcp/tool.ts";
import { CallToolResult } from "../../core/mcp/tool-result.ts";
import type { ToolCall, UpstreamCallOptions } from "../../core/mcp/upstream.ts";
import type { Environment } from "../../core/registry/interpolation.ts";
import type { BridgeServer } from "../../core/tunnel/frames.ts";
import type { StdioClient } from "./client.ts";
import { isMethodNotFound, toUpstreamError } from "./failure.ts";
import type { StdioEntry } from "./launch.ts";
import { StdioLife } from "./lifecycle.ts";
import { isStartRefusal } from "./start-refusal.ts";
import { isListed, listAllTools } from "./tools.ts";

const AnyResult = orInput(loosely(CallToolResult));
const AnyAnswer = orInput(loosely(z.unknown()));

export interface StdioServerOptions {
  entry: StdioEntry;
  environment: Environment;
  projectRoot: string;
  clock: Clock;
  onStatus: (server: BridgeServer) => void;
  /** Why what another server of this id held is gone; reads after the id. The first call is told. */
  lost?: string | undefined;
}

/**
 * One stdio server: started when it is first used, by whoever comes first, stopped when nobody has used it for long, and started
 * again on the next use. Failures are UpstreamErrors; their `delivery` says whether the server may have acted.
 */
export class StdioServer {
  readonly #options: StdioServerOptions;
  readonly #id: string;
  readonly #life: StdioLife;
  readonly #listeners = new LogListeners();
  readonly #questions = new ServerQuestions();
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
    const { entry, environment, projectRoot, clock, lost } = options;
    this.#options = options;
    this.#id = entry.id;
    this.#lost = lost;
    this.#life = new StdioLife({
      entry,
      environment,
      projectRoot,
      clock,
      onChange: () => this.#options.onStatus(this.status),
      onLost: (reason) => this.#onLost(reason),
      onToolsChanged: () => this.#onToolsChanged(),
      onLog: (line) => this.#listeners.tell(line),
      onElicit: (params, signal) => this.#questions.asked(params, signal),
    });
  }

  get status(): BridgeServer {
    const { status } = this.#life;
    return this.#toolsChanges === 0 ? status : { ...status, toolsChanges: this.#toolsChanges };
  }

  /** Starts it, unless it runs. */
  async start(options: UpstreamCallOptions): Promise<void> {
    using deadline = openDeadline({ clock: this.#options.clock, ...options });
    using _request = this.#beginRequest();
    await this.#connect(deadline);
  }

  async listTools(options: UpstreamCallOptions): Promise<Tool[]> {
    using deadline = openDeadline({ clock: this.#options.clock, ...options });
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
    using deadline = openDeadline({ clock: this.#options.clock, ...options });
    using _request = this.#beginRequest();
    using _listening = this.#listeners.add(options.onLog);
    const asking = { ...options, deadline };
    using _asking = this.#questions.add(asking);
    this.#tellLoss();
    const connection = await this.#connect(deadline);
    const { client } = connection;
    this.#hasState = true;
    try {
      const message = { method: "tools/call", params: { name: call.tool, arguments: call.args, ...logMeta(client) } };
      const result = await withInput<CallToolResult>({
        message,
        subject: `${this.#id}.${call.tool}`,
        call: asking,
        clock: this.#options.clock,
        send: (whole, wait) => client.request(whole, AnyResult, wait),
      });
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

  async ask(request: FeatureRequest, options: UpstreamCallOptions): Promise<FeatureAnswer> {
    using deadline = openDeadline({ clock: this.#options.clock, ...options });
    using _request = this.#beginRequest();
    using _listening = this.#listeners.add(options.onLog);
    const asking = { ...options, deadline };
    using _asking = this.#questions.add(asking);
    this.#tellLoss();
    const connection = await this.#connect(deadline);
    const { client } = connection;
    try {
      const answer = await askFeature({
        server: this.#id,
        capabilities: client.getServerCapabilities(),
        request,
        send: ({ method, params }) =>
          withInput({
            message: { method, params: { ...params, ...logMeta(client) } },
            subject: `${this.#id}.${featureMembers[method]}`,
            call: asking,
            clock: this.#options.clock,
            send: (whole, wait) => client.request(whole, AnyAnswer, wait),
          }),
      });
      this.#life.answered();
      return answer;
    } catch (error) {
      if (isMethodNotFound(error)) return answerWithoutMethod(this.#id, request);
      const failed = { kind: "ask", tool: featureMembers[request.method] } as const;
      throw toUpstreamError(error, { server: this.#id, connection, deadline, request: failed });
    }
  }

  /** Why a caller finds nothing of what it held when another takes its place for this reason; undefined when it held nothing. */
  lossBy(reason: string): string | undefined {
    return this.#lost ?? (this.#options.entry.stateful && this.#hasState ? reason : undefined);
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
