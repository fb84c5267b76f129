import { schemaBounds } from "./bounds.ts";
import { schemaLines } from "./jsdoc.ts";
import { boundedJson, isRecord } from "./literals.ts";
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

/** Where in a schema the conversion is. */
export interface Place {
  depth: number;
  /**
   * Whether an object, array or tuple was entered since the start of this type. TypeScript allows a type to contain
   * itself only inside one of these.
   */
  isGuarded: boolean;
  /** Whether other schemas hold for the same value, with properties that this one may not know. */
  isPart?: boolean;
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

  const type = isCombined(schema) ? combinedType(schema, place) : ownType(schema, place);
  return schema.nullable === true ? unionOf([type, nullType]) : type;
}

/** What makes a type of more than the schema's own `type`, or loses part of it. Most schemas have none of these. */
const refKeywords = ["$ref", "$dynamicRef", "$recursiveRef"];
const combinators = ["$ref", "allOf", "anyOf", "oneOf"];
const conditions = ["then", "else", "dependentSchemas"];
const combining = new Set([...refKeywords, ...combinators, ...conditions]);

/** One look at each keyword that is there, instead of one for each that could be. */
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
  // A dynamic reference means what the static one would, unless someone extends the schema: nobody extends a tool.
  for (const keyword of refKeywords) {
    const ref = schema[keyword];
    if (typeof ref === "string") parts.push(place.refer(ref, place));
  }
  // A bare "type": "object" only repeats what the others say, and would let every misspelt property pass.
  for (const part of listOf(schema.allOf)) {
    if (!isRecord(part) || !isBareObject(part)) parts.push(toTypeNode(part, inner));
  }
  for (const alternatives of [schema.anyOf, schema.oneOf]) {
    if (Array.isArray(alternatives) && alternatives.length > 0) parts.push(alternativesType(alternatives, inner));
  }
  const own = parts.length > 0 && isBareObject(schema) ? unknownType : ownType(schema, isPart ? { ...place, isPart } : place);
  const isOpen = namesMoreElsewhere(schema, { hasUnknownPart: parts.some((part) => isKeyword(part, "unknown")) });
  return intersectionOf([isOpen ? opened(own) : own, ...parts]);
}

function isCombination(schema: Record<string, unknown>): boolean {
  return combinators.some((keyword) => Object.hasOwn(schema, keyword));
}

/**
 * Whether properties are named where their types are lost: in a condition, or in an alternative of "anything". An object that
 * knew only its own would refuse them.
 */
function namesMoreElsewhere(schema: Record<string, unknown>, { hasUnknownPart }: { hasUnknownPart: boolean }): boolean {
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

/** Where the parts of an object, array or tuple are. */
function inside({ depth, budget, refer }: Place): Place {
  return { depth: depth + 1, isGuarded: true, isPart: false, budget, refer };
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
  // A pattern says nothing of the properties that another schema of the same value names.
  if (patterns.length > 0 && place.isPart) return unknownType;
  if (others.length > 0) {
    const inner = inside(place);
    return unionOf(others.slice(0, schemaBounds.alternativesMax).map((other) => toTypeNode(other, inner)));
  }
  if (members.length > 0) return undefined;
  return additional === false ? neverType : unknownType;
}

/**
 * TypeScript wants every member to fit the index signature, so that one takes the types of all. Where they are long, it
 * takes anything: a declaration that says everything twice at each level would grow without measure.
 */
function indexBeside(members: readonly Member[], index: TypeNode | undefined): TypeNode | undefined {
  if (!index || isKeyword(index, "unknown") || members.length === 0) return index;
  const types = members.map((member) => member.type);
  const absent = members.some((member) => member.isOptional) ? [undefinedType] : [];
  const all = unionOf([index, ...types, ...absent]);
  return JSON.stringify(all).length <= indexJsonMax ? all : unknownType;
}

/** JSON of the nodes of an index signature that says what members say too. */
const indexJsonMax = 600;

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

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
