import { limits } from "../../../../core/limits.ts";
import { repairedText } from "./repaired-text.ts";

/** An event as it is passed on, its empty line included. */
export interface ServerEvent {
  text: string;
  /** The message in it; empty for one that only says that the server lives, or where the stream can be taken up again. */
  data: string;
}

/** The events of a stream (HTML standard, server-sent events), each as soon as it is whole, with the message in it repaired. */
export class RepairedEvents {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #onTooLarge: () => void;
  readonly #lineEnds = new LineEnds();
  readonly #splitter = new EventSplitter();
  readonly #decoder = new TextDecoder();
  #whole: string[] = [];
  #isOver = false;

  /** @param onTooLarge an event is too large: it was the last */
  constructor(body: ReadableStream<Uint8Array>, { onTooLarge }: { onTooLarge: () => void }) {
    this.#reader = body.getReader();
    this.#onTooLarge = onTooLarge;
  }

  /** The next one; undefined after the last. */
  async next(): Promise<ServerEvent | undefined> {
    for (;;) {
      const event = this.#whole.shift();
      if (event !== undefined) return repairedEvent(event);
      if (this.#isOver) return undefined;
      const { done, value } = await this.#reader.read();
      if (done) return undefined;
      this.#whole = [...this.#splitter.add(this.#lineEnds.unify(this.#decoder.decode(value, { stream: true })))];
      if (!this.#splitter.isOver) continue;
      this.#isOver = true;
      this.#onTooLarge();
      await this.cancel();
    }
  }

  /** Nothing more is read. */
  cancel(reason?: unknown): Promise<void> {
    return this.#reader.cancel(reason);
  }
}

/** The same as a stream again, behind some that were taken from it. By hand: two streams that are joined take twice the time. */
export function streamOf(events: RepairedEvents, taken: readonly ServerEvent[]): ReadableStream<Uint8Array> {
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
  get isOver(): boolean {
    return this.#chars > limits.remoteAnswerBytesMax;
  }

  *add(text: string): Generator<string> {
    let start = 0;
    for (let end = text.indexOf("\n"); end !== -1; end = text.indexOf("\n", end + 1)) {
      const before = end === 0 ? this.#last : text.charAt(end - 1);
      if (before !== "\n") continue;
      this.#keep(text.slice(start, end + 1));
      if (this.isOver) return;
      yield this.#pieces.join("");
      this.#pieces = [];
      this.#chars = 0;
      start = end + 1;
    }
    this.#keep(text.slice(start));
    this.#last = text.at(-1) ?? this.#last;
  }

  #keep(piece: string): void {
    this.#pieces.push(piece);
    this.#chars += piece.length;
    if (this.isOver) this.#pieces = [];
  }
}

/** Most events are left as they are. */
function repairedEvent(event: string): ServerEvent {
  const lines = event.split("\n");
  const data = lines.filter((line) => line.startsWith("data:")).map((line) => line.slice("data:".length).replace(/^ /, ""));
  const text = data.join("\n");
  const better = text === "" ? text : repairedText(text);
  if (better === text) return { text: event, data: text };
  const rest = lines.filter((line) => line !== "" && !line.startsWith("data:"));
  return { text: [...rest, `data: ${better}`, "", ""].join("\n"), data: better };
}
