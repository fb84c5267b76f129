import { schemaLines } from "./jsdoc.ts";
import { isRecord, quote } from "./literals.ts";
import { intersectionOf, type Member, neverType, nullType, type TypeNode, unionOf, unknownType } from "./type-node.ts";

/** Bounds of the type made from one schema. What lies beyond is `unknown`: it costs checking, not the tool. */
export const schemaBounds = {
  /** Objects, arrays and combinators inside each other. */
  depthMax: 16,
  /** Schemas and literals looked at for one document, its definitions included. */
  nodesMax: 20_000,
  /** Named types of one schema. */
  definitionsMax: 300,
  /** Properties of one object; with more, the rest passes unchecked. */
  membersMax: 300,
  /** Literals of one enum: time zones are 600. */
  literalsMax: 1_000,
  /** Alternatives of one anyOf or oneOf. */
  alternativesMax: 100,
  /** Fixed places of a tuple. */
  tupleItemsMax: 32,
} as const;

/** Where in a schema the conversion is. */
export interface Place {
  depth: number;
  /**
   * Whether an object, array or tuple was entered since the start of this type. TypeScript allows a type to contain
   * itself only inside one of these.
   */
  isGuarded: boolean;
  /** Counts down through the whole tool. */
  budget: { nodes: number };
  /** The type a `$ref` stands for. */
  refer: (ref: string, place: Place) => TypeNode;
}

/**
 * The type of the values a JSON Schema (draft-07 or 2020-12) accepts. Never throws, whatever a stranger calls a schema.
 * Where TypeScript cannot say it (`not`, `if`, `contains`), the type is wider than the schema, never narrower.
 */
export function toTypeNode(schema: unknown, place: Place): TypeNode {
  if (schema === false) return neverType;
  place.budget.nodes -= 1;
  if (!isRecord(schema) || place.depth > schemaBounds.depthMax || place.budget.nodes < 0) return unknownType;

  const inner = { ...place, depth: place.depth + 1 };
  const parts: TypeNode[] = [];
  if (typeof schema.$ref === "string") parts.push(place.refer(schema.$ref, place));
  for (const part of listOf(schema.allOf)) parts.push(toTypeNode(part, inner));
  for (const alternatives of [listOf(schema.anyOf), listOf(schema.oneOf)]) {
    if (alternatives.length > 0) parts.push(alternativesType(alternatives, inner));
  }
  // Beside combinators a bare "type": "object" only repeats what they say.
  const isCombined = parts.length > 0;
  const own = isCombined && isBareObject(schema) ? unknownType : ownType(schema, inner);
  const type = intersectionOf([own, ...parts]);
  return schema.nullable === true ? unionOf([type, nullType]) : type;
}

function alternativesType(alternatives: readonly unknown[], place: Place): TypeNode {
  if (alternatives.length > schemaBounds.alternativesMax) return unknownType;
  return unionOf(alternatives.map((alternative) => toTypeNode(alternative, place)));
}

function ownType(schema: Record<string, unknown>, place: Place): TypeNode {
  if (Object.hasOwn(schema, "const")) return literalType(schema.const, literalDepthMax);
  if (Array.isArray(schema.enum)) return enumType(schema.enum, place);
  return unionOf(typeNames(schema).map((name) => typeNamed(name, schema, place)));
}

function typeNamed(name: unknown, schema: Record<string, unknown>, place: Place): TypeNode {
  switch (name) {
    case "string":
    case "number":
    case "boolean":
    case "null":
      return { kind: "keyword", text: name };
    case "integer":
      return { kind: "keyword", text: "number" };
    case "array":
      return arrayType(schema, { ...place, isGuarded: true });
    case "object":
      return objectType(schema, { ...place, isGuarded: true });
    default:
      return unknownType;
  }
}

/** The declared types, or the one that the other keywords are about. */
function typeNames(schema: Record<string, unknown>): readonly unknown[] {
  if (Array.isArray(schema.type)) return schema.type;
  if (schema.type !== undefined) return [schema.type];
  if (objectKeywords.some((keyword) => Object.hasOwn(schema, keyword))) return ["object"];
  if (Object.hasOwn(schema, "items") || Object.hasOwn(schema, "prefixItems")) return ["array"];
  return ["unknown"];
}

const objectKeywords = ["properties", "additionalProperties", "patternProperties", "required"] as const;

function isBareObject(schema: Record<string, unknown>): boolean {
  return schema.type === "object" && !objectKeywords.some((keyword) => Object.hasOwn(schema, keyword));
}

/**
 * Properties that the schema does not name are allowed by JSON Schema's default, but are declared only where the schema
 * says so in words (`additionalProperties`, `patternProperties`) or names none: a misspelt argument must not pass.
 */
function objectType(schema: Record<string, unknown>, place: Place): TypeNode {
  const properties = isRecord(schema.properties) ? schema.properties : {};
  const required = new Set(listOf(schema.required).filter((name) => typeof name === "string"));
  const names = [...new Set([...Object.keys(properties), ...required])];
  const members = names.slice(0, schemaBounds.membersMax).map((name): Member => {
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
    return { name, type: toTypeNode(property, place), isOptional: !required.has(name), doc: schemaLines(property) };
  });
  if (names.length > members.length) return { kind: "object", members, index: unknownType };
  return { kind: "object", members, index: indexBeside(members, indexType(schema, members, place)) };
}

function indexType(schema: Record<string, unknown>, members: readonly Member[], place: Place): TypeNode | undefined {
  const patterns = isRecord(schema.patternProperties) ? Object.values(schema.patternProperties) : [];
  const additional = schema.additionalProperties;
  const others = additional === true || isRecord(additional) ? [...patterns, additional] : patterns;
  if (others.length > 0) return unionOf(others.slice(0, schemaBounds.alternativesMax).map((other) => toTypeNode(other, place)));
  if (members.length > 0) return undefined;
  return additional === false ? neverType : unknownType;
}

/** TypeScript wants every member to fit the index signature; where one does not, the signature gives way. */
function indexBeside(members: readonly Member[], index: TypeNode | undefined): TypeNode | undefined {
  if (!index || members.length === 0) return index;
  const indexText = JSON.stringify(index);
  const allFit = members.every((member) => !member.isOptional && JSON.stringify(member.type) === indexText);
  return allFit ? index : unknownType;
}

function arrayType(schema: Record<string, unknown>, place: Place): TypeNode {
  const fixed = Array.isArray(schema.prefixItems) ? schema.prefixItems : schema.items;
  if (Array.isArray(fixed)) return tupleType(fixed, schema, place);
  return { kind: "array", of: toTypeNode(schema.items, place) };
}

/** Without `minItems` every place is required: that is what authors of tuples mean, though JSON Schema says otherwise. */
function tupleType(fixed: readonly unknown[], schema: Record<string, unknown>, place: Place): TypeNode {
  if (fixed.length > schemaBounds.tupleItemsMax) return { kind: "array", of: unknownType };
  const items = fixed.map((item) => toTypeNode(item, place));
  const others = Array.isArray(schema.prefixItems) ? schema.items : schema.additionalItems;
  const rest = others === undefined || others === false ? undefined : toTypeNode(others, place);
  const required = typeof schema.minItems === "number" ? schema.minItems : items.length;
  return { kind: "tuple", items, required, rest };
}

function enumType(values: readonly unknown[], { budget }: Place): TypeNode {
  budget.nodes -= values.length;
  if (values.length <= schemaBounds.literalsMax && budget.nodes >= 0)
    return unionOf(values.map((value) => literalType(value, literalDepthMax)));
  return unionOf([...new Set(values.map((value) => typeof value))].map(widened));
}

function widened(typeName: string): TypeNode {
  return typeName === "string" || typeName === "number" || typeName === "boolean"
    ? { kind: "keyword", text: typeName }
    : unknownType;
}

const literalDepthMax = 4;

/** The type of exactly this JSON value. */
function literalType(value: unknown, depth: number): TypeNode {
  if (value === null) return nullType;
  if (typeof value === "string") return { kind: "literal", text: quote(value) };
  if (typeof value === "boolean") return { kind: "literal", text: String(value) };
  // A number too large for a double has no literal.
  if (typeof value === "number") return Number.isFinite(value) ? { kind: "literal", text: String(value) } : widened("number");
  if (typeof value !== "object" || depth <= 0) return unknownType;
  if (Array.isArray(value)) {
    const items = value.map((item) => literalType(item, depth - 1));
    return { kind: "tuple", items, required: items.length, rest: undefined };
  }
  const members = Object.entries(value).map(([name, item]): Member => {
    return { name, type: literalType(item, depth - 1), isOptional: false, doc: [] };
  });
  return { kind: "object", members, index: members.length === 0 ? neverType : undefined };
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
