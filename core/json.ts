export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };

/** A hash of a JSON value as sixteen hex digits, independent of the order of its keys. The value cannot be recovered from it. */
export function fingerprint(value: unknown): string {
  return hashOf(canonical(value));
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, held: unknown) =>
    typeof held === "object" && held !== null && !Array.isArray(held)
      ? Object.fromEntries(Object.entries(held).sort(([a], [b]) => (a < b ? -1 : 1)))
      : held,
  );
}

/** FNV-1a over the UTF-16 units, with two different seeds. */
function hashOf(text: string): string {
  let low = 0x811c9dc5;
  let high = 0x01000193;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    low = Math.imul(low ^ unit, 0x01000193);
    high = Math.imul(high ^ unit, 0x85ebca6b);
  }
  return [low, high].map((half) => (half >>> 0).toString(16).padStart(8, "0")).join("");
}

/**
 * JSON text in which a number that a double cannot hold is a string of the same digits, so that ids of twenty digits stay exact:
 * integers beyond 2^53, and what would be infinite. Everything else stays as it is, and so does text that is not JSON.
 */
export function keepDigits(json: string): string {
  if (!manyDigitsIn(json)) return json;
  let kept = "";
  for (let at = 0; ; ) {
    const open = json.indexOf('"', at);
    const end = open === -1 ? json.length : open;
    kept += json.slice(at, end).replace(numbers, exactNumber);
    if (open === -1) return kept;
    at = endOfString(json, open);
    kept += json.slice(open, at);
  }
}

/** Whether a text may hold such a number. Most do not, and need not be parsed for it. */
export function manyDigitsIn(json: string): boolean {
  return manyDigits.test(json);
}

const manyDigits = /\d{16}|[eE]\+?\d{3}/;
const numbers = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

function exactNumber(digits: string): string {
  const value = Number(digits);
  if (!Number.isFinite(value)) return `"${digits}"`;
  const integer = /^(-?\d+)(?:\.0+)?$/.exec(digits)?.[1];
  return integer === undefined || Number.isSafeInteger(value) ? digits : `"${integer}"`;
}

/** The index after the string that opens at `open`. Reads each character once. */
export function endOfString(json: string, open: number): number {
  for (let close = json.indexOf('"', open + 1); close !== -1; close = json.indexOf('"', close + 1)) {
    let backslashes = 0;
    while (json[close - 1 - backslashes] === "\\") backslashes += 1;
    if (backslashes % 2 === 0) return close + 1;
  }
  return json.length;
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
