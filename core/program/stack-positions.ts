import type { PublicError } from "../errors.ts";
import { limits } from "../limits.ts";
import { codeFrame } from "./code-frame.ts";
import type { Draft } from "./draft.ts";
import type { Place } from "./source-positions.ts";

/** The first position of a stack that is in a user's file. */
export function positionIn(
  wholeStack: string,
  draft: Draft | undefined,
): Pick<PublicError, "file" | "line" | "column" | "frame"> {
  if (draft === undefined) return {};
  // A program may set its stack to any text, and matching takes quadratic time in the length of a line.
  const lines = wholeStack.slice(-limits.stackCharsMax).split("\n");
  const stack = lines.map((line) => line.slice(0, stackLineCharsMax)).join("\n");
  for (const [, file = "", line, column] of stack.matchAll(places)) {
    const place = placeInFile(file, { line: Number(line), column: Number(column) }, draft);
    if (place === undefined) continue;
    return { file, ...place, frame: codeFrame(draft.sources.get(file) ?? "", { file, ...place }) };
  }
  return {};
}

/** A printed text in which positions in stack frames are those of the user's files. */
export function withSourcePlaces(text: string, draft: Draft | undefined): string {
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

/** Room for a function name and the longest path. */
const stackLineCharsMax = 400;
