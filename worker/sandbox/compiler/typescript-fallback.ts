import ts from "typescript";
import type { Lowering } from "../../../core/program/typescript-fallback.ts";

/*
 * Makes JavaScript of what the runtime does not know and of what is more than types: decorators, namespaces, `accessor`. One
 * file at a time, knowing nothing of the others.
 */

const options: ts.CompilerOptions = {
  // The newest that has no decorators yet: everything older than them stays as it is.
  target: ts.ScriptTarget.ES2024,
  module: ts.ModuleKind.ESNext,
  moduleDetection: ts.ModuleDetectionKind.Force,
  newLine: ts.NewLineKind.LineFeed,
  isolatedModules: true,
  sourceMap: true,
};

/** @returns data that core/program/typescript-fallback.ts reads */
export function lower({ file, source }: { file: string; source: string }): Lowering {
  const { outputText, sourceMapText, diagnostics } = ts.transpileModule(source, {
    fileName: file,
    reportDiagnostics: true,
    compilerOptions: options,
  });
  const tree = ts.createSourceFile(file, source, ts.ScriptTarget.ESNext);
  const placeOf = (offset: number) => {
    const { line, character } = tree.getLineAndCharacterOfPosition(offset);
    return { line: line + 1, column: character + 1 };
  };
  const wrong = diagnostics?.find(({ category, start }) => category === ts.DiagnosticCategory.Error && start !== undefined);
  if (wrong !== undefined) {
    const message = ts.flattenDiagnosticMessageText(wrong.messageText, " ");
    return { kind: "wrong", message, ...placeOf(wrong.start ?? 0) };
  }
  const { mappings } = JSON.parse(sourceMapText ?? "{}");
  const imports = importsOf(tree).map(({ text, start }) => ({ specifier: text, ...placeOf(start) }));
  return { kind: "lowered", javascript: outputText.replace(/\/\/# sourceMappingURL=.*\s*$/, ""), mappings, imports };
}

/** Imports of values, used or not. */
function importsOf(tree: ts.SourceFile): { text: string; start: number }[] {
  return tree.statements.flatMap((statement) => {
    if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) return [];
    if (isOfTypes(statement.importClause)) return [];
    return [{ text: statement.moduleSpecifier.text, start: statement.getStart(tree) }];
  });
}

function isOfTypes(clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const { name, namedBindings } = clause;
  if (name !== undefined || namedBindings === undefined || !ts.isNamedImports(namedBindings)) return false;
  return namedBindings.elements.every(({ isTypeOnly }) => isTypeOnly);
}
