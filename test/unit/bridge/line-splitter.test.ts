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
  test("joins a line that comes in pieces and parts lines that come together", () => {
    expect(split(["a", "b\nc\nd", "\n"])).toEqual([
      ["ab", false],
      ["c", false],
      ["d", false],
    ]);
  });

  test("keeps a character together that is cut between two chunks", () => {
    const bytes = Buffer.from("東京\n");
    expect(split([bytes.subarray(0, 4), bytes.subarray(4)])).toEqual([["東京", false]]);
  });

  test("hands over a last line without an end, empty lines, and lines of Windows", () => {
    expect(split(["\r\n\na\r\nb"])).toEqual([
      ["", false],
      ["", false],
      ["a", false],
      ["b", false],
    ]);
  });

  test("passes a line at the bound whole and cuts one that is over it", () => {
    expect(split(["12345\n123456\n", "123", "4567", "89\nok\n"], 5)).toEqual([
      ["12345", false],
      ["12345", true],
      ["12345", true],
      ["ok", false],
    ]);
  });
});
