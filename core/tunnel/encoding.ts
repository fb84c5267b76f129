import type { z } from "zod";
import { limits } from "../limits.ts";
import { piecesOf } from "./chunks.ts";
import type { BridgeFrame, Part, WorkerFrame } from "./frames.ts";

/*
 * Frames as the texts of WebSocket messages. A long one goes as several, so that none is huge and others get in between.
 */

/** A frame's text, or how large it would be where that is more than a frame may be. */
export type EncodedFrame = { kind: "text"; text: string } | { kind: "too_large"; bytes: number };

export function encodeFrame(frame: BridgeFrame | WorkerFrame): EncodedFrame {
  const text = JSON.stringify(frame);
  if (mustFit(text.length)) return { kind: "text", text };
  const bytes = new TextEncoder().encode(text).length;
  return bytes <= limits.frameBytesMax ? { kind: "text", text } : { kind: "too_large", bytes };
}

/** A UTF-16 unit is one to three bytes of UTF-8, so most texts need no counting. */
function mustFit(chars: number): boolean {
  return chars * 3 <= limits.frameBytesMax;
}

/** Whether it goes as it is. */
export function isOneMessage(text: string): boolean {
  return text.length <= limits.partCharsMax;
}

/** The messages that carry a frame's text, in the order in which they must be sent. Each is made when it is asked for. */
export function* messagesOf(text: string): Generator<string> {
  if (isOneMessage(text)) {
    yield text;
    return;
  }
  const pieces = piecesOf(text, limits.partCharsMax);
  for (const [index, piece] of pieces.entries()) {
    yield JSON.stringify({ type: "part", index, isLast: index === pieces.length - 1, text: piece } satisfies Part);
  }
}

/** What one message comes to. */
export type Reading<Frame> =
  | { kind: "frame"; frame: Frame }
  /** A piece of one; the rest is to come. */
  | { kind: "part" }
  /** A later piece of one whose beginning came to a reader before this one. */
  | { kind: "interrupted" }
  | { kind: "broken"; reason: string };

/** Reads the messages of one socket. Holds at most one frame that has not come as a whole. */
export class FrameReader<Frame extends { type: string }> {
  readonly #schema: z.ZodType<Frame | Part>;
  #pieces: string[] = [];
  #bytes = 0;

  constructor(schema: z.ZodType<Frame | Part>) {
    this.#schema = schema;
  }

  read(message: string): Reading<Frame> {
    if (message.length > limits.messageBytesMax) return broken(`a message has at most ${limits.messageBytesMax} bytes`);
    const frame = this.#decode(message);
    if (frame === undefined) return broken("it is no frame of this version");
    if (!isPart(frame)) return { kind: "frame", frame };
    return this.#add(frame);
  }

  #add({ index, isLast, text }: Part): Reading<Frame> {
    if (index === 0) this.#letGo();
    else if (this.#pieces.length === 0) return { kind: "interrupted" };
    if (index !== this.#pieces.length) return this.#break("its parts are out of order");
    this.#pieces.push(text);
    this.#bytes += new TextEncoder().encode(text).length;
    if (this.#bytes > limits.frameBytesMax) return this.#break(`it has more than ${limits.frameBytesMax} bytes`);
    return isLast ? this.#finish() : { kind: "part" };
  }

  #break(reason: string): Reading<Frame> {
    this.#letGo();
    return broken(reason);
  }

  #finish(): Reading<Frame> {
    const frame = this.#decode(this.#pieces.join(""));
    this.#letGo();
    if (frame === undefined || isPart(frame)) return broken("its parts together are no frame");
    return { kind: "frame", frame };
  }

  #letGo(): void {
    this.#pieces = [];
    this.#bytes = 0;
  }

  #decode(text: string): Frame | Part | undefined {
    try {
      const parsed = this.#schema.safeParse(JSON.parse(text));
      return parsed.success ? parsed.data : undefined;
    } catch {
      // Not JSON: the same answer as JSON of the wrong shape.
      return undefined;
    }
  }
}

function isPart(frame: { type: string }): frame is Part {
  return frame.type === "part";
}

function broken(reason: string): { kind: "broken"; reason: string } {
  return { kind: "broken", reason };
}
