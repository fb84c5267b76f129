import ts from "typescript";
import { closestTo, isMisspelling } from "../../../core/closest.ts";
import { checkLimits } from "./check-limits.ts";
import { isGlobalName, type Origin } from "./origin.ts";
import { isOnlyTested, isTest, usesOf } from "./usage.ts";
import type { Verdict } from "./verdict.ts";

/** A longer expression is not repeated in a suggestion. */
const shownCharsMax = 60;
const wordCharsMin = 4;
const namesToldMax = 20;

interface MemberParts {
  checker: ts.TypeChecker;
  origin: Origin;
  /** The global object of an isolate like the program's. */
  scope: object;
  own: OwnNames;
}

/** Member names for which the program itself is responsible. */
export interface OwnNames {
  /** The program sets a field of this name on such a value. */
  isAdded(name: string, file: ts.SourceFile): boolean;
  /** The program tests somewhere whether the member exists. */
  isTested(name: string, file: ts.SourceFile): boolean;
}

/** An access to a member that its value does not declare. */
interface Member {
  name: string;
  /** The accessed value: its type, and its expression if there is one. */
  owner: ts.Type;
  expression: ts.Expression | undefined;
  isOnlyTest: boolean;
}

/**
 * A member that does not exist. Blocks on a client, a typed result, a promise that was not awaited, and built-in objects. Does
 * not block if the program adds the member itself, or tests for it before use.
 */
export function missingMember({ checker, origin, scope, own }: MemberParts, node: ts.Node): Verdict | undefined {
  const member = memberAt(checker, node);
  const file = node.getSourceFile();
  if (member === undefined) return undefined;
  const { name, expression } = member;
  // Nothing can be added to a module.
  if (own.isAdded(name, file) && !origin.moduleOf(member.owner)) return undefined;
  const isOnlyTest = member.isOnlyTest || own.isTested(name, file);
  const owner = checker.getNonNullableType(member.owner);
  const parts = owner.isUnion() ? owner.types : [owner];
  if (parts.every((part) => isPromise(checker, part))) {
    return isOnlyTest && !existsOnAwaited(checker, owner, name) ? undefined : { suggestions: [`await the call before .${name}`] };
  }
  // If some members of the union have it, the access is intentional.
  if (parts.some((part) => part.getProperty(name))) return undefined;

  const names = checker.getPropertiesOfType(owner).map((property) => property.getName());
  const module = origin.moduleOf(owner);
  if (module && isTakenInVain(checker, node)) return undefined;
  if (module) return { suggestions: closestTo(name, names), unknownTool: { file: module.fileName, name } };
  const isPromised = origin.isClientType(owner) || isPrimitiveOfClient() || isGlobalWithout(name);
  if (!isPromised || (isOnlyTest && !isMisspelling(name, names))) return undefined;
  if (isText()) return parsedFirst();
  if (isSession() && !isMisspelling(name, names))
    return { suggestions: [isCalled(node) ? methodOfSession(name) : sessionGet(name)] };
  return { suggestions: [...throughField(), ...closestTo(name, names)], ...namesOfLong() };

  /** `result.split()`, where the text is `result.content`. */
  function throughField(): string[] {
    const text = expression?.getText() ?? "";
    const field = checker.getPropertiesOfType(owner).find((property) => {
      return checker.getApparentType(checker.getTypeOfSymbol(property)).getProperty(name) !== undefined;
    });
    const isShort = text !== "" && text.length <= shownCharsMax && names.length <= checkLimits.fieldsSearchedMax;
    return field !== undefined && isShort ? [`${text}.${field.getName()}.${name}`] : [];
  }

  /** In place of a type that is too long to print. */
  function namesOfLong(): { hint?: string } {
    const isLong = names.length <= namesToldMax && checker.typeToString(owner).length > checkLimits.typeCharsMax;
    return isLong ? { hint: `It has ${names.join(", ")}.` } : {};
  }

  /** Of the module "runtime": its values are no fields. */
  function isSession(): boolean {
    return expression?.getText() === "session" && ["get", "set", "delete", "list"].every((method) => names.includes(method));
  }

  function isText(): boolean {
    return parts.every((part) => (part.flags & ts.TypeFlags.StringLike) !== 0);
  }

  /** Many servers answer JSON as text. */
  function parsedFirst(): Verdict {
    const text = expression?.getText() ?? "";
    const isShort = text !== "" && text.length <= shownCharsMax && !text.includes("\n");
    // Closeness of a letter or two says nothing: every short name is close to "at".
    const misspelt = name.length >= wordCharsMin && isMisspelling(name, names) ? closestTo(name, names) : [];
    const hint = "It is text: if it holds JSON, read it with JSON.parse first.";
    return { suggestions: [...misspelt, ...(isShort ? [`JSON.parse(${text}).${name}`] : [])], hint };
  }

  /** A string, number or list from a result. The isolate may have members that the library does not declare yet. */
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

function sessionGet(key: string): string {
  return `await session.get(${JSON.stringify(key)})`;
}

/** For a method that other stores have. */
function methodOfSession(name: string): string {
  if (/^(?:keys|entries|all|values|size|length)$/i.test(name)) return "await session.list()";
  if (/^(?:clear|reset|remove|del|unset|pop)/i.test(name)) return "await session.delete(key)";
  return /^(?:has|fetch|load|read|find|value)/i.test(name) ? "await session.get(key)" : "await session.set(key, value)";
}

function isCalled({ parent }: ts.Node): boolean {
  return ts.isPropertyAccessExpression(parent) && ts.isCallExpression(parent.parent) && parent.parent.expression === parent;
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
    const isOnlyTest = isTest(checker, access);
    return { name, owner: checker.getTypeAtLocation(expression), expression, isOnlyTest };
  }

  function bound({ parent: pattern, propertyName, name, initializer }: ts.BindingElement): Member | undefined {
    const key = propertyName ?? name;
    if (!ts.isIdentifier(key) && !ts.isStringLiteral(key)) return undefined;
    const isOnlyTest = initializer !== undefined || (ts.isIdentifier(name) && isOnlyTested(checker, name));
    const declared = pattern.parent;
    const expression = ts.isVariableDeclaration(declared) ? declared.initializer : undefined;
    return { name: key.text, owner: checker.getTypeAtLocation(pattern), expression, isOnlyTest };
  }

  /** `({ name } = value)` */
  function assigned(property: ts.PropertyAssignment | ts.ShorthandPropertyAssignment): Member | undefined {
    const assignment = property.parent.parent;
    const isPattern = ts.isBinaryExpression(assignment) && assignment.left === property.parent;
    if (!isPattern || !ts.isIdentifier(property.name)) return undefined;
    const expression = assignment.right;
    return { name: property.name.text, owner: checker.getTypeAtLocation(expression), expression, isOnlyTest: false };
  }
}

/** `const { name } = await import(…)` where the name is never used, like an import that is not. */
function isTakenInVain(checker: ts.TypeChecker, { parent }: ts.Node): boolean {
  return ts.isBindingElement(parent) && ts.isIdentifier(parent.name) && usesOf(checker, parent.name).length === 0;
}

export function isPromise(checker: ts.TypeChecker, type: ts.Type): boolean {
  const awaited = checker.getAwaitedType(type);
  return awaited !== undefined && awaited !== type;
}

function existsOnAwaited(checker: ts.TypeChecker, promise: ts.Type, name: string): boolean {
  const awaited = checker.getAwaitedType(promise);
  if (awaited === undefined || (awaited.flags & ts.TypeFlags.Any) !== 0) return true;
  return checker.getPropertyOfType(checker.getNonNullableType(awaited), name) !== undefined;
}

/** A built-in type that lacks the member at run time too, not only in its declaration. */
function lacks(checker: ts.TypeChecker, type: ts.Type, name: string): boolean {
  if (type.flags & ts.TypeFlags.StringLike) return !(name in String.prototype);
  if (type.flags & ts.TypeFlags.NumberLike) return !(name in Number.prototype);
  if (type.flags & ts.TypeFlags.BooleanLike) return !(name in Boolean.prototype);
  return checker.isArrayType(type) && !(name in Array.prototype);
}
