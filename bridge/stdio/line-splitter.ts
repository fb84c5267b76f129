import { StringDecoder } from "node:string_decoder";

export interface LineSplitterOptions {
  /** Longer lines are handed over cut to this many characters, with `isCut` set; the rest of the line is dropped. */
  lineCharsMax: number;
  onLine: (line: string, isCut: boolean) => void;
}

/**
 * Turns the chunks of a byte stream into lines. Memory stays under one line's bound whatever the stream holds, and each
 * character is looked at once, so that a 20 MB line does not cost quadratic time.
 */
export function createLineSplitter(options: LineSplitterOptions): { push(chunk: Buffer): void; end(): void } {
  const decoder = new StringDecoder("utf8");
  let parts: string[] = [];
  let length = 0;
  let isCut = false;

  const keep = (text: string): void => {
    const room = options.lineCharsMax - length;
    if (text.length > room) isCut = true;
    if (room <= 0 || text === "") return;
    const kept = text.slice(0, room);
    parts.push(kept);
    length += kept.length;
  };

  const finish = (): void => {
    const line = parts.join("");
    const wasCut = isCut;
    parts = [];
    length = 0;
    isCut = false;
    options.onLine(line.endsWith("\r") ? line.slice(0, -1) : line, wasCut);
  };

  const take = (text: string): void => {
    let start = 0;
    for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", start)) {
      keep(text.slice(start, at));
      finish();
      start = at + 1;
    }
    keep(text.slice(start));
  };

  return {
    push: (chunk) => take(decoder.write(chunk)),
    end: () => {
      take(decoder.end());
      if (length > 0) finish();
    },
  };
}
