import ts from "typescript";
import { closestTo, isMisspelling } from "../../../core/closest.ts";
import { isGlobalName, type Origin } from "./origin.ts";
import { isAskedFor, isOnlyAskedFor } from "./usage.ts";
import type { Verdict } from "./verdict.ts";

interface MemberParts {
  checker: ts.TypeChecker;
  origin: Origin;
  /** The globals of an isolate like the program's. */
  scope: object;
  own: OwnNames;
}

/** Names of members that are the program's own affair. */
export interface OwnNames {
  /** The program sets a field of this name. */
  isAdded(name: string, file: ts.SourceFile): boolean;
  /** The program asks somewhere whether it is there. */
  isAsked(name: string, file: ts.SourceFile): boolean;
}

/** Something that is looked for in a value that does not have it. */
interface Member {
  name: string;
  /** The value it is looked for in: its type, and the expression where there is one. */
  owner: ts.Type;
  expression: ts.Expression | undefined;
  isOnlyAsked: boolean;
}

/**
 * A member that is not there. It matters on a client, on what a typed output promises, on a promise that was not awaited and on
 * the language's own objects. What the program added itself, or asks for before it uses it, is its own affair.
 */
export function missingMember({ checker, origin, scope, own }: MemberParts, node: ts.Node): Verdict | undefined {
  const member = memberAt(checker, node);
  const file = node.getSourceFile();
  if (member === undefined || own.isAdded(member.name, file)) return undefined;
  const { name, expression } = member;
  const isOnlyAsked = member.isOnlyAsked || own.isAsked(name, file);
  const owner = checker.getNonNullableType(member.owner);
  const parts = owner.isUnion() ? owner.types : [owner];
  if (parts.every((part) => isPromise(checker, part))) {
    return isOnlyAsked && !isThere(checker, owner, name) ? undefined : { suggestions: [`await the call before .${name}`] };
  }
  // A member that only some alternatives have is looked for on purpose.
  if (parts.some((part) => part.getProperty(name))) return undefined;

  const names = checker.getPropertiesOfType(owner).map((property) => property.getName());
  const module = origin.moduleOf(owner);
  if (module) return { suggestions: closestTo(name, names), unknownTool: { file: module.fileName, name } };
  const isPromised = origin.isClientType(owner) || isPrimitiveOfClient() || isGlobalWithout(name);
  if (!isPromised || (isOnlyAsked && !isMisspelling(name, names))) return undefined;
  return { suggestions: closestTo(name, names) };

  /** A text, number or list out of a result; the library may know less of these than the isolate. */
  function isPrimitiveOfClient(): boolean {
    return expression !== undefined && origin.isClientValue(expression) && parts.every((part) => lacks(checker, part, name));
  }

  function isGlobalWithout(wanted: string): boolean {
    if (expression === undefined || !isGlobalName(checker, expression)) return false;
    const value: unknown = Reflect.get(scope, expression.text);
    const isObject = (typeof value === "object" && value !== null) || typeof value === "function";
    return isObject && !(wanted in value);
  }
}

function memberAt(checker: ts.TypeChecker, node: ts.Node): Member | undefined {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent) && parent.name === node) return accessed(parent, parent.name.text);
  const element = ts.isElementAccessExpression(node) ? node : parent;
  if (ts.isElementAccessExpression(element)) {
    const { argumentExpression } = element;
    return ts.isStringLiteralLike(argumentExpression) ? accessed(element, argumentExpression.text) : undefined;
  }
  if (ts.isBindingElement(parent)) return bound(parent);
  if (ts.isPropertyAssignment(parent) || ts.isShorthandPropertyAssignment(parent)) return assigned(parent);
  return undefined;

  function accessed(access: ts.PropertyAccessExpression | ts.ElementAccessExpression, name: string): Member {
    const { expression } = access;
    const isOnlyAsked = isAskedFor(checker, access);
    return { name, owner: checker.getTypeAtLocation(expression), expression, isOnlyAsked };
  }

  function bound({ parent: pattern, propertyName, name, initializer }: ts.BindingElement): Member | undefined {
    const key = propertyName ?? name;
    if (!ts.isIdentifier(key) && !ts.isStringLiteral(key)) return undefined;
    const isOnlyAsked = initializer !== undefined || (ts.isIdentifier(name) && isOnlyAskedFor(checker, name));
    const declared = pattern.parent;
    const expression = ts.isVariableDeclaration(declared) ? declared.initializer : undefined;
    return { name: key.text, owner: checker.getTypeAtLocation(pattern), expression, isOnlyAsked };
  }

  /** `({ name } = value)` */
  function assigned(property: ts.PropertyAssignment | ts.ShorthandPropertyAssignment): Member | undefined {
    const assignment = property.parent.parent;
    const isPattern = ts.isBinaryExpression(assignment) && assignment.left === property.parent;
    if (!isPattern || !ts.isIdentifier(property.name)) return undefined;
    const expression = assignment.right;
    return { name: property.name.text, owner: checker.getTypeAtLocation(expression), expression, isOnlyAsked: false };
  }
}

export function isPromise(checker: ts.TypeChecker, type: ts.Type): boolean {
  const awaited = checker.getAwaitedType(type);
  return awaited !== undefined && awaited !== type;
}

function isThere(checker: ts.TypeChecker, promise: ts.Type, name: string): boolean {
  const awaited = checker.getAwaitedType(promise);
  if (awaited === undefined || (awaited.flags & ts.TypeFlags.Any) !== 0) return true;
  return checker.getPropertyOfType(checker.getNonNullableType(awaited), name) !== undefined;
}

/** Neither the type nor what the isolate has of its kind. */
function lacks(checker: ts.TypeChecker, type: ts.Type, name: string): boolean {
  if (type.flags & ts.TypeFlags.StringLike) return !(name in String.prototype);
  if (type.flags & ts.TypeFlags.NumberLike) return !(name in Number.prototype);
  if (type.flags & ts.TypeFlags.BooleanLike) return !(name in Boolean.prototype);
  return checker.isArrayType(type) && !(name in Array.prototype);
}
