import { limits } from "../../core/limits.ts";
import { isLongToRead } from "../../core/mcp/message-bounds.ts";
import { encodeFrame, isOneMessage, messagesOf } from "../../core/tunnel/encoding.ts";
import type { BridgeFrame, Part } from "../../core/tunnel/frames.ts";

/** A frame of a bridge that is complete. */
export type SentFrame = Exclude<BridgeFrame, Part>;

/** The socket, as the outbox needs it. */
export interface Wire {
  /** Sends one message, and calls back when the network has taken it. */
  send(text: string, onTaken: () => void): void;
  /** Bytes that were sent and the network has not taken yet. */
  bufferedBytes(): number;
}

/** What happened to a frame: queued, refused as larger than a frame may be, or refused because the queue is full. */
export type Posted = { kind: "posted" } | { kind: "too_large"; bytes: number } | { kind: "too_many_parts" } | { kind: "no_room" };

interface QueuedFrame {
  chars: number;
  isNotice: boolean;
  messages: Iterator<string, void>;
}

/**
 * The send queue of one socket. Short frames pass between the parts of a long one, so that a heartbeat or a small result never
 * waits for sixteen megabytes. The queue is bounded, so that a network that takes nothing does not fill the memory.
 */
export class TunnelOutbox {
  readonly #wire: Wire;
  readonly #short: QueuedFrame[] = [];
  /** Sent strictly in order: frames in parts, and the states of servers, where a newer one must not overtake an older one. */
  readonly #inOrder: QueuedFrame[] = [];
  #charsQueued = 0;
  #noticesQueued = 0;

  constructor(wire: Wire) {
    this.#wire = wire;
  }

  /** Whether there is no room for the answer to another request. */
  get isFull(): boolean {
    return this.#charsQueued >= limits.answerCharsQueuedMax;
  }

  post(frame: SentFrame): Posted {
    const encoded = encodeFrame(frame);
    if (encoded.kind === "too_large") return encoded;
    const { text } = encoded;
    const isNotice = kindOf(frame) === "notice";
    if (isNotice && this.#noticesQueued >= limits.noticesQueuedMax) return { kind: "posted" };
    if (frame.type === "result" && isLongToRead(text)) return { kind: "too_many_parts" };
    if (frame.type === "result" && !this.#hasRoomFor(text)) return { kind: "no_room" };
    const isInOrder = kindOf(frame) === "state" || !isOneMessage(text);
    (isInOrder ? this.#inOrder : this.#short).push({ chars: text.length, isNotice, messages: messagesOf(text) });
    this.#charsQueued += text.length;
    if (isNotice) this.#noticesQueued += 1;
    this.#pump();
    return { kind: "posted" };
  }

  #hasRoomFor(text: string): boolean {
    return this.#charsQueued === 0 || this.#charsQueued + text.length <= limits.answerCharsQueuedMax;
  }

  #pump(): void {
    while (this.#wire.bufferedBytes() < limits.socketBufferedBytesMax) {
      const message = this.#next(this.#short) ?? this.#next(this.#inOrder);
      if (message === undefined) return;
      this.#wire.send(message, () => this.#pump());
    }
  }

  #next(queue: QueuedFrame[]): string | undefined {
    for (let first = queue[0]; first !== undefined; first = queue[0]) {
      const { value } = first.messages.next();
      if (value !== undefined) return value;
      queue.shift();
      this.#charsQueued -= first.chars;
      if (first.isNotice) this.#noticesQueued -= 1;
    }
    return undefined;
  }
}

/** A notice may be dropped, states must stay in order, and an answer must arrive. */
function kindOf({ type }: SentFrame): "notice" | "state" | "answer" {
  switch (type) {
    case "progress":
    case "log":
      return "notice";
    case "hello":
    case "registry":
    case "server_status":
      return "state";
    case "result":
    case "failure":
    case "elicit":
      return "answer";
  }
}
