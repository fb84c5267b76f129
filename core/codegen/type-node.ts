/**
 * A TypeScript type as a tree: what a JSON Schema becomes before it is text, so that one schema can be printed whole
 * for a declaration and abbreviated for a signature.
 */
export type TypeNode =
  /** A keyword: string, number, boolean, null, unknown, never. */
  | { kind: "keyword"; text: string }
  /** A string, number or boolean literal, as source text. */
  | { kind: "literal"; text: string }
  /** A named type of the same scope. */
  | { kind: "name"; name: string }
  | { kind: "union"; of: TypeNode[] }
  | { kind: "intersection"; of: TypeNode[] }
  | { kind: "array"; of: TypeNode }
  | TupleType
  | ObjectType;

export interface TupleType {
  kind: "tuple";
  items: TypeNode[];
  /** How many of the items must be there. */
  required: number;
  rest: TypeNode | undefined;
}

export interface ObjectType {
  kind: "object";
  members: Member[];
  /** The type of every other property. */
  index: TypeNode | undefined;
}

export interface Member {
  name: string;
  type: TypeNode;
  isOptional: boolean;
  /** Lines for a JSDoc comment, defused already. */
  doc: string[];
}

export const unknownType: TypeNode = { kind: "keyword", text: "unknown" };
export const neverType: TypeNode = { kind: "keyword", text: "never" };
export const nullType: TypeNode = { kind: "keyword", text: "null" };

/** The union, flattened, each member once: `unknown` swallows the rest and `never` vanishes. */
export function unionOf(types: readonly TypeNode[]): TypeNode {
  const members = distinct(types.flatMap((type) => (type.kind === "union" ? type.of : [type]))).filter(
    (type) => !isKeyword(type, "never"),
  );
  if (members.some((type) => isKeyword(type, "unknown"))) return unknownType;
  return members.length > 1 ? { kind: "union", of: members } : (members[0] ?? neverType);
}

/** The intersection, flattened, each member once: `never` swallows the rest and `unknown` vanishes. */
export function intersectionOf(types: readonly TypeNode[]): TypeNode {
  const members = distinct(types.flatMap((type) => (type.kind === "intersection" ? type.of : [type]))).filter(
    (type) => !isKeyword(type, "unknown"),
  );
  if (members.some((type) => isKeyword(type, "never"))) return neverType;
  return members.length > 1 ? { kind: "intersection", of: members } : (members[0] ?? unknownType);
}

/** Whether `{}` is a value of the type; `lookUp` finds what a name stands for. */
export function acceptsEmptyObject(type: TypeNode, lookUp: (name: string) => TypeNode | undefined): boolean {
  switch (type.kind) {
    case "object":
      return type.members.every((member) => member.isOptional);
    case "union":
      return type.of.some((member) => acceptsEmptyObject(member, lookUp));
    case "intersection":
      return type.of.every((member) => acceptsEmptyObject(member, lookUp));
    case "name":
      return acceptsEmptyObject(lookUp(type.name) ?? unknownType, lookUp);
    case "keyword":
      return type.text === "unknown";
    case "literal":
    case "array":
    case "tuple":
      return false;
  }
}

export function isKeyword(type: TypeNode, text: string): boolean {
  return type.kind === "keyword" && type.text === text;
}

/** Equal trees have equal JSON: nodes are plain data, built with their fields in one order. */
function distinct(types: readonly TypeNode[]): TypeNode[] {
  const byText = new Map<string, TypeNode>();
  for (const type of types) {
    const text = JSON.stringify(type);
    if (!byText.has(text)) byText.set(text, type);
  }
  return [...byText.values()];
}
