import { blockComment } from "./jsdoc.ts";
import { propertyName } from "./literals.ts";
import { eachPart, isWord, type Member, type ObjectType, type TupleType, type TypeNode, unionOf } from "./type-node.ts";

/** How much of a type a signature shows. `…` stands for the rest. */
export interface Abbreviation {
  /** Literals of one union. */
  literalsMax: number;
  /** Nesting of objects and of expanded names. */
  depthMax: number;
  /** Members of one object; required ones are kept first. */
  membersMax: number;
  /** Names the members that are left out, without their types. */
  areNamed: boolean;
  /** Returns the type behind a name, to be shown in its place: a signature has no room for definitions. */
  lookUp: (name: string) => TypeNode | undefined;
  /** Types and members that may still be looked at: definitions that refer to each other are millions. What is printed after it is used up is not whole. */
  budget: { nodes: number };
}

/** The whole type as printed in a declaration: on one line if short, with documented members on lines of their own. */
export function printType(type: TypeNode, indent = ""): string {
  if (isWord(type)) return type.text;
  if (!hasDoc(type)) {
    const line = printLine(type);
    if (line.length <= lineCharsMax || !hasObject(type)) return line;
  }
  const operand = (part: TypeNode) => inParentheses(part, printType(part, indent));
  switch (type.kind) {
    case "object":
      return printMembers(type, indent);
    case "array":
      return `${operand(type.of)}[]`;
    case "union":
      return type.of.map((member) => printType(member, indent)).join(" | ");
    case "intersection":
      return type.of.map(operand).join(" & ");
    case "tuple":
      return printTuple(type, { item: (part) => printType(part, indent), operand });
    case "name":
      return type.name;
  }
}

/** The type on one line without comments, abbreviated if requested. */
export function printLine(type: TypeNode, abbreviation?: Abbreviation): string {
  if (isWord(type)) return type.text;
  if (abbreviation && spend(abbreviation, type) < 0) return "…";
  const operand = (part: TypeNode) => {
    const shown = expand(part, abbreviation);
    return inParentheses(shown.type, printLine(shown.type, shown.abbreviation));
  };
  switch (type.kind) {
    case "name": {
      const shown = expand(type, abbreviation);
      return shown.type.kind === "name" ? shown.type.name : printLine(shown.type, shown.abbreviation);
    }
    case "array":
      return `${operand(type.of)}[]`;
    case "union":
      return printUnion(type.of, abbreviation);
    case "intersection":
      return type.of.map(operand).join(" & ");
    case "tuple":
      return printTuple(type, { item: (part) => printLine(part, abbreviation), operand });
    case "object":
      return printObjectLine(type, abbreviation);
  }
}

/** Returns what is left. */
function spend({ budget }: Abbreviation, type: TypeNode): number {
  budget.nodes -= type.kind === "object" ? 1 + type.members.length : 1;
  return budget.nodes;
}

/** An object type up to this length is printed on one line. */
const lineCharsMax = 80;

function printMembers(type: ObjectType, indent: string): string {
  const inner = `${indent}  `;
  const lines = type.members.map((member) => {
    return `${blockComment(member.doc, inner)}${inner}${memberHead(member)}: ${printType(member.type, inner)};\n`;
  });
  if (type.index) lines.push(`${inner}[key: string]: ${printType(type.index, inner)};\n`);
  return `{\n${lines.join("")}${indent}}`;
}

function printObjectLine(type: ObjectType, abbreviation: Abbreviation | undefined): string {
  if (abbreviation && abbreviation.depthMax <= 0) {
    return abbreviation.areNamed && type.members.length > 0 ? `{ ${headsOf(type.members)} }` : "{ … }";
  }
  const inner = abbreviation && { ...abbreviation, depthMax: abbreviation.depthMax - 1 };
  const shown = abbreviation ? firstMembers(type.members, abbreviation.membersMax) : type.members;
  const parts = shown.map((member) => `${memberHead(member)}: ${printLine(member.type, inner)}`);
  if (type.index) parts.push(`[key: string]: ${printLine(type.index, inner)}`);
  if (abbreviation && shown.length < type.members.length) {
    const left = type.members.filter((member) => !shown.includes(member));
    parts.push(abbreviation.areNamed ? headsOf(left) : "…");
  }
  return `{ ${parts.join("; ")} }`;
}

/** Members of which only the names are shown, and the value of one that tells alternatives apart. */
function headsOf(members: readonly Member[]): string {
  return `…${members.map((member) => (isTag(member) ? `${memberHead(member)}: ${printLine(member.type)}` : memberHead(member))).join(", ")}`;
}

/** `type: "image"`, or a few such values, which an object has to have. */
function isTag({ type, isOptional }: Member): boolean {
  if (isOptional) return false;
  const values = type.kind === "union" && type.of.length <= tagValuesMax ? type.of : [type];
  return values.every(({ kind }) => kind === "literal");
}

const tagValuesMax = 6;

/** At most `count` members, required ones preferred, in the order of the schema. */
function firstMembers(members: readonly Member[], count: number): Member[] {
  const ranked = [...members.filter((member) => !member.isOptional), ...members.filter((member) => member.isOptional)];
  const kept = new Set(ranked.slice(0, count));
  return members.filter((member) => kept.has(member));
}

function printUnion(members: readonly TypeNode[], abbreviation: Abbreviation | undefined): string {
  let literalsLeft = abbreviation?.literalsMax ?? Number.POSITIVE_INFINITY;
  const alternatives =
    abbreviation?.areNamed === true && abbreviation.depthMax <= 0 ? withSameHeads(members, abbreviation) : members;
  const shown = alternatives.filter((member) => member.kind !== "literal" || literalsLeft-- > 0);
  // Different objects may look the same once abbreviated.
  const parts = new Set(shown.map((member) => printLine(member, abbreviation)));
  if (shown.length < alternatives.length) parts.add("…");
  return [...parts].join(" | ");
}

/** Objects of which only names are shown, and that differ in one value, are one with all of its values. */
function withSameHeads(members: readonly TypeNode[], abbreviation: Abbreviation): TypeNode[] {
  const merged = new Map<string, TypeNode>();
  for (const [at, member] of members.entries()) {
    const { type } = expand(member, abbreviation);
    const tag = type.kind === "object" ? type.members.find(isTag) : undefined;
    if (type.kind !== "object" || tag === undefined) {
      merged.set(`${at}`, member);
      continue;
    }
    const rest = type.members.filter((other) => other !== tag);
    const key = `${tag.name} ${headsOf(rest)}`;
    const before = merged.get(key);
    const values =
      before?.kind === "object" ? before.members.flatMap((other) => (other.name === tag.name ? [other.type] : [])) : [];
    merged.set(key, { ...type, members: [{ ...tag, type: unionOf([...values, tag.type]) }, ...rest] });
  }
  return [...merged.values()];
}

type Printer = (part: TypeNode) => string;

function printTuple(type: TupleType, print: { item: Printer; operand: Printer }): string {
  const items = type.items.map((item, index) => (index < type.required ? print.item(item) : `${print.operand(item)}?`));
  if (type.rest) items.push(`...${print.operand(type.rest)}[]`);
  return `[${items.join(", ")}]`;
}

/** In a signature, replaces a name by its type. Each step reduces the depth left, so that recursive types end. */
function expand(
  type: TypeNode,
  abbreviation: Abbreviation | undefined,
): { type: TypeNode; abbreviation: Abbreviation | undefined } {
  if (!abbreviation || type.kind !== "name") return { type, abbreviation };
  const target = abbreviation.lookUp(type.name);
  // An object reduces the depth where it is printed. With no depth left it prints as "{ … }", which says more than its name.
  if (target?.kind === "object") return { type: target, abbreviation };
  if (!target || abbreviation.depthMax <= 0) return { type, abbreviation };
  return expand(target, { ...abbreviation, depthMax: abbreviation.depthMax - 1 });
}

function memberHead(member: Member): string {
  return `${propertyName(member.name)}${member.isOptional ? "?" : ""}`;
}

function inParentheses(type: TypeNode, text: string): string {
  return type.kind === "union" || type.kind === "intersection" ? `(${text})` : text;
}

function hasDoc(type: TypeNode): boolean {
  if (type.kind === "object" && type.members.some((member) => member.doc.length > 0)) return true;
  return hasPart(type, hasDoc);
}

function hasObject(type: TypeNode): boolean {
  return type.kind === "object" || hasPart(type, hasObject);
}

function hasPart(type: TypeNode, test: (part: TypeNode) => boolean): boolean {
  let isFound = false;
  eachPart(type, (part) => {
    isFound ||= test(part);
  });
  return isFound;
}
