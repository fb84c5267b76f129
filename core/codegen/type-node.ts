/**
 * A TypeScript type as a tree: what a JSON Schema becomes before it is text, so that one schema can be printed whole
 * for a declaration and abbreviated for a signature.
 */
export type TypeNode =
  /** A keyword: string, number, boolean, null, undefined, unknown, never. */
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
export const undefinedType: TypeNode = { kind: "keyword", text: "undefined" };
/** Any object: what arguments are when nothing better is known. */
export const anyObjectType: ObjectType = { kind: "object", members: [], index: unknownType };

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

/** The type with `change` made to each of its parts. */
export function mapParts(type: TypeNode, change: (part: TypeNode) => TypeNode): TypeNode {
  switch (type.kind) {
    case "object": {
      const members = type.members.map((member) => ({ ...member, type: change(member.type) }));
      return { ...type, members, index: type.index && change(type.index) };
    }
    case "array":
      return { ...type, of: change(type.of) };
    case "union":
    case "intersection":
      return { ...type, of: type.of.map(change) };
    case "tuple":
      return { ...type, items: type.items.map(change), rest: type.rest && change(type.rest) };
    case "keyword":
    case "literal":
    case "name":
      return type;
  }
}

/** The types directly inside of a type. */
export function partsOf(type: TypeNode): TypeNode[] {
  switch (type.kind) {
    case "object":
      return [...type.members.map((member) => member.type), ...(type.index ? [type.index] : [])];
    case "array":
      return [type.of];
    case "union":
    case "intersection":
      return type.of;
    case "tuple":
      return type.rest ? [...type.items, type.rest] : type.items;
    case "keyword":
    case "literal":
    case "name":
      return [];
  }
}

/** The type without the comments on its members. */
export function withoutDocs(type: TypeNode): TypeNode {
  const bare = mapParts(type, withoutDocs);
  return bare.kind === "object" ? { ...bare, members: bare.members.map((member) => ({ ...member, doc: [] })) } : bare;
}

export function isKeyword(type: TypeNode, text: string): boolean {
  return type.kind === "keyword" && type.text === text;
}

/** Most members of unions are literals, and an enum may have hundreds. */
function textOf(type: TypeNode): string {
  return type.kind === "literal" || type.kind === "keyword" ? `${type.kind} ${type.text}` : JSON.stringify(type);
}

/** Equal trees have equal JSON: nodes are plain data, built with their fields in one order. */
function distinct(types: TypeNode[]): TypeNode[] {
  if (types.length < 2) return types;
  const byText = new Map<string, TypeNode>();
  for (const type of types) {
    const text = textOf(type);
    if (!byText.has(text)) byText.set(text, type);
  }
  return [...byText.values()];
}
