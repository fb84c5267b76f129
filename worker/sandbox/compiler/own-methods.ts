import ts from "typescript";
import { closestTo } from "../../../core/closest.ts";
import type { Additions } from "./additions.ts";
import type { OwnNames } from "./members.ts";
import { isConstant, isGlobalName, isOwnFile } from "./origin.ts";
import type { Verdict } from "./verdict.ts";

/** What is written in place of methods of Python, and of libraries. */
const insteadOfMethods: Readonly<Record<string, readonly string[]>> = {
  append: ["push"],
  extend: ["concat"],
  strip: ["trim"],
  upper: ["toUpperCase"],
  lower: ["toLowerCase"],
  startswith: ["startsWith"],
  endswith: ["endsWith"],
  contains: ["includes"],
  format: ["toISOString", "toLocaleDateString"],
  strftime: ["toISOString"],
  isoformat: ["toISOString"],
};

interface OwnParts {
  checker: ts.TypeChecker;
  /** The global object of an isolate like the program's. */
  scope: object;
  additions: Additions;
  isTested: OwnNames["isTested"];
}

/**
 * The call of a method that a value certainly lacks: of a class or an object literal of the program's own, or of a built-in value
 * that the program makes itself. Whatever a program does to add members to its own values is looked for in all of its files.
 */
export function missingMethod({ checker, scope, additions, isTested }: OwnParts, name: ts.Node): Verdict | undefined {
  const access = name.parent;
  if (!ts.isPropertyAccessExpression(access) || access.name !== name || !ts.isIdentifier(name)) return undefined;
  const wanted = name.text;
  const isCalled = ts.isCallExpression(access.parent) && access.parent.expression === access;
  if (!isCalled || access.questionDotToken || access.parent.questionDotToken || isTested(wanted, name.getSourceFile()))
    return undefined;
  const type = checker.getApparentType(checker.getNonNullableType(checker.getTypeAtLocation(access.expression)));
  const owner = type.getSymbol()?.valueDeclaration;
  const isOwn = owner !== undefined && isOwnFile(owner.getSourceFile());
  const isLacking = isOwn
    ? isClosed(owner) && !additions.mayHave(wanted, owner)
    : isMadeHere(access.expression) && !additions.mayHave(wanted) && lacks(type);
  if (!isLacking) return undefined;
  const names = namesOf(type);
  const meant = Object.hasOwn(insteadOfMethods, wanted) ? (insteadOfMethods[wanted] ?? []) : [];
  const known = meant.filter((name) => names.includes(name));
  return known.length > 0
    ? { suggestions: known, hint: `Write ${known.join(" or ")}.` }
    : { suggestions: closestTo(wanted, names) };

  /** Without symbols, whose names here begin with two underscores. */
  function namesOf(of: ts.Type): string[] {
    const names = checker.getPropertiesOfType(of).map((member) => member.getName());
    return names.filter((member) => !member.startsWith("__@"));
  }

  /** All members of the declaration are written in it, or in classes of which that is true. */
  function isClosed(declaration: ts.Node): boolean {
    if (ts.isObjectLiteralExpression(declaration)) return declaration.properties.every(isPlainlyNamed);
    if (!ts.isClassLike(declaration) || ts.getDecorators(declaration) !== undefined) return false;
    const returns = declaration.members.some((member) => ts.isConstructorDeclaration(member) && returnsValue(member));
    return !returns && declaration.members.every(isPlainlyNamed) && basesOf(declaration).every(isClosedBase);
  }

  function isClosedBase(base: ts.Expression): boolean {
    if (isGlobalName(checker, base)) return !hasOnPrototype(base.text);
    const declaration = checker.getTypeAtLocation(base).getSymbol()?.valueDeclaration;
    return declaration !== undefined && isOwnFile(declaration.getSourceFile()) && isClosed(declaration);
  }

  /** The library may declare less than the isolate has. */
  function lacks(built: ts.Type): boolean {
    const parts = built.isUnion() ? built.types : [built];
    return parts.every((part) => {
      return hasOnPrototype(part.getSymbol()?.getName() ?? "") === false;
    });
  }

  /** Undefined if the isolate has no such class. */
  function hasOnPrototype(className: string): boolean | undefined {
    const value: unknown = Reflect.get(scope, className.replace(/^Readonly(?=Array$|Map$|Set$)/, ""));
    const prototype: unknown = typeof value === "function" ? value.prototype : undefined;
    return typeof prototype === "object" && prototype !== null ? wanted in prototype : undefined;
  }

  /** A value whose type no annotation or assertion claims. */
  function isMadeHere(value: ts.Expression): boolean {
    if (ts.isParenthesizedExpression(value) || ts.isAwaitExpression(value)) return isMadeHere(value.expression);
    if (ts.isLiteralExpression(value) || ts.isTemplateExpression(value) || ts.isArrayLiteralExpression(value)) return true;
    if (ts.isNewExpression(value)) return isGlobalName(checker, value.expression);
    if (ts.isCallExpression(value) && ts.isPropertyAccessExpression(value.expression)) {
      const { expression } = value.expression;
      return isGlobalName(checker, expression) || isMadeHere(expression);
    }
    const declaration = ts.isIdentifier(value) ? checker.getSymbolAtLocation(value)?.valueDeclaration : undefined;
    if (declaration === undefined || !ts.isVariableDeclaration(declaration) || !isConstant(declaration)) return false;
    return declaration.type === undefined && declaration.initializer !== undefined && isMadeHere(declaration.initializer);
  }
}

function isPlainlyNamed(element: ts.ClassElement | ts.ObjectLiteralElementLike): boolean {
  const { name } = element;
  // A constructor and a static block have no name.
  return name === undefined ? !ts.isSpreadAssignment(element) : !ts.isComputedPropertyName(name);
}

function basesOf({ heritageClauses }: ts.ClassLikeDeclaration): ts.Expression[] {
  const bases = heritageClauses?.filter(({ token }) => token === ts.SyntaxKind.ExtendsKeyword) ?? [];
  return bases.flatMap(({ types }) => types.map(({ expression }) => expression));
}

function returnsValue(node: ts.Node): boolean {
  if (ts.isReturnStatement(node)) return node.expression !== undefined;
  return ts.forEachChild(node, (child) => (!ts.isFunctionLike(child) && returnsValue(child)) || undefined) === true;
}
