import ts from "typescript";
import { clientFolder, isolateName, libFolder, missingName, sourceFolder } from "./places.ts";

/** Tells whether the declaration of a client gives a type or value. Only those types are relied on to block a program. */
export interface Origin {
  /** A client declares the type, or at least one member of the union or intersection. */
  isClientType(type: ts.Type): boolean;
  /** The expression reads a field of a client's result, without a type that the user declared in between. */
  isClientValue(expression: ts.Expression): boolean;
  /** The client's file, if the type is that of a whole client module. */
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

  /** `const { temperature } = …` without a default value. */
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

/** A global of the language or the isolate that the user did not redeclare. */
export function isGlobalName(checker: ts.TypeChecker, expression: ts.Expression): expression is ts.Identifier {
  if (!ts.isIdentifier(expression)) return false;
  const places = checker
    .getSymbolAtLocation(expression)
    ?.declarations?.map((declaration) => declaration.getSourceFile().fileName);
  return places !== undefined && places.length > 0 && places.every(isPlatform);
}

export function isPlatform(file: string): boolean {
  return file.startsWith(libFolder) || file === isolateName || file === missingName;
}

export function isConstant(declaration: ts.VariableDeclaration): boolean {
  return (ts.getCombinedNodeFlags(declaration) & ts.NodeFlags.BlockScoped) === ts.NodeFlags.Const;
}

/** Without parentheses, `!`, `satisfies` and `await`. */
function withoutWrapping(expression: ts.Expression): ts.Expression {
  const isWrapping =
    ts.isParenthesizedExpression(expression) ||
    ts.isNonNullExpression(expression) ||
    ts.isSatisfiesExpression(expression) ||
    ts.isAwaitExpression(expression);
  return isWrapping ? withoutWrapping(expression.expression) : expression;
}
