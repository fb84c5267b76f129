import ts from "typescript";
import { unknownArgument, wrongArgument, wrongCount } from "./calls.ts";
import { isPromise, missingMember, type OwnNames } from "./members.ts";
import { namesAsked, typeAsValue, unknownExport, unknownName } from "./names.ts";
import { createOrigin, isGlobalName } from "./origin.ts";
import { addedNames, membersAsked } from "./usage.ts";
import type { Verdict } from "./verdict.ts";

/** Why a diagnostic blocks, or undefined when the program may run in spite of it. */
export type Relevance = (diagnostic: ts.Diagnostic, file: ts.SourceFile) => Verdict | undefined;

/*
 * What blocks is what would fail, or quietly do the wrong thing, when it runs: a name that does not exist, a tool or field that a
 * client does not have, arguments that its server would refuse. Disagreements inside the user's own types do not: the types are
 * gone by then, and the code runs. What the compiler says is sorted by its numbers; each file beside this one knows one sort.
 */

const names = new Set([2304, 2552, 18004, 2580, 2581, 2582, 2583, 2584, 2591, 2592, 2593, 2662, 2663]);
const typesAsValues = new Set([2585, 2693]);
const exports = new Set([2305, 2613, 2614, 2724, 1192]);
const members = new Set([2339, 2550, 2551, 2568, 7053]);
const unknownArguments = new Set([2353, 2561]);
const argumentCounts = new Set([2554, 2555]);
const wrongArguments = new Set([2322, 2345, 2559, 2560, 2739, 2740, 2741, 2820]);
const iterations = new Set([2461, 2488, 2495, 2504, 2548, 2549]);
const calls = new Set([2349]);
/** A constant that is assigned to, a variable that is read before its declaration has run. */
const certain = new Set([2588, 2448, 2449]);

export function createRelevance(checker: ts.TypeChecker, scope: object): Relevance {
  const origin = createOrigin(checker);
  const isOfInterest = (value: ts.Expression) => {
    const type = checker.getTypeAtLocation(value);
    return origin.isClientType(type) || isPromise(checker, type) || isGlobalName(checker, value);
  };
  const added = perFile((file) => addedNames(file, isOfInterest));
  const askedNames = perFile(namesAsked);
  const askedMembers = perFile((file) => membersAsked(checker, file));
  const own: OwnNames = {
    isAdded: (name, file) => added(file).has(name),
    isAsked: (name, file) => askedMembers(file).has(name),
  };

  /** Nothing but a promised object, or a promise: neither is a list nor a function. */
  function isNoListOrFunction(expression: ts.Expression): boolean {
    const type = checker.getNonNullableType(checker.getTypeAtLocation(expression));
    const parts = type.isUnion() ? type.types : [type];
    return parts.every((part) => origin.isClientType(part) || isPromise(checker, part)) || origin.isClientValue(expression);
  }

  function wrongUse(expression: ts.Expression | undefined): Verdict | undefined {
    return expression && isNoListOrFunction(expression) ? { suggestions: [] } : undefined;
  }

  return (diagnostic, file) => {
    const { code, start = 0, length = 0 } = diagnostic;
    const node = nodeAt(file, start);
    if (certain.has(code)) return { suggestions: [] };
    if (names.has(code)) return unknownName(checker, node, (name) => askedNames(file).has(name));
    if (typesAsValues.has(code)) return typeAsValue(node);
    if (exports.has(code)) return unknownExport(checker, node);
    if (members.has(code)) return missingMember({ checker, origin, scope, own }, node);
    if (unknownArguments.has(code)) return unknownArgument(checker, node);
    if (argumentCounts.has(code)) return wrongCount(checker, node);
    if (wrongArguments.has(code)) return wrongArgument(checker, node, { start, length });
    if (iterations.has(code)) return wrongUse(iteratedAt(node, start + length));
    return calls.has(code) ? wrongUse(calleeAt(node)) : undefined;
  };
}

/** The innermost node that starts where the diagnostic does. */
function nodeAt(file: ts.SourceFile, start: number): ts.Node {
  const find = (node: ts.Node): ts.Node | undefined => {
    if (start < node.getStart(file) || node.getEnd() <= start) return undefined;
    return ts.forEachChild(node, find) ?? node;
  };
  return find(file) ?? file;
}

/** What is gone through: the outermost expression with this end, or what an array pattern takes apart. */
function iteratedAt(node: ts.Node, end: number): ts.Expression | undefined {
  const pattern = ts.findAncestor(node, ts.isArrayBindingPattern);
  if (pattern) return ts.isVariableDeclaration(pattern.parent) ? pattern.parent.initializer : undefined;
  let expression: ts.Expression | undefined;
  for (let at = node; at.getEnd() <= end && at.getStart() === node.getStart(); at = at.parent)
    if (ts.isExpression(at)) expression = at;
  return expression;
}

function calleeAt(node: ts.Node): ts.Expression | undefined {
  const call = ts.findAncestor(node, ts.isCallExpression);
  return call?.expression;
}

function perFile(read: (file: ts.SourceFile) => Set<string>): (file: ts.SourceFile) => Set<string> {
  const known = new Map<ts.SourceFile, Set<string>>();
  return (file) => {
    const names = known.get(file) ?? read(file);
    known.set(file, names);
    return names;
  };
}
