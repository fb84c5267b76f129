import { type Member, mapParts, partsOf, type TypeNode } from "./type-node.ts";

export interface Root {
  node: TypeNode;
  /** What the type is about. */
  hint: string;
  /** The name it has already. */
  name?: string;
  /** It stays where it is, whatever is shared inside of it: the arguments of a call are read first. */
  isInline?: boolean;
}

/** What a shared type is called after. */
export interface NameHint {
  /** The member that has it, where it was met first; the root where it is a root. */
  own: string;
  /** The root that holds it. */
  outer: string;
}

interface Sharing {
  /** The roots, in which names stand for what they share. */
  nodes: TypeNode[];
  /** The shared types, each after those it needs. */
  shared: { name: string; node: TypeNode }[];
}

/**
 * Finds long types that stand in more than one place, and gives each a name: a block that an API repeats in every tool is
 * declared, sent and read once. Linear in the size of the types.
 *
 * @param claimName A free name from where the type was met first, and the type.
 */
export function shareTypes(roots: readonly Root[], claimName: (hint: NameHint, content: TypeNode) => string): Sharing {
  const numbering = createNumbering();
  for (const { node } of roots) numbering.numberOf(node);
  const places = countPlaces(roots, numbering);
  /** What stands for each type. */
  const rewritten = new Map<number, TypeNode>();
  const shared: Sharing["shared"] = [];
  for (const { node, name } of roots) {
    const number = numbering.numberOf(node);
    const isFirst = name !== undefined && !rewritten.has(number);
    if (isFirst && isWorthAName(node, numbering.sizeOf(number))) rewritten.set(number, { kind: "name", name });
  }

  function rewrite(node: TypeNode): TypeNode {
    const number = numbering.numberOf(node);
    const known = rewritten.get(number);
    if (known) return known;
    const inner = mapParts(node, rewrite);
    const place = places.get(number);
    const isShared = place !== undefined && place.count > 1 && isWorthAName(node, numbering.sizeOf(number));
    const outer: TypeNode = isShared ? { kind: "name", name: claimName(place.hint, inner) } : inner;
    rewritten.set(number, outer);
    if (outer.kind === "name" && isShared) shared.push({ name: outer.name, node: inner });
    return outer;
  }

  const nodes = roots.map(({ node, name, isInline }) => {
    if (isInline) return mapParts(node, rewrite);
    const outer = rewrite(node);
    return outer.kind === "name" && outer.name === name ? mapParts(node, rewrite) : outer;
  });
  return { nodes, shared };
}

/** Shorter ones read better where they stand. */
const sharedCharsMin = 160;

function isWorthAName(node: TypeNode, size: number): boolean {
  const isCompound = node.kind === "object" || node.kind === "union" || node.kind === "intersection" || node.kind === "tuple";
  return isCompound && size >= sharedCharsMin;
}

interface Numbering {
  /** Equal types have equal numbers. */
  numberOf(node: TypeNode): number;
  /** About the characters it takes to print the type. */
  sizeOf(number: number): number;
}

function createNumbering(): Numbering {
  const known = new Map<TypeNode, number>();
  const byContent = new Map<string, number>();
  const sizes: number[] = [];

  function number(node: TypeNode): number {
    const parts = partsOf(node).map(numberOf);
    const own = ownText(node);
    const content = `${own}:${parts.join(",")}`;
    const existing = byContent.get(content);
    if (existing !== undefined) return existing;
    byContent.set(content, sizes.length);
    return sizes.push(parts.reduce((sum, part) => sum + (sizes[part] ?? 0) + 3, own.length)) - 1;
  }

  function numberOf(node: TypeNode): number {
    const found = known.get(node) ?? number(node);
    known.set(node, found);
    return found;
  }

  return { numberOf, sizeOf: (of) => sizes[of] ?? 0 };
}

/** What a type says beside its parts. */
function ownText(node: TypeNode): string {
  switch (node.kind) {
    case "keyword":
    case "literal":
      return node.text;
    case "name":
      return `type ${node.name}`;
    case "object":
      return node.members.map(memberText).join("") + (node.index ? "[]" : "");
    case "tuple":
      return `tuple ${node.required} ${node.rest ? "rest" : ""}`;
    case "array":
    case "union":
    case "intersection":
      return node.kind;
  }
}

/** With lengths, so that no name can pass for a part of another text. */
function memberText({ name, isOptional, doc }: Member): string {
  const text = doc.join("\n");
  return `${name.length} ${name}${isOptional ? "?" : ":"}${text.length} ${text}`;
}

/** In how many places a type stands, where what is inside of equal types counts once; and the first name it goes by. */
function countPlaces(roots: readonly Root[], numbering: Numbering): Map<number, { count: number; hint: NameHint }> {
  const places = new Map<number, { count: number; hint: NameHint }>();
  function visit(node: TypeNode, hint: NameHint): void {
    const number = numbering.numberOf(node);
    const place = places.get(number);
    if (place) {
      place.count += 1;
      return;
    }
    places.set(number, { count: 1, hint });
    visitParts(node, hint);
  }
  function visitParts(node: TypeNode, hint: NameHint): void {
    if (node.kind !== "object") {
      for (const part of partsOf(node)) visit(part, hint);
      return;
    }
    for (const member of node.members) visit(member.type, { ...hint, own: member.name });
    if (node.index) visit(node.index, hint);
  }
  for (const { node, hint, isInline } of roots) (isInline ? visitParts : visit)(node, { own: hint, outer: hint });
  return places;
}
