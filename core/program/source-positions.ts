import { type EncodedSourceMap, TraceMap, traceSegment } from "@jridgewell/trace-mapping";

/** Lines and columns count from 1. */
export interface Place {
  line: number;
  column: number;
}

/** Maps a place in generated code to the user's file; undefined for code that the user did not write. */
export type Trace = (place: Place) => Place | undefined;

export function placeAt(text: string, offset: number): Place {
  const start = text.lastIndexOf("\n", offset - 1) + 1;
  let line = 1;
  for (let at = text.indexOf("\n"); at !== -1 && at < start; at = text.indexOf("\n", at + 1)) line++;
  return { line, column: offset - start + 1 };
}

/** The offset of a line and column as a JavaScript engine counts them, with the line terminators of the language. */
export function offsetAt(text: string, { line, column }: Place): number {
  const ends = /\r\n|[\n\r\u2028\u2029]/g;
  for (let number = 1; number < line && ends.exec(text) !== null; number++);
  return Math.min(ends.lastIndex + column - 1, text.length);
}

/**
 * Maps places by a source map, which has the origins of tokens only. Between tokens the text is either the same as in the source,
 * or generated. `map` is called for the first place: most programs have no error to locate.
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
