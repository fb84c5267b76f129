import type { Clock } from "../../../core/clock.ts";
import { UpstreamError } from "../../../core/errors.ts";
import { limits } from "../../../core/limits.ts";
import { type Deadline, openDeadline } from "../../../core/mcp/deadline.ts";
import { unanswered } from "../../../core/mcp/elicitation.ts";
import type { UpstreamCallOptions } from "../../../core/mcp/upstream.ts";
import { encodeFrame, messagesOf } from "../../../core/tunnel/encoding.ts";
import type { BridgeFrame, Part, WorkerFrame } from "../../../core/tunnel/frames.ts";

/** A frame that a bridge answers with exactly one result or failure. */
export type RequestFrame = Exclude<WorkerFrame, Part | { type: "cancel" | "elicit_answer" }>;

type FrameOf<Type extends BridgeFrame["type"]> = Extract<BridgeFrame, { type: Type }>;

interface Pending {
  server: string;
  socket: WebSocket;
  /** The length of the request's text. */
  chars: number;
  resolve(value: unknown): void;
  reject(error: UpstreamError): void;
  options: UpstreamCallOptions;
  deadline: Deadline;
  /** Aborts when the request has been answered or given up. Made for its first elicitation, because workerd makes one slowly. */
  over?: AbortController;
}

/** The requests that bridges have not answered yet. They live as long as this object; an answer without its request is dropped. */
export class PendingRequests {
  readonly #pending = new Map<string, Pending>();
  readonly #clock: Clock;
  #charsInFlight = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Sends a request and waits for its answer. Rejects with an UpstreamError whose `delivery` says how far it got. */
  async send(socket: WebSocket, frame: RequestFrame, options: UpstreamCallOptions): Promise<unknown> {
    const { id, server } = frame;
    const text = textOf(frame);
    if (this.#charsInFlight > 0 && this.#charsInFlight + text.length > limits.requestCharsInFlightMax) throw tooMuch(server);
    if (options.signal.aborted) {
      throw new UpstreamError("cancelled", "The run ended before this call was sent.", { delivery: "not_sent" });
    }
    // Later than the bridge's own timeouts, so that what the bridge says of them arrives first.
    const graceMs = limits.runGraceMs / 2;
    const { signal, timeoutMs, totalMs } = options;
    using deadline = openDeadline({
      clock: this.#clock,
      signal,
      timeoutMs: timeoutMs + graceMs,
      totalMs: totalMs === undefined ? undefined : totalMs + graceMs,
      onEnd: () => this.#giveUp(id),
    });
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#pending.set(id, { server, socket, chars: text.length, resolve, reject, options, deadline });
    this.#charsInFlight += text.length;
    try {
      for (const message of messagesOf(text)) socket.send(message);
    } catch (cause) {
      // The socket has closed and its close event is still to come. A request that was not sent whole is not acted on.
      this.#remove(id);
      throw new UpstreamError("bridge_offline", `The bridge that serves ${server} has just disconnected.`, {
        delivery: "not_sent",
        server,
        cause,
      });
    }
    return await promise;
  }

  progress(socket: WebSocket, { id, ...progress }: FrameOf<"progress">): void {
    const pending = this.#find(socket, id);
    pending?.deadline.extend();
    pending?.options.onProgress?.(progress);
  }

  /** Passes on a server's log message, once to each listener of the calls that are under way on that server. */
  log(socket: WebSocket, { server, level, message }: FrameOf<"log">): void {
    const calls = this.#allOn(socket, server);
    for (const listener of new Set(calls.map(({ options }) => options.onLog))) listener?.({ level, message });
  }

  /** Passes a server's elicitation request to whoever made the call. Until it is answered, all requests to the server are paused. */
  async elicit(socket: WebSocket, { id, question, elicitation, isCertain }: FrameOf<"elicit">): Promise<void> {
    const pending = this.#find(socket, id);
    if (pending === undefined) return;
    const { server, options } = pending;
    pending.over ??= new AbortController();
    const { signal } = pending.over;
    const holds = this.#allOn(socket, server).map(({ deadline }) => deadline.hold());
    const answer = (await options.onElicit?.(elicitation, { isCertain, signal })) ?? unanswered;
    for (const hold of holds) hold[Symbol.dispose]();
    if (!signal.aborted) post(socket, { type: "elicit_answer", id, question, answer });
  }

  answer(socket: WebSocket, { id, value }: FrameOf<"result">): void {
    if (this.#find(socket, id)) this.#remove(id)?.resolve(value);
  }

  fail(socket: WebSocket, { id, error, delivery }: FrameOf<"failure">): void {
    const { code, message, ...details } = error;
    if (this.#find(socket, id)) this.#remove(id)?.reject(new UpstreamError(code, message, { ...details, delivery }));
  }

  /** The socket is gone. Its unanswered requests fail, and their calls may or may not have happened. */
  failAll(socket: WebSocket): void {
    for (const [id, { server, reject, socket: sentOn }] of this.#pending) {
      if (sentOn !== socket) continue;
      this.#remove(id);
      const message = `The bridge disconnected while ${server} was working; the call may have happened.`;
      reject(new UpstreamError("bridge_offline", message, { delivery: "sent", server }));
    }
  }

  /** The bridge enforces the timeouts itself; the deadline here is only for a bridge that does not answer at all. */
  #giveUp(id: string): void {
    const pending = this.#remove(id);
    if (pending === undefined) return;
    const { server, socket, deadline } = pending;
    post(socket, { type: "cancel", id });
    const [code, what] =
      deadline.ended === "cancelled"
        ? (["cancelled", `The run ended while ${server} was working`] as const)
        : (["call_timeout", `${server} did not answer within ${deadline.wait}`] as const);
    pending.reject(new UpstreamError(code, `${what}; the call may have happened.`, { delivery: "sent", server }));
  }

  #allOn(socket: WebSocket, server: string): Pending[] {
    return [...this.#pending.values()].filter((call) => call.socket === socket && call.server === server);
  }

  /** Only the bridge that got a request may answer it. */
  #find(socket: WebSocket, id: string): Pending | undefined {
    const pending = this.#pending.get(id);
    return pending?.socket === socket ? pending : undefined;
  }

  #remove(id: string): Pending | undefined {
    const pending = this.#pending.get(id);
    if (pending === undefined) return undefined;
    this.#pending.delete(id);
    this.#charsInFlight -= pending.chars;
    // Without a reason, abort() makes an exception, whose stack trace costs more than everything else here.
    pending.over?.abort("over");
    return pending;
  }
}

function post(socket: WebSocket, frame: Extract<WorkerFrame, { type: "cancel" | "elicit_answer" }>): void {
  if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame));
}

/** @throws UpstreamError with the tool and the sizes, when the request is larger than a frame may be */
function textOf(frame: RequestFrame): string {
  const encoded = encodeFrame(frame);
  if (encoded.kind === "text") return encoded.text;
  const subject = frame.type === "call_tool" ? `${frame.server}.${frame.tool}` : frame.server;
  throw new UpstreamError(
    "invalid_arguments",
    `The arguments of ${subject} have ${encoded.bytes} bytes; a bridge is sent at most ${limits.frameBytesMax}.`,
    { delivery: "not_sent", server: frame.server },
  );
}

/** Most likely there is room when the call is made again in a moment. */
function tooMuch(server: string): UpstreamError {
  const message = `The calls under way already have ${limits.requestCharsInFlightMax} characters of arguments; call ${server} again when they are answered.`;
  return new UpstreamError("server_unavailable", message, { delivery: "not_sent", server });
}
