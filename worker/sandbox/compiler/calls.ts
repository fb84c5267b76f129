import ts from "typescript";
import { closestTo } from "../../../core/closest.ts";
import { type Flaw, flawsOf } from "./flaws.ts";
import { isClientFile } from "./origin.ts";
import { isOptional, isTolerable } from "./tolerance.ts";
import type { Span, Verdict } from "./verdict.ts";

/** An argument that a client's function does not have. */
export function unknownArgument(checker: ts.TypeChecker, node: ts.Node): Verdict | undefined {
  if (clientCallAround(checker, node) === undefined) return undefined;
  const literal = ts.findAncestor(node, ts.isObjectLiteralExpression);
  const expected = literal && checker.getContextualType(literal);
  if (literal === undefined || expected === undefined) return { suggestions: [] };
  const close = closestTo(textOf(node), namesOf(checker, expected));
  return { suggestions: close.length > 0 ? close : stillMissing(checker, literal, expected) };
}

/** Too few arguments of a client's function, or too many where the first is wrong already. */
export function wrongCount(checker: ts.TypeChecker, node: ts.Node): Verdict | undefined {
  const call = clientCallAround(checker, node) ?? ts.findAncestor(node, (above) => isClientCall(checker, above));
  if (call === undefined || !ts.isCallExpression(call)) return undefined;
  if (call.arguments.length === 0) return { suggestions: [] };
  const [flaw] = flawsOfCall(checker, call);
  return flaw && { suggestions: ["pass one object that holds the arguments by name"], at: flaw.node };
}

/** Arguments of another kind or value than a client's function takes. */
export function wrongArgument(checker: ts.TypeChecker, node: ts.Node, span: Span): Verdict | undefined {
  const call = clientCallAround(checker, node);
  if (call === undefined) return wrongCallback(checker, node);
  const flaw = flawsOfCall(checker, call).find((candidate) => overlaps(candidate.node, span));
  if (flaw === undefined) return undefined;
  const from = flaw.node.getStart();
  const isWithin = span.start <= from && from < span.start + span.length;
  return { suggestions: literalsLike(checker, flaw), ...(isWithin ? { at: flaw.node } : {}) };
}

/** A client's function handed to one that will call it with something else: `cities.map(weather.current)`. */
function wrongCallback(checker: ts.TypeChecker, node: ts.Node): Verdict | undefined {
  const argument = ts.findAncestor(node, isArgument);
  if (argument === undefined || !ts.isExpression(argument)) return undefined;
  const [wanted] = signaturesDeclaredByClient(checker.getTypeAtLocation(argument));
  const context = checker.getContextualType(argument);
  const [given] = context ? checker.getNonNullableType(context).getCallSignatures() : [];
  const [from, to] = [given, wanted].map((signature) => signature?.getParameters()[0]);
  if (from === undefined || to === undefined) return undefined;
  const isFine = isTolerable(checker, checker.getTypeOfSymbol(from), checker.getTypeOfSymbol(to));
  return isFine ? undefined : { suggestions: [`call it in a function of your own: (value) => ${argument.getText()}({ … })`] };
}

function isArgument(node: ts.Node): boolean {
  const { parent }: { parent?: ts.Node } = node;
  return parent !== undefined && ts.isCallExpression(parent) && parent.expression !== node;
}

function signaturesDeclaredByClient(type: ts.Type): ts.Signature[] {
  return type.getCallSignatures().filter((signature) => isDeclaredByClient(signature));
}

function isDeclaredByClient(signature: ts.Signature | undefined): boolean {
  const declaration = signature?.getDeclaration();
  return declaration !== undefined && isClientFile(declaration.getSourceFile());
}

/** The call of a client's function that this node is an argument of, written out in it and not handed to another call. */
function clientCallAround(checker: ts.TypeChecker, node: ts.Node): ts.CallExpression | undefined {
  for (let at = node; at.parent && !ts.isFunctionLike(at); at = at.parent) {
    const { parent } = at;
    if (!ts.isCallExpression(parent) && !ts.isNewExpression(parent)) continue;
    if (isClientCall(checker, parent)) return parent;
    if (parent.expression !== at) return undefined;
  }
  return undefined;
}

function isClientCall(checker: ts.TypeChecker, node: ts.Node): node is ts.CallExpression {
  return ts.isCallExpression(node) && isDeclaredByClient(checker.getResolvedSignature(node));
}

function flawsOfCall(checker: ts.TypeChecker, call: ts.CallExpression): Flaw[] {
  // Which argument lands where is not known behind a spread.
  if (call.arguments.some(ts.isSpreadElement)) return [];
  const parameters = checker.getResolvedSignature(call)?.getParameters() ?? [];
  return call.arguments.flatMap((argument, index) => {
    const parameter = parameters[index];
    return parameter === undefined ? [] : flawsOf(checker, argument, checker.getTypeOfSymbol(parameter));
  });
}

/** The compiler points at a value, at something around it, or at the name of the property that holds it. */
function overlaps(node: ts.Node, { start, length }: Span): boolean {
  if (node.getStart() < start + length && start < node.getEnd()) return true;
  const property = ts.findAncestor(node, (above) => ts.isPropertyAssignment(above) && above.getStart() === start);
  return property !== undefined;
}

/** Allowed values that a wrong one resembles. */
function literalsLike(checker: ts.TypeChecker, { node, expected }: Flaw): string[] {
  const actual = checker.getTypeAtLocation(node);
  const options = expected.isUnion() ? expected.types : [expected];
  const allowed = options.flatMap((option) => (option.isStringLiteral() ? [option.value] : []));
  return actual.isStringLiteral() ? closestTo(actual.value, allowed) : [];
}

/** Required names that an object does not have yet: one of them may have been meant. */
function stillMissing(checker: ts.TypeChecker, literal: ts.ObjectLiteralExpression, expected: ts.Type): string[] {
  const given = new Set(literal.properties.map((property) => property.name?.getText()));
  const required = checker.getPropertiesOfType(expected).filter((property) => !isOptional(property));
  return required.map((property) => property.getName()).filter((name) => !given.has(name));
}

function namesOf(checker: ts.TypeChecker, type: ts.Type): string[] {
  const parts = type.isUnion() ? type.types : [type];
  return [...new Set(parts.flatMap((part) => checker.getPropertiesOfType(part).map((property) => property.getName())))];
}

function textOf(node: ts.Node): string {
  return node.getText().replace(/^["']|["']$/g, "");
}
