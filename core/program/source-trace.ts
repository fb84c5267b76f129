import {
  decodedMappings,
  type EncodedSourceMap,
  encodedMappings,
  presortedDecodedMap,
  type SourceMapSegment,
  TraceMap,
} from "@jridgewell/trace-mapping";
import { type Options, transform } from "sucrase";
import { type Stretch, stretchesByMap } from "./source-positions.ts";

/** A user's file as JavaScript, with where each part of it comes from. */
export interface Script {
  text: string;
  /** In order, from offset 0. */
  stretches(): readonly Stretch[];
}

/**
 * Transforms a file.
 *
 * Sucrase's map is wrong after an empty part of a template literal, such as the one before a leading `${`. So a space is inserted
 * into each of these before the transform and removed after it, of a kind that does not occur in the source: wherever else it
 * falls, a space changes nothing.
 *
 * @throws what sucrase throws
 */
export function transformTraced(source: string, options: Options): Script {
  const space = spaces.find((candidate) => !source.includes(candidate)) ?? "";
  const spaced = source.replace(/(?<=[`}])(?=`|\$\{)/g, space);
  const { code, sourceMap } = transformSpaced(spaced, { source, options });
  if (sourceMap === undefined) throw new Error("the transform returned no source map");
  const text = spaced === source ? code : code.replaceAll(space, "");
  const mapOf = (mappings: string) => ({ version: 3 as const, names: [], sources: [options.filePath ?? ""], mappings });
  const mappings = spaced === source ? sourceMap.mappings : withoutSpaces(mapOf(sourceMap.mappings), { space, code, spaced });
  let known: Stretch[] | undefined;
  return {
    text,
    stretches() {
      known ??= stretchesByMap(mapOf(mappings), { made: text, source });
      return known;
    },
  };
}

const spaces = ["\u2003", "\u2002", "\u2005", "\u2006", "\u205f", "\u3000", "\u1680", "\u202f"];

function transformSpaced(spaced: string, { source, options }: { source: string; options: Options }) {
  const withMap = { ...options, sourceMapOptions: { compiledFilename: options.filePath ?? "" } };
  try {
    return transform(spaced, withMap);
  } catch (error) {
    if (error instanceof RangeError) throw error;
    // The error's offset must be one of the file itself.
    return transform(source, withMap);
  }
}

interface Spaced {
  space: string;
  code: string;
  spaced: string;
}

/** The mappings with columns counted without the inserted spaces. Sucrase keeps every line on its own. */
function withoutSpaces(map: EncodedSourceMap, { space, code, spaced }: Spaced): string {
  const made = code.split("\n");
  const written = spaced.split("\n");
  const mappings = decodedMappings(new TraceMap(map)).map((segments, index) => {
    const inMade = spacesBefore(made[index] ?? "", space);
    const inWritten = spacesBefore(written[index] ?? "", space);
    return segments.map(([column, file, line, sourceColumn]): SourceMapSegment => {
      if (file === undefined || line === undefined || sourceColumn === undefined) return [column - inMade(column)];
      return [column - inMade(column), file, line, sourceColumn - inWritten(sourceColumn)];
    });
  });
  return encodedMappings(presortedDecodedMap({ ...map, mappings }));
}

/** Returns how many of the spaces stand before a column of the line. */
function spacesBefore(line: string, space: string): (column: number) => number {
  if (!line.includes(space)) return () => 0;
  const counts = new Uint32Array(line.length + 1);
  for (let at = 0; at < line.length; at++) counts[at + 1] = (counts[at] ?? 0) + (line[at] === space ? 1 : 0);
  return (column) => counts[Math.min(column, line.length)] ?? 0;
}
