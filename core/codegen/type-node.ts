/**
 * A TypeScript type as a tree. A JSON Schema is converted to it first, so that it can be printed in full for a declaration and
 * abbreviated for a signature.
 */
export type TypeNode =
  | WordType
  /** A named type of the same scope. */
  | { kind: "name"; name: string }
  | { kind: "union"; of: TypeNode[] }
  | { kind: "intersection"; of: TypeNode[] }
  | { kind: "array"; of: TypeNode }
  | TupleType
  | ObjectType;

/** A literal never looks like a keyword, because strings are quoted. */
export type WordType =
  /** A keyword: string, number, boolean, null, undefined, unknown, never. */
  | { kind: "keyword"; text: string }
  /** A string, number or boolean literal, as source text. */
  | { kind: "literal"; text: string };

export interface TupleType {
  kind: "tuple";
  items: TypeNode[];
  /** Number of required items. */
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
  /** Lines for a JSDoc comment. */
  doc: string[];
}

export const unknownType: TypeNode = { kind: "keyword", text: "unknown" };
export const neverType: TypeNode = { kind: "keyword", text: "never" };
export const stringType: TypeNode = { kind: "keyword", text: "string" };
export const numberType: TypeNode = { kind: "keyword", text: "number" };
export const booleanType: TypeNode = { kind: "keyword", text: "boolean" };
export const nullType: TypeNode = { kind: "keyword", text: "null" };
export const undefinedType: TypeNode = { kind: "keyword", text: "undefined" };
/** Any object: the type of arguments about which nothing more is known. */
export const anyObjectType: ObjectType = { kind: "object", members: [], index: unknownType };

/** The union, flattened and without duplicates. `unknown` absorbs the other members, and `never` is dropped. */
export function unionOf(types: readonly TypeNode[]): TypeNode {
  const members = membersOf(types, { kind: "union", neutral: "never" });
  if (members.some((type) => isKeyword(type, "unknown"))) return unknownType;
  return members.length > 1 ? { kind: "union", of: members } : (members[0] ?? neverType);
}

/** The intersection, flattened and without duplicates. `never` absorbs the other members, and `unknown` is dropped. */
export function intersectionOf(types: readonly TypeNode[]): TypeNode {
  const members = membersOf(types, { kind: "intersection", neutral: "unknown" });
  if (members.some((type) => isKeyword(type, "never"))) return neverType;
  return members.length > 1 ? { kind: "intersection", of: members } : (members[0] ?? unknownType);
}

/** Whether `{}` is a value of the type; `lookUp` returns the type behind a name. Each name is looked up once: they may branch without end. */
export function acceptsEmptyObject(
  type: TypeNode,
  lookUp: (name: string) => TypeNode | undefined,
  known = new Map<string, boolean>(),
): boolean {
  const accepts = (part: TypeNode) => acceptsEmptyObject(part, lookUp, known);
  switch (type.kind) {
    case "object":
      return type.members.every((member) => member.isOptional);
    case "union":
      return type.of.some(accepts);
    case "intersection":
      return type.of.every(accepts);
    case "name": {
      const answer = known.get(type.name) ?? accepts(lookUp(type.name) ?? unknownType);
      known.set(type.name, answer);
      return answer;
    }
    case "keyword":
      return type.text === "unknown";
    case "literal":
    case "array":
    case "tuple":
      return false;
  }
}

/** The type with `change` applied to each direct part; the same object if nothing changed. */
export function mapParts(type: TypeNode, change: (part: TypeNode) => TypeNode): TypeNode {
  switch (type.kind) {
    case "object": {
      const members = mapItems(type.members, (member) => {
        const changed = change(member.type);
        return changed === member.type ? member : { ...member, type: changed };
      });
      const index = type.index && change(type.index);
      return members === type.members && index === type.index ? type : { kind: "object", members, index };
    }
    case "array": {
      const of = change(type.of);
      return of === type.of ? type : { kind: "array", of };
    }
    case "union":
    case "intersection": {
      const of = mapItems(type.of, change);
      return of === type.of ? type : { kind: type.kind, of };
    }
    case "tuple": {
      const items = mapItems(type.items, change);
      const rest = type.rest && change(type.rest);
      return items === type.items && rest === type.rest ? type : { ...type, items, rest };
    }
    case "keyword":
    case "literal":
    case "name":
      return type;
  }
}

function mapItems<Item>(items: Item[], change: (item: Item) => Item): Item[] {
  const changed = items.map(change);
  return changed.every((item, index) => item === items[index]) ? items : changed;
}

/** Visits the direct parts of a type, in the order in which they are printed. */
export function eachPart(type: TypeNode, visit: (part: TypeNode) => void): void {
  switch (type.kind) {
    case "object":
      for (const member of type.members) visit(member.type);
      if (type.index) visit(type.index);
      return;
    case "array":
      visit(type.of);
      return;
    case "union":
    case "intersection":
      for (const member of type.of) visit(member);
      return;
    case "tuple":
      for (const item of type.items) visit(item);
      if (type.rest) visit(type.rest);
      return;
    case "keyword":
    case "literal":
    case "name":
      return;
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

/** Whether the type is a single word, without parts. */
export function isWord(type: TypeNode): type is WordType {
  return type.kind === "keyword" || type.kind === "literal";
}

/**
 * The members of a union or intersection, nested ones flattened, without duplicates. Types are compared as JSON, which is equal
 * for equal types: nodes are plain data, built with their fields in one order.
 *
 * @param of.neutral The keyword that has no effect in such a type.
 */
function membersOf(types: readonly TypeNode[], of: { kind: "union" | "intersection"; neutral: string }): TypeNode[] {
  const members: TypeNode[] = [];
  const seen = new Set<string>();
  /** The first member that is not a single word. Its JSON is written only once there is a second to compare it with. */
  let first: TypeNode | undefined;
  function add(type: TypeNode): void {
    if (type.kind === of.kind) {
      type.of.forEach(add);
    } else if (isWord(type)) {
      if (!isKeyword(type, of.neutral)) addOnce(type, type.text);
    } else if (first === undefined) {
      first = type;
      members.push(type);
    } else {
      seen.add(JSON.stringify(first));
      addOnce(type, JSON.stringify(type));
    }
  }
  function addOnce(type: TypeNode, text: string): void {
    if (seen.has(text)) return;
    seen.add(text);
    members.push(type);
  }
  types.forEach(add);
  return members;
}
