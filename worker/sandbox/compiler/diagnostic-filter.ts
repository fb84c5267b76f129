import ts from "typescript";
import { createAdditions } from "./additions.ts";
import { unknownArgument, wrongArgument, wrongCount } from "./calls.ts";
import { isPromise, missingMember, type OwnNames } from "./members.ts";
import { calledClass, calledModule, calledValue, wrongConstruction } from "./modules.ts";
import { namesTested, typeAsValue, unknownExport, unknownName } from "./names.ts";
import { createOrigin, isGlobalName } from "./origin.ts";
import { missingMethod } from "./own-methods.ts";
import { addedNames, membersTested } from "./usage.ts";
import type { Verdict } from "./verdict.ts";

/** The verdict on a diagnostic that blocks the run; undefined if the program may run in spite of it. */
export type DiagnosticFilter = (diagnostic: ts.Diagnostic, file: ts.SourceFile) => Verdict | undefined;

/*
 * A diagnostic blocks the run if the code would fail or silently do the wrong thing: a name that does not exist, a tool or field
 * that a client does not have, arguments that its server would refuse. A conflict within the user's own types does not block,
 * because types are erased and the code runs. Diagnostics are grouped by their codes; the files beside this one judge the groups.
 */

const names = new Set([2304, 2552, 18004, 2580, 2581, 2582, 2583, 2584, 2591, 2592, 2593, 2662, 2663, 2867, 2868]);
const typesAsValues = new Set([2585, 2693]);
const exports = new Set([2305, 2613, 2614, 2724, 1192]);
const members = new Set([2339, 2550, 2551, 2568, 2576, 7053]);
const unknownArguments = new Set([2353, 2561]);
const argumentCounts = new Set([2554, 2555]);
const wrongArguments = new Set([2322, 2345, 2559, 2560, 2739, 2740, 2741, 2820]);
const iterations = new Set([2461, 2488, 2495, 2504, 2548, 2549]);
const calls = new Set([2349]);
const constructions = new Set([2350, 2351, 7009]);
const calledClasses = new Set([2348]);
/** Always fail: assignment to a constant or an import, use of a variable before its declaration. */
const alwaysFatal = new Set([2588, 2632, 2448, 2449]);

export function createDiagnosticFilter(
  checker: ts.TypeChecker,
  { scope, files }: { scope: object; files: readonly ts.SourceFile[] },
): DiagnosticFilter {
  const origin = createOrigin(checker);
  const additions = createAdditions(checker, files);
  const isOfInterest = (value: ts.Expression) => {
    const type = checker.getTypeAtLocation(value);
    return origin.isClientType(type) || isPromise(checker, type) || isGlobalName(checker, value);
  };
  const added = perFile((file) => addedNames(file, isOfInterest));
  const testedNames = perFile(namesTested);
  const testedMembers = perFile((file) => membersTested(checker, file));
  const own: OwnNames = {
    isAdded: (name, file) => added(file).has(name),
    isTested: (name, file) => testedMembers(file).has(name),
  };

  /** The value is certainly a client's result or a promise, which are neither iterable nor callable. */
  function isNeitherListNorFunction(expression: ts.Expression): boolean {
    const type = checker.getNonNullableType(checker.getTypeAtLocation(expression));
    const parts = type.isUnion() ? type.types : [type];
    return parts.every((part) => origin.isClientType(part) || isPromise(checker, part)) || origin.isClientValue(expression);
  }

  function wrongUse(expression: ts.Expression | undefined): Verdict | undefined {
    if (expression === undefined || !isNeitherListNorFunction(expression)) return undefined;
    return { suggestions: isPromise(checker, checker.getTypeAtLocation(expression)) ? ["await the call first"] : [] };
  }

  return (diagnostic, file) => {
    const { code, start = 0, length = 0 } = diagnostic;
    const node = nodeAt(file, start);
    if (isInComment(node, start)) return undefined;
    if (alwaysFatal.has(code)) return { suggestions: [] };
    if (names.has(code)) return unknownName(checker, node, (name) => testedNames(file).has(name));
    if (typesAsValues.has(code)) return typeAsValue(node);
    if (exports.has(code)) return unknownExport(checker, node);
    if (members.has(code))
      return missingMember({ checker, origin, scope, own }, node) ?? missingMethod({ checker, scope, additions, ...own }, node);
    if (unknownArguments.has(code)) return unknownArgument(checker, node);
    if (argumentCounts.has(code)) return wrongCount(checker, node);
    if (wrongArguments.has(code)) return wrongArgument(checker, node, { start, length });
    if (iterations.has(code)) return wrongUse(iteratedAt(node, start + length));
    if (constructions.has(code)) return wrongConstruction(checker, node);
    if (calledClasses.has(code)) return calledClass(checker, node);
    if (!calls.has(code)) return undefined;
    const callee = calleeAt(node);
    return (callee && calledModule(checker, callee)) ?? wrongUse(callee) ?? (callee && calledValue(checker, callee));
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

/** In the types that comments of JavaScript declare, which runs without them. */
function isInComment(node: ts.Node, start: number): boolean {
  return node.getChildren().some((part) => {
    if (part.pos > start || part.getEnd() <= start) return false;
    return ts.isJSDoc(part) || isInComment(part, start);
  });
}

/** The iterated value: the outermost expression with this end, or the initializer of an array pattern. */
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
