import ts from "typescript";

/**
 * Whether an argument that TypeScript refuses may still be what the server wants. A `string` variable where an enum is declared
 * may hold one of its values; an object that was `{}` and grew may have grown the right fields. A wrong literal, a missing
 * field or a value of another kind may not.
 */
export function isTolerable(checker: ts.TypeChecker, expression: ts.Expression, expected: ts.Type, depth = depthMax): boolean {
  const value = unwrap(expression);
  const actual = checker.getTypeAtLocation(value);
  if (depth <= 0 || isAny(actual) || checker.isTypeAssignableTo(actual, expected)) return true;
  if (ts.isConditionalExpression(value)) {
    return [value.whenTrue, value.whenFalse].every((branch) => isTolerable(checker, branch, expected, depth - 1));
  }
  if (ts.isObjectLiteralExpression(value)) return isObjectTolerable(checker, value, expected, depth);
  if (ts.isArrayLiteralExpression(value)) {
    const item = checker.getIndexTypeOfType(expected, ts.IndexKind.Number);
    return item !== undefined && value.elements.every((element) => isTolerable(checker, element, item, depth - 1));
  }
  return isTypeTolerable(checker, actual, expected, depth);
}

/** Deep enough for arguments that people write. */
const depthMax = 8;

function isObjectTolerable(
  checker: ts.TypeChecker,
  literal: ts.ObjectLiteralExpression,
  expected: ts.Type,
  depth: number,
): boolean {
  if (expected.isUnion()) return expected.types.some((option) => isObjectTolerable(checker, literal, option, depth));
  const given = new Set<string>();
  for (const property of literal.properties) {
    // What is spread in or computed is not known here.
    if (ts.isSpreadAssignment(property)) return true;
    const name =
      property.name && ts.isComputedPropertyName(property.name)
        ? undefined
        : property.name?.getText().replace(/^["']|["']$/g, "");
    if (name === undefined) return true;
    given.add(name);
    const wanted = checker.getPropertyOfType(expected, name);
    if (wanted === undefined) continue;
    const wantedType = checker.getTypeOfSymbolAtLocation(wanted, property);
    if (ts.isPropertyAssignment(property) && !isTolerable(checker, property.initializer, wantedType, depth - 1)) return false;
    if (ts.isShorthandPropertyAssignment(property) && !isTolerable(checker, property.name, wantedType, depth - 1)) return false;
  }
  return checker.getPropertiesOfType(expected).every((wanted) => isOptional(wanted) || given.has(wanted.getName()));
}

function isTypeTolerable(checker: ts.TypeChecker, actual: ts.Type, expected: ts.Type, depth: number): boolean {
  if (depth <= 0 || isAny(actual) || checker.isTypeAssignableTo(actual, expected)) return true;
  if (actual.isUnion()) return actual.types.every((part) => isTypeTolerable(checker, part, expected, depth - 1));
  if (expected.isUnion()) return expected.types.some((option) => isTypeTolerable(checker, actual, option, depth - 1));
  // A primitive whose value is not known, where particular values of its kind are wanted.
  if (actual.flags & ts.TypeFlags.String) return expected.isStringLiteral();
  if (actual.flags & ts.TypeFlags.Number) return expected.isNumberLiteral();
  if (!(actual.flags & ts.TypeFlags.Object) || !(expected.flags & ts.TypeFlags.Object)) return false;
  const item = checker.getIndexTypeOfType(actual, ts.IndexKind.Number);
  const wantedItem = checker.getIndexTypeOfType(expected, ts.IndexKind.Number);
  if (item && wantedItem) return isTypeTolerable(checker, item, wantedItem, depth - 1);

  const members = checker.getPropertiesOfType(actual);
  // `const query = {}; query.city = …`: what it has grown to is not in its type.
  if (members.length === 0) return true;
  return checker.getPropertiesOfType(expected).every((wanted) => {
    const own = checker.getPropertyOfType(actual, wanted.getName());
    if (own === undefined) return isOptional(wanted);
    const place = own.valueDeclaration ?? wanted.valueDeclaration;
    if (place === undefined) return true;
    const [ownType, wantedType] = [own, wanted].map((symbol) => checker.getTypeOfSymbolAtLocation(symbol, place));
    return ownType === undefined || wantedType === undefined || isTypeTolerable(checker, ownType, wantedType, depth - 1);
  });
}

function unwrap(expression: ts.Expression): ts.Expression {
  return ts.isParenthesizedExpression(expression) ? unwrap(expression.expression) : expression;
}

function isAny(type: ts.Type): boolean {
  return (type.flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown)) !== 0;
}

function isOptional(symbol: ts.Symbol): boolean {
  return (symbol.flags & ts.SymbolFlags.Optional) !== 0;
}
