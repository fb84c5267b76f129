import type { Program as EsTree, Expression, ModuleDeclaration, Statement } from "acorn";
import type { Edit } from "./compile.ts";

type TopLevel = Statement | ModuleDeclaration;

/**
 * The forms an entrypoint may take all become "a module with a default export, or one that returns":
 *
 *   export default …                     as it is
 *   return … at the top level            as it is: the file's factory returns it
 *   async (args) => { … }                the expression becomes the default export
 *   function main() { … }                main becomes the default export
 *   … await main();                      what main returns there becomes the default export, so it runs once
 *
 * Edits only insert text inside lines, so no line of the user's moves.
 */
export function entryEdits(tree: EsTree): { edits: Edit[]; hasResult: boolean } {
  const statements: TopLevel[] = tree.body;
  if (statements.some(isDefaultExport) || hasTopLevelReturn(statements)) return { edits: [], hasResult: true };

  const code = statements.filter((statement) => statement.type !== "ImportDeclaration");
  const only = code.length === 1 ? code[0] : undefined;
  if (only?.type === "ExpressionStatement" && isFunction(only.expression)) {
    return { edits: [{ at: only.start, insert: "export default " }], hasResult: true };
  }
  if (!code.some(declaresMain)) return { edits: [], hasResult: false };

  const call = code.find((statement) => statement.type === "ExpressionStatement" && calleeOf(statement.expression) === "main");
  const edit =
    call === undefined ? { at: tree.end, insert: "\nexport default main;" } : { at: call.start, insert: "export default " };
  return { edits: [edit], hasResult: true };
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

/** The name at the root of `await main()`, `main().then(…)`, `void main()`. */
function calleeOf(expression: Expression): string | undefined {
  switch (expression.type) {
    case "AwaitExpression":
      return calleeOf(expression.argument);
    case "UnaryExpression":
      return expression.operator === "void" ? calleeOf(expression.argument) : undefined;
    case "CallExpression":
      if (expression.callee.type === "Identifier") return expression.callee.name;
      return expression.callee.type === "MemberExpression" && expression.callee.object.type !== "Super"
        ? calleeOf(expression.callee.object)
        : undefined;
    default:
      return undefined;
  }
}
