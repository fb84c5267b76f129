import type { JsonSchema } from "./random-schemas.ts";

/* Random values for a schema: most of them valid, some broken in one place. A validator decides which are valid. */

/** Returns the next number of a sequence, in [0, 1). */
export type Random = () => number;

/** mulberry32: the same sequence for the same seed, on every machine. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Source {
  root: unknown;
  random: Random;
}

export function valueFor(schema: unknown, source: Source, depth = 6): unknown {
  const { random } = source;
  if (!isRecord(schema)) return pick(["a", 1, true, null], random);
  const parts: unknown[] = [];
  if (typeof schema.$ref === "string")
    parts.push(depth > 0 ? valueFor(resolve(source.root, schema.$ref), source, depth - 1) : undefined);
  for (const part of listOf(schema.allOf)) parts.push(valueFor(part, source, depth - 1));
  for (const alternatives of [listOf(schema.anyOf), listOf(schema.oneOf)]) {
    if (alternatives.length > 0) parts.push(valueFor(pick(alternatives, random), source, depth - 1));
  }
  const own = ownValue(schema, source, depth);
  if (own !== nothing) parts.push(own);
  const records = parts.filter(isRecord);
  return records.length === parts.length && records.length > 0
    ? Object.fromEntries(records.flatMap((part) => Object.entries(part)))
    : parts[0];
}

const nothing = Symbol("the schema says nothing of its own");

function ownValue(schema: Record<string, unknown>, source: Source, depth: number): unknown {
  const { random } = source;
  if (Object.hasOwn(schema, "const")) return schema.const;
  if (Array.isArray(schema.enum)) return pick(schema.enum, random);
  switch (Array.isArray(schema.type) ? pick(schema.type, random) : schema.type) {
    case "string":
      return pick(["a", "bc", "open", "x@y.zz"], random);
    case "integer":
      return Math.floor(random() * 20);
    case "number":
      return Math.floor(random() * 40) / 2;
    case "boolean":
      return random() < 0.5;
    case "null":
      return null;
    case "array":
      return listValue(schema, source, depth);
    case "object":
      return objectValue(schema, source, depth);
    default:
      return nothing;
  }
}

function listValue(schema: Record<string, unknown>, source: Source, depth: number): unknown[] {
  const fixed = Array.isArray(schema.prefixItems) ? schema.prefixItems : schema.items;
  if (Array.isArray(fixed)) {
    const rest = Array.isArray(schema.prefixItems) ? schema.items : schema.additionalItems;
    const items = isRecord(rest) && source.random() < 0.5 ? [...fixed, rest] : fixed;
    return items.map((item) => valueFor(item, source, depth - 1));
  }
  const length = depth <= 0 || schema.items === false ? 0 : Math.floor(source.random() * 3);
  return Array.from({ length }, () => valueFor(schema.items, source, depth - 1));
}

function objectValue(schema: Record<string, unknown>, source: Source, depth: number): Record<string, unknown> {
  const properties = isRecord(schema.properties) ? schema.properties : {};
  const required = listOf(schema.required);
  const entries = Object.entries(properties)
    .filter(([name]) => required.includes(name) || (depth > 0 && source.random() < 0.6))
    .map(([name, property]) => [name, valueFor(property, source, depth - 1)] as const);
  const others: (readonly [string, unknown])[] = [];
  const { additionalProperties: additional, patternProperties: patterns } = schema;
  if (depth > 0 && isRecord(additional) && source.random() < 0.5)
    others.push(["further", valueFor(additional, source, depth - 1)]);
  if (depth > 0 && isRecord(patterns) && source.random() < 0.5)
    others.push(["x-a", valueFor(patterns["^x-"], source, depth - 1)]);
  return Object.fromEntries([...entries, ...others]);
}

/** Changes one thing somewhere in the value: its kind, a literal, or a member added or removed. */
export function mutate(value: unknown, random: Random): unknown {
  if (isRecord(value) && Object.keys(value).length > 0 && random() < 0.85) {
    const entries = Object.entries(value);
    const index = Math.floor(random() * entries.length);
    const way = random();
    if (way < 0.2) return Object.fromEntries(entries.toSpliced(index, 1));
    if (way < 0.35) return Object.fromEntries([...entries, ["zzz", 1]]);
    return Object.fromEntries(entries.map(([name, item], at) => [name, at === index ? mutate(item, random) : item]));
  }
  if (Array.isArray(value) && value.length > 0 && random() < 0.8) {
    const index = Math.floor(random() * value.length);
    return value.map((item, at) => (at === index ? mutate(item, random) : item));
  }
  return pick(["zzz", 12_345, true, null, ["zzz"], { zzz: 1 }], random);
}

/**
 * The schema without what TypeScript cannot express: ranges, lengths, patterns, that exactly one alternative matches, and that an
 * object within a combination is closed.
 */
export function expressiblePart(schema: unknown, isCombined = false): unknown {
  if (!isRecord(schema)) return schema;
  const kept: Record<string, unknown> = {};
  const inner = (part: unknown) => expressiblePart(part);
  const mapped = (parts: unknown) =>
    isRecord(parts) ? Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, inner(part)])) : parts;
  const combining = ["anyOf", "oneOf", "allOf", "$ref"].some((keyword) => Object.hasOwn(schema, keyword));
  for (const keyword of ["$schema", "$ref", "const", "enum", "required", "nullable"]) {
    if (Object.hasOwn(schema, keyword)) kept[keyword] = schema[keyword];
  }
  if (schema.type !== undefined)
    kept.type = Array.isArray(schema.type) ? schema.type.map(withoutInteger) : withoutInteger(schema.type);
  for (const keyword of ["properties", "$defs", "definitions"])
    if (Object.hasOwn(schema, keyword)) kept[keyword] = mapped(schema[keyword]);
  for (const keyword of ["items", "additionalItems"]) {
    const value = schema[keyword];
    if (value !== undefined) kept[keyword] = Array.isArray(value) ? value.map(inner) : inner(value);
  }
  if (Array.isArray(schema.prefixItems)) kept.prefixItems = schema.prefixItems.map(inner);
  const alternatives = [schema.anyOf, schema.oneOf]
    .filter(Array.isArray)
    .map((list) => ({ anyOf: list.map((part) => expressiblePart(part, true)) }));
  const all = [...listOf(schema.allOf).map((part) => expressiblePart(part, true)), ...alternatives];
  if (all.length > 0) kept.allOf = all;
  const further = furtherProperties(schema, inner);
  if (further !== undefined && !(further === false && (isCombined || combining))) kept.additionalProperties = further;
  return kept;
}

/**
 * The schema with objects closed unless they explicitly allow further properties. Values that are valid only because an
 * alternative allows unnamed properties are rejected by generated types on purpose, as misspellings.
 */
export function closedPart(schema: unknown, isCombined = false): unknown {
  if (!isRecord(schema)) return schema;
  const combined = isCombined || ["properties", "allOf", "$ref"].some((keyword) => Object.hasOwn(schema, keyword));
  const closed = Object.fromEntries(
    Object.entries(schema).map(([keyword, value]) => [keyword, closedKeyword(keyword, { value, isCombined: combined })]),
  );
  const isOpen =
    isRecord(schema.properties) && schema.additionalProperties === undefined && schema.patternProperties === undefined;
  const isAlone = !isCombined && !["anyOf", "oneOf", "allOf", "$ref"].some((keyword) => Object.hasOwn(schema, keyword));
  return isOpen && isAlone ? { ...closed, additionalProperties: false } : closed;
}

function closedKeyword(keyword: string, { value, isCombined }: { value: unknown; isCombined: boolean }): unknown {
  switch (keyword) {
    case "properties":
    case "patternProperties":
    case "$defs":
    case "definitions":
      return isRecord(value) ? Object.fromEntries(Object.entries(value).map(([name, part]) => [name, closedPart(part)])) : value;
    case "items":
    case "prefixItems":
    case "additionalItems":
    case "additionalProperties":
      return Array.isArray(value) ? value.map((part) => closedPart(part)) : closedPart(value);
    case "anyOf":
    case "oneOf":
      return listOf(value).map((part) => closedPart(part, isCombined));
    case "allOf":
      return listOf(value).map((part) => closedPart(part, true));
    default:
      return value;
  }
}

/** An index signature applies to every property, including the named ones. */
function furtherProperties(
  { additionalProperties: additional, patternProperties, properties }: Record<string, unknown>,
  inner: (part: unknown) => unknown,
): unknown {
  const others = [
    ...(isRecord(patternProperties) ? Object.values(patternProperties) : []),
    ...(additional === undefined || additional === false ? [] : [additional]),
  ];
  if (others.length === 0) return additional === false ? false : undefined;
  return { anyOf: [...others, ...(isRecord(properties) ? Object.values(properties) : [])].map(inner) };
}

function withoutInteger(type: unknown): unknown {
  return type === "integer" ? "number" : type;
}

export function resolve(root: unknown, ref: string): JsonSchema {
  let target: unknown = root;
  for (const step of ref.split("/").slice(1)) {
    const name = decodeURIComponent(step).replaceAll("~1", "/").replaceAll("~0", "~");
    target = isRecord(target) && Object.hasOwn(target, name) ? target[name] : undefined;
  }
  return isRecord(target) ? target : true;
}

function pick<T>(items: readonly T[], random: Random): T | undefined {
  return items[Math.floor(random() * items.length)];
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
