export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };

/** Whether it is an object with fields: no list, and not null. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

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

/**
 * Whether JSON text has more parts than `partsMax`: objects, lists, and names and values of fields. They, and not its characters, are
 * what takes long to read. One pass, like `isDeeperJson`.
 */
export function hasMoreParts(json: string, partsMax: number): boolean {
  if (json.length <= partsMax) return false;
  let parts = 0;
  for (let at = 0; at < json.length && parts <= partsMax; at++) {
    const unit = json.charCodeAt(at);
    if (unit === quote) at = endOfString(json, at);
    else if (unit === openBracket || unit === openBrace) parts += 1;
    else if (unit === colon) parts += 2;
  }
  return parts > partsMax;
}

/** Whether JSON text has more fields and items of lists, all together, than `itemsMax`, about. One pass, like `isDeeperJson`. */
export function hasMoreItems(json: string, itemsMax: number): boolean {
  if (json.length <= itemsMax) return false;
  let items = 0;
  for (let at = 0; at < json.length && items <= itemsMax; at++) {
    const unit = json.charCodeAt(at);
    if (unit === quote) at = endOfString(json, at);
    else if (unit === comma) items += 1;
  }
  return items > itemsMax;
}

/**
 * Whether JSON text has more different names of fields than `namesMax`, about: an object of a hundred thousand takes as long to read as ten
 * times as many values. One pass, like `isDeeperJson`; two names in a million that look alike count once.
 */
export function hasMoreNames(json: string, namesMax: number): boolean {
  if (json.length <= nameCharsMin * namesMax) return false;
  const seen = new Uint8Array(2 ** 18);
  let names = 0;
  for (let start = json.indexOf('"'); start >= 0; ) {
    const end = endOfString(json, start);
    let next = end + 1;
    while (isSpace(json.charCodeAt(next))) next += 1;
    if (json.charCodeAt(next) === colon) {
      const bit = hashBetween(json, start + 1, end) >>> 11;
      const mask = 1 << (bit & 7);
      const byte = seen[bit >> 3] ?? 0;
      if ((byte & mask) === 0) {
        seen[bit >> 3] = byte | mask;
        names += 1;
        if (names > namesMax) return true;
      }
    }
    start = json.indexOf('"', next);
  }
  return false;
}

/** Of a name, with its quotes, its colon and a value. */
const nameCharsMin = 5;

function isSpace(unit: number): boolean {
  return unit === 0x20 || (unit >= 0x09 && unit <= 0x0d);
}

/** FNV-1a, with its bits mixed. */
function hashBetween(text: string, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
}

/** Whether JSON text is an object with a field of this name. One pass, like `isDeeperJson`. */
export function hasField(json: string, name: string): boolean {
  let level = 0;
  for (let at = 0; at < json.length; at++) {
    const unit = json.charCodeAt(at);
    if (unit === openBracket || unit === openBrace) level += 1;
    else if (unit === closeBracket || unit === closeBrace) level -= 1;
    else if (unit === quote) {
      const start = at;
      at = endOfString(json, at);
      if (level === 1 && isWritten(json.slice(start, at + 1), name) && isFollowedByColon(json, at + 1)) return true;
    }
  }
  return false;
}

/** Whether a JSON string says this text, with whatever escapes. */
function isWritten(string: string, text: string): boolean {
  if (!string.includes("\\")) return string === `"${text}"`;
  try {
    return string.length <= 6 * text.length + 2 && JSON.parse(string) === text;
  } catch {
    // An escape that JSON does not have.
    return false;
  }
}

function isFollowedByColon(json: string, at: number): boolean {
  const colonNext = /\s*:/y;
  colonNext.lastIndex = at;
  return colonNext.test(json);
}

/** Where a global pattern is found next, from a place that is never before the last one. All looks together read the text once. */
export function finderIn(text: string, pattern: RegExp): (from: number) => number {
  let found = -1;
  return (from) => {
    if (found < from) {
      pattern.lastIndex = from;
      found = pattern.exec(text)?.index ?? Number.POSITIVE_INFINITY;
    }
    return found;
  };
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

const [quote, backslash, openBracket, closeBracket, openBrace, closeBrace, colon, comma] = [
  0x22, 0x5c, 0x5b, 0x5d, 0x7b, 0x7d, 0x3a, 0x2c,
];

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
  return hashOf(canonicalJson(value));
}

/** The JSON of a value with the keys of every object in ascending order: equal values have the same text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(inOrder(value));
}

/** A copy. JSON.stringify with a replacer takes several times as long. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (!isRecord(value)) return value;
  const names = Object.keys(value).sort();
  return Object.fromEntries(names.map((name) => [name, inOrder(value[name])]));
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
