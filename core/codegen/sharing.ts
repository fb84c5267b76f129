import { eachPart, isWord, type Member, mapParts, type TypeNode } from "./type-node.ts";

export interface Root {
  node: TypeNode;
  /** What the type describes, as words to make a name from: `create_issue args`. */
  hint: string;
  /** Its name, if it already has one. */
  name?: string;
  /** Only its parts are replaced by names, never the type itself: a reader should see the arguments of a call in place. */
  isInline?: boolean;
}

/** What a shared type is named after. */
export interface NameHint {
  /** The member of which the type was first found, or the root's hint. */
  own: string;
  /** The hint of the root that contains it. */
  outer: string;
}

interface Sharing {
  /** The roots, with their shared types replaced by names. */
  nodes: TypeNode[];
  /** The shared types, each after the types it refers to. */
  shared: { name: string; node: TypeNode }[];
}

/**
 * Gives a name to each long type that occurs more than once, so that a structure which an API repeats in every tool is declared,
 * sent and read once. Linear in the size of the types.
 *
 * @param claimName Reserves an unused name for a type, given where the type was first found.
 */
export function shareTypes(roots: readonly Root[], claimName: (hint: NameHint, content: TypeNode) => string): Sharing {
  const numbers = numberLongTypes(roots.map(({ node }) => node));
  const places = countPlaces(roots, numbers);
  /** The replacement of each type, by its number. */
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

/** Shorter types read better in place. */
const sharedCharsMin = 160;

function isCompound({ kind }: TypeNode): boolean {
  return kind === "object" || kind === "union" || kind === "intersection" || kind === "tuple";
}

/** Equal types have equal numbers. A type too short to be shared has none, and neither have its parts. */
type Numbers = ReadonlyMap<TypeNode, number>;

function numberLongTypes(roots: readonly TypeNode[]): Numbers {
  const numbers = new Map<TypeNode, number>();
  const byContent = new Map<string, number>();

  /** A text that is equal for equal types only, and the approximate length of the printed type. */
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

/** Prefixed with its length, so that different sequences of texts never join to the same text. */
function delimited(text: string): string {
  return `;${text.length} ${text}`;
}

/** What distinguishes a type apart from its parts. */
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

/** How often each type occurs, counting the parts of equal types once, and the name hint of its first occurrence. */
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
