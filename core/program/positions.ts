import { encodedMappings, presortedDecodedMap, type SourceMapSegment } from "@jridgewell/trace-mapping";
import { type Edit, inOrder } from "./edits.ts";
import type { FilePositions } from "./reader.ts";
import { type Place, placeInStretch, type Stretch, stretchAt } from "./source-positions.ts";
import type { Script } from "./source-trace.ts";

interface Edited {
  script: Script;
  edits: readonly Edit[];
  /** Text before the script, on its first line. */
  head: string;
  /** Each line of the script is the same line of the user's file. */
  keepsLines: boolean;
  /** The most characters that the mappings may have. */
  charsMax: number;
}

/**
 * The positions of a compiled file as the `mappings` of a version 3 source map with one source. The text after a segment is that of
 * the source, unless the segment has a name: then all of it was generated at that place.
 *
 * @returns undefined if the file is too long for that and its lines are others
 */
export function positionsOf({ keepsLines, ...edited }: Edited): FilePositions | undefined {
  const lines = segmentsOf(edited);
  const mappings =
    lines && encodedMappings(presortedDecodedMap({ version: 3, names: [fixed], sources: ["source"], mappings: lines }));
  if (mappings !== undefined && mappings.length <= edited.charsMax) return { kind: "mapped", mappings };
  return keepsLines ? { kind: "same_lines" } : undefined;
}

/** The only name of the map. */
const fixed = "fixed";

function segmentsOf({ script, edits, head, charsMax }: Omit<Edited, "keepsLines">): SourceMapSegment[][] | undefined {
  const writer = new SegmentWriter(charsMax);
  const { text } = script;
  const stretches = script.stretches();
  let next = 0;
  /** The part of the script from `start` to `end`, as it is. */
  const copy = (start: number, end: number) => {
    for (let at = start; at < end && !writer.isFull; ) {
      while ((stretches[next + 1]?.at ?? text.length) <= at) next++;
      const to = Math.min(end, stretches[next + 1]?.at ?? end);
      const stretch = stretches[next];
      writer.write(text.slice(at, to), { from: stretch && placeInStretch(stretch, at), isFixed: stretch?.isFixed ?? true });
      at = to;
    }
  };

  writer.write(head, { from: undefined, isFixed: true });
  let done = 0;
  for (const { at, removed, insert, isCallee } of inOrder(edits)) {
    if (writer.isFull) return undefined;
    copy(done, at);
    const stretch = stretchAt(stretches, at);
    const inserted = { from: stretch && placeInStretch(stretch, at), isFixed: true };
    writer.write(insert, inserted);
    done = at + removed;
    if (!isCallee || done >= text.length) continue;
    writer.write(text.slice(done, done + 1), inserted);
    done += 1;
  }
  copy(done, text.length);
  return writer.isFull ? undefined : writer.lines;
}

type Origin = Pick<Stretch, "from" | "isFixed">;

/** Collects the segments of a text that is written part by part, by its lines as a JavaScript engine counts them. */
class SegmentWriter {
  readonly lines: SourceMapSegment[][] = [[]];
  #column = 0;
  #segments = 0;
  #last: { column: number; origin: Origin } | undefined;
  /** The text so far ends with a carriage return, which a line feed would belong to. */
  #endsWithReturn = false;
  readonly #charsMax: number;

  constructor(charsMax: number) {
    this.#charsMax = charsMax;
  }

  /** The mappings will be too long: each segment takes at least two characters, and each line one. */
  get isFull(): boolean {
    return 2 * this.#segments + this.lines.length > this.#charsMax;
  }

  write(text: string, origin: Origin): void {
    const ends = /\r\n|[\n\r\u2028\u2029]/g;
    let start = this.#endsWithReturn && text.startsWith("\n") ? 1 : 0;
    ends.lastIndex = start;
    for (let end = ends.exec(text); end !== null; end = ends.exec(text)) {
      this.#add(end.index - start, moved(origin, start));
      this.#endLine();
      start = ends.lastIndex;
    }
    this.#add(text.length - start, moved(origin, start));
    if (text !== "") this.#endsWithReturn = text.endsWith("\r");
  }

  #add(length: number, origin: Origin): void {
    if (length === 0) return;
    if (!this.#continues(origin)) {
      this.lines.at(-1)?.push(segmentOf(this.#column, origin));
      this.#segments += 1;
      this.#last = { column: this.#column, origin };
    }
    this.#column += length;
  }

  /** Whether the last segment of the line says as much already. */
  #continues({ from, isFixed }: Origin): boolean {
    if (this.#last === undefined) return false;
    const { column, origin } = this.#last;
    if (from === undefined || origin.from === undefined) return from === origin.from;
    const distance = isFixed ? 0 : this.#column - column;
    return isFixed === origin.isFixed && from.line === origin.from.line && from.column === origin.from.column + distance;
  }

  #endLine(): void {
    this.lines.push([]);
    this.#column = 0;
    this.#last = undefined;
  }
}

function moved({ from, isFixed }: Origin, distance: number): Origin {
  if (from === undefined || isFixed) return { from, isFixed };
  return { from: { line: from.line, column: from.column + distance }, isFixed };
}

function segmentOf(column: number, { from, isFixed }: Origin): SourceMapSegment {
  if (from === undefined) return [column];
  const { line, column: sourceColumn }: Place = from;
  return isFixed ? [column, 0, line - 1, sourceColumn - 1, 0] : [column, 0, line - 1, sourceColumn - 1];
}
