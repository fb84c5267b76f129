import { isRecord } from "../json.ts";
import { definitionOf } from "./validate.ts";

/*
 * What an input schema says of its arguments, for a command line and for a skill. Schemas come from whoever saved the program: what is
 * not as expected is as if it were not there.
 */

export type Schema = Readonly<Record<string, unknown>>;

/** The arguments by name, in their order. Of a choice, those of all its objects. */
export function propertiesOf(schema: Schema): Record<string, Schema> {
  const byName = new Map<string, Schema[]>();
  for (const { properties } of formsOf(schema)) {
    for (const [name, found] of isRecord(properties) ? Object.entries(properties) : []) {
      byName.set(name, [...(byName.get(name) ?? []), isRecord(found) ? found : {}]);
    }
  }
  return Object.fromEntries(
    [...byName].map(([name, [first = {}, ...others]]) => [
      name,
      others.length === 0 ? first : { description: first.description, anyOf: [first, ...others] },
    ]),
  );
}

/** The names of those that every call must have. */
export function requiredOf(schema: Schema): string[] {
  const forms = formsOf(schema).map(({ required }) => new Set<unknown>(Array.isArray(required) ? required : []));
  const [first = new Set(), ...others] = forms;
  const isEverywhere = (name: unknown) => others.every((required) => required.has(name));
  return [...first].filter((name) => typeof name === "string").filter(isEverywhere);
}

/** The objects that the arguments may be: what the schema says itself, refers to, or lets choose from. */
export function formsOf(schema: Schema): Schema[] {
  const resolved = (part: Schema): Schema => {
    const found = typeof part.$ref === "string" ? definitionOf(schema, part.$ref) : part;
    return isRecord(found) ? found : {};
  };
  const { anyOf, ...own } = resolved(schema);
  // Each once: a thousand references to one definition say no more than one of them.
  return Array.isArray(anyOf) ? [...new Set(anyOf.filter(isRecord).map((part) => resolved(part)))] : [own];
}

/** JSON Schema's types of a value, from its literals and alternatives where it names none. */
export function typesOf({ type, enum: values, const: value, anyOf }: Schema): string[] {
  if (type !== undefined) return [type].flat().filter((name) => typeof name === "string");
  const literals = Array.isArray(values) ? values : value === undefined ? [] : [value];
  const alternatives = Array.isArray(anyOf) ? anyOf.filter(isRecord).flatMap(typesOf) : [];
  return [...new Set([...literals.map((literal) => typeof literal), ...alternatives])];
}

/** The type in a few words, as TypeScript writes it, or the values that are allowed. */
export function kindOf(schema: Schema, levels = levelsShown): string {
  const literals = literalsOf(schema)?.map(String);
  const types = typesOf(schema).map((type) =>
    type === "array" ? listOf(schema, levels) : type === "object" ? objectOf(schema, levels) : type,
  );
  return (literals ?? types).join("|") || "value";
}

/** The schema of what is in a list, if it says one. */
export function itemsOf({ items, anyOf }: Schema): Schema | undefined {
  if (isRecord(items)) return items;
  const parts = Array.isArray(anyOf) ? anyOf.filter(isRecord) : [];
  return parts.map((part) => itemsOf(part)).find((found) => found !== undefined);
}

/** Deeper inside, an object or a list is only called that. */
const levelsShown = 3;
const membersShown = 8;

function listOf(schema: Schema, levels: number): string {
  const items = itemsOf(schema);
  if (items === undefined || levels === 0) return "array";
  const kind = kindOf(items, levels - 1);
  return kind === "value" ? "array" : /^[^({]*\|/.test(kind) ? `(${kind})[]` : `${kind}[]`;
}

function objectOf(schema: Schema, levels: number): string {
  const members = Object.entries(propertiesOf(schema));
  if (members.length === 0 || members.length > membersShown || levels === 0) return "object";
  const required = requiredOf(schema);
  const shown = members.map(([name, member]) => `${name}${required.includes(name) ? "" : "?"}: ${kindOf(member, levels - 1)}`);
  return `{ ${shown.join("; ")} }`;
}

/** The values that are allowed, if those are all: of a choice, such as what tells its objects apart, those of all its parts. */
function literalsOf({ enum: values, const: value, anyOf }: Schema): unknown[] | undefined {
  if (Array.isArray(values)) return values;
  if (value !== undefined) return [value];
  const parts = Array.isArray(anyOf) ? anyOf.filter(isRecord).map(literalsOf) : [];
  const known = parts.filter((part) => part !== undefined);
  return known.length > 0 && known.length === parts.length ? [...new Set(known.flat())] : undefined;
}
