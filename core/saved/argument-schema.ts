import { isRecord } from "../json.ts";

/*
 * What an input schema says of its arguments, for a command line and for a skill. Schemas come from whoever saved the program: what is
 * not as expected is as if it were not there.
 */

export type Schema = Readonly<Record<string, unknown>>;

/** The arguments by name, in their order. */
export function propertiesOf({ properties }: Schema): Record<string, Schema> {
  return isRecord(properties)
    ? Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, isRecord(schema) ? schema : {}]))
    : {};
}

/** The names of those that every call must have. */
export function requiredOf({ required }: Schema): string[] {
  return Array.isArray(required) ? required.filter((name) => typeof name === "string") : [];
}

/** JSON Schema's types of a value, from its literals and alternatives where it names none. */
export function typesOf({ type, enum: values, const: value, anyOf }: Schema): string[] {
  if (type !== undefined) return [type].flat().filter((name) => typeof name === "string");
  const literals = Array.isArray(values) ? values : value === undefined ? [] : [value];
  const alternatives = Array.isArray(anyOf) ? anyOf.filter(isRecord).flatMap(typesOf) : [];
  return [...new Set([...literals.map((literal) => typeof literal), ...alternatives])];
}

/** The type in a word, or the values that are allowed. */
export function kindOf(schema: Schema): string {
  if (Array.isArray(schema.enum)) return schema.enum.map(String).join("|");
  return typesOf(schema).join("|") || "value";
}
