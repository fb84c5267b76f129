import { endOfString } from "../json.ts";
import { unicodeEscapes } from "../text.ts";

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
    parts.push(text.slice(open, at).replace(unescaped, escapeOne));
  }
}

const constants = /-?\bInfinity\b|\bNaN\b/g;
/** A control character, or a backslash and what follows it. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const unescaped = /[\0-\x1f]|\\.?/gs;

function escapeOne(written: string): string {
  if (!written.startsWith("\\")) return unicodeEscapes(written);
  return /^\\["\\/bfnrtu]/.test(written) ? written : `\\\\${written.slice(1).replace(unescaped, escapeOne)}`;
}
