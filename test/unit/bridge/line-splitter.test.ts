import { Readable } from "node:stream";
import { describe, expect, test, vi } from "vitest";
import { createLineSplitter, readInTurns } from "../../../bridge/stdio/line-splitter.ts";
import { stdioLimits } from "../../../bridge/stdio/stdio-limits.ts";

function split(chunks: (string | Buffer)[], lineCharsMax = 100): [string, boolean][] {
  const lines: [string, boolean][] = [];
  const splitter = createLineSplitter({ lineCharsMax, onLine: (line, isCut) => lines.push([line, isCut]) });
  for (const chunk of chunks) splitter.push(Buffer.from(chunk));
  splitter.end();
  return lines;
}

describe("the line splitter", () => {
  test("joins a line that arrives in several chunks, and splits lines that arrive in one", () => {
    expect(split(["a", "b\nc\nd", "\n"])).toEqual([
      ["ab", false],
      ["c", false],
      ["d", false],
    ]);
  });

  test("decodes a character that is split between two chunks", () => {
    const bytes = Buffer.from("東京\n");
    expect(split([bytes.subarray(0, 4), bytes.subarray(4)])).toEqual([["東京", false]]);
  });

  test("passes on a last line without a line break, empty lines, and lines that end in CRLF", () => {
    expect(split(["\r\n\na\r\nb"])).toEqual([
      ["", false],
      ["", false],
      ["a", false],
      ["b", false],
    ]);
  });

  test("passes on a line at the limit whole and cuts a longer one", () => {
    expect(split(["12345\n123456\n", "123", "4567", "89\nok\n"], 5)).toEqual([
      ["12345", false],
      ["12345", true],
      ["12345", true],
      ["ok", false],
    ]);
  });
});

describe("an unfinished line", () => {
  const opened = () => {
    const lines: string[] = [];
    return { lines, splitter: createLineSplitter({ lineCharsMax: 2 ** 30, onLine: (line) => lines.push(line) }) };
  };

  test("is passed on if it is a whole message", () => {
    const { lines, splitter } = opened();
    splitter.push(Buffer.from("{}"));
    splitter.flush(() => false);
    splitter.push(Buffer.from("{}"));
    splitter.flush((line) => line === "{}{}");
    splitter.push(Buffer.from("a\n"));
    expect(lines).toEqual(["{}{}", "a"]);
  });

  test("that is long is looked at again only when it is twice as long, whatever its server adds", () => {
    const { splitter, lines } = opened();
    const isWhole = vi.fn(() => false);
    splitter.push(Buffer.from("x".repeat(stdioLimits.unendedCharsMax + 1)));
    for (let times = 0; times < 1_000; times++) {
      splitter.flush(isWhole);
      splitter.push(Buffer.from("}"));
    }
    expect(isWhole).toHaveBeenCalledTimes(1);
    splitter.push(Buffer.from("x".repeat(stdioLimits.unendedCharsMax + 1)));
    splitter.flush(isWhole);
    expect(isWhole).toHaveBeenCalledTimes(2);
    splitter.push(Buffer.from("\n{}"));
    splitter.flush((line) => line === "{}");
    expect(lines.at(-1)).toBe("{}");
  });
});

describe("lines of a stream", () => {
  /** How often others had a turn until the stream was read, and its lines. */
  async function read(...chunks: string[]): Promise<{ turns: number; lines: string[] }> {
    const state = { turns: 0, lines: [] as string[], isOver: false };
    const others = (): void => {
      state.turns += 1;
      if (!state.isOver) setImmediate(others);
    };
    setImmediate(others);
    await readInTurns(
      Readable.from(chunks.map((chunk) => Buffer.from(chunk))),
      createLineSplitter({ lineCharsMax: 2 ** 30, onLine: (line) => state.lines.push(line) }),
    );
    state.isOver = true;
    return state;
  }

  test("leave others a turn again and again, however many come at once", async () => {
    const { turns, lines } = await read("é\n".repeat(20_000), "last");
    expect(lines.join()).toBe([...Array(20_000).fill("é"), "last"].join());
    expect(turns).toBeGreaterThan(10);
  });

  test("that are long are read without a pause", async () => {
    const { turns, lines } = await read("x".repeat(60_000), "x".repeat(60_000), "\n");
    expect(lines).toEqual(["x".repeat(120_000)]);
    expect(turns).toBeLessThan(10);
  });

  test("end without a failure where the stream does", async () => {
    const stream = new Readable({ read() {} });
    const lines: string[] = [];
    const reading = readInTurns(stream, createLineSplitter({ lineCharsMax: 10, onLine: (line) => lines.push(line) }));
    stream.push(Buffer.from("a\nb"));
    setImmediate(() => stream.destroy());
    await reading;
    expect(lines).toEqual(["a"]);
  });
});
