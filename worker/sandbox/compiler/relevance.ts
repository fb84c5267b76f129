import ts from "typescript";
import { closestTo } from "../../../core/closest.ts";
import { isTolerable } from "./tolerance.ts";

export interface Verdict {
  suggestions: string[];
  /** A tool that the client in this file does not have. */
  unknownTool?: { file: string; name: string };
}

/** Why a diagnostic blocks, or undefined when the program may run in spite of it. */
export type Relevance = (diagnostic: ts.Diagnostic, file: ts.SourceFile) => Verdict | undefined;

/*
 * What blocks is what would fail, or quietly do the wrong thing, when it runs: a name that does not exist, a tool or field that a
 * client does not have, arguments that its server would refuse. Disagreements inside the user's own types do not: the types are
 * gone by then, and the code runs.
 */

const unknownName = new Set([2304, 2552, 18004]);
const unknownExport = new Set([2305, 2614, 2724, 1192]);
const unknownProperty = new Set([2339, 2551]);
const unknownArgument = new Set([2353, 2561]);
const missingArguments = new Set([2554, 2555]);
const wrongArgument = new Set([2322, 2345, 2559, 2560, 2739, 2740, 2741, 2820]);

export function createRelevance(checker: ts.TypeChecker, isClientFile: (file: ts.SourceFile) => boolean): Relevance {
  const isFromClient = (symbol: ts.Symbol | undefined) =>
    symbol?.declarations?.some((declaration) => isClientFile(declaration.getSourceFile())) === true;

  /** Where a property was looked for and not found. */
  function ownerOf(name: ts.Node): ts.Type | undefined {
    const { parent } = name;
    if (ts.isPropertyAccessExpression(parent) && parent.name === name) return checker.getTypeAtLocation(parent.expression);
    if (ts.isBindingElement(parent)) return checker.getTypeAtLocation(parent.parent);
    return undefined;
  }

  function unknownPropertyOf(name: ts.Node): Verdict | undefined {
    const owner = ownerOf(name);
    if (owner === undefined) return undefined;
    const awaited = checker.getAwaitedType(owner);
    if (awaited !== undefined && awaited !== owner) return { suggestions: [`await the call before .${name.getText()}`] };
    const parts = owner.isUnion() ? owner.types : [owner];
    if (!parts.some((part) => isFromClient(part.aliasSymbol) || isFromClient(part.getSymbol()))) return undefined;
    const names = checker.getPropertiesOfType(owner).map((property) => property.getName());
    // A member that only some alternatives have is looked for on purpose.
    if (parts.some((part) => part.getProperty(name.getText()))) return undefined;
    return { suggestions: closestTo(name.getText(), names), ...unknownToolOf(owner.getSymbol(), name) };
  }

  /** The call of a client's function whose arguments hold this node. */
  function clientCallAround(node: ts.Node): ts.CallExpression | undefined {
    for (let at = node; at.parent && !ts.isFunctionLike(at); at = at.parent) {
      const { parent } = at;
      if (ts.isCallExpression(parent) && isClientCall(parent)) return parent;
    }
    return undefined;
  }

  function isClientCall(call: ts.CallExpression): boolean {
    const declaration = checker.getResolvedSignature(call)?.getDeclaration();
    return declaration !== undefined && isClientFile(declaration.getSourceFile());
  }

  function wrongArgumentsOf(call: ts.CallExpression): boolean {
    const parameters = checker.getResolvedSignature(call)?.getParameters() ?? [];
    return call.arguments.some((argument, index) => {
      const parameter = parameters[index];
      return parameter !== undefined && !isTolerable(checker, argument, checker.getTypeOfSymbolAtLocation(parameter, call));
    });
  }

  return (diagnostic, file) => {
    const { code, start = 0 } = diagnostic;
    const node = nodeAt(file, start);
    if (unknownName.has(code)) return isOnlyType(node) ? undefined : { suggestions: namesLike(checker, node) };
    if (unknownExport.has(code)) return importsClient(checker, node, isClientFile);
    if (unknownProperty.has(code)) return unknownPropertyOf(node);
    const call = clientCallAround(node);
    if (call === undefined) return undefined;
    if (unknownArgument.has(code)) return { suggestions: propertiesLike(checker, node) };
    if (missingArguments.has(code)) return call.arguments.length === 0 ? { suggestions: [] } : undefined;
    return wrongArgument.has(code) && wrongArgumentsOf(call) ? { suggestions: [] } : undefined;
  };
}

/** The innermost node that starts where the diagnostic does. */
function nodeAt(file: ts.SourceFile, start: number): ts.Node {
  let found: ts.Node = file;
  const visit = (node: ts.Node): void => {
    if (node.getStart(file) <= start && start < node.getEnd()) {
      found = node;
      ts.forEachChild(node, visit);
    }
  };
  ts.forEachChild(file, visit);
  return found;
}

/** A type is gone at run time, and `typeof` of what does not exist is "undefined". */
function isOnlyType(node: ts.Node): boolean {
  return ts.isPartOfTypeNode(node) || ts.isTypeOfExpression(node.parent);
}

function namesLike(checker: ts.TypeChecker, node: ts.Node): string[] {
  const inScope = checker.getSymbolsInScope(node, ts.SymbolFlags.Value).map((symbol) => symbol.getName());
  return closestTo(node.getText(), inScope);
}

function propertiesLike(checker: ts.TypeChecker, node: ts.Node): string[] {
  const literal = ts.findAncestor(node, ts.isObjectLiteralExpression);
  const expected = literal && checker.getContextualType(literal);
  const names = expected ? checker.getPropertiesOfType(expected).map((property) => property.getName()) : [];
  return closestTo(node.getText().replace(/^["']|["']$/g, ""), names);
}

function importsClient(
  checker: ts.TypeChecker,
  node: ts.Node,
  isClientFile: (file: ts.SourceFile) => boolean,
): Verdict | undefined {
  const statement = ts.findAncestor(node, ts.isImportDeclaration);
  const target = statement && checker.getSymbolAtLocation(statement.moduleSpecifier);
  const file = target?.declarations?.[0]?.getSourceFile();
  if (target === undefined || file === undefined || !isClientFile(file)) return undefined;
  const names = checker.getExportsOfModule(target).map((symbol) => symbol.getName());
  return { suggestions: closestTo(node.getText(), names), ...unknownToolOf(target, node) };
}

/** A member that is missing from a whole module is a tool; from anything else, a field. */
function unknownToolOf(owner: ts.Symbol | undefined, name: ts.Node): Pick<Verdict, "unknownTool"> {
  const module = owner?.declarations?.find(ts.isSourceFile);
  return module ? { unknownTool: { file: module.fileName, name: name.getText() } } : {};
}
