import type { Clock } from "../../core/clock.ts";
import { toPublicError, UpstreamError } from "../../core/errors.ts";
import { limits } from "../../core/limits.ts";
import { answeredTooManyParts, answeredTooMuch } from "../../core/mcp/message-bounds.ts";
import { featureMembers } from "../../core/mcp/resources-and-prompts.ts";
import type { Part, WorkerFrame } from "../../core/tunnel/frames.ts";
import type { Log } from "../log.ts";
import type { StdioServers } from "../stdio/servers.ts";
import { TunnelElicitations } from "./elicitation.ts";
import type { Posted, TunnelOutbox } from "./outbox.ts";
import { TunnelNotifications } from "./progress.ts";

/** A frame of the Worker that is complete. */
export type ReceivedFrame = Exclude<WorkerFrame, Part>;
type Request = Exclude<ReceivedFrame, { type: "cancel" | "elicit_answer" }>;

export interface TunnelRequestsOptions {
  servers: StdioServers;
  clock: Clock;
  /** The outbox of the socket that the requests come from. */
  outbox: TunnelOutbox;
  log: Log;
}

/**
 * Serves the requests of one socket. Each is answered by exactly one `result` or `failure`, unless the socket is lost first: then
 * the Worker reports the outcome of the call as unknown, and the calls are cancelled at their servers.
 */
export class TunnelRequests {
  readonly #options: TunnelRequestsOptions;
  readonly #running = new Map<string, AbortController>();
  readonly #notifications: TunnelNotifications;
  readonly #elicitations: TunnelElicitations;

  constructor(options: TunnelRequestsOptions) {
    this.#options = options;
    this.#notifications = new TunnelNotifications({
      post: (frame) => options.outbox.post(frame),
      now: () => options.clock.now(),
    });
    this.#elicitations = new TunnelElicitations({
      post: (frame) => options.outbox.post(frame).kind === "posted",
      clock: options.clock,
    });
  }

  receive(frame: ReceivedFrame): void {
    if (frame.type === "elicit_answer") this.#elicitations.receiveAnswer(frame);
    else if (frame.type === "cancel") this.#running.get(frame.id)?.abort();
    else if (this.#running.has(frame.id)) this.#options.log({ event: "frame_ignored", reason: "its request id is in use" });
    else void this.#serve(frame);
  }

  /** Aborts all requests; their answers are dropped. */
  abortAll(): void {
    for (const controller of this.#running.values()) controller.abort();
  }

  async #serve(request: Request): Promise<void> {
    const controller = new AbortController();
    const hasRoom = this.#running.size < limits.bridgeRequestsMax && !this.#options.outbox.isFull;
    this.#running.set(request.id, controller);
    try {
      if (!hasRoom) throw busy(request);
      const value = await this.#perform(request, controller.signal);
      const posted = this.#options.outbox.post({ type: "result", id: request.id, value });
      if (posted.kind !== "posted") throw tooMuch(request, posted);
    } catch (error) {
      this.#fail(request, error);
    } finally {
      this.#running.delete(request.id);
    }
  }

  #perform(request: Request, signal: AbortSignal): Promise<unknown> {
    const { servers } = this.#options;
    const { timeoutMs, totalMs } = request;
    const options = { signal, timeoutMs, ...(totalMs !== undefined && { totalMs }) };
    switch (request.type) {
      case "list_tools":
        return servers.listTools(request.server, { ...options, ...this.#notifications.listen(request) });
      case "call_tool":
        return servers.callTool(
          request.server,
          { tool: request.tool, args: request.args },
          { ...options, ...this.#listen(request) },
        );
      case "ask":
        return servers.ask(request.server, request.request, { ...options, ...this.#listen(request) });
      case "process_output":
        return servers.output(request.server);
    }
  }

  #listen(request: Extract<Request, { type: "call_tool" | "ask" }>) {
    return {
      ...(request.canElicit === false && { canElicit: false }),
      ...(request.caller !== undefined && { caller: request.caller }),
      ...this.#notifications.listen(request),
      ...this.#elicitations.listen(request),
    };
  }

  #fail(request: Request, error: unknown): void {
    const { log } = this.#options;
    const isKnown = error instanceof UpstreamError;
    if (!isKnown) log({ event: "bug", message: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    const failure = toPublicError(error);
    log({ event: "request_failed", server: request.server, tool: toolOf(request), code: failure.code });
    this.#options.outbox.post({ type: "failure", id: request.id, error: failure, delivery: isKnown ? error.delivery : "sent" });
  }
}

function busy(request: Request): UpstreamError {
  return new UpstreamError(
    "server_unavailable",
    `The bridge is busy: it has ${limits.bridgeRequestsMax} requests under way, or too many answers waiting to be sent to the Worker. Try again later.`,
    { server: request.server, delivery: "not_sent" },
  );
}

/** The server has answered, and the answer cannot be sent to the Worker. */
function tooMuch(request: Request, posted: Exclude<Posted, { kind: "posted" }>): UpstreamError {
  const tool = toolOf(request);
  const subject = tool === undefined ? `${request.server}'s list` : `${request.server}.${tool}`;
  const details = { server: request.server, ...(tool !== undefined && { tool }), delivery: "answered" } as const;
  switch (posted.kind) {
    case "too_large":
      return new UpstreamError("output_limit", `${subject} ${answeredTooMuch(`${posted.bytes} bytes`)}`, details);
    case "too_many_parts":
      return new UpstreamError("output_limit", `${subject} ${answeredTooManyParts}`, details);
    case "no_room":
      return new UpstreamError(
        "output_limit",
        `${subject} answered, but the answers before it fill the bridge's slow connection to the Worker. Make fewer such calls at once.`,
        details,
      );
  }
}

function toolOf(request: Request): string | undefined {
  switch (request.type) {
    case "list_tools":
    case "process_output":
      return undefined;
    case "call_tool":
      return request.tool;
    case "ask":
      return featureMembers[request.request.method];
  }
}
