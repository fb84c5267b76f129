import ts from "typescript";

/**
 * Whether a value of type `actual` can turn out valid at run time although TypeScript does not accept it. A `string` may hold a
 * value of an enum, a union may hold a fitting member, and an object that started as `{}` may have got fields. The value counts
 * as JSON: a Date is a string. A literal, a field or a primitive type that can never be right is not tolerated.
 */
export function isTolerable(checker: ts.TypeChecker, actual: ts.Type, expected: ts.Type, depth = depthMax): boolean {
  if (depth <= 0 || isAnything(actual) || isAnything(expected) || checker.isTypeAssignableTo(actual, expected)) return true;
  const isFit = (from: ts.Type, to: ts.Type) => isTolerable(checker, from, to, depth - 1);
  if (actual.isUnion()) return actual.types.some((part) => !isNullish(part) && isFit(part, expected));
  if (isNullish(actual)) return false;
  if (expected.isUnion()) return expected.types.some((option) => isFit(actual, option));
  if (expected.isIntersection()) return expected.types.every((part) => isFit(actual, part));
  if (actual.isIntersection()) return actual.types.some((part) => isFit(part, expected));
  if (actual.flags & primitiveFlags) return isPrimitiveTolerable(actual, expected);
  const json = jsonOf(checker, actual);
  if (json) return isFit(json, expected);
  if (checker.getPropertiesOfType(actual).length === 0 && isObject(actual) && !isList(checker, actual)) {
    const values = checker.getIndexTypeOfType(actual, ts.IndexKind.String);
    // As in `const query = {}; query.city = …`, or a narrowed `unknown`: the type does not tell which fields there are.
    return values === undefined ? !isFunction(actual) : isRecordTolerable(values);
  }
  return isObject(actual) && isObject(expected) && isObjectTolerable();

  function isRecordTolerable(values: ts.Type): boolean {
    if (isAnything(values)) return true;
    const wanted = checker.getPropertiesOfType(expected).filter((property) => !isOptional(property));
    return isObject(expected) && wanted.every((property) => isFit(values, checker.getTypeOfSymbol(property)));
  }

  function isObjectTolerable(): boolean {
    if (isFunction(actual) || isList(checker, actual) !== isList(checker, expected)) return false;
    if (isList(checker, actual)) {
      const [item, wanted] = [actual, expected].map((list) => checker.getIndexTypeOfType(list, ts.IndexKind.Number));
      return item === undefined || wanted === undefined || isFit(item, wanted);
    }
    return checker.getPropertiesOfType(expected).every((wanted) => {
      const own = checker.getPropertyOfType(actual, wanted.getName());
      if (own === undefined) return isOptional(wanted) || checker.getIndexTypeOfType(actual, ts.IndexKind.String) !== undefined;
      return isFit(checker.getTypeOfSymbol(own), checker.getTypeOfSymbol(wanted));
    });
  }
}

/** Deeper than real arguments. */
const depthMax = 12;

const { TypeFlags } = ts;
const primitiveFlags =
  TypeFlags.StringLike | TypeFlags.NumberLike | TypeFlags.BooleanLike | TypeFlags.BigIntLike | TypeFlags.ESSymbolLike;
const unresolvedFlags = TypeFlags.Any | TypeFlags.Unknown | TypeFlags.Never | TypeFlags.Instantiable | TypeFlags.NonPrimitive;

/** A `string` may be the expected string literal, a `number` the expected number literal. */
function isPrimitiveTolerable(actual: ts.Type, expected: ts.Type): boolean {
  // Sent as JSON, an enum member is its value.
  if (actual.flags & TypeFlags.EnumLiteral && actual.isLiteral()) return expected.isLiteral() && actual.value === expected.value;
  // Sent as the integer it is, with all its digits.
  if (actual.flags & TypeFlags.BigIntLike) return (expected.flags & TypeFlags.NumberLike) !== 0;
  if (actual.isLiteral()) return false;
  if (actual.flags & TypeFlags.StringLike) return expected.isStringLiteral();
  return (actual.flags & TypeFlags.NumberLike) !== 0 && expected.isNumberLiteral();
}

/** The return type of `toJSON`, if the type has that method. */
function jsonOf(checker: ts.TypeChecker, type: ts.Type): ts.Type | undefined {
  const method = checker.getPropertyOfType(type, "toJSON");
  return method && checker.getTypeOfSymbol(method).getCallSignatures()[0]?.getReturnType();
}

function isFunction(type: ts.Type): boolean {
  return type.getCallSignatures().length > 0;
}

export function isList(checker: ts.TypeChecker, type: ts.Type): boolean {
  return checker.isArrayLikeType(type) || checker.isTupleType(type);
}

function isObject(type: ts.Type): boolean {
  return (type.flags & TypeFlags.Object) !== 0;
}

export function isNullish(type: ts.Type): boolean {
  return (type.flags & (TypeFlags.Null | TypeFlags.Undefined | TypeFlags.Void)) !== 0;
}

export function isAnything(type: ts.Type): boolean {
  // Template literal types have an instantiable flag too, but they are strings.
  return (type.flags & unresolvedFlags) !== 0 && (type.flags & primitiveFlags) === 0;
}

export function isOptional(symbol: ts.Symbol): boolean {
  return (symbol.flags & ts.SymbolFlags.Optional) !== 0;
}
