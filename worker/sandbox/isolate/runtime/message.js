/*
 * The text of a console call: its values joined by spaces, the first as a format string if it is one (console.spec.whatwg.org).
 */

import { format } from "./format.js";
import { stringify, toNumber } from "./intrinsics.js";
import { indexOf, is, slice } from "./methods.js";
import { cut } from "./words.js";

const { parseInt: toInteger, parseFloat: toFloat } = Number;

/**
 * @param {unknown[]} values
 * @param {number} chars the approximate maximum length
 */
export function messageOf(values, chars) {
  let text = "";
  let next = 0;
  if (typeof values[0] === "string" && values.length > 1 && indexOf(values[0], "%") >= 0) {
    const filled = fillIn(values, chars);
    text = filled.text;
    next = filled.next;
  }
  for (let index = next; index < values.length && text.length <= chars; index++) {
    if (index > 0) text += " ";
    text += textOf(values[index], chars - text.length);
  }
  return text;
}

/** A string unchanged, any other value as format.js prints it. */
function textOf(value, chars) {
  return typeof value === "string" ? (value.length > chars ? `${cut(value, chars)}…` : value) : format(value, { chars });
}

/** Replaces the format specifiers in the first value with the values after it. */
function fillIn(values, chars) {
  const pattern = values[0];
  let text = "";
  let next = 1;
  let done = 0;
  for (let at = indexOf(pattern, "%"); at >= 0 && text.length <= chars; at = indexOf(pattern, "%", done)) {
    const specifier = pattern[at + 1];
    text += slice(pattern, done, at);
    done = at + 2;
    if (specifier === "%") text += "%";
    else if (next < values.length && isSpecifier(specifier)) {
      text += specified(specifier, values[next], chars);
      next += 1;
    } else {
      text += "%";
      done = at + 1;
    }
  }
  return { text: text + cut(slice(pattern, done), chars), next };
}

function isSpecifier(letter) {
  return letter !== undefined && indexOf("sdifjoOc", letter) >= 0;
}

function specified(specifier, value, chars) {
  switch (specifier) {
    case "d":
      return typeof value === "bigint" ? `${value}n` : numeral(value, toNumber);
    case "i":
      return typeof value === "bigint" ? `${value}n` : numeral(value, toInteger);
    case "f":
      return numeral(value, toFloat);
    case "j":
      return asJson(value, chars);
    case "c":
      // CSS has no effect in text.
      return "";
    default:
      return textOf(value, chars);
  }
}

function numeral(value, read) {
  if (typeof value === "object" || typeof value === "symbol") return "NaN";
  const number = read(value);
  return is(number, -0) ? "-0" : `${number}`;
}

function asJson(value, chars) {
  try {
    return cut(stringify(value) ?? "undefined", chars);
  } catch {
    // A value that JSON cannot hold is printed as without the specifier.
    return format(value, { chars });
  }
}
