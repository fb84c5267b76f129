import { eachPart, isWord, type Member, mapParts, type TypeNode } from "./type-node.ts";

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
  const numbers = numberLongTypes(roots.map(({ node }) => node));
  const places = countPlaces(roots, numbers);
  /** What stands for each type. */
  const rewritten = new Map<number, TypeNode>();
  const shared: Sharing["shared"] = [];
  for (const { node, name } of roots) {
    const number = numbers.get(node);
    if (name === undefined || number === undefined || rewritten.has(number)) continue;
    if (isCompound(node)) rewritten.set(number, { kind: "name", name });
  }

  function rewrite(node: TypeNode): TypeNode {
    const number = numbers.get(node);
    if (number === undefined) return node;
    const known = rewritten.get(number);
    if (known) return known;
    const inner = mapParts(node, rewrite);
    const place = places.get(number);
    const isShared = place !== undefined && place.count > 1 && isCompound(node);
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

function isCompound({ kind }: TypeNode): boolean {
  return kind === "object" || kind === "union" || kind === "intersection" || kind === "tuple";
}

/** Equal types have equal numbers. A type too short to be shared has none, and neither has anything inside of it. */
type Numbers = ReadonlyMap<TypeNode, number>;

function numberLongTypes(roots: readonly TypeNode[]): Numbers {
  const numbers = new Map<TypeNode, number>();
  const byContent = new Map<string, number>();

  /** A text that only equal types have, and about how many characters it takes to print the type. */
  function read(node: TypeNode): { text: string; size: number } {
    const own = ownText(node);
    let text = own;
    let size = own.length;
    eachPart(node, (part) => {
      if (isWord(part)) {
        text += delimited(part.text);
        size += part.text.length + 3;
        return;
      }
      const inner = read(part);
      text += inner.text;
      size += inner.size + 3;
    });
    if (size < sharedCharsMin) return { text: delimited(text), size };
    const number = byContent.get(text) ?? byContent.size;
    byContent.set(text, number);
    numbers.set(node, number);
    return { text: `,${number}`, size };
  }

  for (const root of roots) read(root);
  return numbers;
}

/** With its length, so that no text can pass for a part of another. */
function delimited(text: string): string {
  return `;${text.length} ${text}`;
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
      return membersText(node.members) + (node.index ? "[]" : "");
    case "tuple":
      return `tuple ${node.required} ${node.rest ? "rest" : ""}`;
    case "array":
    case "union":
    case "intersection":
      return node.kind;
  }
}

function membersText(members: readonly Member[]): string {
  let all = "";
  for (const { name, isOptional, doc } of members) {
    const text = doc.join("\n");
    all += `${name.length} ${name}${isOptional ? "?" : ":"}${text.length} ${text}`;
  }
  return all;
}

/** In how many places a type stands, where what is inside of equal types counts once; and the first name it goes by. */
function countPlaces(roots: readonly Root[], numbers: Numbers): Map<number, { count: number; hint: NameHint }> {
  const places = new Map<number, { count: number; hint: NameHint }>();
  function visit(node: TypeNode, hint: NameHint): void {
    const number = numbers.get(node);
    if (number === undefined) return;
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
      eachPart(node, (part) => visit(part, hint));
      return;
    }
    for (const { name, type } of node.members) {
      if (!isWord(type)) visit(type, { own: name, outer: hint.outer });
    }
    if (node.index) visit(node.index, hint);
  }
  for (const { node, hint, isInline } of roots) (isInline ? visitParts : visit)(node, { own: hint, outer: hint });
  return places;
}
