import ts from "typescript";
import { closestTo } from "../../../core/closest.ts";
import { isClientFile, isOwnFile } from "./origin.ts";
import { isAskedFor, usesOf } from "./usage.ts";
import type { Verdict } from "./verdict.ts";

/** A name that stands for no value. */
export function unknownName(checker: ts.TypeChecker, node: ts.Node, wasAsked: (name: string) => boolean): Verdict | undefined {
  const name = node.getText();
  if (isOnlyType(node) || wasAsked(name)) return undefined;
  const inScope = checker.getSymbolsInScope(node, ts.SymbolFlags.Value).map((symbol) => symbol.getName());
  return { suggestions: closestTo(name, inScope), unknownName: name };
}

/** A type where a value is needed. */
export function typeAsValue(node: ts.Node): Verdict | undefined {
  return isOnlyType(node) ? undefined : { suggestions: [] };
}

/** A type is gone at run time, and `typeof` of what does not exist is "undefined". */
function isOnlyType(node: ts.Node): boolean {
  return ts.isPartOfTypeNode(node) || ts.isTypeOfExpression(node.parent) || ts.findAncestor(node, ts.isJSDoc) !== undefined;
}

/** Names that a file asks for with `typeof` before it uses them, or has made itself as fields of `globalThis`. */
export function namesAsked(file: ts.SourceFile): Set<string> {
  const names = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isTypeOfExpression(node)) names.add(node.expression.getText());
    if (ts.isPropertyAccessExpression(node) && node.expression.getText() === "globalThis") names.add(node.name.text);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return names;
}

/** A name that the module it is imported from does not export. */
export function unknownExport(checker: ts.TypeChecker, node: ts.Node): Verdict | undefined {
  const statement = ts.findAncestor(node, ts.isImportDeclaration);
  const module = statement && checker.getSymbolAtLocation(statement.moduleSpecifier);
  const file = module?.declarations?.find(ts.isSourceFile);
  if (module === undefined || file === undefined) return undefined;
  const names = checker.getExportsOfModule(module).map((symbol) => symbol.getName());
  const name = node.getText();
  if (isClientFile(file)) return { suggestions: closestTo(name, names), unknownTool: { file: file.fileName, name } };
  const isNeeded = isOwnFile(file) && !file.fileName.endsWith(".json") && isUsed(checker, node);
  return isNeeded ? { suggestions: closestTo(name, names) } : undefined;
}

/** An import that is used as a type only is gone at run time, and one that is asked for may be missing. */
function isUsed(checker: ts.TypeChecker, node: ts.Node): boolean {
  const { parent } = node;
  const local = ts.isImportSpecifier(parent) || ts.isImportClause(parent) ? parent.name : undefined;
  return local !== undefined && usesOf(checker, local).some((use) => !isAskedFor(checker, use));
}
