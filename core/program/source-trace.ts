import { type Options, transform } from "sucrase";
import { type Trace, traceByMap } from "./source-positions.ts";

/**
 * The way back from what a transform made of a source. It is made again at the first place asked for, with a map this time.
 *
 * The map goes wrong behind a part of a template that is empty, such as before the `${` of a template that begins with it.
 * So the map is made with a space in each of them, of a kind that the source does not have: wherever else it falls, a space
 * changes nothing, and columns are counted without it.
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
  if (sourceMap === undefined) throw new Error("the transform made no map");
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

/** The column in a line that has spaces, of a column that counts without them. */
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
