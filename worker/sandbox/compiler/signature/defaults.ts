import ts from "typescript";

/** A default value; undefined if it is computed. */
interface Default {
  value: unknown;
}

/** The default values in `{ since, top = 10 }`, by the name of the property. */
export function defaultsIn(pattern: ts.ObjectBindingPattern | undefined): Map<string, Default> {
  const defaults = new Map<string, Default>();
  for (const { propertyName, name, initializer } of pattern?.elements ?? []) {
    const key = propertyName ?? name;
    if (initializer && (ts.isIdentifier(key) || ts.isStringLiteral(key)))
      defaults.set(key.text, { value: literalValue(initializer) });
  }
  return defaults;
}

/** The value of a literal that JSON can hold. */
function literalValue(node: ts.Expression): unknown {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isNumericLiteral(node)) return Number(node.text);
  if (node.kind === ts.SyntaxKind.TrueKeyword) return true;
  if (node.kind === ts.SyntaxKind.FalseKeyword) return false;
  if (node.kind === ts.SyntaxKind.NullKeyword) return null;
  if (ts.isAsExpression(node) || ts.isParenthesizedExpression(node)) return literalValue(node.expression);
  if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.MinusToken) {
    return ts.isNumericLiteral(node.operand) ? -Number(node.operand.text) : undefined;
  }
  if (ts.isArrayLiteralExpression(node)) return allOf(node.elements.map(literalValue));
  if (ts.isObjectLiteralExpression(node)) return objectValue(node);
  return undefined;
}

function objectValue(node: ts.ObjectLiteralExpression): unknown {
  const entries = node.properties.map((property): [string, unknown] => {
    const isPlain = ts.isPropertyAssignment(property) && (ts.isIdentifier(property.name) || ts.isStringLiteral(property.name));
    return isPlain ? [property.name.text, literalValue(property.initializer)] : ["", undefined];
  });
  return allOf(entries.map(([, value]) => value)) && Object.fromEntries(entries);
}

function allOf(values: unknown[]): unknown[] | undefined {
  return values.includes(undefined) ? undefined : values;
}
