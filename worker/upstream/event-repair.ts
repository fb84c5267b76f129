import { limits } from "../../core/limits.ts";
import { repairedText } from "./repaired-text.ts";

/**
 * A stream of events (HTML standard, server-sent events) with the messages in it repaired. Each event is passed on as soon as it
 * is whole; one that is too large ends the stream.
 */
export function repairEvents(
  body: ReadableStream<Uint8Array>,
  { onTooLarge }: { onTooLarge: () => void },
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  const lineEnds = new LineEnds();
  const splitter = new EventSplitter();
  const decoder = new TextDecoder();
  const encoder = new TextEncoder();
  // By hand, because two streams that are joined take twice the time of a short answer.
  return new ReadableStream(
    {
      async pull(controller) {
        for (let hasEvent = false; !hasEvent; ) {
          const { done, value } = await reader.read();
          if (done) return controller.close();
          for (const event of splitter.add(lineEnds.unify(decoder.decode(value, { stream: true })))) {
            controller.enqueue(encoder.encode(repairedEvent(event)));
            hasEvent = true;
          }
          if (!splitter.isOver) continue;
          onTooLarge();
          controller.close();
          return reader.cancel();
        }
      },
      cancel: (reason) => reader.cancel(reason),
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
function repairedEvent(event: string): string {
  const lines = event.split("\n");
  const data = lines.filter((line) => line.startsWith("data:")).map((line) => line.slice("data:".length).replace(/^ /, ""));
  const text = data.join("\n");
  const better = repairedText(text);
  if (better === text || text === "") return event;
  return [...lines.filter((line) => line !== "" && !line.startsWith("data:")), `data: ${better}`, "", ""].join("\n");
}
