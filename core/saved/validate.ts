import { named } from "../closest.ts";
import { isRecord } from "../json.ts";
import { cutText } from "../text.ts";
import { savedLimits } from "./saved-limits.ts";

/*
 * Checks arguments against a schema that a model may have written. Alternatives inside alternatives, and definitions that refer to each
 * other, can multiply without end, so the steps are counted; `pattern` and `format` are not checked, because a regular expression can
 * take for ever.
 */

/** Problems of arguments, each with its place; empty if none is known. */
export function problemsOf(args: unknown, schema: Readonly<Record<string, unknown>>): string[] {
  const budget = { left: savedLimits.validationStepsMax };
  return check({ value: args, path: "", schema, root: schema, budget, refs: 0 }).slice(0, savedLimits.problemsMax);
}

interface Check {
  value: unknown;
  path: string;
  schema: unknown;
  root: Readonly<Record<string, unknown>>;
  budget: { left: number };
  /** References that were followed without going deeper into the value. */
  refs: number;
}

function check(at: Check): string[] {
  at.budget.left -= 1;
  if (at.budget.left < 0) return [`${placeOf(at)}: its schema has too many alternatives to be checked`];
  const { schema } = at;
  if (schema === false) return [`${placeOf(at)} is not an argument of it`];
  if (!isRecord(schema)) return [];
  spend(at, [schema.type, schema.enum, schema.required]);
  if (typeof schema.$ref === "string") return checkReference(at, schema.$ref);
  const problems = [...checkValue(at, schema), ...checkAlternatives(at, schema)];
  if (problems.length > 0) return problems;
  if (Array.isArray(at.value)) return checkItems(at, schema, at.value);
  if (isRecord(at.value)) return checkMembers(at, schema, at.value);
  return checkBounds(at, schema);
}

/** A list of types, values or names is looked through for each value anew. Those that a person writes are short, and count nothing. */
function spend({ budget }: Check, lists: readonly unknown[]): void {
  for (const list of lists) if (Array.isArray(list)) budget.left -= Math.floor(list.length / entriesPerStep);
}

const entriesPerStep = 16;
const refsMax = 50;

function checkReference(at: Check, reference: string): string[] {
  if (at.refs > refsMax) return [`${placeOf(at)}: its schema refers to itself`];
  return check({ ...at, schema: definitionOf(at.root, reference), refs: at.refs + 1 });
}

/** What a reference within a schema refers to. */
export function definitionOf(root: Readonly<Record<string, unknown>>, reference: string): unknown {
  if (reference === "#") return root;
  const [, group = "", name = ""] = /^#\/(\$defs|definitions)\/([^/]+)$/.exec(reference) ?? [];
  const definitions = root[group];
  return isRecord(definitions) && Object.hasOwn(definitions, name) ? definitions[name] : undefined;
}

function checkValue(at: Check, schema: Record<string, unknown>): string[] {
  const types = [schema.type].flat().filter((type) => typeof type === "string");
  if (types.length > 0 && !types.some((type) => hasType(at.value, type))) {
    return [`${placeOf(at)} is ${nameOf(at.value)}; it takes ${types.join(" or ")}`];
  }
  const isWanted = (wanted: unknown) => isSame(wanted, at.value, at.budget);
  if (Object.hasOwn(schema, "const") && !isWanted(schema.const)) return [`${placeOf(at)} is not ${short(schema.const)}`];
  if (Array.isArray(schema.enum) && !schema.enum.some(isWanted)) {
    return [`${placeOf(at)} is ${short(at.value)}; it takes ${schema.enum.slice(0, valuesShown).map(short).join(", ")}`];
  }
  return [];
}

function checkAlternatives(at: Check, schema: Record<string, unknown>): string[] {
  const all = Array.isArray(schema.allOf) ? schema.allOf.flatMap((part: unknown) => check({ ...at, schema: part })) : [];
  if (all.length > 0) return all;
  for (const options of [schema.anyOf, schema.oneOf]) {
    if (!Array.isArray(options) || options.length === 0) continue;
    const failures = options.map((part: unknown) => ({ part, problems: check({ ...at, schema: part }) }));
    if (failures.some(({ problems }) => problems.length === 0)) continue;
    const meant = failures.filter(({ part }) => isMeant(at, part)).map(({ problems }) => problems);
    const [nearest] = meant.toSorted((a, b) => a.length - b.length);
    const reasons = [...new Set(failures.flatMap(({ problems }) => problems))].slice(0, valuesShown);
    return nearest ?? [`${placeOf(at)} fits none of its alternatives (${reasons.join("; ")})`];
  }
  return [];
}

/** The value is of the kind of an alternative, and has its constants, as `{ kind: "circle" }`. */
function isMeant(at: Check, part: unknown): boolean {
  if (at.budget.left < 0) return false;
  const schema = isRecord(part) && typeof part.$ref === "string" ? definitionOf(at.root, part.$ref) : part;
  if (!isRecord(schema) || checkValue(at, schema).length > 0) return false;
  const { value } = at;
  if (!isRecord(value) || !isRecord(schema.properties)) return true;
  const properties = Object.entries(schema.properties);
  spend(at, [properties]);
  return properties.every(
    ([name, property]) =>
      !Object.hasOwn(value, name) ||
      !isRecord(property) ||
      !Object.hasOwn(property, "const") ||
      checkValue({ ...at, value: value[name] }, property).length === 0,
  );
}

function checkItems(at: Check, schema: Record<string, unknown>, items: readonly unknown[]): string[] {
  const { minItems, maxItems } = schema;
  if (typeof minItems === "number" && items.length < minItems)
    return [`${placeOf(at)} has ${items.length} items; it takes at least ${minItems}`];
  if (typeof maxItems === "number" && items.length > maxItems)
    return [`${placeOf(at)} has ${items.length} items; it takes at most ${maxItems}`];
  const first: unknown[] = Array.isArray(schema.prefixItems) ? schema.prefixItems : [];
  return firstProblems(items.entries(), ([index, value]) =>
    check({
      ...at,
      value,
      path: cutText(`${at.path}[${index}]`, pathCharsShown),
      schema: index < first.length ? first[index] : schema.items,
      refs: 0,
    }),
  );
}

function checkMembers(at: Check, schema: Record<string, unknown>, members: Record<string, unknown>): string[] {
  const properties = isRecord(schema.properties) ? schema.properties : {};
  const required = Array.isArray(schema.required) ? schema.required.filter((name) => typeof name === "string") : [];
  // A name may have megabytes, and each of thousands of problems repeats it.
  const pathOf = (name: string) => cutText(`${at.path === "" ? "" : `${at.path}.`}${named(name)}`, pathCharsShown);
  const absent = required.filter((name) => !Object.hasOwn(members, name)).slice(0, savedLimits.problemsMax);
  const missing = absent.map((name) => `${pathOf(name)} is missing`);
  const wrong = firstProblems(Object.entries(members), ([name, value]) => {
    const own = Object.hasOwn(properties, name) ? properties[name] : schema.additionalProperties;
    return check({ ...at, value, path: pathOf(name), schema: own, refs: 0 });
  });
  return [...missing, ...wrong];
}

function checkBounds(at: Check, schema: Record<string, unknown>): string[] {
  const { value } = at;
  const size = typeof value === "string" ? value.length : value;
  if (typeof size !== "number") return [];
  const [least, most] = typeof value === "string" ? ["minLength", "maxLength"] : ["minimum", "maximum"];
  const unit = typeof value === "string" ? " characters long" : "";
  const bounds = { least: schema[least ?? ""], most: schema[most ?? ""] };
  if (typeof bounds.least === "number" && size < bounds.least)
    return [`${placeOf(at)} is ${size}${unit}; it takes at least ${bounds.least}`];
  if (typeof bounds.most === "number" && size > bounds.most)
    return [`${placeOf(at)} is ${size}${unit}; it takes at most ${bounds.most}`];
  return [];
}

/** Stops when enough is known. */
function firstProblems<T>(items: Iterable<T>, checkOne: (item: T) => string[]): string[] {
  const problems: string[] = [];
  for (const item of items) {
    problems.push(...checkOne(item));
    if (problems.length >= savedLimits.problemsMax) break;
  }
  return problems;
}

function hasType(value: unknown, type: string): boolean {
  switch (type) {
    case "object":
      return isRecord(value);
    case "array":
      return Array.isArray(value);
    case "null":
      return value === null;
    case "integer":
      return Number.isInteger(value) || typeof value === "bigint";
    case "number":
    case "string":
    case "boolean":
      return typeof value === type;
    default:
      return true;
  }
}

const valuesShown = 8;
const charsShown = 60;
const pathCharsShown = 200;

/** The beginning of its JSON. Arguments may have megabytes, and hundreds of alternatives that say what they are not. */
function short(value: unknown): string {
  const json = JSON.stringify(beginningOf(value, { parts: charsShown })) ?? String(value);
  return json.length <= charsShown ? json : `${json.slice(0, charsShown).toWellFormed()}…`;
}

/** As many of its parts as have more characters than are shown. */
function beginningOf(value: unknown, left: { parts: number }): unknown {
  left.parts -= 1;
  if (left.parts < 0) return 0;
  if (typeof value === "string") return value.slice(0, charsShown);
  if (Array.isArray(value)) return value.slice(0, charsShown).map((item) => beginningOf(item, left));
  if (!isRecord(value)) return value;
  const members = Object.entries(value).slice(0, charsShown);
  return Object.fromEntries(members.map(([name, item]) => [name, beginningOf(item, left)]));
}

/** Whether JSON data are equal. What is looked at is counted: thousands of values may be compared with megabytes. */
function isSame(one: unknown, other: unknown, budget: Check["budget"]): boolean {
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return one === other;
  if (budget.left < 0 || Array.isArray(one) !== Array.isArray(other)) return false;
  if (Array.isArray(one) && Array.isArray(other) && one.length !== other.length) return false;
  const names = Object.keys(one);
  const others = Object.keys(other).length;
  budget.left -= names.length + others;
  if (names.length !== others) return false;
  return names.every((name) => Object.hasOwn(other, name) && isSame(Reflect.get(one, name), Reflect.get(other, name), budget));
}

function nameOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "a list" : `${typeof value === "object" ? "an" : "a"} ${typeof value}`;
}

function placeOf({ path }: Check): string {
  return path === "" ? "args" : path;
}
