import ts from "typescript";
import { isAssigned } from "./additions.ts";
import { isClientFile, isGlobalName, isOwnFile, isPlatform } from "./origin.ts";
import type { Verdict } from "./verdict.ts";

/*
 * What a program does with an imported module or a function that always fails: nobody may assign to its exports, and a client and
 * its functions are no classes.
 */

/** Assignments to members of modules, and deletions. The compiler tells only of some. */
export function changedModules(checker: ts.TypeChecker, file: ts.SourceFile): (Verdict & { at: ts.Node })[] {
  const found: (Verdict & { at: ts.Node })[] = [];
  const visit = (node: ts.Node): void => {
    const isAccess = ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node);
    if (isAccess && isChanged(node) && isModule(node.expression)) {
      const message = `${node.getText()} cannot be changed: the exports of a module are constant.`;
      found.push({ suggestions: [], message, at: node });
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;

  function isModule(value: ts.Expression): boolean {
    const module = checker.getTypeAtLocation(value).getSymbol()?.declarations?.find(ts.isSourceFile);
    return module !== undefined && (isClientFile(module) || isOwnFile(module));
  }
}

function isChanged(node: ts.Node): boolean {
  const { parent } = node;
  if (ts.isDeleteExpression(parent) || ts.isPostfixUnaryExpression(parent)) return true;
  if (ts.isPrefixUnaryExpression(parent)) return /^(?:\+\+|--)/.test(parent.getText());
  return isAssigned(node);
}

/** `new` of a value that is no constructor, whatever its type claims. */
export function wrongConstruction(checker: ts.TypeChecker, node: ts.Node): Verdict | undefined {
  const construction = ts.findAncestor(node, ts.isNewExpression);
  if (construction === undefined) return undefined;
  const callee = construction.expression;
  const type = checker.getTypeAtLocation(callee);
  const declarations = [
    ...(type.getSymbol()?.declarations ?? []),
    ...type.getCallSignatures().map((call) => call.getDeclaration()),
  ];
  const isFixed = isGlobalName(checker, callee) || declarations.some(isNoConstructor);
  const name = callee.getText();
  return isFixed
    ? { suggestions: [], message: `${name} is not a class, so \`new\` fails. ${constructionHint(type, name)}` }
    : undefined;
}

function constructionHint(type: ts.Type, name: string): string {
  const isCalled = type.getCallSignatures().length > 0;
  return isCalled ? `Call it without: ${name}(…).` : `Use its members as they are: ${name}.<name>.`;
}

/** What is declared here can never be constructed. Older functions can, with whatever type they return. */
function isNoConstructor(declaration: ts.Node | undefined): boolean {
  if (declaration === undefined) return false;
  if (isClientFile(declaration.getSourceFile())) return true;
  if (ts.isArrowFunction(declaration) || ts.isMethodDeclaration(declaration) || ts.isGetAccessor(declaration)) return true;
  const isFunction = ts.isFunctionDeclaration(declaration) || ts.isFunctionExpression(declaration);
  if (!isFunction) return false;
  return declaration.asteriskToken !== undefined || ts.getModifiers(declaration)?.some(isAsync) === true;
}

function isAsync({ kind }: ts.Modifier): boolean {
  return kind === ts.SyntaxKind.AsyncKeyword;
}

/** A class called without `new`. */
export function calledClass(checker: ts.TypeChecker, node: ts.Node): Verdict | undefined {
  const callee = ts.findAncestor(node, ts.isCallExpression)?.expression;
  if (callee === undefined) return undefined;
  const declaration = checker.getTypeAtLocation(callee).getSymbol()?.valueDeclaration;
  const isClass = declaration !== undefined && ts.isClassLike(declaration) && isOwnFile(declaration.getSourceFile());
  return isClass || isGlobalName(checker, callee) ? { suggestions: [`new ${callee.getText()}(…)`] } : undefined;
}

/** A client, or what the module "runtime" has, called as if it were one of its own functions. */
export function calledModule(checker: ts.TypeChecker, callee: ts.Expression): Verdict | undefined {
  const type = checker.getTypeAtLocation(callee);
  const declaration = type.getSymbol()?.declarations?.[0];
  if (!ts.isIdentifier(callee) || declaration === undefined || !isClientFile(declaration.getSourceFile())) return undefined;
  const isFunction = (symbol: ts.Symbol) => checker.getTypeOfSymbol(symbol).getCallSignatures().length > 0;
  const names = checker
    .getPropertiesOfType(type)
    .filter(isFunction)
    .map((symbol) => symbol.getName());
  const own = names.filter((name) => !name.startsWith("$"));
  if (own.length === 0) return undefined;
  const name = callee.getText();
  const more = own.length > functionsToldMax ? ", …" : "";
  const told = own.slice(0, functionsToldMax).map((member) => `${name}.${member}`);
  return { suggestions: [], message: `${name} is no function itself: call one of its own, ${told.join(", ")}${more}.` };
}

const functionsToldMax = 8;

/** A number or text of the language itself that is called: `list.length()`. */
export function calledValue(checker: ts.TypeChecker, callee: ts.Expression): Verdict | undefined {
  if (!ts.isPropertyAccessExpression(callee)) return undefined;
  const declarations = checker.getSymbolAtLocation(callee.name)?.declarations ?? [];
  const isOfLanguage =
    declarations.length > 0 && declarations.every((declaration) => isPlatform(declaration.getSourceFile().fileName));
  const isValue = (checker.getTypeAtLocation(callee).flags & (ts.TypeFlags.NumberLike | ts.TypeFlags.StringLike)) !== 0;
  if (!isOfLanguage || !isValue) return undefined;
  const text = callee.getText();
  return { suggestions: [text], message: `${text} is a value and no function: write it without parentheses.` };
}
