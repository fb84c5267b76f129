import { isRecord } from "../json.ts";
import { schemaBounds } from "./bounds.ts";
import { schemaLines } from "./jsdoc.ts";
import { boundedJson } from "./literals.ts";
import {
  booleanType,
  intersectionOf,
  isKeyword,
  type Member,
  neverType,
  nullType,
  numberType,
  stringType,
  type TypeNode,
  undefinedType,
  unionOf,
  unknownType,
} from "./type-node.ts";
import { valuesType } from "./values.ts";

/** The position of the conversion within a schema. */
export interface Place {
  depth: number;
  /**
   * Whether the position is inside an object, array or tuple of the current type. TypeScript allows a type to refer to itself
   * only there.
   */
  isGuarded: boolean;
  /** Whether other schemas apply to the same value too, and may name properties that this one does not. */
  isPart?: boolean;
  /** Nodes left for the whole tool. */
  budget: { nodes: number };
  /** Returns the type for a `$ref`. */
  refer: (ref: string, place: Place) => TypeNode;
}

/**
 * The type of the values that a JSON Schema (draft-07 or 2020-12) accepts. Never throws, however malformed the schema. Where
 * TypeScript cannot express a keyword (`not`, `if`, `contains`), the type is wider than the schema, never narrower.
 */
export function toTypeNode(schema: unknown, place: Place): TypeNode {
  if (schema === false) return neverType;
  place.budget.nodes -= 1;
  if (!isRecord(schema) || place.depth > schemaBounds.depthMax || place.budget.nodes < 0) return unknownType;

  const type = isCombined(schema) ? combinedType(schema, place) : ownType(schema, place);
  return schema.nullable === true ? unionOf([type, nullType]) : type;
}

/** Keywords that combine the schema with others, or that lose part of their meaning. Most schemas have none of these. */
const refKeywords = ["$ref", "$dynamicRef", "$recursiveRef"];
const combinators = ["$ref", "allOf", "anyOf", "oneOf"];
const conditions = ["then", "else", "dependentSchemas"];
const combining = new Set([...refKeywords, ...combinators, ...conditions]);

/** Loops over the keywords present, which is cheaper than testing for each possible one. */
function isCombined(schema: Record<string, unknown>): boolean {
  for (const keyword in schema) {
    if (combining.has(keyword)) return true;
  }
  return false;
}

function combinedType(schema: Record<string, unknown>, place: Place): TypeNode {
  const isPart = place.isPart === true || isCombination(schema);
  const inner = { ...place, depth: place.depth + 1, isPart };
  const parts: TypeNode[] = [];
  // A dynamic reference differs from a static one only when another schema extends this one. Nothing extends a tool's schema.
  for (const keyword of refKeywords) {
    const ref = schema[keyword];
    if (typeof ref === "string") parts.push(place.refer(ref, place));
  }
  // A bare "type": "object" adds nothing to the other parts, and would make every misspelt property valid.
  for (const part of listOf(schema.allOf)) {
    if (!isRecord(part) || !isBareObject(part)) parts.push(toTypeNode(part, inner));
  }
  for (const alternatives of [schema.anyOf, schema.oneOf]) {
    if (Array.isArray(alternatives) && alternatives.length > 0) parts.push(alternativesType(alternatives, inner));
  }
  const own = parts.length > 0 && isBareObject(schema) ? unknownType : ownType(schema, isPart ? { ...place, isPart } : place);
  const isOpen = namesPropertiesElsewhere(schema, { hasUnknownPart: parts.some((part) => isKeyword(part, "unknown")) });
  return intersectionOf([isOpen ? opened(own) : own, ...parts]);
}

function isCombination(schema: Record<string, unknown>): boolean {
  return combinators.some((keyword) => Object.hasOwn(schema, keyword));
}

/**
 * Whether properties are named in a part whose types are lost: a condition, or an alternative that became `unknown`. An object
 * type with only the schema's own properties would reject them.
 */
function namesPropertiesElsewhere(schema: Record<string, unknown>, { hasUnknownPart }: { hasUnknownPart: boolean }): boolean {
  const lost = hasUnknownPart ? [...conditions, ...combinators] : conditions;
  return lost.some(
    (keyword) =>
      keyword in schema && /"(properties|\$ref)"/.test(boundedJson({ [keyword]: schema[keyword] }, schemaBounds.depthMax)),
  );
}

function opened(type: TypeNode): TypeNode {
  return type.kind === "object" && type.members.length > 0 ? { ...type, index: unknownType } : type;
}

function alternativesType(alternatives: readonly unknown[], place: Place): TypeNode {
  if (alternatives.length > schemaBounds.alternativesMax) return unknownType;
  return unionOf(alternatives.map((alternative) => toTypeNode(alternative, place)));
}

function ownType(schema: Record<string, unknown>, place: Place): TypeNode {
  const values = valuesType(schema, place.budget);
  if (values) return values;
  if (typeof schema.type === "string") return typeNamed(schema.type, schema, place);
  return unionOf(typeNames(schema).map((name) => typeNamed(name, schema, place)));
}

function typeNamed(name: unknown, schema: Record<string, unknown>, place: Place): TypeNode {
  switch (name) {
    case "string":
      return stringType;
    case "number":
    case "integer":
      return numberType;
    case "boolean":
      return booleanType;
    case "null":
      return nullType;
    case "array":
      return arrayType(schema, inside(place));
    case "object":
      return objectType(schema, place);
    default:
      return unknownType;
  }
}

/** The position of the parts of an object, array or tuple. */
function inside({ depth, budget, refer }: Place): Place {
  return { depth: depth + 1, isGuarded: true, isPart: false, budget, refer };
}

/** The declared types, or the type that the other keywords imply. */
function typeNames(schema: Record<string, unknown>): readonly unknown[] {
  if (Array.isArray(schema.type)) return [...new Set(schema.type)];
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
 * JSON Schema allows unnamed properties by default. Here they are allowed only if the schema says so (`additionalProperties`,
 * `patternProperties`) or names no property at all: a misspelt argument must be an error.
 */
function objectType(schema: Record<string, unknown>, place: Place): TypeNode {
  const properties = isRecord(schema.properties) ? schema.properties : {};
  const required = requiredNames(schema);
  const names = Object.keys(properties);
  for (const name of required) {
    if (!Object.hasOwn(properties, name)) names.push(name);
  }
  const shown = names.filter((name) => name.length <= schemaBounds.nameCharsMax).slice(0, schemaBounds.membersMax);
  const inner = inside(place);
  const members = shown.map((name): Member => {
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
    return { name, type: toTypeNode(property, inner), isOptional: !required.has(name), doc: schemaLines(property) };
  });
  if (names.length > members.length) return { kind: "object", members, index: unknownType };
  return { kind: "object", members, index: indexBeside(members, indexType(schema, members, place)) };
}

function requiredNames({ required }: Record<string, unknown>): ReadonlySet<string> {
  return Array.isArray(required) ? new Set(required.filter((name) => typeof name === "string")) : noNames;
}

const noNames: ReadonlySet<string> = new Set();

function indexType(schema: Record<string, unknown>, members: readonly Member[], place: Place): TypeNode | undefined {
  const patterns = isRecord(schema.patternProperties) ? Object.values(schema.patternProperties) : [];
  const additional = schema.additionalProperties ?? schema.unevaluatedProperties;
  const others = additional === true || isRecord(additional) ? [...patterns, additional] : patterns;
  // The type of a pattern must not apply to properties that another schema of the same value names.
  if (patterns.length > 0 && place.isPart) return unknownType;
  if (others.length > 0) {
    const inner = inside(place);
    return unionOf(others.slice(0, schemaBounds.alternativesMax).map((other) => toTypeNode(other, inner)));
  }
  if (members.length > 0) return undefined;
  return additional === false ? neverType : unknownType;
}

/**
 * TypeScript requires every member to be assignable to the index signature, so its type includes the types of all members. If
 * these are long it is `unknown` instead: repeating all members at every level would grow exponentially.
 */
function indexBeside(members: readonly Member[], index: TypeNode | undefined): TypeNode | undefined {
  if (!index || isKeyword(index, "unknown") || members.length === 0) return index;
  const types = members.map((member) => member.type);
  const absent = members.some((member) => member.isOptional) ? [undefinedType] : [];
  const all = unionOf([index, ...types, ...absent]);
  return JSON.stringify(all).length <= indexJsonMax ? all : unknownType;
}

/** Length of the JSON of an index signature's type, beyond which members are not repeated in it. */
const indexJsonMax = 600;

function arrayType(schema: Record<string, unknown>, place: Place): TypeNode {
  const fixed = Array.isArray(schema.prefixItems) ? schema.prefixItems : schema.items;
  if (Array.isArray(fixed)) return tupleType(fixed, schema, place);
  return { kind: "array", of: toTypeNode(schema.items, place) };
}

/** Without `minItems` every item is required: JSON Schema says otherwise, but it is what authors mean by a tuple. */
function tupleType(fixed: readonly unknown[], schema: Record<string, unknown>, place: Place): TypeNode {
  if (fixed.length > schemaBounds.tupleItemsMax) return { kind: "array", of: unknownType };
  const items = fixed.map((item) => toTypeNode(item, place));
  const others = Array.isArray(schema.prefixItems) ? schema.items : schema.additionalItems;
  const rest = others === undefined || others === false ? undefined : toTypeNode(others, place);
  const required = typeof schema.minItems === "number" ? schema.minItems : items.length;
  return { kind: "tuple", items, required, rest };
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
