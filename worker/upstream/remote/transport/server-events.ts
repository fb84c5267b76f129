import { limits } from "../../../../core/limits.ts";
import { repairedText } from "./repaired-text.ts";

/** An event as it is passed on, its empty line included. */
export interface ServerEvent {
  text: string;
  /** The message in it; empty for one that only says where the stream can be resumed, or how soon. */
  data: string;
}

/**
 * The events of a stream (HTML standard, server-sent events), each as soon as it is whole, with the message in it repaired. Lines that mean
 * nothing are left out: the SDK's parser would make an error with a stack trace of each. Why this is not that parser:
 * docs/decisions/009-our-own-reader-of-event-streams.md.
 */
export class ServerEvents {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #onTooLarge: () => void;
  readonly #decoder = new TextDecoder();
  readonly #lineEnds = new LineEnds();
  readonly #splitter = new EventSplitter();
  /** Those of the piece that was read last, still to be given. */
  #whole: Iterator<string> = [].values();
  #isOver = false;

  /** @param onTooLarge an event has more than `remoteAnswerBytesMax` characters; the stream ends before it */
  constructor(body: ReadableStream<Uint8Array>, { onTooLarge }: { onTooLarge: () => void }) {
    this.#reader = body.getReader();
    this.#onTooLarge = onTooLarge;
  }

  /** The next event; undefined after the last. */
  async next(): Promise<ServerEvent | undefined> {
    while (!this.#isOver) {
      const { done, value: text } = this.#whole.next();
      if (done) {
        await this.#read();
        continue;
      }
      const event = readEvent(text);
      if (event !== undefined) return event;
    }
    return undefined;
  }

  /** Nothing more is read. */
  cancel(reason?: unknown): Promise<void> {
    return this.#reader.cancel(reason);
  }

  async #read(): Promise<void> {
    if (this.#splitter.isTooLarge) {
      this.#isOver = true;
      this.#onTooLarge();
      await this.cancel();
      return;
    }
    const { done, value } = await this.#reader.read();
    if (done) this.#isOver = true;
    else this.#whole = this.#splitter.add(this.#lineEnds.unify(this.#decoder.decode(value, { stream: true })));
  }
}

/** The events as a stream again, behind some that were taken from it. By hand: piping two streams takes twice the time. */
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

/** One kind of line end out of three. A return at the very end of a text waits for what follows it. */
class LineEnds {
  #held = "";

  unify(text: string): string {
    const whole = this.#held + text;
    this.#held = whole.endsWith("\r") ? "\r" : "";
    return (this.#held === "" ? whole : whole.slice(0, -1)).replace(/\r\n?/g, "\n");
  }
}

/** Cuts a stream into events, which end with an empty line. Looks at each character once, however long an event is. */
class EventSplitter {
  #pieces: string[] = [];
  #chars = 0;
  #last = "";

  /** An event has more characters than one may have. Nothing is read after it. */
  get isTooLarge(): boolean {
    return this.#chars > limits.remoteAnswerBytesMax;
  }

  /** The events that end in this text; to be taken to the last before more is added. */
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

/** Undefined for an event that says nothing: empty lines and comments, which keep a connection alive. */
function readEvent(event: string): ServerEvent | undefined {
  const lines = event.split("\n").filter((line) => meaningful.test(line));
  if (lines.length === 0) return undefined;
  const text = lines
    .filter((line) => data.test(line))
    .map((line) => line.replace(data, ""))
    .join("\n");
  const message = text === "" ? text : repairedText(text);
  if (message === text) return { text: `${lines.join("\n")}\n\n`, data: text };
  const others = lines.filter((line) => !data.test(line));
  return { text: [...others, `data: ${message}`, "", ""].join("\n"), data: message };
}
