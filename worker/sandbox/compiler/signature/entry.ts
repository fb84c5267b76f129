import ts from "typescript";
import { returnName } from "../source.ts";

/** The entrypoint of a program: the function that runs, or the statements. */
export interface Entry {
  /** Its declaration, above which its comment is. */
  node: ts.Node | undefined;
  isFunction: boolean;
  isOverloaded?: boolean;
  /** What holds the arguments: the first parameter, or `args`. */
  parameter: { type: ts.Type; node: ts.Node; pattern: ts.ObjectBindingPattern | undefined; names: string[] } | undefined;
  /** Further parameters. */
  others: readonly ts.ParameterDeclaration[];
  /** What it may return. */
  outputs: readonly { type: ts.Type; node: ts.Node }[];
}

/** The entry forms are those of core/program/entry-forms.ts. */
export function findEntry(checker: ts.TypeChecker, file: ts.SourceFile): Entry {
  const exported = defaultExport(checker, file);
  if (exported) return exported.type.getCallSignatures().length > 0 ? functionEntry(checker, exported) : valueEntry(exported);
  const main = declarationOfMain(file);
  if (main) return functionEntry(checker, { type: checker.getTypeAtLocation(main), node: main });
  const code = file.statements.filter((statement) => !ts.isImportDeclaration(statement));
  const only = code.length === 1 ? code[0] : undefined;
  if (only && ts.isExpressionStatement(only) && isFunction(only.expression)) {
    return functionEntry(checker, { type: checker.getTypeAtLocation(only.expression), node: only });
  }
  return statementsEntry(checker, file);
}

interface Typed {
  type: ts.Type;
  node: ts.Node;
}

function defaultExport(checker: ts.TypeChecker, file: ts.SourceFile): Typed | undefined {
  const module = checker.getSymbolAtLocation(file);
  const symbol = module && checker.getExportsOfModule(module).find((found) => found.getName() === "default");
  if (symbol === undefined) return undefined;
  const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  const [declaration = file] = target.declarations ?? [];
  return { type: checker.getTypeOfSymbolAtLocation(target, declaration), node: declaration };
}

function declarationOfMain(file: ts.SourceFile): ts.Node | undefined {
  for (const statement of file.statements) {
    if (ts.isFunctionDeclaration(statement) && statement.name?.text === "main") return statement;
    if (!ts.isVariableStatement(statement)) continue;
    const found = statement.declarationList.declarations.find(({ name }) => ts.isIdentifier(name) && name.text === "main");
    if (found) return found;
  }
  return undefined;
}

function valueEntry({ type, node }: Typed): Entry {
  return { node, isFunction: false, parameter: undefined, others: [], outputs: [{ type, node }] };
}

function functionEntry(checker: ts.TypeChecker, { type, node }: Typed): Entry {
  const [signature, another] = type.getCallSignatures();
  if (signature === undefined) return { node, isFunction: false, parameter: undefined, others: [], outputs: [] };
  const parameters = signature.getParameters().flatMap((symbol) => {
    const { valueDeclaration: declaration } = symbol;
    // Of a function whose type is generic, `Handler<Query>`, only the symbol's type has the arguments of that type.
    const type = checker.getTypeOfSymbolAtLocation(symbol, node);
    return declaration && ts.isParameter(declaration) ? [{ declaration, type }] : [];
  });
  const [first, ...others] = parameters;
  return {
    ...{ node, isFunction: true, isOverloaded: another !== undefined, others: others.map(({ declaration }) => declaration) },
    parameter: first && parameterOf(first.declaration, first.type),
    outputs: [{ type: signature.getReturnType(), node }],
  };
}

function parameterOf(parameter: ts.ParameterDeclaration, type: ts.Type): Entry["parameter"] {
  const { name } = parameter;
  if (ts.isObjectBindingPattern(name)) return { type, node: parameter, pattern: name, names: namesIn(name) };
  const body = "body" in parameter.parent ? parameter.parent.body : undefined;
  const reads = body && ts.isIdentifier(name) ? readsOf(name.text, body) : undefined;
  return { type, node: parameter, pattern: reads?.pattern, names: reads?.names ?? [] };
}

/** Statements take `args`, whose type is what they say of it: `const { city }: { city: string } = args`, or `args as Query`. */
function statementsEntry(checker: ts.TypeChecker, file: ts.SourceFile): Entry {
  const outputs = file.statements
    .flatMap((statement) => returned(statement))
    .map((node) => ({ type: returnedType(checker, node), node }));
  const reads = readsOf("args", file);
  const { node, pattern, names } = reads;
  const type = node ? checker.getTypeAtLocation(node) : checker.getAnyType();
  return { node: undefined, isFunction: false, parameter: { type, node: node ?? file, pattern, names }, others: [], outputs };
}

/** What a function or a file does with the object of its arguments. */
interface Reads {
  /** Whose type is that of the arguments. */
  node: ts.Node | undefined;
  pattern: ts.ObjectBindingPattern | undefined;
  names: string[];
}

function readsOf(name: string, body: ts.Node): Reads {
  const found: Reads = { node: undefined, pattern: undefined, names: [] };
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) && node.text === name) read(node);
    ts.forEachChild(node, visit);
  };
  const read = (node: ts.Identifier): void => {
    const { parent } = node;
    if (ts.isPropertyAccessExpression(parent) && parent.expression === node) found.names.push(parent.name.text);
    const value = ts.isAsExpression(parent) || ts.isSatisfiesExpression(parent) ? parent : node;
    if (value !== node) found.node ??= value;
    const declaration = value.parent;
    if (!ts.isVariableDeclaration(declaration) || declaration.initializer !== value) {
      return;
    }
    if (declaration.type) found.node = declaration.type;
    else found.node ??= value;
    if (!ts.isObjectBindingPattern(declaration.name)) return;
    found.pattern ??= declaration.name;
    found.names.push(...namesIn(declaration.name));
  };
  visit(body);
  return { ...found, names: [...new Set(found.names)] };
}

function namesIn(pattern: ts.ObjectBindingPattern): string[] {
  return pattern.elements.flatMap(({ propertyName, name, dotDotDotToken }) => {
    const key = propertyName ?? name;
    return dotDotDotToken === undefined && (ts.isIdentifier(key) || ts.isStringLiteral(key)) ? [key.text] : [];
  });
}

/** The expressions that statements return. Top-level returns were replaced by assignments of the same length: source.ts. */
function returned(node: ts.Node): ts.Expression[] {
  if (ts.isFunctionLike(node) || ts.isClassLike(node)) return [];
  const isReturn = ts.isBinaryExpression(node) && ts.isIdentifier(node.left) && node.left.text === returnName;
  if (isReturn) return [node.right];
  const found: ts.Expression[] = [];
  ts.forEachChild(node, (child) => void found.push(...returned(child)));
  return found;
}

/** As of what a function returns: `return 1` is a number. */
function returnedType(checker: ts.TypeChecker, node: ts.Expression): ts.Type {
  const type = checker.getTypeAtLocation(node);
  return type.isUnion() ? type : checker.getBaseTypeOfLiteralType(type);
}

function isFunction(node: ts.Expression): boolean {
  return ts.isArrowFunction(node) || ts.isFunctionExpression(node);
}
