import ts from "typescript";
import { closestTo, isMisspelling } from "../../../core/closest.ts";
import { isClientFile, isOwnFile, isPlatform } from "./origin.ts";
import { returnName } from "./source.ts";
import { isInType, isTest, usesOf } from "./usage.ts";
import type { Verdict } from "./verdict.ts";

/** A name that does not exist as a value. */
export function unknownName(checker: ts.TypeChecker, node: ts.Node, wasTested: (name: string) => boolean): Verdict | undefined {
  // The compiler also says so of a module of Node's, of which only types are used here: others are refused before the check.
  if (ts.isStringLiteral(node)) return undefined;
  const name = node.getText();
  if (isOnlyType(node) || wasTested(name)) return undefined;
  const inScope = checker.getSymbolsInScope(node, ts.SymbolFlags.Value);
  // There are hundreds of globals: one that is only similar says nothing.
  const meant = inScope.filter((symbol) => !isGlobal(symbol) || isMisspelling(name, [symbol.getName()]));
  const names = meant.map((symbol) => symbol.getName()).filter((declared) => declared !== returnName);
  return { suggestions: closestTo(name, names), unknownName: name };
}

/** Of the language and the isolate, and not of the program or its clients. `undefined` has no declaration. */
function isGlobal({ declarations = [] }: ts.Symbol): boolean {
  return declarations.every((declaration) => isPlatform(declaration.getSourceFile().fileName));
}

/** A type that is used as a value. */
export function typeAsValue(node: ts.Node): Verdict | undefined {
  return isOnlyType(node) ? undefined : { suggestions: [] };
}

/** The name is harmless at run time: types are erased, and `typeof` of an undeclared name is "undefined". */
function isOnlyType(node: ts.Node): boolean {
  return isInType(node) || ts.isTypeOfExpression(node.parent);
}

/** Names that a file tests with `typeof`, or uses as fields of `globalThis`. */
export function namesTested(file: ts.SourceFile): Set<string> {
  const names = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isTypeOfExpression(node)) names.add(node.expression.getText());
    if (ts.isPropertyAccessExpression(node) && node.expression.getText() === "globalThis") names.add(node.name.text);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return names;
}

/** An imported name that its module does not export. */
export function unknownExport(checker: ts.TypeChecker, node: ts.Node): Verdict | undefined {
  const statement = ts.findAncestor(node, ts.isImportDeclaration);
  const module = statement && checker.getSymbolAtLocation(statement.moduleSpecifier);
  const file = module?.declarations?.find(ts.isSourceFile);
  if (module === undefined || file === undefined) return undefined;
  const names = checker.getExportsOfModule(module).map((symbol) => symbol.getName());
  const name = node.getText();
  // An import that is never used, or only as a type, is erased.
  if (!isNeeded(checker, node)) return undefined;
  if (isClientFile(file)) return { suggestions: closestTo(name, names), unknownTool: { file: file.fileName, name } };
  return isOwnFile(file) && !file.fileName.endsWith(".json") ? { suggestions: closestTo(name, names) } : undefined;
}

/** Used as a value without a test for it. */
function isNeeded(checker: ts.TypeChecker, node: ts.Node): boolean {
  const { parent } = node;
  const local = ts.isImportSpecifier(parent) || ts.isImportClause(parent) ? parent.name : undefined;
  return local !== undefined && usesOf(checker, local).some((use) => !isTest(checker, use));
}
