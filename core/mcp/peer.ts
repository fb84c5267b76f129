import { z } from "zod";
import type { Clock } from "../clock.ts";
import { UpstreamError } from "../errors.ts";
import { isDeeper } from "../json.ts";
import { limits } from "../limits.ts";
import { type Deadline, openDeadline } from "./deadline.ts";
import type { ElicitationAnswer } from "./elicitation.ts";
import { ElicitationRequests } from "./elicitation-requests.ts";
import { type SendOptions, type ServerMessage, withInput } from "./input-required.ts";
import { receivedResult } from "./lenient-results.ts";
import { LogListeners } from "./log-listeners.ts";
import {
  answerWithoutMethod,
  askFeature,
  type FeatureAnswer,
  type FeatureRequest,
  featureMembers,
} from "./resources-and-prompts.ts";
import { logMeta } from "./server-log.ts";
import { readAllTools, type Tool } from "./tool.ts";
import { type CallToolResult, readToolResult } from "./tool-result.ts";
import type { ServerLog, ToolCall, UpstreamCallOptions } from "./upstream.ts";

/** The part of the SDK's connected client that a peer uses. */
export interface PeerClient {
  request(
    message: ServerMessage,
    schema: typeof receivedResult,
    options: Pick<SendOptions, "signal" | "timeout"> & Partial<SendOptions>,
  ): Promise<unknown>;
  getServerCapabilities(): { resources?: unknown; prompts?: unknown } | undefined;
  getProtocolEra(): "modern" | "legacy" | undefined;
}

/** A request to a server, described for `perform`, which connects and translates failures. */
export type PeerRequest = {
  /** Already running: connecting counts towards it. */
  deadline: Deadline;
  onLog?: UpstreamCallOptions["onLog"];
  /** Progress of connecting is reported like that of the request. */
  onProgress?: UpstreamCallOptions["onProgress"];
} & (
  | { kind: "list" }
  | { kind: "call"; tool: string }
  /** For resources or prompts; `tool` is the client's member, such as `$resources.read`. */
  | { kind: "ask"; tool: string }
);

export type Work<T> = (client: PeerClient) => Promise<T>;

export interface PeerOptions {
  /** The server's id. */
  server: string;
  clock: Clock;
  /**
   * Does the work over a connection to the server, connecting first if necessary. May repeat it over another connection, but only if
   * the server has certainly not acted. Rejects with the caller's error: the peer passes it on as it is.
   */
  perform: <T>(work: Work<T>, request: PeerRequest) => Promise<T>;
}

/**
 * One MCP server, over whichever connection: lists its tools, calls them, requests its resources and prompts, and passes log messages
 * and elicitations to the calls in flight. Its owner connects, reconnects and disconnects, in `perform`.
 */
export class Peer {
  readonly #options: PeerOptions;
  readonly #listeners = new LogListeners();
  readonly #elicitations: ElicitationRequests;

  constructor(options: PeerOptions) {
    this.#options = options;
    this.#elicitations = new ElicitationRequests(options.clock);
  }

  async listTools(options: UpstreamCallOptions): Promise<Tool[]> {
    using deadline = openDeadline({ clock: this.#options.clock, ...options });
    // A server that has only prompts or resources does not know the method: it has no tools.
    const work: Work<Tool[]> = (client) => unlessUnknown(listAllTools(client, deadline), () => []);
    return await this.#options.perform(work, { kind: "list", deadline, onProgress: options.onProgress });
  }

  callTool({ tool, args }: ToolCall, options: UpstreamCallOptions): Promise<CallToolResult> {
    const { server } = this.#options;
    return this.#exchange({ kind: "call", tool }, options, async (send) => {
      const result = await send({ method: "tools/call", params: { name: tool, arguments: args } });
      return readToolResult(result, { server, tool });
    });
  }

  ask(request: FeatureRequest, options: UpstreamCallOptions): Promise<FeatureAnswer> {
    const { server } = this.#options;
    return this.#exchange({ kind: "ask", tool: featureMembers[request.method] }, options, (send, client) =>
      unlessUnknown(askFeature({ server, capabilities: client.getServerCapabilities(), request, send }), () =>
        answerWithoutMethod(server, request),
      ),
    );
  }

  /** Passes a log message of the server to the calls in flight. */
  onLog(line: ServerLog): void {
    this.#listeners.emit(line);
  }

  /** Answers an elicitation of the server. Rejects with the error for the server when it cannot be shown. */
  onElicit(params: unknown, signal: AbortSignal): Promise<ElicitationAnswer> {
    return this.#elicitations.answer(params, signal);
  }

  /** Requests during which the server may log, report progress and elicit input. */
  async #exchange<T>(
    kind: { kind: "call" | "ask"; tool: string },
    options: UpstreamCallOptions,
    work: (send: (message: ServerMessage) => Promise<unknown>, client: PeerClient) => Promise<T>,
  ): Promise<T> {
    const { server, clock, perform } = this.#options;
    using deadline = openDeadline({ clock, ...options });
    const call = { ...options, deadline };
    const elicitations = this.#elicitations;
    using _eliciting = elicitations.isBlurring(call) ? await elicitations.addInTurn(call) : elicitations.add(call);
    using _listening = this.#listeners.add(options.onLog);
    const sendOver = (client: PeerClient) => (message: ServerMessage) =>
      withInput({
        message: { ...message, params: { ...message.params, ...logMeta(client) } },
        subject: `${server}.${kind.tool}`,
        call,
        clock,
        send: async (whole, wait) => {
          const answer = await client.request(whole, receivedResult, wait);
          if (isDeeper(answer, limits.answerDepthMax)) throw tooDeep(server, kind.tool);
          return answer;
        },
      });
    return await perform((client) => work(sendOver(client), client), {
      ...kind,
      deadline,
      onLog: options.onLog,
      onProgress: options.onProgress,
    });
  }
}

/** All pages of the server's tools, up to the bounds. */
export function listAllTools(client: PeerClient, { signal }: Deadline): Promise<Tool[]> {
  const wait = { signal, timeout: limits.sdkTimeoutMs };
  return readAllTools((params) => client.request({ method: "tools/list", params }, receivedResult, wait));
}

/** What reads and passes on an answer is recursive, so no program can get it. The server has acted. */
function tooDeep(server: string, tool: string): UpstreamError {
  const message = `${server}.${tool} returned a result that nests deeper than ${limits.answerDepthMax} levels.`;
  return new UpstreamError("tool_error", message, { server, tool, delivery: "answered" });
}

const MethodNotFound = z.object({ code: z.literal(-32_601) });

/** The answer, or `otherwise` when the server does not know the method. */
async function unlessUnknown<T>(answer: Promise<T>, otherwise: () => T): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (MethodNotFound.safeParse(error).success) return otherwise();
    throw error;
  }
}
