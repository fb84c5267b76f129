/** At most `charsMax` characters of a text, with an ellipsis in place of the rest. */
export function cutText(text: string, charsMax: number): string {
  return text.length <= charsMax ? text : `${startOf(text, charsMax)}…`;
}

/** The first `charsMax` characters, or one less where that would leave half of a surrogate pair. */
export function startOf(text: string, charsMax: number): string {
  if (text.length <= charsMax) return text;
  const isHalf = (text.charCodeAt(charsMax - 1) & 0xfc00) === 0xd800;
  return text.slice(0, isHalf ? charsMax - 1 : charsMax);
}

/**
 * JSON data with every lone surrogate, in keys too, replaced by U+FFFD: it has no UTF-8 encoding, and model APIs refuse a whole
 * conversation that contains one. Data without any is returned as it is.
 */
export function wellFormed<T>(data: T): T {
  const json = JSON.stringify(data);
  if (json === undefined) return data;
  const mended = wellFormedJson(json);
  return mended === json ? data : JSON.parse(mended);
}

/** The same for JSON text, where a lone surrogate is mostly an escape. */
export function wellFormedJson(json: string): string {
  const text = json.toWellFormed();
  return surrogateEscape.test(text) ? text.replace(loneSurrogates, "$1\\ufffd") : text;
}

const surrogateEscape = /\\ud[89a-f][0-9a-f]{2}/i;
// An even number of backslashes before it is text of its own. A pair of escapes is one character, and whole. No function is called for
// each: a text may have millions.
const loneSurrogates =
  /(?<!\\)((?:\\\\)*)\\ud(?:[89ab][0-9a-f]{2}(?!\\ud[c-f][0-9a-f]{2})|(?<!(?<!\\)(?:\\\\)*\\ud[89ab][0-9a-f]{2}\\ud)[c-f][0-9a-f]{2})/gi;

/** Without characters that a person does not see and only a model reads: tag characters, zero-width ones, bidirectional overrides. */
export function withoutInvisible(text: string): string {
  return plain.test(text) ? text : text.toWellFormed().replace(invisible, "");
}

/**
 * The same characters as escapes of JSON and JavaScript, where a person is to see that they are there: in JSON, a program, a line that
 * one printed.
 */
export function escapeInvisible(text: string): string {
  if (plain.test(text)) return text;
  return text.toWellFormed().replace(invisible, unicodeEscapes);
}

/** Each UTF-16 unit as JSON and JavaScript escape it, such as \u2028. */
export function unicodeEscapes(text: string): string {
  let escapes = "";
  for (let at = 0; at < text.length; at++) escapes += `\\u${(0x10000 + text.charCodeAt(at)).toString(16).slice(1)}`;
  return escapes;
}

/** Printable ASCII, as most texts are: nothing to remove. */
const plain = /^[\n\t\x20-\x7e]*$/;

// The zero-width joiner stays: it only joins emoji. Control characters are the business of core/log-line.ts.
const invisible = /[\p{Bidi_Control}\u200b\u200c\u2060-\u206f\ufeff\u{e0000}-\u{e007f}]+/gu;

/** A name that a stranger chose, on one line and with nothing that a person does not see. */
export function oneLine(name: string): string {
  return withoutInvisible(name).replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ");
}

/**
 * JSON that says the same, with an escape in place of what only pretends to be a line break, turns the direction of writing, or cannot
 * be seen.
 */
export function visibleJson(json: string): string {
  const text = wellFormedJson(json);
  return plain.test(text) ? text : text.replace(unseen, unicodeEscapes);
}

const unseen = /[\u007f-\u009f\u2028\u2029\ufff9-\uffff\p{Bidi_Control}\p{Default_Ignorable_Code_Point}]+/gu;
