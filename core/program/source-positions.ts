import { type EncodedSourceMap, TraceMap, traceSegment } from "@jridgewell/trace-mapping";
import type { PublicError } from "../errors.ts";
import { codeFrame } from "./code-frame.ts";
import { limits } from "../limits.ts";
import type { Draft } from "./program.ts";

/** Lines and columns count from 1. */
export interface Place {
  line: number;
  column: number;
}

/** From a place in what was made of a file to the user's own; undefined for what stands for nothing the user wrote. */
export type Trace = (place: Place) => Place | undefined;

export function placeAt(text: string, offset: number): Place {
  const start = text.lastIndexOf("\n", offset - 1) + 1;
  let line = 1;
  for (let at = text.indexOf("\n"); at !== -1 && at < start; at = text.indexOf("\n", at + 1)) line++;
  return { line, column: offset - start + 1 };
}

/** The offset that a JavaScript engine's line and column mean: it ends a line where the language does. */
export function offsetAt(text: string, { line, column }: Place): number {
  const ends = /\r\n|[\n\r\u2028\u2029]/g;
  for (let number = 1; number < line && ends.exec(text) !== null; number++);
  return Math.min(ends.lastIndex + column - 1, text.length);
}

/**
 * Reads a source map, which knows where the words of a file came from; between them the text is the same, or is none of the
 * user's. `map` is called at the first place asked for: most programs have no error to place.
 */
export function traceByMap(map: () => EncodedSourceMap, { made, source }: { made: string; source: string }): Trace {
  let known: { map: TraceMap; made: string[]; source: string[] } | undefined;
  return ({ line, column }) => {
    known ??= { map: new TraceMap(map()), made: made.split("\n"), source: source.split("\n") };
    const segment = traceSegment(known.map, line - 1, column - 1);
    if (segment === null || segment.length === 1) return undefined;
    const [from, , sourceLine, sourceColumn] = segment;
    const passed = known.made[line - 1]?.slice(from, column - 1) ?? "";
    const isSame = known.source[sourceLine]?.startsWith(passed, sourceColumn) === true;
    return { line: sourceLine + 1, column: sourceColumn + 1 + (isSame ? passed.length : 0) };
  };
}

/** The first place of a stack that is the user's. */
export function positionIn(
  wholeStack: string,
  draft: Draft | undefined,
): Pick<PublicError, "file" | "line" | "column" | "frame"> {
  if (draft === undefined) return {};
  // A program may set any text as its stack: the search takes the square of a line's length.
  const lines = wholeStack.slice(-limits.stackCharsMax).split("\n");
  const stack = lines.map((line) => line.slice(0, stackLineCharsMax)).join("\n");
  for (const [, file = "", line, column] of stack.matchAll(places)) {
    const place = placeInFile(file, { line: Number(line), column: Number(column) }, draft);
    if (place === undefined) continue;
    return { file, ...place, frame: codeFrame(draft.sources.get(file) ?? "", { file, ...place }) };
  }
  return {};
}

/** A printed text with the user's places in the frames of a stack. */
export function withOwnPlaces(text: string, draft: Draft | undefined): string {
  if (draft === undefined || !text.includes("\n    at ")) return text;
  const lines = text.split("\n").map((line) => {
    if (!line.startsWith("    at ") || line.length > stackLineCharsMax) return line;
    return line.replace(places, (written, file, lineNumber, column) => {
      const place = placeInFile(file, { line: Number(lineNumber), column: Number(column) }, draft);
      return place === undefined ? written : `${file}:${place.line}:${place.column}`;
    });
  });
  return lines.join("\n");
}

function placeInFile(file: string, place: Place, { files }: Draft): Place | undefined {
  return files.get(file)?.sourceOf(place);
}

const places = /([A-Za-z0-9_@+-][A-Za-z0-9_.@+/-]*\.(?:tsx?|mts|jsx?|mjs|json)):(\d{1,9}):(\d{1,9})/g;

/** Room for a function's name and the longest path. */
const stackLineCharsMax = 400;
