export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };

/**
 * Whether JSON text nests deeper than `levelsMax`. It is one pass without recursion, so text of any depth can be refused before
 * anything recursive reads it. Text that is not JSON may be counted wrongly; whoever parses it finds out.
 */
export function isDeeperJson(json: string, levelsMax: number): boolean {
  if (json.length <= levelsMax) return false;
  let level = 0;
  for (let at = 0; at < json.length; at++) {
    const unit = json.charCodeAt(at);
    if (unit === quote) at = endOfString(json, at);
    else if (unit === openBracket || unit === openBrace) {
      level += 1;
      if (level > levelsMax) return true;
    } else if (unit === closeBracket || unit === closeBrace) level -= 1;
  }
  return false;
}

/** The index of the quote that ends the string that begins at `start`, or the length of the text if it does not end. */
export function endOfString(json: string, start: number): number {
  for (let end = json.indexOf('"', start + 1); end >= 0; end = json.indexOf('"', end + 1)) {
    let first = end;
    while (json.charCodeAt(first - 1) === backslash) first -= 1;
    if ((end - first) % 2 === 0) return end;
  }
  return json.length;
}

const [quote, backslash, openBracket, closeBracket, openBrace, closeBrace] = [0x22, 0x5c, 0x5b, 0x5d, 0x7b, 0x7d];

/** Whether JSON data nests deeper than `levelsMax`. Goes no deeper itself. */
export function isDeeper(data: unknown, levelsMax: number): boolean {
  if (typeof data !== "object" || data === null) return false;
  if (levelsMax <= 0) return true;
  if (Array.isArray(data)) return data.some((item) => isDeeper(item, levelsMax - 1));
  for (const key in data) if (isDeeper(Reflect.get(data, key), levelsMax - 1)) return true;
  return false;
}

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
 * JSON text in which an integer that a double cannot hold is a string of the same digits, so that ids of twenty digits stay exact.
 * Everything else stays as it is, and so does text that is not JSON. One pass over the text: a reviver of JSON.parse would be called for
 * each of millions of values.
 */
export function keepDigits(json: string): string {
  if (!manyDigitsIn(json)) return json;
  let kept = "";
  for (let at = 0; ; ) {
    const open = json.indexOf('"', at);
    const end = open === -1 ? json.length : open;
    kept += json.slice(at, end).replace(numbers, exactNumber);
    if (open === -1) return kept;
    at = endOfString(json, open) + 1;
    kept += json.slice(open, at);
  }
}

/** Whether a text may hold such a number. Most do not, and need not be parsed for it. */
export function manyDigitsIn(json: string): boolean {
  return manyDigits.test(json);
}

const manyDigits = /\d{16}/;
const numbers = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

function exactNumber(digits: string): string {
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
