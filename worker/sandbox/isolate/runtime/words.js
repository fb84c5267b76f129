/* Formats values without parts: primitives and functions. */

import { stringify } from "./intrinsics.js";
import { codeAt, functionText, getOwnPropertyDescriptor, is, matchIn, slice, symbolText } from "./methods.js";

/** The maximum length of a string inside another value. */
const nestedStringChars = 1_000;
/** The same of base64, of which more says nothing. */
const nestedBase64Chars = 40;
/** Text without a blank and with letters of both cases and digits. */
const base64Start = /^(?:data:[\w.+-]+\/[\w.+-]+;base64,)?(?=[^a-z]{0,99}[a-z])(?=[^A-Z]{0,99}[A-Z])(?=\D{0,99}\d)[\w+/-]{300}/;

/** The start of a string, not cut within a surrogate pair. */
export function cut(text, chars) {
  if (text.length <= chars) return text;
  const code = codeAt(text, chars - 1);
  return slice(text, 0, code >= 0xd800 && code <= 0xdbff ? chars - 1 : chars);
}

export function showSimple(value) {
  switch (typeof value) {
    case "string": {
      const start = cut(value, matchIn(base64Start, value) === null ? nestedStringChars : nestedBase64Chars);
      const left = value.length - start.length;
      return left > 0 ? `${stringify(start)}… ${left} more characters` : stringify(value);
    }
    case "number":
      return is(value, -0) ? "-0" : `${value}`;
    case "bigint":
      return `${value}n`;
    case "symbol":
      return symbolText(value);
    case "function":
      return showFunction(value);
    default:
      return `${value}`;
  }
}

function showFunction(value) {
  const kind = matchIn(/^(?:class\b|async\b)/, slice(functionText(value), 0, 10))?.[0];
  const name = ownText(value, "name");
  return `[${kind === "class" ? "class" : kind === "async" ? "async function" : "function"}${name ? ` ${cut(name, 80)}` : ""}]`;
}

/** An own string field, without calling a getter; empty if there is none. */
export function ownText(value, name) {
  const text = getOwnPropertyDescriptor(value, name)?.value;
  return typeof text === "string" ? text : "";
}
