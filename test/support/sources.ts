import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

/* The repository's source as tests about its shape read it: its files, what each imports, and how long its functions are. */

export const root = fileURLToPath(new URL("../../", import.meta.url));

export interface Source {
  /** A path from the root. */
  file: string;
  tree: ts.SourceFile;
  lines: number;
}

export interface Import {
  file: string;
  line: number;
  /** A path from the root for a file of ours, else the specifier as written. */
  target: string;
  isOurs: boolean;
  /** Gone once types are stripped. */
  isTypeOnly: boolean;
  isReExport: boolean;
}

/** Every file of code below a folder of the repository; neither what is installed nor what is built. */
export function sourcesBelow(folder: string): Source[] {
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.(?:tsx?|js|mjs)$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((file) => !/node_modules|\/dist\/|\/results\//.test(file))
    .map((file) => readSource(file, readFileSync(join(root, file), "utf8")));
}

export function readSource(file: string, text: string): Source {
  const tree = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  return { file, tree, lines: text.trimEnd().split("\n").length };
}

export function importsOf({ file, tree }: Source): Import[] {
  const found: Import[] = [];
  const add = (specifier: ts.Node | undefined, kind: { isTypeOnly: boolean; isReExport: boolean }) => {
    if (specifier === undefined || !ts.isStringLiteralLike(specifier)) return;
    const isOurs = specifier.text.startsWith(".");
    const target = isOurs ? join(dirname(file), specifier.text.replace(/\?.*$/, "")) : specifier.text;
    const { line } = tree.getLineAndCharacterOfPosition(specifier.getStart(tree));
    found.push({ file, line: line + 1, target, isOurs, ...kind });
  };
  someNode(tree, (node) => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, { isTypeOnly: isTypeImport(node), isReExport: false });
    if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, { isTypeOnly: node.isTypeOnly, isReExport: true });
    if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      add(node.argument.literal, { isTypeOnly: true, isReExport: false });
    }
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node.arguments[0], { isTypeOnly: false, isReExport: false });
    }
    return false;
  });
  return found;
}

function isTypeImport({ importClause }: ts.ImportDeclaration): boolean {
  if (importClause === undefined) return false;
  if (importClause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const { namedBindings } = importClause;
  const areNamed = importClause.name === undefined && namedBindings !== undefined && ts.isNamedImports(namedBindings);
  return areNamed && namedBindings.elements.length > 0 && namedBindings.elements.every((element) => element.isTypeOnly);
}

/** Stops at the first node that `isIt` accepts. */
export function someNode(node: ts.Node, isIt: (node: ts.Node) => boolean): boolean {
  return isIt(node) || ts.forEachChild(node, (child) => someNode(child, isIt) || undefined) === true;
}

export interface FunctionLength {
  name: string;
  lines: number;
}

/** Every function, also those inside of others, each from its first line to its last with everything in it. */
export function functionsOf({ tree }: Source): FunctionLength[] {
  const found: FunctionLength[] = [];
  const lineOf = (position: number) => tree.getLineAndCharacterOfPosition(position).line;
  someNode(tree, (node) => {
    if (ts.isFunctionLike(node) && "body" in node && node.body !== undefined) {
      found.push({ name: nameOf(node), lines: lineOf(node.getEnd()) - lineOf(node.getStart(tree)) + 1 });
    }
    return false;
  });
  return found;
}

function nameOf({ name, parent }: ts.SignatureDeclaration): string {
  if (name) return name.getText();
  return ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent)
    ? parent.name.getText()
    : "a function without a name";
}

/**
 * Groups of two files or more that each need all others of the group: the strongly connected components of the graph
 * (R. Tarjan, "Depth-first search and linear graph algorithms", 1972).
 */
export function circles(edges: readonly { file: string; target: string }[]): string[][] {
  const targets = new Map<string, string[]>();
  for (const { file, target } of edges) targets.set(file, [...(targets.get(file) ?? []), target]);
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const open: string[] = [];
  const found: string[][] = [];

  const visit = (file: string): number => {
    const own = order.size;
    order.set(file, own);
    lowest.set(file, own);
    open.push(file);
    for (const target of targets.get(file) ?? []) {
      const reached = order.has(target) ? (open.includes(target) ? order.get(target) : undefined) : visit(target);
      lowest.set(file, Math.min(lowest.get(file) ?? own, reached ?? own));
    }
    const low = lowest.get(file) ?? own;
    if (low === own) {
      const group = open.splice(open.indexOf(file));
      if (group.length > 1) found.push(group.sort());
    }
    return low;
  };

  for (const file of targets.keys()) {
    if (!order.has(file)) visit(file);
  }
  return found;
}
