import type { Program as SyntaxTree } from "acorn";
import { after, before, type Edit, over } from "./edits.ts";
import { isNode, type Node, walk } from "./syntax-tree.ts";

/**
 * Calls of the guard, with the number of the place, wherever a program can go round: at the start of every function and of
 * every turn of a loop. So a program that never waits can be stopped where the platform does not do it; see runtime/guard.js.
 *
 * Nothing moves to another line. What runs inside one call of the language's own library goes unseen until it comes back.
 */
export function guardEdits(tree: SyntaxTree, guard: string): Edit[] {
  const edits: Edit[] = [];
  let places = 0;
  walk(tree, (node) => {
    const added = editsOf(node, `${guard}(${places})`);
    if (added.length > 0) places += 1;
    edits.push(...added);
    return true;
  });
  return edits;
}

/** `pass` is the call of the guard. */
function editsOf(node: Node, pass: string): Edit[] {
  switch (node.type) {
    case "FunctionDeclaration":
    case "FunctionExpression":
    case "ArrowFunctionExpression":
      return isNode(node.body) ? inBody(node.body, pass) : [];
    case "ForStatement":
    case "ForInStatement":
    case "ForOfStatement":
    case "WhileStatement":
    case "DoWhileStatement":
      return isNode(node.body) ? inLoop(node.body, pass) : [];
    case "PropertyDefinition":
      // A class without a constructor runs its fields' values in one that nobody wrote.
      return isNode(node.value) && !isInert(node.value) ? inExpression(node.value, pass) : [];
    default:
      return [];
  }
}

function inBody(body: Node, pass: string): Edit[] {
  return body.type === "BlockStatement" ? [before(body.start + 1, `${pass};`)] : inExpression(body, pass);
}

/** An object literal stands in parentheses already, which a node does not contain. */
function inExpression(expression: Node, pass: string): Edit[] {
  return [before(expression.start, `(${pass},`), after(expression.end, ")")];
}

function inLoop(body: Node, pass: string): Edit[] {
  if (body.type === "BlockStatement") return inBody(body, pass);
  if (body.type === "EmptyStatement") return [over(body, `{${pass};}`)];
  return [before(body.start, `{${pass};`), after(body.end, "}")];
}

/** Values that run nothing when they are made; a function is named after its field only where it stands alone. */
function isInert({ type }: Node): boolean {
  return ["Literal", "ArrowFunctionExpression", "FunctionExpression", "ClassExpression"].includes(type);
}
