import type { Clock } from "../clock.ts";
import { hasField, hasMoreParts } from "../json.ts";
import { limits } from "../limits.ts";
import { isLongToRead } from "../mcp/message-bounds.ts";
import { Turns } from "../turns.ts";
import { type Answered, repairedText } from "./repaired-text.ts";

/** An event as it is passed on, with its terminating empty line. */
export interface ServerEvent {
  text: string;
  /** The JSON-RPC message; empty for an event that only has an `id` or a `retry` time. */
  data: string;
}

export interface ServerEventsOptions {
  /** An event has more than `remoteAnswerBytesMax` characters; the stream ends before it. */
  onTooLarge: () => void;
  /** The request that the stream answers. */
  answered?: Answered;
  clock: Clock;
}

/**
 * Reads the events of a stream (HTML standard, server-sent events), each as soon as it is complete, with its message repaired. Meaningless
 * lines are left out, because the SDK's parser would create an error with a stack trace for each. Why this is not that parser:
 * docs/decisions/009-our-own-reader-of-event-streams.md.
 *
 * A server may send millions of events, which are there before anybody waits for one. They are read in short turns.
 */
export class ServerEvents {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #onTooLarge: () => void;
  readonly #answered: Answered | undefined;
  readonly #decoder = new TextDecoder();
  readonly #lineEnds = new LineEnds();
  readonly #splitter = new EventSplitter();
  readonly #turns: Turns;
  /** Complete events of the last chunk that were not returned yet. */
  #complete: Iterator<string> = [].values();
  #isOver = false;

  constructor(body: ReadableStream<Uint8Array>, { onTooLarge, answered, clock }: ServerEventsOptions) {
    this.#reader = body.getReader();
    this.#onTooLarge = onTooLarge;
    this.#answered = answered;
    this.#turns = new Turns(clock);
  }

  /** The next event; undefined after the last. */
  async next(): Promise<ServerEvent | undefined> {
    while (!this.#isOver) {
      const { done, value: text } = this.#complete.next();
      if (done) {
        await this.#read();
        continue;
      }
      await this.#turns.spend(eventCost);
      if (isLongToRead(text)) {
        await this.#endTooLarge();
        return undefined;
      }
      const event = readEvent(text, this.#answered);
      if (event !== undefined) return event;
    }
    return undefined;
  }

  /** Stops reading. */
  cancel(reason?: unknown): Promise<void> {
    return this.#reader.cancel(reason);
  }

  async #read(): Promise<void> {
    if (this.#splitter.isTooLarge) return this.#endTooLarge();
    const { done, value } = await this.#reader.read();
    if (done) this.#isOver = true;
    else {
      await this.#turns.spend(value.length / bytesPerCost);
      this.#complete = this.#splitter.add(this.#lineEnds.unify(this.#decoder.decode(value, { stream: true })));
    }
  }

  async #endTooLarge(): Promise<void> {
    this.#isOver = true;
    this.#onTooLarge();
    await this.cancel();
  }
}

/** Of an event, which the SDK reads too, and how many bytes cost as much as a word: see `turnCost`. */
const eventCost = 100;
const bytesPerCost = 64;

/** Events that were already taken, and then the rest, as a stream. Written by hand, because piping two streams takes twice as long. */
export function streamOf(events: ServerEvents, taken: readonly ServerEvent[]): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const first = [...taken];
  return new ReadableStream(
    {
      async pull(controller) {
        const event = first.shift() ?? (await events.next());
        if (event === undefined) controller.close();
        else controller.enqueue(encoder.encode(event.text));
      },
      cancel: (reason) => events.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}

/** Normalizes CRLF and CR to LF. A CR at the end of a chunk is held back until the next one. */
class LineEnds {
  #held = "";

  unify(text: string): string {
    const all = this.#held + text;
    this.#held = all.endsWith("\r") ? "\r" : "";
    return (this.#held === "" ? all : all.slice(0, -1)).replace(/\r\n?/g, "\n");
  }
}

/** Splits a stream into events, which end with an empty line. Scans each character once, however long an event is. */
class EventSplitter {
  #pieces: string[] = [];
  #chars = 0;
  #last = "";

  /** The current event is over the limit. Nothing is read after it. */
  get isTooLarge(): boolean {
    return this.#chars > limits.remoteAnswerBytesMax;
  }

  /** The events that end in this text. Take all of them before adding more. */
  *add(text: string): Generator<string> {
    let start = 0;
    for (let end = text.indexOf("\n"); end !== -1; end = text.indexOf("\n", end + 1)) {
      const before = end === 0 ? this.#last : text.charAt(end - 1);
      if (before !== "\n") continue;
      const isEmpty = end === start && this.#chars === 0;
      if (!isEmpty) {
        this.#keep(text.slice(start, end + 1));
        if (this.isTooLarge) return;
        yield this.#pieces.join("");
        this.#pieces = [];
        this.#chars = 0;
      }
      start = end + 1;
    }
    this.#keep(text.slice(start));
    this.#last = text.at(-1) ?? this.#last;
  }

  #keep(piece: string): void {
    this.#pieces.push(piece);
    this.#chars += piece.length;
    if (this.isTooLarge) this.#pieces = [];
  }
}

const data = /^data(?:: ?|$)/;
const meaningful = /^(?:data|event|id)(?::|$)|^retry: ?\d+$/;

/** A question or notification that only costs the time of whoever reads it. */
function isLaborious(data: string): boolean {
  return hasMoreParts(data, limits.questionPartsMax) && hasField(data, "method");
}

/** Undefined for one that is left out: without meaningful lines, such as comments that keep a connection alive, or laborious. */
function readEvent(event: string, answered: Answered | undefined): ServerEvent | undefined {
  const lines = event.split("\n").filter((line) => meaningful.test(line));
  if (lines.length === 0) return undefined;
  const text = lines
    .filter((line) => data.test(line))
    .map((line) => line.replace(data, ""))
    .join("\n");
  const message = text === "" ? text : isLaborious(text) ? undefined : repairedText(text, answered);
  if (message === undefined) return undefined;
  if (message === text) return { text: `${lines.join("\n")}\n\n`, data: text };
  const others = lines.filter((line) => !data.test(line));
  return { text: [...others, `data: ${message}`, "", ""].join("\n"), data: message };
}
