import { decodedMappings, type EncodedSourceMap, TraceMap } from "@jridgewell/trace-mapping";

/** Lines and columns count from 1. */
export interface Place {
  line: number;
  column: number;
}

/** A stretch of a text, from an offset to the next stretch, and where it comes from in the user's file. */
export interface Stretch {
  at: number;
  /** Where its first character comes from; undefined if the user did not write it. */
  from: Place | undefined;
  /** All of it comes from that one place: it was generated there. Otherwise it is the same text as in the user's file. */
  isFixed: boolean;
}

export function placeAt(text: string, offset: number): Place {
  const start = text.lastIndexOf("\n", offset - 1) + 1;
  let line = 1;
  for (let at = text.indexOf("\n"); at !== -1 && at < start; at = text.indexOf("\n", at + 1)) line++;
  return { line, column: offset - start + 1 };
}

/** Where an offset comes from, which is in the given stretch. */
export function placeInStretch({ at, from, isFixed }: Stretch, offset: number): Place | undefined {
  if (from === undefined || isFixed) return from;
  return { line: from.line, column: from.column + offset - at };
}

/** The stretch of an offset; `stretches` are in order, and the first begins at 0. */
export function stretchAt(stretches: readonly Stretch[], offset: number): Stretch | undefined {
  let low = 0;
  let high = stretches.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((stretches[middle]?.at ?? 0) <= offset) low = middle + 1;
    else high = middle;
  }
  return stretches[low - 1];
}

/** The stretches of a text that is the user's file itself: its lines. */
export function stretchesOfSource(text: string): Stretch[] {
  const found: Stretch[] = [{ at: 0, from: { line: 1, column: 1 }, isFixed: false }];
  for (let end = text.indexOf("\n"); end !== -1; end = text.indexOf("\n", end + 1)) {
    found.push({ at: end + 1, from: { line: found.length + 1, column: 1 }, isFixed: false });
  }
  return found;
}

/**
 * The stretches of a text by its source map, which has the origins of tokens only. Between tokens the text is either the same as
 * in the source, or generated.
 */
export function stretchesByMap(map: EncodedSourceMap, { made, source }: { made: string; source: string }): Stretch[] {
  const lines = decodedMappings(new TraceMap(map));
  const sourceLines = source.split("\n");
  const found: Stretch[] = [];
  let start = 0;
  for (const [index, line] of made.split("\n").entries()) {
    const segments = lines[index] ?? [];
    if (segments[0]?.[0] !== 0) found.push({ at: start, from: undefined, isFixed: true });
    for (const [number, [column, , sourceLine, sourceColumn]] of segments.entries()) {
      const at = start + column;
      const end = segments[number + 1]?.[0] ?? line.length + 1;
      // Of several at one column, the last one says where the text after it comes from.
      if (end === column) continue;
      if (sourceLine === undefined || sourceColumn === undefined) {
        found.push({ at, from: undefined, isFixed: true });
        continue;
      }
      const from = { line: sourceLine + 1, column: sourceColumn + 1 };
      const same = commonLength(line.slice(column, end), sourceLines[sourceLine] ?? "", sourceColumn);
      if (!continues(found.at(-1), { at, from })) found.push({ at, from, isFixed: false });
      if (column + same + 1 < end) found.push({ at: at + same + 1, from, isFixed: true });
    }
    start += line.length + 1;
  }
  return found;
}

/** Whether a stretch says where `at` comes from already. */
function continues(last: Stretch | undefined, { at, from }: { at: number; from: Place }): boolean {
  if (last?.from === undefined || last.isFixed) return false;
  return last.from.line === from.line && last.from.column + at - last.at === from.column;
}

/** How many characters of `text` are those of `other` from `start` on. */
function commonLength(text: string, other: string, start: number): number {
  let length = 0;
  while (length < text.length && text[length] === other[start + length]) length++;
  return length;
}
