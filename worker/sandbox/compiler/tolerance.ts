import ts from "typescript";

/**
 * Whether a value of one type may be what the server wants, although TypeScript refuses it. A `string` may hold one of the values
 * of an enum, a union one of its alternatives, an object that was `{}` may have grown. What JSON makes of the value
 * counts: a Date is a text. A literal, a field or a kind that cannot be right is not tolerated.
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
    // `const query = {}; query.city = …`, or what is left of `unknown`: what it really is, is not in its type.
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

/** Deep enough for arguments that people write. */
const depthMax = 12;

const { TypeFlags } = ts;
const primitiveFlags =
  TypeFlags.StringLike | TypeFlags.NumberLike | TypeFlags.BooleanLike | TypeFlags.BigIntLike | TypeFlags.ESSymbolLike;
const unresolvedFlags = TypeFlags.Any | TypeFlags.Unknown | TypeFlags.Never | TypeFlags.Instantiable | TypeFlags.NonPrimitive;

/** Where a value of a kind is wanted, one that is not known may have any value of it. */
function isPrimitiveTolerable(actual: ts.Type, expected: ts.Type): boolean {
  // A member of the user's own enum is its value when it arrives.
  if (actual.flags & TypeFlags.EnumLiteral && actual.isLiteral()) return expected.isLiteral() && actual.value === expected.value;
  if (actual.isLiteral()) return false;
  if (actual.flags & TypeFlags.StringLike) return expected.isStringLiteral();
  return (actual.flags & TypeFlags.NumberLike) !== 0 && expected.isNumberLiteral();
}

/** What `toJSON` gives, where there is one. */
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
  // Template literals are instantiable by their flags, and texts all the same.
  return (type.flags & unresolvedFlags) !== 0 && (type.flags & primitiveFlags) === 0;
}

export function isOptional(symbol: ts.Symbol): boolean {
  return (symbol.flags & ts.SymbolFlags.Optional) !== 0;
}
