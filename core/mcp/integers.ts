import { endOfString, finderIn } from "../json.ts";

/**
 * JSON text in which an integer that a double cannot hold is a string of the same digits, so that ids of twenty digits stay exact, and
 * a number beyond all doubles, such as 1e400, the string that was written: JSON.parse reads infinity, which becomes null. Everything else stays as it is, and so does text that is not JSON. One pass over the text: a reviver of JSON.parse would be called for
 * each of millions of values.
 */
export function keepDigits(json: string): string {
  if (!manyDigitsIn(json)) return json;
  const nextNumber = finderIn(json, new RegExp(manyDigits, "g"));
  const parts: string[] = [];
  let copied = 0;
  for (let at = 0; ; ) {
    const open = json.indexOf('"', at);
    const end = open === -1 ? json.length : open;
    if (nextNumber(at) < end) {
      parts.push(json.slice(copied, at), json.slice(at, end).replace(numbers, exactNumber));
      copied = end;
    }
    if (open === -1) return [...parts, json.slice(copied)].join("");
    at = endOfString(json, open) + 1;
  }
}

/** Whether a text may hold such a number. Most do not, and need not be parsed for it. */
export function manyDigitsIn(json: string): boolean {
  return manyDigits.test(json);
}

const manyDigits = /\d{16}|\d[eE]\+?\d{3,}\s*(?:[,\]}]|$)/;
const numbers = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

function exactNumber(digits: string): string {
  if (!Number.isFinite(Number(digits))) return `"${digits}"`;
  const integer = /^(-?\d+)(?:\.0+)?$/.exec(digits)?.[1];
  return integer === undefined || Number.isSafeInteger(Number(digits)) ? digits : `"${integer}"`;
}

/*
 * A BigInt in the arguments of a call travels as a marked string, because JSON.parse on its way would round it, and becomes an
 * integer again in the text that is sent to the server. Whoever forges a mark sends an integer.
 */
const integerMark = "\u0000integer:";

/** Arguments as they are sent to a server: marked strings become the integers that they stand for. */
export function writeIntegers(json: string): string {
  return json.includes(markInJson) ? json.replace(markedIntegers, "$1") : json;
}

/** The digits of a marked string; any other string as it is. For places where an argument is text. */
export function withoutIntegerMark(text: string): string {
  return text.startsWith(integerMark) ? text.slice(integerMark.length) : text;
}

const markInJson = '"\\u0000integer:';
const markedIntegers = /"\\u0000integer:(-?\d+)"/g;
