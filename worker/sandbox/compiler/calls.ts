import ts from "typescript";
import { closestTo } from "../../../core/closest.ts";
import { checkLimits } from "./check-limits.ts";
import { type Flaw, flawsOf } from "./flaws.ts";
import { isClientFile } from "./origin.ts";
import { isOptional, isTolerable } from "./tolerance.ts";
import type { Span, Verdict } from "./verdict.ts";

/** An argument name that the client's function does not declare. */
export function unknownArgument(checker: ts.TypeChecker, node: ts.Node): Verdict | undefined {
  if (clientCallAround(checker, node) === undefined) return undefined;
  const literal = ts.findAncestor(node, ts.isObjectLiteralExpression);
  const expected = literal && checker.getContextualType(literal);
  if (literal === undefined || expected === undefined) return { suggestions: [] };
  if (checker.isArrayType(expected)) return { suggestions: ["[{ … }]"], hint: "It is a list." };
  const close = closestTo(textOf(node), namesOf(checker, expected));
  return { suggestions: close.length > 0 ? close : missingProperties(checker, literal, expected) };
}

/** Too few arguments for a client's function, or too many if the first one is wrong already. */
export function wrongCount(checker: ts.TypeChecker, node: ts.Node): Verdict | undefined {
  const call = clientCallAround(checker, node) ?? ts.findAncestor(node, (above) => isClientCall(checker, above));
  if (call === undefined || !ts.isCallExpression(call)) return undefined;
  if (call.arguments.length === 0) return { suggestions: [], ...argumentHint(checker, call) };
  const [flaw] = flawsOfCall(checker, call);
  return flaw && { suggestions: ["pass one object that holds the arguments by name"], at: flaw.node };
}

function argumentHint(checker: ts.TypeChecker, call: ts.CallExpression): { hint?: string } {
  const [parameter] = checker.getResolvedSignature(call)?.getParameters() ?? [];
  return parameter ? { hint: `It takes ${checker.typeToString(checker.getTypeOfSymbol(parameter))}.` } : {};
}

/** An argument of a wrong type or value for a client's function. */
export function wrongArgument(checker: ts.TypeChecker, node: ts.Node, span: Span): Verdict | undefined {
  const call = clientCallAround(checker, node);
  if (call === undefined) return wrongCallback(checker, node);
  const flaw = flawsOfCall(checker, call).find((candidate) => overlaps(candidate.node, span));
  if (flaw === undefined) return undefined;
  const from = flaw.node.getStart();
  const isWithin = span.start <= from && from < span.start + span.length;
  return {
    suggestions: [...literalsLike(checker, flaw), ...fieldsThatFit(checker, flaw)],
    ...byName(checker, call, flaw),
    ...(isWithin ? { at: flaw.node } : {}),
  };
}

/** A value in place of the object of all arguments, and null in place of nothing. */
function byName(checker: ts.TypeChecker, call: ts.CallExpression, { node, expected }: Flaw): { hint?: string } {
  const isOptional = expected.isUnion() && expected.types.some(({ flags }) => (flags & ts.TypeFlags.Undefined) !== 0);
  if (node.kind === ts.SyntaxKind.NullKeyword && isOptional) return { hint: "Leave it out." };
  const isWhole = call.arguments.some((argument) => argument === node) && !ts.isObjectLiteralExpression(node);
  const [first] = isWhole && !checker.isArrayType(expected) ? expected.getProperties() : [];
  return first === undefined ? {} : { hint: `Arguments are fields of one object: { ${first.getName()}: … }.` };
}

/** A client's function passed as a callback that gets another argument than the function takes: `cities.map(weather.current)`. */
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

/** The call of a client's function in whose arguments this node is written, unless another call or function is in between. */
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
  // After a spread, it is unknown which argument belongs to which parameter.
  if (call.arguments.some(ts.isSpreadElement)) return [];
  const parameters = checker.getResolvedSignature(call)?.getParameters() ?? [];
  return call.arguments.flatMap((argument, index) => {
    const parameter = parameters[index];
    return parameter === undefined ? [] : flawsOf(checker, argument, checker.getTypeOfSymbol(parameter));
  });
}

/** The compiler reports a value, an expression around it, or the name of the property that holds it. */
function overlaps(node: ts.Node, { start, length }: Span): boolean {
  if (node.getStart() < start + length && start < node.getEnd()) return true;
  const property = ts.findAncestor(node, (above) => ts.isPropertyAssignment(above) && above.getStart() === start);
  return property !== undefined;
}

/** `{ html }`, where the text is `html.content`: what a value holds and would do in its place. */
function fieldsThatFit(checker: ts.TypeChecker, { node, expected }: Flaw): string[] {
  const fields = ts.isIdentifier(node) ? checker.getPropertiesOfType(checker.getTypeAtLocation(node)) : [];
  if (fields.length > checkLimits.fieldsSearchedMax) return [];
  const fitting = fields.filter((field) => checker.isTypeAssignableTo(checker.getTypeOfSymbol(field), expected));
  return fitting.map((field) => `${node.getText()}.${field.getName()}`);
}

/** Allowed values that are similar to a wrong one. */
function literalsLike(checker: ts.TypeChecker, { node, expected }: Flaw): string[] {
  const actual = checker.getTypeAtLocation(node);
  const options = expected.isUnion() ? expected.types : [expected];
  const allowed = options.flatMap((option) => (option.isStringLiteral() ? [option.value] : []));
  return actual.isStringLiteral() ? closestTo(actual.value, allowed) : [];
}

/** The required properties that the object lacks: the wrong name may stand for one of them. */
function missingProperties(checker: ts.TypeChecker, literal: ts.ObjectLiteralExpression, expected: ts.Type): string[] {
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
