import type { z } from "zod";
import { hasMoreItems, isRecord } from "../json.ts";
import { limits } from "../limits.ts";
import { isLongToRead, moreThanIsRead } from "../mcp/message-bounds.ts";
import { chunksOf } from "./chunks.ts";
import type { Part, SentFrame, Several, WorkerFrame } from "./frames.ts";
import { tunnelLimits } from "./tunnel-limits.ts";

/*
 * How frames become the texts of WebSocket messages. A long frame is sent in parts, so that no message is huge and other frames can
 * pass between them. Short ones may be sent together.
 */

/** The text of a frame, or its size where it is larger than a frame may be. */
export type EncodedFrame = { kind: "text"; text: string } | { kind: "too_large"; bytes: number };

export function encodeFrame(frame: SentFrame | WorkerFrame): EncodedFrame {
  const text = JSON.stringify(frame);
  if (fitsForCertain(text.length)) return { kind: "text", text };
  const bytes = new TextEncoder().encode(text).length;
  return bytes <= limits.frameBytesMax ? { kind: "text", text } : { kind: "too_large", bytes };
}

/** A UTF-16 unit is one to three bytes of UTF-8, so the bytes of most texts need not be counted. */
function fitsForCertain(chars: number): boolean {
  return chars * 3 <= limits.frameBytesMax;
}

/** Whether a frame's text is sent as one message, and not in parts. */
export function isOneMessage(text: string): boolean {
  return text.length <= limits.partCharsMax;
}

/** One message for the texts of several frames. */
export function together(texts: readonly string[]): string {
  return `{"type":"frames","frames":[${texts.join(",")}]}`;
}

/** The messages that carry a frame's text, in the order in which they must be sent. Made one by one, when they are asked for. */
export function* messagesOf(text: string): Generator<string> {
  if (isOneMessage(text)) {
    yield text;
    return;
  }
  const chunks = chunksOf(text, limits.partCharsMax);
  for (const [index, chunk] of chunks.entries()) {
    yield JSON.stringify({ type: "part", index, isLast: index === chunks.length - 1, text: chunk } satisfies Part);
  }
}

/** What a reader makes of one message. */
export type Reading<Frame> =
  | { kind: "frames"; frames: Frame[] }
  /** A part of a frame; more parts follow. */
  | { kind: "part" }
  /** A later part of a frame whose first parts this reader never got: an earlier reader of the same socket had them. */
  | { kind: "interrupted" }
  | { kind: "broken"; reason: string };

/** Reads the messages of one socket. Buffers at most one incomplete frame. */
export class FrameReader<Frame extends { type: string }> {
  readonly #schema: z.ZodType<Frame | Several<Frame> | Part>;
  #parts: string[] = [];
  #bytes = 0;

  constructor(schema: z.ZodType<Frame | Several<Frame> | Part>) {
    this.#schema = schema;
  }

  read(message: string): Reading<Frame> {
    if (message.length > limits.messageBytesMax) return broken(`a message has at most ${limits.messageBytesMax} bytes`);
    const frame = this.#decode(message);
    if (frame === undefined) return refused(message, "it is not a frame of this version");
    if (isSeveral(frame)) return { kind: "frames", frames: frame.frames };
    if (!isPart(frame)) return { kind: "frames", frames: [frame] };
    return this.#add(frame);
  }

  #add({ index, isLast, text }: Part): Reading<Frame> {
    if (index === 0) this.#reset();
    else if (this.#parts.length === 0) return { kind: "interrupted" };
    if (index !== this.#parts.length) return this.#fail("its parts are out of order");
    this.#parts.push(text);
    this.#bytes += new TextEncoder().encode(text).length;
    if (this.#bytes > limits.frameBytesMax) return this.#fail(`it has more than ${limits.frameBytesMax} bytes`);
    return isLast ? this.#finish() : { kind: "part" };
  }

  #fail(reason: string): Reading<Frame> {
    this.#reset();
    return broken(reason);
  }

  #finish(): Reading<Frame> {
    const text = this.#parts.join("");
    this.#reset();
    if (isLongToRead(text)) return broken(tooManyParts);
    const frame = this.#decode(text);
    if (frame === undefined || isPart(frame) || isSeveral(frame)) return refused(text, "its parts together are not a frame");
    return { kind: "frames", frames: [frame] };
  }

  #reset(): void {
    this.#parts = [];
    this.#bytes = 0;
  }

  #decode(text: string): Frame | Several<Frame> | Part | undefined {
    try {
      const frame: unknown = JSON.parse(text);
      // The schema makes an error for each item that is wrong.
      if (hasTooManyItems(textForSchema(frame, text))) return undefined;
      const parsed = this.#schema.safeParse(frame);
      return parsed.success ? parsed.data : undefined;
    } catch {
      // Text that is not JSON is treated like JSON of the wrong shape.
      return undefined;
    }
  }
}

const tooManyParts = `it has ${moreThanIsRead}`;

/** What of a frame the schema looks at, item by item. */
function textForSchema(frame: unknown, text: string): string {
  if (!isRecord(frame) || frame.type !== "frames" || !Array.isArray(frame.frames)) return carriesData(frame) ? "" : text;
  if (frame.frames.length > tunnelLimits.framesTogetherMax) return text;
  return JSON.stringify(frame.frames.filter((one) => !carriesData(one)));
}

/** What a server answered, or what a tool is called with: no schema looks at that. */
function carriesData(frame: unknown): boolean {
  return isRecord(frame) && (frame.type === "result" || frame.type === "call_tool");
}

function isPart(frame: { type: string }): frame is Part {
  return frame.type === "part";
}

function isSeveral<Frame extends { type: string }>(frame: Frame | Several<Frame>): frame is Several<Frame> {
  return frame.type === "frames";
}

function hasTooManyItems(text: string): boolean {
  return hasMoreItems(text, limits.questionPartsMax);
}

/** A text that is no frame, or was not looked at. */
function refused(text: string, reason: string): { kind: "broken"; reason: string } {
  return broken(hasTooManyItems(text) ? `it has more than ${limits.questionPartsMax} fields and items of lists` : reason);
}

function broken(reason: string): { kind: "broken"; reason: string } {
  return { kind: "broken", reason };
}
