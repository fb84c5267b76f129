import { z } from "zod";
import { observationLimits } from "./observation-limits.ts";

/*
 * Types inferred from the results of tools that declare no output schema. No value is kept, and names of members only where they
 * look like names and not like data.
 */

const Primitive = z.enum(["null", "boolean", "number", "string"]);

/** The kinds of value seen in one place; empty while none was. */
export const Observed = z.object({
  primitives: z.array(Primitive).optional(),
  /** The type of the items, where arrays were seen. */
  get items(): z.ZodOptional<typeof Observed> {
    return Observed.optional();
  },
  /** The members by name, where objects were seen. */
  get members() {
    return z.array(ObservedMember).optional();
  },
  /** The type of the values, where objects were seen whose keys are data, such as ids. */
  get values(): z.ZodOptional<typeof Observed> {
    return Observed.optional();
  },
});
export type Observed = z.infer<typeof Observed>;

const ObservedMember = z.object({ name: z.string(), isOptional: z.boolean(), type: Observed });
type ObservedMember = z.infer<typeof ObservedMember>;

/** The type of one result. Only the first items of a long array are looked at, and only so many values in all. */
export function observe(value: unknown): Observed {
  return observeWithin(value, observationLimits.depthMax, { values: observationLimits.valuesMax });
}

/** @param left is counted down for each value; when nothing is left, nothing more is seen */
function observeWithin(value: unknown, depth: number, left: { values: number }): Observed {
  left.values -= 1;
  if (left.values < 0) return {};
  if (value === null) return { primitives: ["null"] };
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean")
    return { primitives: [kindOf(value)] };
  if (typeof value !== "object") return {};
  if (Array.isArray(value)) return { items: observeAll(value, depth, left) };
  if (depth <= 0) return { values: {} };
  const names = Object.keys(value);
  if (!areNames(names)) {
    const some = names.slice(0, observationLimits.itemsMax).map((name): unknown => Reflect.get(value, name));
    return { values: observeAll(some, depth, left) };
  }
  return {
    members: names.map((name): ObservedMember => {
      return { name, isOptional: false, type: observeWithin(Reflect.get(value, name), depth - 1, left) };
    }),
  };
}

/** The union of two types. A member that only one of them has is optional. */
export function merge(one: Observed, other: Observed): Observed {
  const primitives = [...new Set([...(one.primitives ?? []), ...(other.primitives ?? [])])].sort();
  return {
    ...(primitives.length === 0 ? {} : { primitives }),
    ...present("items", mergeOptional(one.items, other.items)),
    ...mergeObjects(one, other),
  };
}

/** Whether a type is small enough to be stored for one tool. */
export function isSmall(observed: Observed): boolean {
  return countNodes(observed) <= observationLimits.nodesMax;
}

/** The type as a JSON Schema; `{}` where nothing was seen. */
export function toSchema(observed: Observed): Record<string, unknown> {
  const kinds: Record<string, unknown>[] = (observed.primitives ?? []).map((type) => ({ type }));
  if (observed.items) kinds.push({ type: "array", items: toSchema(observed.items) });
  if (observed.values) kinds.push({ type: "object", additionalProperties: toSchema(observed.values) });
  if (observed.members) {
    kinds.push({
      type: "object",
      properties: Object.fromEntries(observed.members.map(({ name, type }) => [name, toSchema(type)])),
      required: observed.members.filter((member) => !member.isOptional).map((member) => member.name),
    });
  }
  const [only] = kinds;
  return kinds.length === 1 && only ? only : kinds.length === 0 ? {} : { anyOf: kinds };
}

function observeAll(values: readonly unknown[], depth: number, left: { values: number }): Observed {
  if (depth <= 0) return {};
  return values
    .slice(0, observationLimits.itemsMax)
    .map((value) => observeWithin(value, depth - 1, left))
    .reduce(merge, {});
}

/** Keys that are data are many, or look like ids, paths or addresses. */
function areNames(names: readonly string[]): boolean {
  return (
    names.length <= observationLimits.membersMax &&
    names.every((name) => name.length <= nameCharsMax && /^[A-Za-z_$@][A-Za-z_$-]*[0-9]{0,3}[A-Za-z_$-]*$/.test(name))
  );
}

const nameCharsMax = 60;

function mergeObjects(one: Observed, other: Observed): Pick<Observed, "members" | "values"> {
  const values = mergeOptional(one.values, other.values);
  if (values === undefined && !(one.members && other.members)) return present("members", one.members ?? other.members);
  const members = mergeMembers(one.members ?? [], other.members ?? []);
  if (values === undefined && members.length <= observationLimits.membersMax) return { members };
  return { values: members.map((member) => member.type).reduce(merge, values ?? {}) };
}

function mergeMembers(ones: readonly ObservedMember[], others: readonly ObservedMember[]): ObservedMember[] {
  const byName = new Map(others.map((member) => [member.name, member]));
  const known = new Set(ones.map((member) => member.name));
  const merged = ones.map((member): ObservedMember => {
    const other = byName.get(member.name);
    if (!other) return { ...member, isOptional: true };
    return { ...member, isOptional: member.isOptional || other.isOptional, type: merge(member.type, other.type) };
  });
  return [...merged, ...others.filter(({ name }) => !known.has(name)).map((member) => ({ ...member, isOptional: true }))];
}

function mergeOptional(one: Observed | undefined, other: Observed | undefined): Observed | undefined {
  return one && other ? merge(one, other) : (one ?? other);
}

function present<Key extends string, Value>(key: Key, value: Value | undefined): { [K in Key]?: Value } {
  const made: { [K in Key]?: Value } = {};
  if (value !== undefined) made[key] = value;
  return made;
}

function kindOf(value: string | number | boolean): "string" | "number" | "boolean" {
  return typeof value === "string" ? "string" : typeof value === "number" ? "number" : "boolean";
}

function countNodes(observed: Observed): number {
  const inner = [observed.items, observed.values, ...(observed.members ?? []).map((member) => member.type)];
  return inner.reduce((sum, part) => sum + (part ? countNodes(part) : 0), 1);
}
