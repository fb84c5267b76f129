/*
 * Untrusted JSON as source text. Every string chosen by a server enters generated code through this file or jsdoc.ts, and nowhere
 * else.
 */

import { unicodeEscapes } from "../text.ts";

/** Characters that end a line, reorder it or are invisible: valid inside a string literal, but misleading to a reader. */
const unsafe = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e007f}]/gu;

/** A JavaScript and TypeScript string literal with exactly this value, on one line and with no invisible character. */
export function quote(text: string): string {
  const literal = JSON.stringify(text);
  return plain.test(literal) ? literal : literal.replace(unsafe, unicodeEscapes);
}

/** Matches almost every text, and is faster than searching for unsafe characters. */
const plain = /^[\x20-\x7e]*$/;

/** A property name in an object type, without quotes if it is an identifier. */
export function propertyName(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : quote(name);
}

/** JSON of a value. What is nested deeper than `depthMax` becomes "…", so that no input exhausts the stack. */
export function boundedJson(value: unknown, depthMax: number): string {
  if (typeof value !== "object" || value === null)
    return typeof value === "string" ? quote(value) : (JSON.stringify(value) ?? "null");
  return (JSON.stringify(clip(value, depthMax)) ?? "null").replace(unsafe, unicodeEscapes);
}

function clip(value: unknown, depth: number): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (depth <= 0) return "…";
  if (Array.isArray(value)) return value.map((item) => clip(item, depth - 1));
  // fromEntries defines own properties, "__proto__" included.
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, clip(item, depth - 1)]));
}
