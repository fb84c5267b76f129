import ts from "typescript";
import { checkLimits } from "./check-limits.ts";

/** What a program's types are read for: to find its mistakes, or to say what it takes and returns. */
export type TypeUse = "check" | "signature";

interface Costly {
  node: ts.TypeNode;
  /** The type that it counts as. */
  standIn: string;
}

/** What counts as these says nothing, and neither does any part of it: a signature that has one is refused with the reason. */
export const unsaid: Readonly<Record<string, string>> = {
  _$c: "is computed from itself again",
  _$w: `has more than ${checkLimits.checkedAlternativesMax} alternatives, or is made of more than ${checkLimits.checkedIntersectionMax}`,
};
export const unsaidTypes = Object.keys(unsaid).map((name) => `\ninterface ${name} { [key: string]: ${name} }`);

/**
 * The types of a file that could keep the compiler busy indefinitely, although they are a few lines: they do not affect how the program runs.
 * For a check, those are all computed types. A signature needs these, and is refused only with the ones that compute themselves again.
 */
export function costlyTypes(file: ts.SourceFile, use: TypeUse): Costly[] {
  const found: Costly[] = [];
  const isEndless = use === "check" ? () => true : endlessAliases(file);
  const standIn = (name: keyof typeof unsaid) => (use === "check" ? "any" : name);
  const visit = (node: ts.Node, alias: string | undefined): void => {
    if (isComputed(node) && isEndless(alias))
      found.push({ node, standIn: ts.isTemplateLiteralTypeNode(node) ? "string" : standIn("_$c") });
    else if (hasTooMany(node, use)) found.push({ node, standIn: standIn("_$w") });
    else ts.forEachChild(node, (child) => visit(child, ts.isTypeAliasDeclaration(node) ? node.name.text : alias));
  };
  visit(file, undefined);
  return found;
}

function isComputed(node: ts.Node): node is ts.ConditionalTypeNode | ts.MappedTypeNode | ts.TemplateLiteralTypeNode {
  return ts.isConditionalTypeNode(node) || ts.isMappedTypeNode(node) || ts.isTemplateLiteralTypeNode(node);
}

function hasTooMany(node: ts.Node, use: TypeUse): node is ts.UnionTypeNode | ts.IntersectionTypeNode {
  if (ts.isIntersectionTypeNode(node)) return node.types.length > checkLimits.checkedIntersectionMax;
  if (!ts.isUnionTypeNode(node)) return false;
  // Literals by themselves cost little: a signature may name all time zones.
  const counted = use === "signature" ? node.types.filter((part) => !ts.isLiteralTypeNode(part)) : node.types;
  return counted.length > checkLimits.checkedAlternativesMax;
}

/** The members of these are computed only when somebody asks for them. */
function isLazy(node: ts.Node): boolean {
  return ts.isMappedTypeNode(node) || ts.isTypeLiteralNode(node) || ts.isFunctionTypeNode(node);
}

/** Whether the alias of that name has to be computed for itself. */
function endlessAliases(file: ts.SourceFile): (alias: string | undefined) => boolean {
  const needs = new Map<string, Set<string>>();
  const read = (node: ts.Node, names: Set<string>): void => {
    if (ts.isIdentifier(node)) names.add(node.text);
    if (!isLazy(node)) ts.forEachChild(node, (child) => read(child, names));
  };
  const visit = (node: ts.Node): void => {
    if (ts.isTypeAliasDeclaration(node)) {
      const names = needs.get(node.name.text) ?? new Set();
      read(node.type, names);
      needs.set(node.name.text, names);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return (alias = "") => {
    // The set grows during the loop.
    const reached = new Set(needs.get(alias));
    for (const name of reached) for (const further of needs.get(name) ?? []) reached.add(further);
    return reached.has(alias);
  };
}
