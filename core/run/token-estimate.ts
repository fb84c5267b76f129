/**
 * An upper estimate of what a text costs a model, without a tokenizer: those have megabytes of tables. Words cost about six letters a
 * token, what looks like an id or base64 far fewer, and a character outside ASCII what the rarest of its script do.
 *
 * @param enough the text is read until it costs more
 */
export function tokensAtMost(text: string, enough = Number.POSITIVE_INFINITY): number {
  let tokens = 0;
  for (const [part] of text.matchAll(parts)) {
    tokens += costOf(part);
    if (tokens > enough) break;
  }
  return Math.ceil(tokens);
}

const parts = /[A-Z]?[a-z]+|[A-Z]+| ?\d+|\s+?(?= \d)|\s+|[^\sA-Za-z\d\u0080-\uffff]+|[\u0080-\uffff]/g;

function costOf(part: string): number {
  const first = part.charCodeAt(0);
  if (first > 0x7f) return scripts.find(([end]) => first < end)?.[1] ?? rare;
  const { length } = part;
  if (part === " ") return 0;
  if (/^\s+$/.test(part)) return isOneCharacter.test(part) ? Math.ceil(length / 16) : Math.ceil(length / 2);
  // A space is a part of the next word, but not of a number.
  if (/^ ?\d/.test(part)) return Math.ceil(part.trimStart().length / 3) + (first === space ? 1 : 0);
  if (/^[^A-Za-z]/.test(part)) return length <= 3 ? 1 : Math.ceil(length * 0.7);
  // Base64 is full of them, and sentences are not.
  if (length <= 3 && part < "a") return 1.45;
  if (isOneCharacter.test(part)) return Math.ceil(length / 4);
  return isWord(part) ? Math.ceil(length / 6) : Math.ceil(length * 0.6);
}

const space = 0x20;
const isOneCharacter = /^(.)\1*$/s;

/** Letters that can be spoken. Those of an id mostly cannot, and no vocabulary has them. */
function isWord(letters: string): boolean {
  return letters.length <= 2 || (/[aeiouyAEIOUY]/.test(letters) && !/[^aeiouyAEIOUY]{4}|^[A-Z]{9}/.test(letters));
}

/** What one UTF-16 unit costs up to a code point: in a text of random letters, whose pairs no vocabulary has. */
const scripts: readonly (readonly [end: number, cost: number])[] = [
  [0x100, 1.1],
  [0x370, 2],
  [0x590, 1.6],
  [0x600, 1],
  [0x700, 1.5],
  [0x900, 2],
  [0xe00, 1.7],
  [0xe80, 1.3],
  [0x1380, 2.2],
  [0x1d00, 3],
  [0x2000, 2.3],
  [0x2400, 2],
  [0x2440, 3],
  [0x2800, 2],
  [0x2900, 3],
  [0x2c00, 2],
  [0x3000, 3],
  [0x3100, 1.3],
  [0x4e00, 3],
  [0xa000, 2],
  [0xac00, 3],
  [0xd800, 2.3],
  [0xe000, 2],
  [0xff00, 3],
  [0xff60, 1.5],
];
const rare = 3;
export const charTokensMax = rare;

/** At most so much of a text that its JSON costs `tokensMax`: its start and its end, where the traces of some languages say what happened. */
export function cutToTokens(text: string, tokensMax: number): string {
  if (jsonTokens(text, tokensMax) <= tokensMax) return text;
  let kept = "";
  // By halves: the longest that fits.
  for (let low = 0, high = text.length; high - low > 1; ) {
    const chars = (low + high) >> 1;
    const shorter = middleCut(text, chars);
    if (jsonTokens(shorter, tokensMax) > tokensMax) high = chars;
    else {
      low = chars;
      kept = shorter;
    }
  }
  return kept;
}

function middleCut(text: string, chars: number): string {
  const start = text.slice(0, Math.ceil(chars * 0.7));
  const end = text.slice(text.length - Math.floor(chars * 0.3));
  return `${start} … ${text.length - chars} more characters … ${end}`.toWellFormed();
}

/** What a value costs as JSON, or more than `enough`. */
export function jsonTokens(value: unknown, enough?: number): number {
  return value === undefined ? 0 : tokensAtMost(JSON.stringify(value), enough);
}
