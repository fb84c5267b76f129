import { isRecord } from "../json.ts";
import { cutText, withoutInvisible } from "../text.ts";
import { discoveryLimits } from "./discovery-limits.ts";

/* A form for the arguments of a tool, or for what a server asks, from a schema that a stranger wrote: it is bounded, and of what it
 * cannot say with a field of its own, it takes the JSON. */

/** One argument, as a person is asked for it. */
export interface ArgumentField {
  /** The argument's name, as the server chose it. */
  name: string;
  /** `choices`: any number of them. */
  kind: "text" | "number" | "integer" | "boolean" | "choice" | "choices" | "list" | "json";
  isRequired: boolean;
  /** What the server calls it for a person. */
  title?: string;
  /** May be empty. */
  description: string;
  /** Of a choice, or of choices: the values, as JSON. */
  choices?: string[];
  /** What the server calls each of them, where it says so. */
  labels?: string[];
  /** Of a text: what it is, as JSON Schema says it. */
  format?: (typeof formats)[number];
  /** The least and the most that is taken: of a number itself, of a text its length. */
  least?: number;
  most?: number;
  /** Of a list: what each of its lines is. */
  items?: "text" | "number";
  /** JSON of what the server takes when nothing is given. */
  initial?: string;
}

export interface ArgumentForm {
  fields: ArgumentField[];
  /** Whether it takes arguments for which there is no field: they are given as JSON. */
  takesMore: boolean;
}

/** Never throws, however malformed the schema. */
export function argumentForm(schema: Readonly<Record<string, unknown>>): ArgumentForm {
  const properties = isRecord(schema.properties) ? Object.entries(schema.properties) : [];
  const required = new Set(Array.isArray(schema.required) ? schema.required : []);
  // What must be given comes first, otherwise as the server has it.
  const ordered = [...properties.filter(([name]) => required.has(name)), ...properties.filter(([name]) => !required.has(name))];
  const shown = ordered.slice(0, discoveryLimits.formFieldsMax);
  return {
    fields: shown.map(([name, property]) => fieldOf(name, { property, isRequired: required.has(name), root: schema })),
    takesMore: shown.length < ordered.length || properties.length === 0 || takesAny(schema.additionalProperties),
  };
}

const formats = ["email", "uri", "date", "date-time"] as const;

interface Property {
  property: unknown;
  isRequired: boolean;
  root: Readonly<Record<string, unknown>>;
}

function fieldOf(name: string, { property, isRequired, root }: Property): ArgumentField {
  const outer = isRecord(property) ? property : {};
  const schema = plainest(outer, root);
  const description = wordsOf(outer.description, schema.description) ?? "";
  const title = wordsOf(outer.title, schema.title);
  const standard = Object.hasOwn(outer, "default") ? shortJson(outer.default) : undefined;
  return {
    name,
    isRequired,
    ...(title === undefined ? {} : { title }),
    description,
    ...kindOf(schema, root),
    ...(standard === undefined ? {} : { initial: standard }),
  };
}

/** The first that is a text. */
function wordsOf(...texts: unknown[]): string | undefined {
  const said = texts.find((text) => typeof text === "string");
  return said === undefined ? undefined : cutText(withoutInvisible(said), discoveryLimits.formDescriptionCharsMax);
}

type Kind = Pick<ArgumentField, "kind" | "choices" | "labels" | "items" | "format" | "least" | "most">;

function kindOf(schema: Record<string, unknown>, root: Property["root"]): Kind {
  const choices = choicesOf(schema);
  if (choices) return { kind: "choice", ...choices };
  switch (typeOf(schema)) {
    case "string": {
      const format = formats.find((known) => known === schema.format);
      return { kind: "text", ...(format && { format }), ...boundsOf(schema.minLength, schema.maxLength) };
    }
    case "number":
      return { kind: "number", ...boundsOf(schema.minimum, schema.maximum) };
    case "integer":
      return { kind: "integer", ...boundsOf(schema.minimum, schema.maximum) };
    case "boolean":
      return { kind: "boolean" };
    case "array": {
      const item = plainest(isRecord(schema.items) ? schema.items : {}, root);
      const each = choicesOf(item);
      if (each) return { kind: "choices", ...each };
      const items = typeOf(item);
      if (items === "string") return { kind: "list", items: "text" };
      if (items === "number" || items === "integer") return { kind: "list", items: "number" };
      return { kind: "json" };
    }
    default:
      return { kind: "json" };
  }
}

function boundsOf(least: unknown, most: unknown): Pick<ArgumentField, "least" | "most"> {
  return { ...(typeof least === "number" && { least }), ...(typeof most === "number" && { most }) };
}

/** The schema itself, or the one alternative or definition that says all of it, as generators write "optional" and enumerations. */
function plainest(schema: Record<string, unknown>, root: Property["root"]): Record<string, unknown> {
  let plain = schema;
  for (let step = 0; step < 4; step++) {
    const alternatives = [plain.anyOf, plain.oneOf, plain.allOf].find((list) => Array.isArray(list)) ?? [];
    const telling = alternatives.slice(0, 3).filter((part) => isRecord(part) && part.type !== "null");
    const next = typeof plain.$ref === "string" ? definitionOf(plain.$ref, root) : telling.length === 1 ? telling[0] : undefined;
    if (!isRecord(next) || alternatives.length > 2) return plain;
    plain = next;
  }
  return plain;
}

function definitionOf(reference: string, root: Property["root"]): unknown {
  const [, keyword, name] = /^#\/(\$defs|definitions)\/([^/]+)$/.exec(reference) ?? [];
  const definitions = keyword === undefined ? undefined : root[keyword];
  return isRecord(definitions) && name !== undefined && Object.hasOwn(definitions, name) ? definitions[name] : undefined;
}

/** The JSON of what it may be; undefined if that is not said, or so much that nobody would choose from it. */
function choicesOf(schema: Record<string, unknown>): Pick<ArgumentField, "choices" | "labels"> | undefined {
  const { values, names } = valuesOf(schema);
  if (values.length === 0 || values.length > discoveryLimits.formChoicesMax) return undefined;
  const choices = values.map(shortJson).filter((choice) => choice !== undefined);
  if (choices.length < values.length) return undefined;
  const labels = names.map((name) => wordsOf(name) ?? "");
  return labels.length === values.length && labels.every((label) => label !== "") ? { choices, labels } : { choices };
}

/** Of an enumeration, with the names that MCP once had beside it; or of alternatives that are one value each, with a title. */
function valuesOf(schema: Record<string, unknown>): { values: unknown[]; names: unknown[] } {
  if (Object.hasOwn(schema, "const")) return { values: [schema.const], names: [schema.title] };
  if (Array.isArray(schema.enum)) return { values: schema.enum, names: Array.isArray(schema.enumNames) ? schema.enumNames : [] };
  const alternatives = [schema.oneOf, schema.anyOf].find((list) => Array.isArray(list)) ?? [];
  const isEachOne = alternatives.every((part: unknown) => isRecord(part) && Object.hasOwn(part, "const"));
  return {
    values: isEachOne ? alternatives.map((part) => part.const) : [],
    names: isEachOne ? alternatives.map((part) => part.title) : [],
  };
}

/** Its type, if it has one beside null. */
function typeOf({ type }: Record<string, unknown>): unknown {
  const types = [type].flat().filter((one) => one !== "null");
  return types.length === 1 ? types[0] : undefined;
}

function shortJson(value: unknown): string | undefined {
  const json = JSON.stringify(value);
  return json === undefined || json.length > discoveryLimits.formValueCharsMax ? undefined : json;
}

function takesAny(additional: unknown): boolean {
  return additional === true || isRecord(additional);
}
