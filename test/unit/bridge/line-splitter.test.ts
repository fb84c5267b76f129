import { describe, expect, test } from "vitest";
import { createLineSplitter } from "../../../bridge/stdio/line-splitter.ts";

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
