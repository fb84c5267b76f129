import { z } from "zod";
import type { Clock } from "../../../core/clock.ts";
import type { UpstreamError } from "../../../core/errors.ts";
import { type Deadline, openDeadline } from "../../../core/mcp/deadline.ts";
import { ServerQuestions } from "../../../core/mcp/elicitation-requests.ts";
import { orInput, withInput } from "../../../core/mcp/input-required.ts";
import { loosely } from "../../../core/mcp/lenient-results.ts";
import { LogListeners } from "../../../core/mcp/log-listeners.ts";
import {
  answerWithoutMethod,
  askFeature,
  type FeatureAnswer,
  type FeatureRequest,
  featureMembers,
} from "../../../core/mcp/resources-and-prompts.ts";
import { logMeta } from "../../../core/mcp/server-log.ts";
import { readAllTools, type Tool } from "../../../core/mcp/tool.ts";
import { CallToolResult } from "../../../core/mcp/tool-result.ts";
import type { Reachability, ServerLog, ToolCall, UpstreamCallOptions } from "../../../core/mcp/upstream.ts";
import type { Environment } from "../../../core/registry/interpolation.ts";
import { secretsOf } from "../../../core/registry/redaction.ts";
import type { ServerEntry } from "../../../core/registry/registry.ts";
import type { Store } from "../../../core/store.ts";
import type { ServerLogin } from "../oauth/server-login.ts";
import { HttpConnection } from "./connection.ts";
import { mayNameInside, missingSecrets, readRemoteEntry } from "./entry.ts";
import { isMethodNotFound, toUpstreamError } from "./failure.ts";
import { HttpSession, NotConnected, type RequestKind, type Work } from "./session.ts";
import { createCheckedFetch } from "./transport/checked-fetch.ts";

const AnyPage = loosely(z.unknown());
const AnyResult = orInput(loosely(CallToolResult));
const AnyAnswer = orInput(loosely(z.unknown()));

export interface HttpServerOptions {
  server: ServerEntry;
  login: ServerLogin;
  environment: Environment;
  /** Whether the registry may name addresses of this machine and its network. */
  reachesInside: boolean;
  clock: Clock;
  store: Store;
  onToolsChanged: () => void;
}

/** One remote server: connected on first use, and kept while the session object lives. */
export class HttpServer {
  readonly #options: HttpServerOptions;
  readonly #server: ServerEntry;
  readonly #listeners = new LogListeners();
  readonly #questions = new ServerQuestions();
  readonly #session: HttpSession;

  constructor(options: HttpServerOptions) {
    this.#options = options;
    this.#server = options.server;
    this.#session = new HttpSession({ server: options.server, store: options.store, open: (onLost) => this.#open(onLost) });
  }

  get reachability(): Reachability {
    const reason = missingSecrets(this.#server, this.#options.environment);
    if (reason !== undefined) return { status: "unavailable", reason };
    const standing = this.#options.login.standing();
    if (standing !== undefined) return standing;
    return { status: this.#session.isReached ? "connected" : "not_connected" };
  }

  async listTools(options: UpstreamCallOptions): Promise<Tool[]> {
    using deadline = openDeadline({ clock: this.#options.clock, ...options });
    const list: Work<Tool[]> = (client, wait) =>
      readAllTools((params) => client.request({ method: "tools/list", params }, AnyPage, wait));
    try {
      return await this.#request(list, { deadline });
    } catch (error) {
      // A server of prompts or resources alone does not know the method: it has no tools.
      if (isMethodNotFound(error)) return [];
      throw this.#failed(error, { deadline });
    }
  }

  async callTool({ tool, args }: ToolCall, options: UpstreamCallOptions): Promise<CallToolResult> {
    using deadline = openDeadline({ clock: this.#options.clock, ...options });
    this.#session.tellLoss();
    using _listening = this.#listeners.add(options.onLog);
    const asking = { ...options, deadline };
    using _asking = this.#questions.add(asking);
    const call: Work<CallToolResult> = (client) =>
      withInput<CallToolResult>({
        message: { method: "tools/call", params: { name: tool, arguments: args, ...logMeta(client) } },
        subject: `${this.#server.id}.${tool}`,
        call: asking,
        clock: this.#options.clock,
        send: (whole, wait) => client.request(whole, AnyResult, wait),
      });
    try {
      return await this.#request(call, { deadline, isCall: true, onLog: options.onLog });
    } catch (error) {
      throw this.#failed(error, { deadline, tool });
    }
  }

  async ask(request: FeatureRequest, options: UpstreamCallOptions): Promise<FeatureAnswer> {
    using deadline = openDeadline({ clock: this.#options.clock, ...options });
    this.#session.tellLoss();
    using _listening = this.#listeners.add(options.onLog);
    const asking = { ...options, deadline };
    using _asking = this.#questions.add(asking);
    const ask: Work<FeatureAnswer> = (client) =>
      askFeature({
        server: this.#server.id,
        capabilities: client.getServerCapabilities(),
        request,
        send: ({ method, params }) =>
          withInput({
            message: { method, params: { ...params, ...logMeta(client) } },
            subject: `${this.#server.id}.${featureMembers[method]}`,
            call: asking,
            clock: this.#options.clock,
            send: (whole, wait) => client.request(whole, AnyAnswer, wait),
          }),
      });
    try {
      return await this.#request(ask, { deadline, isCall: true, onLog: options.onLog });
    } catch (error) {
      if (isMethodNotFound(error)) return answerWithoutMethod(this.#server.id, request);
      throw this.#failed(error, { deadline, tool: featureMembers[request.method] });
    }
  }

  /** Its entry changed, or went: calls under way are answered, no other is taken. */
  close(): void {
    this.#session.close();
  }

  #request<T>(work: Work<T>, kind: RequestKind): Promise<T> {
    const refusal = this.#options.login.refusal();
    return refusal === undefined ? this.#session.request(work, kind) : Promise.reject(refusal);
  }

  async #open(onLost: (connection: HttpConnection) => void): Promise<HttpConnection> {
    const { environment, reachesInside, clock, onToolsChanged, login } = this.#options;
    const entry = readRemoteEntry(this.#server, environment);
    const mayReachInside = mayNameInside(this.#server, entry, { reachesInside });
    const onLog = (line: ServerLog) => this.#listeners.tell(line);
    try {
      return await HttpConnection.open({
        entry,
        fetch: login.fetch(createCheckedFetch({ mayReachInside })),
        secrets: () => [...secretsOf(this.#server, environment), ...login.secrets()],
        clock,
        onToolsChanged,
        onLog,
        onElicit: (params, signal) => this.#questions.asked(params, signal),
        onLost,
      });
    } catch (error) {
      throw toUpstreamError(error, { server: this.#server, login: this.#options.login, isConnecting: true });
    }
  }

  #failed(error: unknown, { deadline, tool }: { deadline: Deadline; tool?: string }): UpstreamError {
    const failure = toUpstreamError(error, {
      server: this.#server,
      login: this.#options.login,
      tool,
      deadline,
      isConnecting: error instanceof NotConnected,
    });
    if (failure.code === "server_unavailable") this.#session.missed();
    return failure;
  }
}
