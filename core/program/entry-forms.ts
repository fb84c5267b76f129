import type { Program as EsTree, Expression, ModuleDeclaration, Statement } from "acorn";
import { after, before, type Edit } from "./edits.ts";
import type { Use } from "./scope.ts";
import { type Above, isNode, isReference, type Node, walk } from "./syntax-tree.ts";

type TopLevel = Statement | ModuleDeclaration;

/** How an entrypoint yields its value, if it has neither a default export nor a return. */
export interface EntryForm {
  edits: Edit[];
  /** Variables that the edits assign to. */
  variables: string[];
  /** The expression to export by default. */
  value: string | undefined;
  hasResult: boolean;
}

/** Names for those variables. They occur nowhere in the program. */
export interface ResultNames {
  result: string;
  /** What main itself returned, before anything was chained to it. */
  returned: string;
}

/**
 * Each form of entrypoint is turned into a module with a default export, or one that returns:
 *
 *   export default …                     unchanged
 *   return … at the top level            unchanged: the file's factory returns it
 *   async (args) => { … }                the expression becomes the default export
 *   function main() { … }                main becomes the default export
 *   … await main() …                     the value main returns there becomes the default export, so it runs once
 *   main().then(console.log)             the same, with main's own value if the chain yields undefined
 *   (async () => { … })()                its value becomes the default export, so that it is at least awaited
 *
 * Edits only insert text within lines, so the user's lines keep their numbers.
 */
export function entryForm(tree: EsTree, names: ResultNames): EntryForm {
  const statements: TopLevel[] = tree.body;
  if (statements.some(isDefaultExport) || hasTopLevelReturn(statements)) return { ...nothing, hasResult: true };

  const code = statements.filter((statement) => statement.type !== "ImportDeclaration");
  const only = code.length === 1 ? code[0] : undefined;
  if (only?.type === "ExpressionStatement" && isFunction(only.expression)) {
    return resultOf([before(only.start, `${names.result} = `)], names);
  }
  return code.some(declaresMain) ? mainForm(code, names) : asyncCallForm(code, names);
}

const nothing: EntryForm = { edits: [], variables: [], value: undefined, hasResult: false };

function resultOf(edits: Edit[], { result }: ResultNames): EntryForm {
  return { edits, variables: [result], value: result, hasResult: true };
}

function mainForm(code: readonly TopLevel[], names: ResultNames): EntryForm {
  for (const statement of code) {
    const use = useOfMain(statement);
    if (use === undefined) continue;
    // Main is passed to other code, which may call it or not: its value cannot be known here.
    if (use.kind === "passed") return nothing;
    const asyncCall = asyncCallOf(statement);
    const wait = asyncCall === undefined ? [] : [before(asyncCall.start, "await ")];
    const { edits, ...form } = use.isChained ? chainedForm(use, names) : resultOf(asResult(use, names), names);
    return { ...form, edits: [...wait, ...edits] };
  }
  return { edits: [], variables: [], value: "main", hasResult: true };
}

/** `main().then(console.log)` yields undefined; what main returned is what was meant. */
function chainedForm(use: CallOfMain, names: ResultNames): EntryForm {
  const { result, returned } = names;
  const edits = [...asResult(use, names), before(use.call.start, `(${returned} = `), after(use.call.end, ")")];
  const returnedUnlessFailed = `try { return await ${returned}; } catch {}`;
  const value = `async () => { const value = await ${result}; if (value !== undefined) return value; ${returnedUnlessFailed} }`;
  return { edits, variables: [result, returned], value, hasResult: true };
}

function asyncCallForm(code: readonly TopLevel[], names: ResultNames): EntryForm {
  const call = code.map(asyncCallOf).find((found) => found !== undefined);
  if (call === undefined) return nothing;
  return resultOf(asResult({ value: call, isStatement: call.isStatement }, names), names);
}

interface Value {
  value: { start: number; end: number };
  /** It begins a statement, so that a parenthesis before it could continue the line above. */
  isStatement: boolean;
}

function asResult({ value, isStatement }: Value, { result }: ResultNames): Edit[] {
  if (isStatement) return [before(value.start, `${result} = `)];
  return [before(value.start, `(${result} = `), after(value.end, ")")];
}

/** `value` is the call including chained methods and an `await` before it. */
interface CallOfMain extends Value {
  call: { start: number; end: number };
  isChained: boolean;
}

type UseOfMain = ({ kind: "called" } & CallOfMain) | { kind: "passed" };

/** The first use of `main` that runs when the statement runs. Bodies of functions that are only declared do not. */
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

/** A function expression runs with its surroundings if it is called immediately or passed to a call. */
function isRunWith(node: Node, parent: Node | undefined): boolean {
  if (node.type === "FunctionDeclaration" || node.type === "ClassDeclaration" || node.type === "ClassExpression") return false;
  const isExpression = node.type === "ArrowFunctionExpression" || node.type === "FunctionExpression";
  return !isExpression || parent?.type === "CallExpression";
}

/** Extends a call of `main` by chained methods and an `await` before it. */
function chainOf(call: Node, above: Above): CallOfMain {
  let value = call;
  let isChained = false;
  let around = above;
  while (around !== undefined) {
    const { node } = around;
    const outer = around.above?.node;
    const isMethod = node.type === "MemberExpression" && isPromiseMethod(node) && outer?.type === "CallExpression";
    if (isMethod && outer.callee === node) {
      isChained = true;
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
  return { call, value, isChained, isStatement };
}

function isPromiseMethod({ property, computed }: Node): boolean {
  return computed !== true && isNode(property) && ["then", "catch", "finally"].includes(String(property.name));
}

/** The call of an async function expression at the top level that nothing awaits. */
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

/**
 * A function or class that a program declares at its top level and never uses, as when `run` is taken for what `main` is.
 *
 * @param uses of names that are declared at the top level
 */
export function idleName(tree: EsTree, uses: readonly Use[]): string | undefined {
  const statements: TopLevel[] = tree.body;
  const ids = statements.flatMap((statement) => {
    const declaration = statement.type === "ExportNamedDeclaration" ? statement.declaration : statement;
    if (declaration?.type === "FunctionDeclaration" || declaration?.type === "ClassDeclaration") return [declaration.id];
    if (declaration?.type !== "VariableDeclaration") return [];
    return declaration.declarations.filter(({ init }) => init && isFunction(init)).map(({ id }) => id);
  });
  const idle = ids.find(
    (id) => id?.type === "Identifier" && uses.every(({ name, node }) => name !== id.name || node.start === id.start),
  );
  return idle?.type === "Identifier" ? idle.name : undefined;
}

function isDefaultExport(statement: TopLevel): boolean {
  if (statement.type === "ExportDefaultDeclaration") return true;
  return (
    statement.type === "ExportNamedDeclaration" &&
    statement.specifiers.some(({ exported }) => exported.type === "Identifier" && exported.name === "default")
  );
}

/** Whether there is a return outside of all functions, in any statement that can contain one. */
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
