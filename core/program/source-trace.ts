import { type Options, transform } from "sucrase";
import { type Trace, traceByMap } from "./source-positions.ts";

/**
 * Maps places in the output of a transform back to its source. For the first place the transform runs again, with a source map.
 *
 * Sucrase's map is wrong after an empty part of a template literal, such as the one before a leading `${`. So a space is inserted
 * into each of these before the transform, of a kind that does not occur in the source: wherever else it falls, a space changes
 * nothing, and columns are counted without it.
 */
export function traceTransform(source: string, options: Options): Trace {
  let traceSpaced: ReturnType<typeof spacedTrace> | undefined;
  return (place) => {
    traceSpaced ??= spacedTrace(source, options);
    return traceSpaced(place);
  };
}

const spaces = ["\u2003", "\u2002", "\u2005", "\u2006", "\u205f", "\u3000", "\u1680", "\u202f"];

function spacedTrace(source: string, options: Options): Trace {
  const space = spaces.find((candidate) => !source.includes(candidate)) ?? "";
  const spaced = source.replace(/(?<=[`}])(?=`|\$\{)/g, space);
  const { code, sourceMap } = transform(spaced, { ...options, sourceMapOptions: { compiledFilename: options.filePath ?? "" } });
  if (sourceMap === undefined) throw new Error("the transform returned no source map");
  const map = { ...sourceMap, version: 3 as const, names: [], sources: [...sourceMap.sources] };
  const trace = traceByMap(() => map, { made: code, source: spaced });
  const madeLines = code.split("\n");
  const sourceLines = spaced.split("\n");
  return ({ line, column }) => {
    const found = trace({ line, column: columnWith(space, madeLines[line - 1] ?? "", column) });
    if (found === undefined) return undefined;
    return { line: found.line, column: columnWithout(space, sourceLines[found.line - 1] ?? "", found.column) };
  };
}

/** The column in a line with the inserted spaces, for a column counted without them. */
function columnWith(space: string, line: string, column: number): number {
  if (space === "") return column;
  let at = 0;
  for (let counted = 1; at < line.length; at++) {
    if (line[at] === space) continue;
    if (counted === column) break;
    counted += 1;
  }
  return at + 1;
}

function columnWithout(space: string, line: string, column: number): number {
  if (space === "") return column;
  return line.slice(0, column - 1).replaceAll(space, "").length + 1;
}
