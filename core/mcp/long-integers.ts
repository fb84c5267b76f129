import { endOfString } from "../json.ts";

/**
 * The JSON text with every integer that a double cannot hold as a string, so that ids of twenty digits stay exact. One pass over the
 * text: a reviver of JSON.parse would be called for each of millions of values.
 */
export function withLongIntegersAsText(json: string): string {
  let written = "";
  let done = 0;
  let at = 0;
  for (const { 0: number, index } of json.matchAll(longNumber)) {
    // Strings before it are skipped; digits inside one are not a number.
    while (at <= index) {
      const quote = json.indexOf('"', at);
      if (quote < 0 || quote > index) break;
      at = endOfString(json, quote) + 1;
    }
    if (at > index || !isInexact(number) || isPartOfNumber(json, index, number.length)) continue;
    written += `${json.slice(done, index)}"${number}"`;
    done = index + number.length;
  }
  return written + json.slice(done);
}

const longNumber = /-?\d{16,}/g;

/** A leading zero is not JSON, which JSON.parse reports. */
function isInexact(number: string): boolean {
  return !Number.isSafeInteger(Number(number)) && !/^-?0/.test(number);
}

/** Whether it has a fraction or an exponent, or belongs to one. */
function isPartOfNumber(json: string, index: number, length: number): boolean {
  return /[.eE+\d]/.test(json.charAt(index - 1)) || /[.eE]/.test(json.charAt(index + length));
}
