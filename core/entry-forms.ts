import type { Program as EsTree, Expression, ModuleDeclaration, Statement } from "acorn";
import type { Edit } from "./compile.ts";
import { type Above, isNode, isReference, type Node, walk } from "./syntax-tree.ts";

type TopLevel = Statement | ModuleDeclaration;

/** What is inserted to give a program's value to main.js, and whether there is a value to expect. */
export interface EntryForm {
  edits: Edit[];
  hasResult: boolean;
}

/**
 * The forms an entrypoint may take all become "a module with a default export, or one that returns":
 *
 *   export default …                     as it is
 *   return … at the top level            as it is: the file's factory returns it
 *   async (args) => { … }                the expression becomes the default export
 *   function main() { … }                main becomes the default export
 *   … await main() …                     what main returns there becomes the default export, so it runs once
 *   (async () => { … })()                the same, for want of a better result: at least it is waited for
 *
 * Edits only insert text inside lines, so no line of the user's moves.
 */
export function entryEdits(tree: EsTree): EntryForm {
  const statements: TopLevel[] = tree.body;
  if (statements.some(isDefaultExport) || hasTopLevelReturn(statements)) return { edits: [], hasResult: true };

  const code = statements.filter((statement) => statement.type !== "ImportDeclaration");
  const only = code.length === 1 ? code[0] : undefined;
  if (only?.type === "ExpressionStatement" && isFunction(only.expression)) {
    return { edits: [{ at: only.start, insert: "export default " }], hasResult: true };
  }
  return code.some(declaresMain) ? mainForm(code, tree.end) : asyncCallForm(code);
}

function mainForm(code: readonly TopLevel[], end: number): EntryForm {
  for (const statement of code) {
    const use = useOfMain(statement);
    if (use === undefined) continue;
    // Someone else got hold of it, and calls it or not: what it returns cannot be seen from here.
    if (use.kind === "passed") return { edits: [], hasResult: false };
    const asyncCall = asyncCallOf(statement);
    const wait = asyncCall === undefined ? [] : [{ at: asyncCall.start, insert: "await " }];
    return { edits: [...wait, ...asResult(use)], hasResult: true };
  }
  return { edits: [{ at: end, insert: "\nexport default main;" }], hasResult: true };
}

function asyncCallForm(code: readonly TopLevel[]): EntryForm {
  const call = code.map(asyncCallOf).find((found) => found !== undefined);
  if (call === undefined) return { edits: [], hasResult: false };
  return { edits: asResult({ value: call, isStatement: call.isStatement }), hasResult: true };
}

interface Value {
  value: { start: number; end: number };
  /** It begins a statement, where a parenthesis could be read as part of the line before. */
  isStatement: boolean;
}

function asResult({ value, isStatement }: Value): Edit[] {
  if (isStatement) return [{ at: value.start, insert: "exports.default = " }];
  return [
    { at: value.start, insert: "(exports.default = " },
    { at: value.end, insert: ")" },
  ];
}

type UseOfMain = ({ kind: "called" } & Value) | { kind: "passed" };

/** The first use of `main` that running a statement comes to. Functions that are only declared are not run. */
function useOfMain(statement: object): UseOfMain | undefined {
  let found: UseOfMain | undefined;
  walk(statement, (node, above) => {
    if (found !== undefined || !isRunWith(node, above?.node)) return false;
    if (node.type !== "Identifier" || node.name !== "main" || !isReference(node, above?.node)) return true;
    const call = above?.node;
    if (call?.type !== "CallExpression") return true;
    found = call.callee === node ? { kind: "called", ...chainOf(call, above?.above) } : { kind: "passed" };
    return true;
  });
  return found;
}

/** A function runs with what is around it when it is called on the spot or handed to a call. */
function isRunWith(node: Node, parent: Node | undefined): boolean {
  if (node.type === "FunctionDeclaration" || node.type === "ClassDeclaration" || node.type === "ClassExpression") return false;
  const isExpression = node.type === "ArrowFunctionExpression" || node.type === "FunctionExpression";
  return !isExpression || parent?.type === "CallExpression";
}

/** `main()` with what is chained to it and the `await` before it. */
function chainOf(call: Node, above: Above): Value {
  let value = call;
  let around = above;
  while (around !== undefined) {
    const { node } = around;
    const outer = around.above?.node;
    const isChained = node.type === "MemberExpression" && isPromiseMethod(node) && outer?.type === "CallExpression";
    if (isChained && outer.callee === node) {
      value = outer;
      around = around.above?.above;
      continue;
    }
    if (node.type === "AwaitExpression") {
      value = node;
      around = around.above;
    }
    break;
  }
  const isStatement = around?.node.type === "ExpressionStatement" && around.node.start === value.start;
  return { value, isStatement };
}

function isPromiseMethod({ property, computed }: Node): boolean {
  return computed !== true && isNode(property) && ["then", "catch", "finally"].includes(String(property.name));
}

/** The call of an async function written out at the top level, and awaited by nobody. */
function asyncCallOf(statement: TopLevel): (Expression & { isStatement: boolean }) | undefined {
  if (statement.type !== "ExpressionStatement") return undefined;
  const { expression } = statement;
  const isVoid = expression.type === "UnaryExpression" && expression.operator === "void";
  const call = isVoid ? expression.argument : expression;
  return isAsyncCall(call) ? { ...call, isStatement: !isVoid } : undefined;
}

function isAsyncCall(expression: Expression): boolean {
  if (expression.type !== "CallExpression" || expression.callee.type === "Super") return false;
  const { callee } = expression;
  if (callee.type === "MemberExpression" && callee.object.type !== "Super") return isAsyncCall(callee.object);
  return (callee.type === "ArrowFunctionExpression" || callee.type === "FunctionExpression") && callee.async;
}

function isDefaultExport(statement: TopLevel): boolean {
  if (statement.type === "ExportDefaultDeclaration") return true;
  return (
    statement.type === "ExportNamedDeclaration" &&
    statement.specifiers.some(({ exported }) => exported.type === "Identifier" && exported.name === "default")
  );
}

/** A return that belongs to no function: looked for in every statement that can hold one. */
function hasTopLevelReturn(statements: readonly TopLevel[]): boolean {
  return statements.some((statement) => holdsReturn(statement));
}

function holdsReturn(statement: TopLevel | null | undefined): boolean {
  if (!statement) return false;
  switch (statement.type) {
    case "ReturnStatement":
      return true;
    case "BlockStatement":
      return hasTopLevelReturn(statement.body);
    case "IfStatement":
      return holdsReturn(statement.consequent) || holdsReturn(statement.alternate);
    case "ForStatement":
    case "ForInStatement":
    case "ForOfStatement":
    case "WhileStatement":
    case "DoWhileStatement":
    case "LabeledStatement":
      return holdsReturn(statement.body);
    case "SwitchStatement":
      return statement.cases.some((branch) => hasTopLevelReturn(branch.consequent));
    case "TryStatement":
      return [statement.block, statement.handler?.body, statement.finalizer].some(holdsReturn);
    default:
      return false;
  }
}

function isFunction(expression: Expression): boolean {
  return expression.type === "ArrowFunctionExpression" || expression.type === "FunctionExpression";
}

function declaresMain(statement: TopLevel): boolean {
  const declaration = statement.type === "ExportNamedDeclaration" ? statement.declaration : statement;
  if (declaration?.type === "FunctionDeclaration") return declaration.id?.name === "main";
  if (declaration?.type !== "VariableDeclaration") return false;
  return declaration.declarations.some(({ id }) => id.type === "Identifier" && id.name === "main");
}
