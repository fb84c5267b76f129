import { TraceMap, traceSegment } from "@jridgewell/trace-mapping";
import type { PublicError } from "../errors.ts";
import { limits } from "../limits.ts";
import { codeFrame, type Position } from "./code-frame.ts";
import type { FilePositions } from "./reader.ts";
import type { Place } from "./source-positions.ts";

/** Maps positions in what a program throws and prints to the user's files. */
export interface StackPositions {
  /** The first position of a stack that is in a user's file. */
  positionIn(stack: string): Pick<PublicError, "file" | "line" | "column" | "frame">;
  /** A printed text in which positions in stack frames are those of the user's files, up to a number of positions per run. */
  withSourcePlaces(text: string): string;
}

/** @param positions as the program was read with */
export function createStackPositions({ positions, sources }: MappedFiles): StackPositions {
  const placeOf = createPlaceOf(positions);
  let printedLeft: number = limits.positionsPrintedMax;

  function printed(written: string, file: string, place: Place): string {
    if (printedLeft <= 0) return written;
    printedLeft -= 1;
    const found = placeOf(file, place);
    if (found === undefined) return written;
    return `${file}:${found.line}${found.column === undefined ? "" : `:${found.column}`}`;
  }

  return {
    positionIn(wholeStack) {
      // A program may set its stack to any text, and matching takes quadratic time in the length of a line.
      const lines = wholeStack.slice(-limits.stackCharsMax).split("\n");
      const stack = lines.map((line) => line.slice(0, stackLineCharsMax)).join("\n");
      for (const [, file = "", line, column] of stack.matchAll(places)) {
        const place = placeOf(file, { line: Number(line), column: Number(column) });
        if (place === undefined) continue;
        return { ...place, frame: codeFrame(sources.get(file) ?? "", place) };
      }
      return {};
    },
    withSourcePlaces(text) {
      if (!text.includes("\n    at ")) return text;
      const lines = text.split("\n").map((line) => {
        if (!line.startsWith("    at ") || line.length > stackLineCharsMax) return line;
        return line.replace(places, (written, file, lineNumber, column) =>
          printed(written, file, { line: Number(lineNumber), column: Number(column) }),
        );
      });
      return lines.join("\n");
    },
  };
}

interface MappedFiles {
  positions: Record<string, FilePositions>;
  sources: ReadonlyMap<string, string>;
}

/** The column is left out if it is not known. Each file's map is decoded at most once. */
function createPlaceOf(positions: MappedFiles["positions"]): (file: string, place: Place) => Position | undefined {
  const maps = new Map<string, TraceMap>();
  return (file, { line, column }) => {
    const known = Object.hasOwn(positions, file) ? positions[file] : undefined;
    switch (known?.kind) {
      case undefined:
        return undefined;
      case "same_lines":
        return { file, line };
      case "mapped": {
        const map = maps.get(file) ?? new TraceMap({ version: 3, names: [], sources: [file], mappings: known.mappings });
        maps.set(file, map);
        const segment = line < 1 || column < 1 ? null : traceSegment(map, line - 1, column - 1);
        if (segment === null || segment.length === 1) return undefined;
        const [from, , sourceLine, sourceColumn] = segment;
        // A segment with a name was generated at its place; see positions.ts.
        const passed = segment.length === 5 ? 0 : column - 1 - from;
        return { file, line: sourceLine + 1, column: sourceColumn + 1 + passed };
      }
    }
  };
}

/** No path begins within another, so that a long line without one is not searched from each of its characters. */
const places = /(?<![A-Za-z0-9_@+-])([A-Za-z0-9_@+-][A-Za-z0-9_.@+/-]*\.(?:tsx?|mts|jsx?|mjs|json)):(\d{1,9}):(\d{1,9})/g;

/** Room for a function name and the longest path. */
const stackLineCharsMax = 400;
