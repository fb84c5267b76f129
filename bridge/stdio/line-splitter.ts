import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { setImmediate as turn } from "node:timers/promises";
import { stdioLimits } from "./stdio-limits.ts";

export interface LineSplitterOptions {
  /** Longer lines are cut to this many characters and passed on with `isCut` set. */
  lineCharsMax: number;
  onLine: (line: string, isCut: boolean) => void;
}

export interface LineSplitter {
  push(chunk: Buffer): void;
  /** Passes the unfinished line on as a line if it is a whole message: not all writers end their lines. */
  flush(isWhole: (line: string) => boolean): void;
  end(): void;
}

/**
 * Splits a byte stream into lines. It holds at most one line of `lineCharsMax` characters, and reads each character once, so that
 * a line of 20 MB does not take quadratic time.
 */
export function createLineSplitter(options: LineSplitterOptions): LineSplitter {
  const decoder = new StringDecoder("utf8");
  let parts: string[] = [];
  let length = 0;
  let isCut = false;
  /** The length below which an unfinished line is not looked at again. */
  let flushCharsMin = 0;

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
    flushCharsMin = 0;
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
    flush(isWhole) {
      if (length === 0 || isCut || length < flushCharsMin) return;
      const line = parts.join("");
      parts = [line];
      if (isWhole(line)) finish();
      else if (length > stdioLimits.unendedCharsMax) flushCharsMin = 2 * length;
    },
    end: () => {
      take(decoder.end());
      if (length > 0) finish();
    },
  };
}

/** Reads a stream to its end. A chunk may end thirty thousand lines, and the next one is there already: after some of them others have a turn. */
export async function readInTurns(stream: Readable, lines: LineSplitter, onBytes: () => void = () => {}): Promise<void> {
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      const bytes = chunk.includes("\n") ? stdioLimits.turnBytes : chunk.length;
      for (let at = 0; at < chunk.length; at += bytes) {
        if (at > 0) await turn();
        onBytes();
        lines.push(chunk.subarray(at, at + bytes));
      }
    }
    lines.end();
  } catch {
    // The process was ended while it wrote, or its pipe broke, which the stream's own listener reports.
  }
}
