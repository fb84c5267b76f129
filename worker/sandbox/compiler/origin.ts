import ts from "typescript";
import { clientFolder, isolateName, libFolder, missingName, sourceFolder } from "./places.ts";

/** Says of a type or a value whether a client's declaration is what promises it. Only such promises are held against a program. */
export interface Origin {
  /** Any alternative of the type is declared by a client. */
  isClientType(type: ts.Type): boolean;
  /** The expression reads a field of a client's result, and nothing the user declared stands between. */
  isClientValue(expression: ts.Expression): boolean;
  /** The client whose module this type is. */
  moduleOf(type: ts.Type): ts.SourceFile | undefined;
}

export function createOrigin(checker: ts.TypeChecker): Origin {
  function isClientType(type: ts.Type): boolean {
    if (type.isUnionOrIntersection() && type.types.some(isClientType)) return true;
    return isFromClient(type.aliasSymbol) || isFromClient(type.getSymbol());
  }

  function isClientValue(expression: ts.Expression): boolean {
    const value = withoutWrapping(expression);
    if (ts.isPropertyAccessExpression(value)) return isFromClient(checker.getSymbolAtLocation(value.name));
    if (ts.isElementAccessExpression(value)) return isClientValue(value.expression);
    if (!ts.isIdentifier(value)) return false;
    const declaration = checker.getSymbolAtLocation(value)?.valueDeclaration;
    if (declaration === undefined) return false;
    if (ts.isBindingElement(declaration)) return isClientBinding(declaration);
    const isPlain = ts.isVariableDeclaration(declaration) && isConstant(declaration) && declaration.type === undefined;
    return isPlain && declaration.initializer !== undefined && isClientValue(declaration.initializer);
  }

  /** `const { temperature } = …`, unless a default may take its place. */
  function isClientBinding({ parent, propertyName, name, initializer }: ts.BindingElement): boolean {
    const key = propertyName ?? name;
    if (initializer !== undefined || !ts.isObjectBindingPattern(parent) || !ts.isIdentifier(key)) return false;
    return isFromClient(checker.getTypeAtLocation(parent).getProperty(key.text));
  }

  return {
    isClientType,
    isClientValue,
    moduleOf: (type) => type.getSymbol()?.declarations?.find(ts.isSourceFile),
  };
}

function isFromClient(symbol: ts.Symbol | undefined): boolean {
  return symbol?.declarations?.some((declaration) => isClientFile(declaration.getSourceFile())) === true;
}

export function isClientFile({ fileName }: ts.SourceFile): boolean {
  return fileName.startsWith(clientFolder);
}

export function isOwnFile({ fileName }: ts.SourceFile): boolean {
  return fileName.startsWith(sourceFolder);
}

/** A name that the language or the isolate declares, and nobody else. */
export function isGlobalName(checker: ts.TypeChecker, expression: ts.Expression): expression is ts.Identifier {
  if (!ts.isIdentifier(expression)) return false;
  const places = checker
    .getSymbolAtLocation(expression)
    ?.declarations?.map((declaration) => declaration.getSourceFile().fileName);
  return places !== undefined && places.length > 0 && places.every(isPlatform);
}

function isPlatform(file: string): boolean {
  return file.startsWith(libFolder) || file === isolateName || file === missingName;
}

export function isConstant(declaration: ts.VariableDeclaration): boolean {
  return (ts.getCombinedNodeFlags(declaration) & ts.NodeFlags.BlockScoped) === ts.NodeFlags.Const;
}

/** Without what changes nothing about a value: parentheses, `!`, `satisfies`, `await`. */
function withoutWrapping(expression: ts.Expression): ts.Expression {
  const isWrapping =
    ts.isParenthesizedExpression(expression) ||
    ts.isNonNullExpression(expression) ||
    ts.isSatisfiesExpression(expression) ||
    ts.isAwaitExpression(expression);
  return isWrapping ? withoutWrapping(expression.expression) : expression;
}
