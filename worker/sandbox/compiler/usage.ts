import ts from "typescript";

/*
 * How a program uses a value that may not exist. Code that tests for the value first, or has a fallback, runs in either case.
 */

/** This use only tests the value: in a condition, in a comparison with null or undefined, with a fallback, or with `?.`. */
export function isTest(checker: ts.TypeChecker, value: ts.Node): boolean {
  const { parent } = value;
  if (isTransparent(parent)) return isTest(checker, parent);
  if (ts.isPropertyAccessExpression(parent) || ts.isElementAccessExpression(parent) || ts.isCallExpression(parent)) {
    return parent.expression === value ? parent.questionDotToken !== undefined : isTestOf(parent, value);
  }
  if (ts.isPrefixUnaryExpression(parent)) return parent.operator === ts.SyntaxKind.ExclamationToken;
  if (ts.isTypeOfExpression(parent) || ts.isDeleteExpression(parent)) return true;
  if (ts.isBinaryExpression(parent)) return isTestInBinary(checker, parent, value);
  if (ts.isIfStatement(parent) || ts.isWhileStatement(parent) || ts.isDoStatement(parent)) return parent.expression === value;
  if (ts.isConditionalExpression(parent)) return parent.condition === value;
  if (ts.isVariableDeclaration(parent) && parent.initializer === value && ts.isIdentifier(parent.name)) {
    return isOnlyTested(checker, parent.name);
  }
  return false;
}

/** Every use of a local variable only tests it. */
export function isOnlyTested(checker: ts.TypeChecker, local: ts.Identifier): boolean {
  const uses = usesOf(checker, local);
  return uses.length > 0 && uses.every((use) => isTest(checker, use));
}

/** The uses of a name as a value in its file, without its declaration. */
export function usesOf(checker: ts.TypeChecker, name: ts.Identifier): ts.Identifier[] {
  const symbol = checker.getSymbolAtLocation(name);
  const uses: ts.Identifier[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) && node.text === name.text && node !== name && !isInType(node)) {
      if (symbolOfUse(checker, node) === symbol) uses.push(node);
    }
    ts.forEachChild(node, visit);
  };
  visit(name.getSourceFile());
  return uses;
}

/** Part of a type, which is erased; of `typeof value` as a type too. */
export function isInType(node: ts.Node): boolean {
  return ts.isPartOfTypeNode(node) || ts.findAncestor(node, ts.isTypeQueryNode) !== undefined;
}

function symbolOfUse(checker: ts.TypeChecker, node: ts.Identifier): ts.Symbol | undefined {
  if (ts.isShorthandPropertyAssignment(node.parent)) return checker.getShorthandAssignmentValueSymbol(node.parent);
  if (ts.isExportSpecifier(node.parent)) return checker.getExportSpecifierLocalTargetSymbol(node.parent);
  if (ts.isPropertyAccessExpression(node.parent) && node.parent.name === node) return undefined;
  return checker.getSymbolAtLocation(node);
}

/**
 * Names of fields that the program itself adds to values for which `isOfInterest` is true: `report.fetchedAt = …`,
 * `{ ...report, label }`, `Object.assign(report, { label })`.
 */
export function addedNames(file: ts.SourceFile, isOfInterest: (value: ts.Expression) => boolean): Set<string> {
  const names = new Set<string>();
  const visit = (node: ts.Node): void => {
    for (const { value, fields } of additionsIn(node)) {
      if (!fields.every((field) => names.has(field)) && isOfInterest(value)) for (const field of fields) names.add(field);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return names;
}

function additionsIn(node: ts.Node): { value: ts.Expression; fields: string[] }[] {
  if (ts.isBinaryExpression(node) && isSetting(node.operatorToken.kind) && ts.isPropertyAccessExpression(node.left)) {
    return [{ value: node.left.expression, fields: [node.left.name.text] }];
  }
  if (ts.isObjectLiteralExpression(node)) {
    const fields = namesIn(node);
    return node.properties.filter(ts.isSpreadAssignment).map(({ expression }) => ({ value: expression, fields }));
  }
  if (!ts.isCallExpression(node) || node.expression.getText() !== "Object.assign") return [];
  const [value, ...sources] = node.arguments;
  return value ? [{ value, fields: sources.filter(ts.isObjectLiteralExpression).flatMap(namesIn) }] : [];
}

function namesIn(literal: ts.ObjectLiteralExpression): string[] {
  return literal.properties.flatMap(({ name }) =>
    name && (ts.isIdentifier(name) || ts.isStringLiteral(name)) ? [name.text] : [],
  );
}

/** Names of members that a file tests for. */
export function membersTested(checker: ts.TypeChecker, file: ts.SourceFile): Set<string> {
  const names = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAccessExpression(node) && !names.has(node.name.text) && isTest(checker, node)) names.add(node.name.text);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return names;
}

function isTestInBinary(checker: ts.TypeChecker, binary: ts.BinaryExpression, value: ts.Node): boolean {
  switch (binary.operatorToken.kind) {
    case ts.SyntaxKind.QuestionQuestionToken:
    case ts.SyntaxKind.BarBarToken:
      return true;
    case ts.SyntaxKind.AmpersandAmpersandToken:
      return binary.left === value || isTest(checker, binary);
    case ts.SyntaxKind.EqualsEqualsToken:
    case ts.SyntaxKind.EqualsEqualsEqualsToken:
    case ts.SyntaxKind.ExclamationEqualsToken:
    case ts.SyntaxKind.ExclamationEqualsEqualsToken:
      return isNothing(binary.left === value ? binary.right : binary.left);
    default:
      return false;
  }
}

/** `Array.isArray(value)`, `Boolean(value)`. */
function isTestOf(call: ts.Node, value: ts.Node): boolean {
  if (!ts.isCallExpression(call) || call.arguments[0] !== value) return false;
  return ["Array.isArray", "Boolean"].includes(call.expression.getText());
}

function isTransparent(node: ts.Node): node is ts.Expression {
  return (
    ts.isParenthesizedExpression(node) ||
    ts.isNonNullExpression(node) ||
    ts.isAsExpression(node) ||
    ts.isTypeAssertionExpression(node) ||
    ts.isSatisfiesExpression(node)
  );
}

/** The literal null or undefined. */
export function isNothing(node: ts.Node): boolean {
  return (
    node.kind === ts.SyntaxKind.NullKeyword || (ts.isIdentifier(node) && node.text === "undefined") || ts.isVoidExpression(node)
  );
}

function isSetting(operator: ts.SyntaxKind): boolean {
  return (
    operator === ts.SyntaxKind.EqualsToken ||
    operator === ts.SyntaxKind.QuestionQuestionEqualsToken ||
    operator === ts.SyntaxKind.BarBarEqualsToken ||
    operator === ts.SyntaxKind.AmpersandAmpersandEqualsToken
  );
}
