import { endOfString } from "../json.ts";

/*
 * JSON as some servers write it: with Python's NaN and Infinity, with tabs and line ends as they are in a string, or with an escape
 * that JSON does not have.
 */

/**
 * The value of a JSON text. If it is not JSON, it is read once more with these mended: NaN is null, an infinity the text that was
 * written, a control character itself, and the backslash of an unknown escape a backslash.
 *
 * @throws SyntaxError if it is not JSON then either
 */
export function parseAlmostJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const mended = /^\ufeff?\s*[[{]/.test(text) ? mend(text) : text;
    if (mended === text) throw error;
    return JSON.parse(mended);
  }
}

/** Found in every text that JSON.parse refuses and this reads, and in some others. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
export const almostJson = /[[,:]\s*-?(?:NaN|Infinity)|\\[^"\\/bfnrtu]|[\0-\x1f]/;

/** One pass over the text, string by string. */
function mend(text: string): string {
  const parts: string[] = [];
  for (let at = 0; ; ) {
    const open = text.indexOf('"', at);
    const end = open === -1 ? text.length : open;
    parts.push(text.slice(at, end).replace(constants, (written) => (written === "NaN" ? "null" : `"${written}"`)));
    if (open === -1) return parts.join("").replace(/^\ufeff/, "");
    at = endOfString(text, open) + 1;
    const string = text.slice(open + 1, at);
    const inner = string.endsWith('"') ? string.slice(0, -1) : string;
    parts.push(`"${inner.replace(pieces, escapePiece)}${string.slice(inner.length)}`);
  }
}

const constants = /-?\bInfinity\b|\bNaN\b/g;
/** What stands between backslashes, or one of them and what follows it. */
const pieces = /[^\\]+|\\.?/gs;

/** Only a callback for each piece, not for each character: a server can send sixteen million of them. */
function escapePiece(piece: string): string {
  if (!piece.startsWith("\\")) return escaped(piece);
  return /^\\["\\/bfnrtu]/.test(piece) ? piece : `\\\\${escaped(piece.slice(1))}`;
}

function escaped(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}
