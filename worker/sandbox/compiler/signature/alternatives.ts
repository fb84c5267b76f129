import ts from "typescript";
import { type JsonSchema, NotJson, type Place } from "./place.ts";
import { signatureLimits } from "./signature-limits.ts";

/** The schema of a union, or of one literal: its literals are an enum. What may be undefined may be left out, which its owner says. */
export function alternativesSchema(type: ts.Type, schemaOf: (part: ts.Type) => JsonSchema, { path, node }: Place): JsonSchema {
  const parts = (type.isUnion() ? type.types : [type]).filter(({ flags }) => (flags & ts.TypeFlags.Undefined) === 0);
  const values = parts.flatMap(literalsOf);
  if (values.length > signatureLimits.literalsMax) {
    throw new NotJson(`${path} has more than ${signatureLimits.literalsMax} literals. Use string.`, node);
  }
  const others = parts.filter((part) => literalsOf(part).length === 0 && (part.flags & ts.TypeFlags.BooleanLiteral) === 0);
  const booleans = parts.filter(({ flags }) => flags & ts.TypeFlags.BooleanLiteral);
  const schemas = [...enumOf(values), ...(booleans.length === 0 ? [] : [booleanOf(booleans)]), ...others.map(schemaOf)];
  const [only] = schemas;
  if (only === undefined) return {};
  if (schemas.length === 1) return only;
  return oneWithNull(schemas) ?? { anyOf: schemas };
}

/** The schema of what may also be null. */
export function orNull(schema: JsonSchema): JsonSchema {
  if (Object.keys(schema).length === 0 || [schema.type].flat().includes("null")) return schema;
  const parts: JsonSchema[] = Array.isArray(schema.anyOf) ? schema.anyOf : [schema];
  if (parts.some(({ type }) => type === "null")) return schema;
  const all = [...parts, { type: "null" }];
  return oneWithNull(all) ?? { anyOf: all };
}

function literalsOf(part: ts.Type): (string | number)[] {
  return part.isStringLiteral() || part.isNumberLiteral() ? [part.value] : [];
}

function enumOf(values: readonly (string | number)[]): JsonSchema[] {
  const [first] = values;
  if (first === undefined) return [];
  const kinds = new Set(values.map((value) => typeof value));
  const type = kinds.size === 1 ? { type: typeof first } : {};
  return [values.length === 1 ? { ...type, const: first } : { ...type, enum: values }];
}

function booleanOf(parts: readonly ts.Type[]): JsonSchema {
  const [only] = parts;
  if (parts.length > 1 || only === undefined) return { type: "boolean" };
  return { type: "boolean", const: "intrinsicName" in only && only.intrinsicName === "true" };
}

/** `string | null` in the shorter form. */
function oneWithNull(schemas: readonly JsonSchema[]): JsonSchema | undefined {
  const others = schemas.filter(({ type }) => type !== "null");
  const [only] = others;
  if (others.length !== 1 || only === undefined || others.length === schemas.length) return undefined;
  const isPlain = typeof only.type === "string" && Object.keys(only).length === 1;
  return isPlain ? { type: [only.type, "null"] } : undefined;
}
