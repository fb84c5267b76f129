import { limits } from "../../core/limits.ts";
import { isLongToRead } from "../../core/mcp/message-bounds.ts";
import { encodeFrame, isOneMessage, messagesOf, together } from "../../core/tunnel/encoding.ts";
import type { SentFrame } from "../../core/tunnel/frames.ts";
import { tunnelLimits } from "../../core/tunnel/tunnel-limits.ts";

/** The socket, as the outbox needs it. */
export interface Wire {
  /** Sends one message, and calls back when the network has taken it. */
  send(text: string, onTaken: () => void): void;
  /** Bytes that were sent and the network has not taken yet. */
  bufferedBytes(): number;
  /** Calls back when everything has been done that is due already, such as other answers that came with this one. */
  soon(task: () => void): void;
}

/** What happened to a frame: queued, refused as larger than a frame may be, or refused because the queue is full. */
export type Posted = { kind: "posted" } | { kind: "too_large"; bytes: number } | { kind: "too_many_parts" } | { kind: "no_room" };

interface ShortFrame {
  text: string;
  isNotice: boolean;
}

interface LongFrame {
  chars: number;
  messages: Iterator<string, void>;
}

/**
 * The send queue of one socket. Short frames pass between the parts of a long one, so that a heartbeat or a small result never
 * waits for sixteen megabytes, and those that are posted at once are sent together. The queue is bounded, so that a network that takes
 * nothing does not fill the memory.
 */
export class TunnelOutbox {
  readonly #wire: Wire;
  readonly #short: ShortFrame[] = [];
  /** Sent strictly in order: frames in parts, and the states of servers, where a newer one must not overtake an older one. */
  readonly #inOrder: LongFrame[] = [];
  #isSendingSoon = false;
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
    if (frame.type === "result" && isLongToRead(text)) return { kind: "too_many_parts" };
    // What waits only for others to be sent with it makes room.
    if (isNotice ? this.#hasManyNotices : !this.#hasRoomFor(text)) this.flush();
    if (isNotice && this.#hasManyNotices) return { kind: "posted" };
    if (frame.type === "result" && !this.#hasRoomFor(text)) return { kind: "no_room" };
    this.#charsQueued += text.length;
    if (kindOf(frame) === "state" || !isOneMessage(text)) {
      this.#inOrder.push({ chars: text.length, messages: messagesOf(text) });
      this.flush();
    } else {
      this.#short.push({ text, isNotice });
      if (isNotice) this.#noticesQueued += 1;
      this.#sendSoon();
    }
    return { kind: "posted" };
  }

  /** Sends what the network takes. */
  flush(): void {
    while (this.#wire.bufferedBytes() < limits.socketBufferedBytesMax) {
      const message = this.#nextShort() ?? this.#nextInOrder();
      if (message === undefined) return;
      this.#wire.send(message, () => this.flush());
    }
  }

  #sendSoon(): void {
    if (this.#isSendingSoon) return;
    this.#isSendingSoon = true;
    this.#wire.soon(() => {
      this.#isSendingSoon = false;
      this.flush();
    });
  }

  get #hasManyNotices(): boolean {
    return this.#noticesQueued >= limits.noticesQueuedMax;
  }

  #hasRoomFor(text: string): boolean {
    return this.#charsQueued === 0 || this.#charsQueued + text.length <= limits.answerCharsQueuedMax;
  }

  #nextShort(): string | undefined {
    const texts: string[] = [];
    let chars = 0;
    for (const { text, isNotice } of this.#short) {
      if (texts.length > 0 && chars + text.length > tunnelLimits.framesTogetherCharsMax) break;
      if (texts.length >= tunnelLimits.framesTogetherMax) break;
      texts.push(text);
      chars += text.length;
      if (isNotice) this.#noticesQueued -= 1;
    }
    this.#short.splice(0, texts.length);
    this.#charsQueued -= chars;
    return texts.length > 1 ? together(texts) : texts[0];
  }

  #nextInOrder(): string | undefined {
    for (let first = this.#inOrder[0]; first !== undefined; first = this.#inOrder[0]) {
      const { value } = first.messages.next();
      if (value !== undefined) return value;
      this.#inOrder.shift();
      this.#charsQueued -= first.chars;
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
