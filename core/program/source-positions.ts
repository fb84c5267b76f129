import { type EncodedSourceMap, TraceMap, traceSegment } from "@jridgewell/trace-mapping";

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
