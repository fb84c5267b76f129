import { schemaBounds } from "./bounds.ts";
import { quote } from "./literals.ts";
import { type Member, neverType, nullType, type TypeNode, unionOf, unknownType } from "./type-node.ts";

/** The type of exactly the values in `const` or `enum`; undefined if the schema has neither. */
export function valuesType(schema: Record<string, unknown>, budget: { nodes: number }): TypeNode | undefined {
  if (Object.hasOwn(schema, "const")) return literalType(schema.const, { depth: literalDepthMax, budget });
  return Array.isArray(schema.enum) ? enumType(literalsOf(schema.enum, schema), budget) : undefined;
}

/** The values that also match the declared type; all of them if none does, because then the type is the mistake. */
function literalsOf(values: readonly unknown[], { type, nullable }: Record<string, unknown>): readonly unknown[] {
  if (type === undefined) return values;
  const types = new Set([...(Array.isArray(type) ? type : [type]), ...(nullable === true ? ["null"] : [])]);
  const fitting = values.filter((value) => types.has(typeNameOf(value)) || (types.has("integer") && typeof value === "number"));
  return fitting.length > 0 ? fitting : values;
}

function typeNameOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}

function enumType(values: readonly unknown[], budget: { nodes: number }): TypeNode {
  budget.nodes -= values.length;
  if (values.length <= schemaBounds.literalsMax && budget.nodes >= 0)
    return unionOf(values.map((value) => literalType(value, { depth: literalDepthMax, budget })));
  return unionOf([...new Set(values.map((value) => typeof value))].map(widened));
}

function widened(typeName: string): TypeNode {
  return typeName === "string" || typeName === "number" || typeName === "boolean"
    ? { kind: "keyword", text: typeName }
    : unknownType;
}

const literalDepthMax = 4;

/** The type of exactly this JSON value, or of any where the budget is used up. */
function literalType(value: unknown, { depth, budget }: { depth: number; budget: { nodes: number } }): TypeNode {
  if (value === null) return nullType;
  if (typeof value === "string") {
    return value.length <= schemaBounds.literalCharsMax ? { kind: "literal", text: quote(value) } : widened("string");
  }
  if (typeof value === "boolean") return { kind: "literal", text: String(value) };
  // A number too large for a double has no literal.
  if (typeof value === "number") return Number.isFinite(value) ? { kind: "literal", text: String(value) } : widened("number");
  if (typeof value !== "object" || depth <= 0) return unknownType;
  const parts = Array.isArray(value) ? value.length : Object.keys(value).length;
  budget.nodes -= parts;
  if (parts > schemaBounds.membersMax || budget.nodes < 0) return unknownType;
  const inner = { depth: depth - 1, budget };
  if (Array.isArray(value)) {
    const items = value.map((item) => literalType(item, inner));
    return { kind: "tuple", items, required: items.length, rest: undefined };
  }
  const members = Object.entries(value).map(([name, item]): Member => {
    return { name, type: literalType(item, inner), isOptional: false, doc: [] };
  });
  return { kind: "object", members, index: members.length === 0 ? neverType : undefined };
}
