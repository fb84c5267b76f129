import ts from "typescript";
import { isConstant } from "./origin.ts";
import { isAnything, isList, isNullish, isOptional, isTolerable } from "./tolerance.ts";
import { isNothing } from "./usage.ts";

/** A part of an argument that the server would refuse, and the type that it expects there. */
export interface Flaw {
  node: ts.Expression;
  expected: ts.Type;
}

/** The parts of an argument expression that cannot have the expected type. */
export function flawsOf(checker: ts.TypeChecker, argument: ts.Expression, expected: ts.Type): Flaw[] {
  const expression = withoutAssertion(argument);
  const actual = checker.getTypeAtLocation(expression);
  if (isAnything(actual) || checker.isTypeAssignableTo(actual, expected)) return [];
  if (ts.isConditionalExpression(expression)) {
    return [expression.whenTrue, expression.whenFalse].flatMap((branch) => flawsOf(checker, branch, expected));
  }
  if (ts.isObjectLiteralExpression(expression)) return flawsOfObject(checker, expression, expected);
  if (ts.isArrayLiteralExpression(expression)) return flawsOfList(checker, expression, expected);
  return isTolerableValue(checker, expression, expected) ? [] : [{ node: expression, expected }];
}

/**
 * The narrowed type of a variable proves nothing, because a callback may have assigned another value since. Only a constant
 * that is null stays null.
 */
function isTolerableValue(checker: ts.TypeChecker, expression: ts.Expression, expected: ts.Type): boolean {
  if (isNothing(expression)) return false;
  const actual = checker.getTypeAtLocation(expression);
  if (isTolerable(checker, actual, expected)) return true;
  const symbol = ts.isShorthandPropertyAssignment(expression.parent)
    ? checker.getShorthandAssignmentValueSymbol(expression.parent)
    : checker.getSymbolAtLocation(expression);
  const declaration = symbol?.valueDeclaration;
  if (symbol === undefined || declaration === undefined) return false;
  if (ts.isVariableDeclaration(declaration) && isConstant(declaration)) return false;
  return isNullish(actual) || isTolerable(checker, checker.getTypeOfSymbol(symbol), expected);
}

function flawsOfList(checker: ts.TypeChecker, literal: ts.ArrayLiteralExpression, expected: ts.Type): Flaw[] {
  const lists = partsOf(checker, expected).filter((part) => isList(checker, part));
  if (lists.length === 0) return [{ node: literal, expected }];
  return bestOf(
    lists.map((list) =>
      literal.elements.flatMap((element, index) => {
        const item = itemOf(checker, list, index);
        return ts.isSpreadElement(element) || item === undefined ? [] : flawsOf(checker, element, item);
      }),
    ),
  );
}

function itemOf(checker: ts.TypeChecker, list: ts.Type, index: number): ts.Type | undefined {
  const place = checker.getPropertyOfType(list, String(index));
  return place ? checker.getTypeOfSymbol(place) : checker.getIndexTypeOfType(list, ts.IndexKind.Number);
}

function flawsOfObject(checker: ts.TypeChecker, literal: ts.ObjectLiteralExpression, expected: ts.Type): Flaw[] {
  const parts = partsOf(checker, expected);
  if (parts.some(isAnything)) return [];
  const objects = parts.filter((part) => (part.flags & ts.TypeFlags.Object) !== 0 && !isList(checker, part));
  const options = objects.length > 0 ? objects : parts.filter((part) => part.isIntersection());
  if (options.length === 0) return [{ node: literal, expected }];
  const kind = discriminantOf(checker, literal, options);
  const meant = kind ? options.filter((option) => fits(checker, kind, option)) : options;
  if (kind && meant.length === 0)
    return [{ node: kind.initializer, expected: propertyOf(checker, expected, kind.name.text) ?? expected }];
  return bestOf(meant.map((option) => flawsOfMembers(checker, literal, option)));
}

function flawsOfMembers(checker: ts.TypeChecker, literal: ts.ObjectLiteralExpression, expected: ts.Type): Flaw[] {
  const flaws: Flaw[] = [];
  const given = new Set<string>();
  const spreadAt = literal.properties.findLastIndex(ts.isSpreadAssignment);
  let isOpen = spreadAt >= 0;
  for (const [index, property] of literal.properties.entries()) {
    const name = property.name && nameOf(property.name);
    if (name === undefined) isOpen = true;
    // A later spread may overwrite this property.
    if (name === undefined || index < spreadAt) continue;
    given.add(name);
    const wanted = propertyOf(checker, expected, name);
    const value = valueIn(property);
    if (wanted !== undefined && value !== undefined) flaws.push(...flawsOf(checker, value, wanted));
  }
  const missing = checker.getPropertiesOfType(expected).some((wanted) => !isOptional(wanted) && !given.has(wanted.getName()));
  return missing && !isOpen ? [...flaws, { node: literal, expected }] : flaws;
}

interface NamedProperty extends ts.PropertyAssignment {
  name: ts.Identifier;
}

/** The discriminant property: one that has a literal type in every alternative. */
function discriminantOf(
  checker: ts.TypeChecker,
  literal: ts.ObjectLiteralExpression,
  options: readonly ts.Type[],
): NamedProperty | undefined {
  if (options.length < 2) return undefined;
  return literal.properties.find((property): property is NamedProperty => {
    if (!ts.isPropertyAssignment(property) || !ts.isIdentifier(property.name)) return false;
    const { text } = property.name;
    return options.every((option) => propertyOf(checker, option, text)?.isLiteral() === true);
  });
}

function fits(checker: ts.TypeChecker, property: NamedProperty, option: ts.Type): boolean {
  const wanted = propertyOf(checker, option, property.name.text);
  return wanted === undefined || isTolerable(checker, checker.getTypeAtLocation(property.initializer), wanted);
}

function propertyOf(checker: ts.TypeChecker, type: ts.Type, name: string): ts.Type | undefined {
  const property = checker.getPropertyOfType(type, name);
  return property ? checker.getTypeOfSymbol(property) : checker.getIndexTypeOfType(type, ts.IndexKind.String);
}

function partsOf(checker: ts.TypeChecker, expected: ts.Type): readonly ts.Type[] {
  const type = checker.getNonNullableType(expected);
  return type.isUnion() ? type.types : [type];
}

/** The flaws of the alternative that fits best. */
function bestOf(alternatives: readonly Flaw[][]): Flaw[] {
  const [first = [], ...others] = alternatives;
  return others.reduce((best, other) => (other.length < best.length ? other : best), first);
}

function nameOf(name: ts.PropertyName): string | undefined {
  return ts.isIdentifier(name) || ts.isStringLiteral(name) ? name.text : undefined;
}

function valueIn(property: ts.ObjectLiteralElementLike): ts.Expression | undefined {
  if (ts.isPropertyAssignment(property)) return property.initializer;
  return ts.isShorthandPropertyAssignment(property) ? property.name : undefined;
}

/** Without parentheses, `as const` and `satisfies`. Any other type assertion is trusted. */
function withoutAssertion(expression: ts.Expression): ts.Expression {
  const isConst = ts.isAsExpression(expression) && ts.isConstTypeReference(expression.type);
  const isWrapping = ts.isParenthesizedExpression(expression) || ts.isSatisfiesExpression(expression);
  return isConst || isWrapping ? withoutAssertion(expression.expression) : expression;
}
