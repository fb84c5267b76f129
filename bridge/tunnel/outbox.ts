import { limits } from "../../core/limits.ts";
import { encodeFrame, isOneMessage, messagesOf } from "../../core/tunnel/encoding.ts";
import type { BridgeFrame, Part } from "../../core/tunnel/frames.ts";

/** What a bridge says, whole. */
export type SentFrame = Exclude<BridgeFrame, Part>;

/** What the socket is to the outbox. */
export interface Wire {
  /** Takes one message; calls back when the network has it. */
  send(text: string, onTaken: () => void): void;
  /** Bytes it has taken and the network has not. */
  bufferedBytes(): number;
}

/** What became of a frame: on its way, larger than a frame may be, or too much beside what waits already. */
export type Posted = { kind: "posted" } | { kind: "too_large"; bytes: number } | { kind: "no_room" };

interface Waiting {
  chars: number;
  isNotice: boolean;
  messages: Iterator<string, void>;
}

/**
 * What one socket is yet to send. A frame in parts lets the short ones pass between, so that a heartbeat or the end of a
 * small call never waits for sixteen megabytes; and a network that takes nothing fills this up to a bound, not the memory.
 */
export class TunnelOutbox {
  readonly #wire: Wire;
  readonly #short: Waiting[] = [];
  /** One after the other: frames in parts, and all that is said of servers, which must not overtake itself. */
  readonly #long: Waiting[] = [];
  #charsQueued = 0;
  #noticesQueued = 0;

  constructor(wire: Wire) {
    this.#wire = wire;
  }

  /** Whether what waits leaves no room for the answer to one more request. */
  get isFull(): boolean {
    return this.#charsQueued >= limits.answerCharsQueuedMax;
  }

  post(frame: SentFrame): Posted {
    const encoded = encodeFrame(frame);
    if (encoded.kind === "too_large") return encoded;
    const { text } = encoded;
    const isNotice = kindOf(frame) === "notice";
    if (isNotice && this.#noticesQueued >= limits.noticesQueuedMax) return { kind: "posted" };
    if (frame.type === "result" && !this.#hasRoomFor(text)) return { kind: "no_room" };
    const isInOrder = kindOf(frame) === "state" || !isOneMessage(text);
    (isInOrder ? this.#long : this.#short).push({ chars: text.length, isNotice, messages: messagesOf(text) });
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
      const message = this.#next(this.#short) ?? this.#next(this.#long);
      if (message === undefined) return;
      this.#wire.send(message, () => this.#pump());
    }
  }

  #next(queue: Waiting[]): string | undefined {
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

/** A notice may be lost, what is said of servers must keep its order, an answer is owed. */
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
