import type { Program as SyntaxTree } from "acorn";
import { after, before, type Edit, over } from "./edits.ts";
import { isNode, type Node, walk } from "./syntax-tree.ts";

/**
 * Inserts a call of the guard, with the number of its place, wherever a program can repeat itself: at the start of every function
 * and of every loop iteration. It stops a program that never waits where the platform does not; see runtime/guard.js.
 *
 * No code moves to another line. Time spent inside one call of a built-in function is noticed only when that call returns.
 */
export function guardEdits(tree: SyntaxTree, guard: string, { onlyLoops = false } = {}): Edit[] {
  const edits: Edit[] = [];
  let places = 0;
  walk(tree, (node) => {
    if (onlyLoops && !isLoop(node)) return true;
    const added = editsOf(node, `${guard}(${places})`);
    if (added.length > 0) places += 1;
    edits.push(...added);
    return true;
  });
  return edits;
}

function isLoop({ type }: Node): boolean {
  return type.endsWith("Statement") && /^(?:For|While|DoWhile)/.test(type);
}

/** @param pass the call of the guard */
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
      // Field values run in the constructor, which a class need not write.
      return isNode(node.value) && !isInert(node.value) ? inExpression(node.value, pass) : [];
    default:
      return [];
  }
}

function inBody(body: Node, pass: string): Edit[] {
  return body.type === "BlockStatement" ? [before(body.start + 1, `${pass};`)] : inExpression(body, pass);
}

/** The body `({ … })` of an arrow function already has parentheses, which its node does not include. */
function inExpression(expression: Node, pass: string): Edit[] {
  return [before(expression.start, `(${pass},`), after(expression.end, ")")];
}

function inLoop(body: Node, pass: string): Edit[] {
  if (body.type === "BlockStatement") return inBody(body, pass);
  if (body.type === "EmptyStatement") return [over(body, `{${pass};}`)];
  return [before(body.start, `{${pass};`), after(body.end, "}")];
}

/**
 * Values that run no code when they are evaluated. They must stay unwrapped: a function takes its field's name only if it is the
 * whole value.
 */
function isInert({ type }: Node): boolean {
  return ["Literal", "ArrowFunctionExpression", "FunctionExpression", "ClassExpression"].includes(type);
}
