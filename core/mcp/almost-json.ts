import { endOfString, finderIn } from "../json.ts";
import { limits } from "../limits.ts";

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

/**
 * One pass over the text, string by string. Only what has a flaw is copied, and no function is called for each of them: a server can send
 * sixteen million. Text with more places to mend than an answer has fields stays as it is.
 */
function mend(written: string): string {
  const text = written.replace(badEscapes, "$1\\\\");
  const nextConstant = finderIn(text, constants);
  const nextControl = finderIn(text, controls);
  const parts: string[] = [];
  let copied = 0;
  const copy = (start: number, end: number, mended: string): void => {
    parts.push(text.slice(copied, start), mended);
    copied = end;
  };
  for (let at = 0; parts.length <= limits.answerPartsMax; ) {
    const open = text.indexOf('"', at);
    const outside = open === -1 ? text.length : open;
    if (nextConstant(at) < outside) copy(at, outside, withoutConstants(text.slice(at, outside)));
    if (open === -1) return [...parts, text.slice(copied)].join("").replace(/^\ufeff/, "");
    const end = endOfString(text, open);
    if (nextControl(open) < end) copy(open + 1, end, withoutControls(text.slice(open + 1, end)));
    at = end + 1;
  }
  return written;
}

function withoutConstants(text: string): string {
  return text.replace(/\bNaN\b/g, "null").replace(/-?\bInfinity\b/g, '"$&"');
}

/** The inside of a string with escapes in place of its control characters. What else is escaped with them is restored. */
function withoutControls(inner: string): string {
  return JSON.stringify(inner)
    .slice(1, -1)
    .replace(/\\([\\"])/g, "$1");
}

const constants = /\bInfinity\b|\bNaN\b/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const controls = /[\0-\x1f]/g;
/** The backslash of an escape that JSON does not have, after those that escape each other. Outside of strings there is none. */
const badEscapes = /(?<!\\)((?:\\\\)*)\\(?!["\\/bfnrtu])/g;
