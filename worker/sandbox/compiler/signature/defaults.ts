import ts from "typescript";

/** A default value; undefined if it is computed. */
interface Default {
  value: unknown;
}

/** The default values in `{ since, top = 10 }`, by the name of the property. */
export function defaultsIn(checker: ts.TypeChecker, pattern: ts.ObjectBindingPattern | undefined): Map<string, Default> {
  const defaults = new Map<string, Default>();
  for (const { propertyName, name, initializer } of pattern?.elements ?? []) {
    const key = propertyName ?? name;
    if (initializer && (ts.isIdentifier(key) || ts.isStringLiteral(key)))
      defaults.set(key.text, { value: literalIn(checker, initializer) });
  }
  return defaults;
}

/** The value of an expression, if JSON can hold it and it is certain. */
function literalIn(checker: ts.TypeChecker, node: ts.Expression): unknown {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isNumericLiteral(node)) return Number(node.text);
  if (node.kind === ts.SyntaxKind.TrueKeyword) return true;
  if (node.kind === ts.SyntaxKind.FalseKeyword) return false;
  if (node.kind === ts.SyntaxKind.NullKeyword) return null;
  if (ts.isAsExpression(node) || ts.isParenthesizedExpression(node)) return literalIn(checker, node.expression);
  if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.MinusToken) {
    return ts.isNumericLiteral(node.operand) ? -Number(node.operand.text) : undefined;
  }
  if (ts.isArrayLiteralExpression(node)) return allOf(node.elements.map((element) => literalIn(checker, element)));
  if (ts.isObjectLiteralExpression(node)) return objectValue(checker, node);
  return constantValue(checker, node);
}

/** As in `top = topMax` and `level = Level.Low`: the type of a constant is its value. */
function constantValue(checker: ts.TypeChecker, node: ts.Expression): unknown {
  const type = checker.getTypeAtLocation(node);
  if (type.isStringLiteral() || type.isNumberLiteral()) return type.value;
  return type.flags & ts.TypeFlags.BooleanLiteral ? checker.typeToString(type) === "true" : undefined;
}

function objectValue(checker: ts.TypeChecker, node: ts.ObjectLiteralExpression): unknown {
  const entries = node.properties.map((property): [string, unknown] => {
    const isPlain = ts.isPropertyAssignment(property) && (ts.isIdentifier(property.name) || ts.isStringLiteral(property.name));
    return isPlain ? [property.name.text, literalIn(checker, property.initializer)] : ["", undefined];
  });
  return allOf(entries.map(([, value]) => value)) && Object.fromEntries(entries);
}

function allOf(values: unknown[]): unknown[] | undefined {
  return values.includes(undefined) ? undefined : values;
}
