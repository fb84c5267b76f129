import { toPublicError, UpstreamError } from "../core/errors.ts";
import { limits } from "../core/limits.ts";
import { type BridgeFrame, encodeFrame, type WorkerFrame } from "../core/tunnel.ts";
import type { Log } from "./log.ts";
import type { StdioServers } from "./stdio-servers.ts";

type Request = Exclude<WorkerFrame, { type: "cancel" }>;

export interface TunnelRequestsOptions {
  servers: StdioServers;
  /** Sends a frame's text; does nothing once the socket is gone. */
  sendText: (text: string) => void;
  log: Log;
}

/**
 * The requests of one socket. Each is answered by exactly one `result` or `failure`, unless the socket is lost first:
 * then nobody waits for the answer, the Worker reports the call's outcome as unknown, and the servers are told to stop.
 */
export class TunnelRequests {
  readonly #options: TunnelRequestsOptions;
  readonly #running = new Map<string, AbortController>();

  constructor(options: TunnelRequestsOptions) {
    this.#options = options;
  }

  receive(frame: WorkerFrame): void {
    if (frame.type === "cancel") this.#running.get(frame.id)?.abort();
    else if (this.#running.has(frame.id)) this.#options.log({ event: "frame_ignored", reason: "its request id is in use" });
    else void this.#serve(frame);
  }

  /** Aborts what runs; its answers are dropped. */
  abandon(): void {
    for (const controller of this.#running.values()) controller.abort();
  }

  async #serve(request: Request): Promise<void> {
    const controller = new AbortController();
    const isOverBound = this.#running.size >= limits.bridgeRequestsMax;
    this.#running.set(request.id, controller);
    try {
      if (isOverBound) throw overBound(request);
      const value = await this.#perform(request, controller.signal);
      if (!this.#send({ type: "result", id: request.id, value })) throw overFrame(request);
    } catch (error) {
      this.#fail(request, error);
    } finally {
      this.#running.delete(request.id);
    }
  }

  #perform(request: Request, signal: AbortSignal): Promise<unknown> {
    const { servers } = this.#options;
    const options = { signal, timeoutMs: request.timeoutMs };
    switch (request.type) {
      case "list_tools":
        return servers.listTools(request.server, options);
      case "call_tool":
        return servers.callTool(
          request.server,
          { tool: request.tool, args: request.args },
          { ...options, onProgress: (progress) => this.#send({ type: "progress", id: request.id, ...progress }) },
        );
    }
  }

  #fail(request: Request, error: unknown): void {
    const { log } = this.#options;
    const isKnown = error instanceof UpstreamError;
    if (!isKnown) log({ event: "bug", message: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    const failure = toPublicError(error);
    log({ event: "request_failed", server: request.server, tool: toolOf(request), code: failure.code });
    this.#send({ type: "failure", id: request.id, error: failure, delivery: isKnown ? error.delivery : "sent" });
  }

  /** False when the frame is too large to be sent. */
  #send(frame: BridgeFrame): boolean {
    const text = encodeFrame(frame);
    if (text === undefined) return false;
    this.#options.sendText(text);
    return true;
  }
}

function overBound(request: Request): UpstreamError {
  return new UpstreamError(
    "server_unavailable",
    `The bridge serves ${limits.bridgeRequestsMax} requests already; try again later.`,
    {
      server: request.server,
      delivery: "not_sent",
    },
  );
}

function overFrame(request: Request): UpstreamError {
  const subject = request.type === "call_tool" ? `${request.server}.${request.tool}` : `${request.server}'s list of tools`;
  return new UpstreamError(
    "output_limit",
    `${subject}: the answer is larger than one message can carry. Ask for less at a time.`,
    {
      server: request.server,
      ...(request.type === "call_tool" && { tool: request.tool }),
      delivery: "answered",
    },
  );
}

function toolOf(request: Request): string | undefined {
  return request.type === "call_tool" ? request.tool : undefined;
}
