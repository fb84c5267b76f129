import { isRecord } from "../json.ts";
import { limits } from "../limits.ts";
import { withoutInvisible } from "../text.ts";
import { boundedJson } from "./literals.ts";

/**
 * A JSDoc comment of the given lines, or "" if there are none. The lines are escaped here, so that untrusted text can neither
 * close the comment nor act as a directive of the compiler such as `@ts-ignore`.
 */
export function blockComment(lines: readonly string[], indent = ""): string {
  if (lines.length === 0) return "";
  const safe = lines.map(escapeLine).filter((line) => line !== "");
  const [only] = safe;
  if (only === undefined) return "";
  if (safe.length === 1) return `${indent}/** ${only} */\n`;
  return `${indent}/**\n${safe.map((line) => `${indent} * ${line}\n`).join("")}${indent} */\n`;
}

/** The first paragraph of a description as one line, for lists. */
export function oneLine(text: string, charsMax: number = limits.descriptionLineCharsMax): string {
  if (text.length <= charsMax && isOrdinary(text)) return text;
  const [first = ""] = clean(text)
    .trim()
    .split(/\n\s*\n/);
  return cut(first.replace(/\s+/g, " "), charsMax);
}

/**
 * A description as comment lines. Line breaks are kept, blank lines dropped; the whole text and each line are limited in length.
 */
export function descriptionLines(text: string, charsMax: number = limits.descriptionCharsMax): string[] {
  if (text.length <= Math.min(charsMax, limits.descriptionLineCharsMax) && isOrdinary(text)) return text === "" ? [] : [text];
  return cut(clean(text).trim(), charsMax)
    .split("\n")
    .map((line) => line.replace(/\s+/g, " ").trim())
    .filter((line) => line !== "")
    .flatMap((line) => wrap(line.replace(tag, "$1\\@"), limits.descriptionLineCharsMax));
}

/** A word of a description that would read like one of the JSDoc tags written here. */
const tag = /(^|\s)@(?=[A-Za-z]+(?:\s|$))/g;

/** A property's description and constraints as comment lines; a single line if they are short. */
export function schemaLines(schema: unknown): string[] {
  if (!isRecord(schema)) return [];
  const description = typeof schema.description === "string" ? descriptionLines(schema.description) : [];
  const tags = tagsOf(schema);
  if (tags.length === 0 && description.length <= 1) return description;
  const joined = [...description, ...tags].join(" ");
  if (description.length <= 1 && joined.length <= joinedCharsMax) return joined === "" ? [] : [joined];
  return tags.length === 0 ? description : [...description, tags.join(" ")];
}

/** Description and tags share a line up to this length. */
const joinedCharsMax = 140;
/** Length of a default or an example; anything longer is data rather than documentation. */
const valueCharsMax = 120;
const valueDepthMax = 4;

/** Constraints that a TypeScript type cannot express, in the order in which they are printed. */
const constraints = [
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "multipleOf",
  "minLength",
  "maxLength",
  "minItems",
  "maxItems",
  "minProperties",
  "maxProperties",
  "format",
  "pattern",
] as const;

const constraintOrder = new Map<string, number>(constraints.map((keyword, index) => [keyword, index]));

/**
 * The constraints of a schema, in order. It loops over the schema's own keywords: most schemas have at most one constraint, so
 * that testing for each possible one would take longer.
 */
function constraintsOf(schema: Record<string, unknown>): string[] {
  const keywords: string[] = [];
  for (const keyword in schema) {
    if (constraintOrder.has(keyword)) keywords.push(keyword);
  }
  if (keywords.length > 1) keywords.sort((a, b) => (constraintOrder.get(a) ?? 0) - (constraintOrder.get(b) ?? 0));
  return keywords;
}

function tagsOf(schema: Record<string, unknown>): string[] {
  const tags: string[] = [];
  if (schema.default !== undefined) tags.push(`@default ${jsonOf(schema.default)}`);
  for (const keyword of constraintsOf(schema)) {
    const value = schema[keyword];
    if (isInformative(value)) tags.push(`@${keyword} ${typeof value === "string" ? oneLine(value) : String(value)}`);
  }
  const example = Array.isArray(schema.examples) ? schema.examples[0] : schema.example;
  if (example !== undefined) tags.push(`@example ${jsonOf(example)}`);
  if (schema.deprecated === true) tags.push("@deprecated");
  return tags;
}

/** Schema generators write the bounds of a safe integer to mean "any integer". */
function isInformative(value: unknown): value is string | number | boolean {
  if (typeof value === "number") return Math.abs(value) !== Number.MAX_SAFE_INTEGER;
  return (typeof value === "string" && value !== "") || value === true;
}

function jsonOf(value: unknown): string {
  return cut(boundedJson(value, valueDepthMax), valueCharsMax);
}

/** Turns every kind of line end into a line feed, and removes characters that are invisible or reorder others. */
function clean(text: string): string {
  if (plain.test(text)) return text;
  const lines = text.replace(/\r\n?|[\v\f\u0085\u2028\u2029]/g, "\n").replace(/\t/g, " ");
  return withoutInvisible(lines).replace(controls, "");
}

/** Printable ASCII, as most descriptions are: nothing to clean. */
const plain = /^[\n\x20-\x7e]*$/;

const controls = /[^\P{Cc}\n]/gu;

/** Whether a text is one line of ASCII words that needs neither cleaning nor escaping. Most descriptions are. */
function isOrdinary(text: string): boolean {
  return ordinary.test(text) && !text.includes("*/");
}

const ordinary = /^(?:[!-?A-~]+(?: [!-?A-~]+)*)?$/;

function escapeLine(line: string): string {
  if (isOrdinary(line)) return line;
  return clean(line)
    .replace(/\s+/g, " ")
    .trim()
    .replace(/\*\//g, "*\\/")
    .replace(/@(?=ts-)/gi, "@ ");
}

/** Truncates with an ellipsis, at a word boundary if there is one in the last third. */
function cut(text: string, charsMax: number): string {
  if (text.length <= charsMax) return text;
  const head = text.slice(0, charsMax - 1);
  const space = head.search(/\s\S*$/);
  const end = space > (charsMax * 2) / 3 ? space : head.length - (isHighSurrogate(head, head.length - 1) ? 1 : 0);
  return `${head.slice(0, end)}…`;
}

/** Cutting after a high surrogate would leave half a character. */
function isHighSurrogate(text: string, index: number): boolean {
  return (text.charCodeAt(index) & 0xfc00) === 0xd800;
}

function wrap(line: string, charsMax: number): string[] {
  const lines: string[] = [];
  let rest = line;
  while (rest.length > charsMax) {
    const space = rest.lastIndexOf(" ", charsMax);
    const end = space > 0 ? space : charsMax - (isHighSurrogate(rest, charsMax - 1) ? 1 : 0);
    lines.push(rest.slice(0, end));
    rest = rest.slice(end).trimStart();
  }
  return [...lines, rest];
}
