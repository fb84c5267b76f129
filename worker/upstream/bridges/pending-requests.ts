import type { Clock } from "../../../core/clock.ts";
import { UpstreamError } from "../../../core/errors.ts";
import { limits } from "../../../core/limits.ts";
import { type Deadline, openDeadline } from "../../../core/mcp/deadline.ts";
import { unanswered } from "../../../core/mcp/elicitation.ts";
import type { UpstreamCallOptions } from "../../../core/mcp/upstream.ts";
import { encodeFrame, messagesOf } from "../../../core/tunnel/encoding.ts";
import type { BridgeFrame, Part, WorkerFrame } from "../../../core/tunnel/frames.ts";

/** What asks something of a bridge and is answered once. */
export type RequestFrame = Exclude<WorkerFrame, Part | { type: "cancel" | "elicit_answer" }>;

type FrameOf<Type extends BridgeFrame["type"]> = Extract<BridgeFrame, { type: Type }>;

interface Pending {
  server: string;
  socket: WebSocket;
  /** Of the request's text. */
  chars: number;
  resolve(value: unknown): void;
  reject(error: UpstreamError): void;
  options: UpstreamCallOptions;
  deadline: Deadline;
  /** Aborts when nobody waits for the answer any more. */
  over: AbortController;
}

/** The requests that a bridge has not answered yet. They live as long as this object; an answer that nobody waits for is dropped. */
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
    const graceMs = limits.runGraceMs / 2;
    const { signal, timeoutMs, totalMs } = options;
    using deadline = openDeadline({
      clock: this.#clock,
      signal,
      timeoutMs: timeoutMs + graceMs,
      totalMs: totalMs === undefined ? undefined : totalMs + graceMs,
    });
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const over = new AbortController();
    this.#pending.set(id, { server, socket, chars: text.length, resolve, reject, options, deadline, over });
    this.#charsInFlight += text.length;
    try {
      for (const message of messagesOf(text)) socket.send(message);
    } catch (cause) {
      // The socket closed and nobody has said so yet. What had not left it as a whole, nobody acts on.
      this.#take(id);
      throw new UpstreamError("bridge_offline", `The bridge that serves ${server} has just disconnected.`, {
        delivery: "not_sent",
        server,
        cause,
      });
    }
    return await this.#awaitAnswer(promise, { id, server, socket, deadline });
  }

  progress(socket: WebSocket, { id, ...progress }: FrameOf<"progress">): void {
    const pending = this.#of(socket, id);
    pending?.deadline.extend();
    pending?.options.onProgress?.(progress);
  }

  /** A server's log line: whoever listens to calls that are under way on it hears it once. */
  tell(socket: WebSocket, { server, level, message }: FrameOf<"log">): void {
    const calls = this.#allOf(socket, server);
    for (const listener of new Set(calls.map(({ options }) => options.onLog))) listener?.({ level, message });
  }

  /** A server's question: whoever made the request is asked, and the time of all requests of the server stands still. */
  async elicit(socket: WebSocket, { id, question, elicitation, isCertain }: FrameOf<"elicit">): Promise<void> {
    const pending = this.#of(socket, id);
    if (pending === undefined) return;
    const { server, options, over } = pending;
    const holds = this.#allOf(socket, server).map(({ deadline }) => deadline.hold());
    const answer = (await options.onElicit?.(elicitation, { isCertain, signal: over.signal })) ?? unanswered;
    for (const hold of holds) hold[Symbol.dispose]();
    if (!over.signal.aborted) post(socket, { type: "elicit_answer", id, question, answer });
  }

  answer(socket: WebSocket, { id, value }: FrameOf<"result">): void {
    if (this.#of(socket, id)) this.#take(id)?.resolve(value);
  }

  fail(socket: WebSocket, { id, error, delivery }: FrameOf<"failure">): void {
    const { code, message, ...details } = error;
    if (this.#of(socket, id)) this.#take(id)?.reject(new UpstreamError(code, message, { ...details, delivery }));
  }

  /** The socket is gone: what it owed an answer for may or may not have happened. */
  lose(socket: WebSocket): void {
    for (const [id, { server, reject, socket: asked }] of this.#pending) {
      if (asked !== socket) continue;
      this.#take(id);
      const message = `The bridge disconnected while ${server} was working; the call may have happened.`;
      reject(new UpstreamError("bridge_offline", message, { delivery: "sent", server }));
    }
  }

  /** The bridge keeps the time limits itself; the one here only covers a bridge that does not answer at all. */
  async #awaitAnswer(
    answer: Promise<unknown>,
    { id, server, socket, deadline }: { id: string; server: string; socket: WebSocket; deadline: Deadline },
  ): Promise<unknown> {
    const giveUp = () => {
      const pending = this.#take(id);
      if (pending === undefined) return;
      post(socket, { type: "cancel", id });
      pending.reject(
        deadline.ended === "cancelled"
          ? new UpstreamError("cancelled", `The run ended while ${server} was working; the call may have happened.`, sent(server))
          : new UpstreamError(
              "call_timeout",
              `${server} did not answer within ${deadline.wait}; the call may have happened.`,
              sent(server),
            ),
      );
    };
    deadline.signal.addEventListener("abort", giveUp, { once: true });
    return answer;
  }

  #allOf(socket: WebSocket, server: string): Pending[] {
    return [...this.#pending.values()].filter((call) => call.socket === socket && call.server === server);
  }

  /** Only the bridge that was asked has the answer. */
  #of(socket: WebSocket, id: string): Pending | undefined {
    const pending = this.#pending.get(id);
    return pending?.socket === socket ? pending : undefined;
  }

  #take(id: string): Pending | undefined {
    const pending = this.#pending.get(id);
    if (pending === undefined) return undefined;
    this.#pending.delete(id);
    this.#charsInFlight -= pending.chars;
    // Without a reason it would make an exception, whose stack costs more than all the rest here.
    pending.over.abort("over");
    return pending;
  }
}

function post(socket: WebSocket, frame: Extract<WorkerFrame, { type: "cancel" | "elicit_answer" }>): void {
  if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame));
}

/** @throws UpstreamError naming tool and sizes when it is more than a frame may be */
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

/** A call that is made again in a moment finds room, most likely. */
function tooMuch(server: string): UpstreamError {
  const message = `The calls under way have sent ${limits.requestCharsInFlightMax} characters of arguments; call ${server} again when they have their answers.`;
  return new UpstreamError("server_unavailable", message, { delivery: "not_sent", server });
}

function sent(server: string): { delivery: "sent"; server: string } {
  return { delivery: "sent", server };
}
