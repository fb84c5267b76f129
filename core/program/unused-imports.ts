import type { Program as SyntaxTree } from "acorn";
import { type Edit, linesOf, over } from "./edits.ts";
import type { Use } from "./scope.ts";

interface Imported {
  tree: SyntaxTree;
  text: string;
  /** Uses of names that the file declares at its top level. */
  uses: readonly Use[];
  /** Whether evaluating a module may matter to a file that takes no name of it. */
  isEvaluated: (specifier: string) => boolean;
}

/**
 * Drops the imported names that a file never uses, so that a program is neither refused nor kept waiting for the sake of a server
 * that it does not call, or of a package that is not there. An import that has no names left is dropped as a whole, unless
 * evaluating its module may matter. One that never had any is for its effects alone, and stays.
 *
 * @returns the tree without them, and the edits that remove them from the text
 */
export function withoutUnusedImports({ tree, text, uses, isEvaluated }: Imported): { tree: SyntaxTree; edits: Edit[] } {
  const used = new Set([...uses.map(({ name }) => name), ...exportedNames(tree)]);
  const edits: Edit[] = [];
  const body = tree.body.flatMap((statement) => {
    if (statement.type !== "ImportDeclaration" || statement.specifiers.length === 0) return [statement];
    const specifiers = statement.specifiers.filter(({ local }) => used.has(local.name));
    if (specifiers.length > 0 || isEvaluated(String(statement.source.value))) return [{ ...statement, specifiers }];
    edits.push(over(statement, `;${linesOf(text, statement)}`));
    return [];
  });
  return { tree: { ...tree, body }, edits };
}

/** The local names in `export { a, b as c }`. */
function exportedNames({ body }: SyntaxTree): string[] {
  return body.flatMap((statement) =>
    statement.type === "ExportNamedDeclaration" && !statement.source
      ? statement.specifiers.map(({ local }) => (local.type === "Identifier" ? local.name : String(local.value)))
      : [],
  );
}
