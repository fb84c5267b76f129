import type { Program as SyntaxTree } from "acorn";
import { type Above, isNode, isReference, type Node, walk } from "./syntax-tree.ts";

/** The use of a name as a variable. */
export interface Use {
  name: string;
  node: Node;
  above: Above;
}

export interface Names {
  /** Names that the file uses and does not declare, in the order of their first use. */
  free: Map<string, Use>;
  /** Every use of such a name. */
  freeUses: Use[];
  /** Every use of a name that the file declares at its top level. */
  topLevel: Use[];
}

/** Resolves the names of a file to their declarations. */
export function namesOf(tree: SyntaxTree): Names {
  const scopes: Scopes = new Map();
  const uses: Use[] = [];
  walk(tree, (node, above) => {
    declare(node, { above, scopes });
    if (node.type === "Identifier" && typeof node.name === "string" && isReference(node, above?.node)) {
      uses.push({ name: node.name, node, above });
    }
    return true;
  });
  const names: Names = { free: new Map(), freeUses: [], topLevel: [] };
  for (const use of uses) {
    const owner = ownerOf(use, scopes);
    if (owner === undefined) {
      if (!names.free.has(use.name)) names.free.set(use.name, use);
      names.freeUses.push(use);
    }
    if (owner?.type === "Program") names.topLevel.push(use);
  }
  return names;
}

/** The names declared in each node that is a scope. */
type Scopes = Map<Node, Set<string>>;

function ownerOf({ name, node, above }: Use, scopes: Scopes): Node | undefined {
  let below = node;
  for (let at = above; at !== undefined; at = at.above) {
    // What a switch asks for stands outside of its block.
    if (at.node.discriminant !== below && scopes.get(at.node)?.has(name)) return at.node;
    below = at.node;
  }
  return undefined;
}

const functionTypes = new Set(["FunctionDeclaration", "FunctionExpression", "ArrowFunctionExpression"]);
/** The scopes of `var` declarations. */
const variableScopes = new Set([...functionTypes, "StaticBlock", "Program"]);
const blockScopes = new Set([
  ...variableScopes,
  "BlockStatement",
  "ForStatement",
  "ForInStatement",
  "ForOfStatement",
  "SwitchStatement",
  "CatchClause",
]);

function declare(node: Node, { above, scopes }: { above: Above; scopes: Scopes }): void {
  const add = (scope: Node | undefined, names: string[]) => {
    if (scope === undefined || names.length === 0) return;
    const known = scopes.get(scope) ?? new Set();
    scopes.set(scope, known);
    for (const name of names) known.add(name);
  };
  switch (node.type) {
    case "VariableDeclaration":
      add(
        node.kind === "var" ? bodyOf(nearest(above, variableScopes)) : nearest(above, blockScopes),
        listOf(node.declarations).flatMap(namesIn),
      );
      break;
    case "FunctionDeclaration":
    case "ClassDeclaration":
      add(nearest(above, blockScopes), namesIn(node.id));
      break;
    case "FunctionExpression":
    case "ClassExpression":
      add(node, namesIn(node.id));
      break;
    case "CatchClause":
      add(node, namesIn(node.param));
      break;
    case "ImportDeclaration":
      add(
        above?.node,
        listOf(node.specifiers).flatMap(({ local }) => namesIn(local)),
      );
      break;
  }
  if (functionTypes.has(node.type)) add(node, listOf(node.params).flatMap(namesIn));
}

/** Parameters do not see the `var`s of their function's body. */
function bodyOf(scope: Node | undefined): Node | undefined {
  return scope !== undefined && functionTypes.has(scope.type) && isNode(scope.body) ? scope.body : scope;
}

function nearest(above: Above, types: ReadonlySet<string>): Node | undefined {
  for (let at = above; at !== undefined; at = at.above) {
    if (types.has(at.node.type)) return at.node;
  }
  return undefined;
}

/** The names bound by a pattern or by a declaration with one. */
export function namesIn(pattern: unknown): string[] {
  if (!isNode(pattern)) return [];
  switch (pattern.type) {
    case "Identifier":
      return typeof pattern.name === "string" ? [pattern.name] : [];
    case "VariableDeclarator":
      return namesIn(pattern.id);
    case "ObjectPattern":
      return listOf(pattern.properties).flatMap((property) =>
        namesIn(property.type === "RestElement" ? property : property.value),
      );
    case "ArrayPattern":
      return listOf(pattern.elements).flatMap(namesIn);
    case "RestElement":
      return namesIn(pattern.argument);
    case "AssignmentPattern":
      return namesIn(pattern.left);
    default:
      return [];
  }
}

function listOf(value: unknown): Node[] {
  return Array.isArray(value) ? value.filter(isNode) : [];
}

/** A suffix that makes a generated name unique: it occurs nowhere in the program's text, not even written with escapes. */
export function freshSuffix(text: string): string {
  const read = text.includes("\\u") ? text + withoutEscapes(text) : text;
  const taken = new Set<string>();
  for (const [, digits = ""] of read.matchAll(/\$(\d{1,8})/g)) {
    for (let length = 1; length <= digits.length; length++) taken.add(digits.slice(0, length));
  }
  let number = 0;
  while (taken.has(String(number))) number++;
  return `$${number}`;
}

function withoutEscapes(text: string): string {
  return text.replace(/\\u(?:([0-9A-Fa-f]{4})|\{0*([0-9A-Fa-f]{1,6})\})/g, (written, four, braced) => {
    const code = Number.parseInt(four ?? braced, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : written;
  });
}
