import { z } from "zod";
import type { Clock } from "../clock.ts";
import { limits } from "../limits.ts";
import { type Deadline, openDeadline } from "./deadline.ts";
import type { ElicitationAnswer } from "./elicitation.ts";
import { ServerQuestions } from "./elicitation-requests.ts";
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

/** The SDK's client, connected, as far as a peer needs it. */
export interface PeerClient {
  request(
    message: ServerMessage,
    schema: typeof receivedResult,
    options: Pick<SendOptions, "signal" | "timeout"> & Partial<SendOptions>,
  ): Promise<unknown>;
  getServerCapabilities(): { resources?: unknown; prompts?: unknown } | undefined;
  getProtocolEra(): "modern" | "legacy" | undefined;
}

/** What is asked of a server, for whoever connects to it and says what became of it. */
export type PeerRequest = {
  /** Already runs: connecting is part of the wait. */
  deadline: Deadline;
  onLog?: UpstreamCallOptions["onLog"];
} & (
  | { kind: "list" }
  | { kind: "call"; tool: string }
  /** About resources or prompts; `tool` is the member of a client that asks. */
  | { kind: "ask"; tool: string }
);

export type Work<T> = (client: PeerClient) => Promise<T>;

export interface PeerOptions {
  /** The server's id. */
  server: string;
  clock: Clock;
  /**
   * Does the work over a connection to the server, which is made if there is none. May do it again over another one if the server has
   * certainly not acted. Rejects with what the caller is to be told: the peer adds nothing to that.
   */
  perform: <T>(work: Work<T>, request: PeerRequest) => Promise<T>;
}

/**
 * One MCP server as its clients see it: lists its tools, calls them, asks for its resources and prompts, and passes what it logs and asks
 * meanwhile to whoever made the call. How it is reached, kept and given up is for its owner, in `perform`.
 */
export class Peer {
  readonly #options: PeerOptions;
  readonly #listeners = new LogListeners();
  readonly #questions = new ServerQuestions();

  constructor(options: PeerOptions) {
    this.#options = options;
  }

  async listTools(options: UpstreamCallOptions): Promise<Tool[]> {
    using deadline = openDeadline({ clock: this.#options.clock, ...options });
    // A server of prompts or resources alone does not know the method: it has no tools.
    const work: Work<Tool[]> = (client) => unlessUnknown(listAllTools(client, deadline), () => []);
    return await this.#options.perform(work, { kind: "list", deadline });
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

  /** The server logs something: the calls under way hear it. */
  onLog(line: ServerLog): void {
    this.#listeners.tell(line);
  }

  /** The server asks a person. Rejects with words for it when what it asks cannot be shown. */
  onElicit(params: unknown, signal: AbortSignal): Promise<ElicitationAnswer> {
    return this.#questions.asked(params, signal);
  }

  /** Requests during which the server may log, tell progress and ask back. */
  async #exchange<T>(
    kind: { kind: "call" | "ask"; tool: string },
    options: UpstreamCallOptions,
    work: (send: (message: ServerMessage) => Promise<unknown>, client: PeerClient) => Promise<T>,
  ): Promise<T> {
    const { server, clock, perform } = this.#options;
    using deadline = openDeadline({ clock, ...options });
    using _listening = this.#listeners.add(options.onLog);
    const call = { ...options, deadline };
    using _asking = this.#questions.add(call);
    const sendOver = (client: PeerClient) => (message: ServerMessage) =>
      withInput({
        message: { ...message, params: { ...message.params, ...logMeta(client) } },
        subject: `${server}.${kind.tool}`,
        call,
        clock,
        send: (whole, wait) => client.request(whole, receivedResult, wait),
      });
    return await perform((client) => work(sendOver(client), client), { ...kind, deadline, onLog: options.onLog });
  }
}

/** Every page of its tools, up to the bounds. */
export function listAllTools(client: PeerClient, { signal }: Deadline): Promise<Tool[]> {
  const wait = { signal, timeout: limits.sdkTimeoutMs };
  return readAllTools((params) => client.request({ method: "tools/list", params }, receivedResult, wait));
}

const MethodNotFound = z.looseObject({ code: z.literal(-32_601) });

/** The answer, or another in its place when the server does not know the method. */
async function unlessUnknown<T>(answer: Promise<T>, otherwise: () => T): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (MethodNotFound.safeParse(error).success) return otherwise();
    throw error;
  }
}
