import ts from "typescript";
import { isRecord } from "../../../../core/json.ts";
import type { JsonSchema } from "./place.ts";

/** The schema with the default values of `{ since, page: { size = 10 } = {} }`. What has one may be left out. */
export function withDefaults(
  schema: JsonSchema,
  pattern: ts.ObjectBindingPattern | undefined,
  checker: ts.TypeChecker,
): JsonSchema {
  const { properties, required } = schema;
  const elements = elementsOf(pattern);
  if (elements.size === 0 || !isRecord(properties)) return schema;
  const documented = Object.entries(properties).map(([name, property]): [string, unknown] => {
    const element = elements.get(name);
    if (element === undefined || !isRecord(property)) return [name, property];
    const inner = ts.isObjectBindingPattern(element.name) ? withDefaults(property, element.name, checker) : property;
    const value = element.initializer && literalIn(checker, element.initializer);
    return [name, value === undefined ? inner : { ...inner, default: value }];
  });
  const needed = Array.isArray(required) ? required.filter((name) => elements.get(name)?.initializer === undefined) : [];
  const { required: _before, ...rest } = schema;
  return { ...rest, properties: Object.fromEntries(documented), ...(needed.length > 0 ? { required: needed } : {}) };
}

/** Those that have a default value, or may inside, by the name of the property. */
function elementsOf(pattern: ts.ObjectBindingPattern | undefined): Map<string, ts.BindingElement> {
  const elements = (pattern?.elements ?? []).filter(({ name, initializer }) => initializer ?? ts.isObjectBindingPattern(name));
  return new Map(
    elements.flatMap((element): [string, ts.BindingElement][] => {
      const key = element.propertyName ?? element.name;
      return ts.isIdentifier(key) || ts.isStringLiteral(key) ? [[key.text, element]] : [];
    }),
  );
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
