import { z } from "zod";
import { isRecord } from "../json.ts";

/*
 * What models send instead of what a schema asks for, where only one thing can be meant: null for a field that they leave out,
 * "5" for 5, one string for a list, JSON as text, `files` as a list. Whatever is not clear is left as it is, for the schema to
 * refuse.
 */

/** Reads the fields of an input as they are meant. Fields that the schema does not have stay, because they are errors. */
export function meantInput(schema: z.ZodType, input: unknown): unknown {
  if (!(schema instanceof z.ZodObject) || !isRecord(input)) return input ?? {};
  const fields = Object.entries(input).flatMap(([name, value]) => {
    const field: unknown = Object.hasOwn(schema.shape, name) ? schema.shape[name] : undefined;
    if (!(field instanceof z.ZodType)) return [[name, value] as const];
    const { type, isOptional } = typeOf(field);
    const meant = meantValue(type, name === "query" && type instanceof z.ZodString ? sentenceOf(value) : value);
    const isLeftOut = isOptional && isNothing(type, meant);
    return isLeftOut ? [] : [[name, meant] as const];
  });
  return Object.fromEntries(fields);
}

function typeOf(field: z.ZodType): { type: z.ZodType; isOptional: boolean } {
  let type: unknown = field;
  while (type instanceof z.ZodOptional || type instanceof z.ZodDefault) type = type.unwrap();
  return { type: type instanceof z.ZodType ? type : field, isOptional: type !== field };
}

/** An empty text is a value only where text is asked for, and null only where anything is. */
function isNothing(type: z.ZodType, value: unknown): boolean {
  if (value === null) return !(type instanceof z.ZodUnknown);
  return value === "" && !(type instanceof z.ZodString) && !(type instanceof z.ZodUnknown);
}

function meantValue(type: z.ZodType, value: unknown): unknown {
  // Any JSON: an object or a list as text was meant as itself.
  if (type instanceof z.ZodUnknown) return typeof value === "string" ? (jsonIn(value) ?? value) : value;
  if (type instanceof z.ZodObject) return typeof value === "string" ? (jsonIn(value) ?? value) : value;
  // A query: one text, or several.
  if (type instanceof z.ZodUnion) return meantTexts(value);
  if (type instanceof z.ZodArray) return meantList(value);
  if (type instanceof z.ZodRecord) return meantFiles(value);
  const single = Array.isArray(value) && value.length === 1 ? value[0] : value;
  if (type instanceof z.ZodNumber) return meantNumber(single);
  if (type instanceof z.ZodEnum) return meantOption(type, single);
  return single;
}

function meantNumber(value: unknown): unknown {
  return typeof value === "string" && /^\s*[+-]?\d+(?:\.\d+)?\s*$/.test(value) ? Number(value) : value;
}

const otherNames: Readonly<Record<string, string>> = { typescript: "ts", tsx: "ts", javascript: "js", jsx: "js" };

function meantOption(type: z.ZodEnum, value: unknown): unknown {
  if (typeof value !== "string") return value;
  const lower = value.trim().toLowerCase();
  return [lower, otherNames[lower]].find((option) => option !== undefined && type.options.includes(option)) ?? value;
}

/** Several wishes where one is asked for, as one sentence. */
function sentenceOf(value: unknown): unknown {
  const isTexts = Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === "string");
  return isTexts ? value.join("; ") : value;
}

/** A list as JSON text is a list; commas are part of a text. */
function meantTexts(value: unknown): unknown {
  const parsed = typeof value === "string" ? jsonIn(value) : value;
  if (!Array.isArray(parsed)) return value;
  const texts = parsed.filter((item) => item !== null && item !== "");
  return texts.length === 1 ? texts[0] : texts;
}

/** Ids, names and tags have no commas, so text with commas is several of them. */
function meantList(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((item) => item !== null);
  if (typeof value !== "string") return value;
  const parsed = jsonIn(value);
  if (Array.isArray(parsed)) return parsed;
  const items = value.split(",").map((item) => item.trim());
  return value.trim() === "" ? "" : items.filter((item) => item !== "");
}

/** `files`: path → source, also as JSON text, as a list of `{ path, content }`, or with the source in an object. */
function meantFiles(value: unknown): unknown {
  const files = typeof value === "string" ? (jsonIn(value) ?? value) : value;
  if (Array.isArray(files)) {
    const entries = files.map((file) => [textIn(file, ["path", "name", "file", "filename"]), sourceIn(file)] as const);
    return entries.every(([path]) => path !== undefined) ? Object.fromEntries(entries) : value;
  }
  return isRecord(files) ? Object.fromEntries(Object.entries(files).map(([path, file]) => [path, sourceIn(file)])) : files;
}

function sourceIn(file: unknown): unknown {
  return textIn(file, ["content", "contents", "source", "code", "text"]) ?? file;
}

function textIn(file: unknown, names: readonly string[]): string | undefined {
  if (!isRecord(file)) return undefined;
  return names.map((name) => file[name]).find((text) => typeof text === "string");
}

/** Undefined when the text is not a JSON list or object. */
function jsonIn(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    // Text that only looks like JSON: the schema says what is expected instead.
    return undefined;
  }
}
