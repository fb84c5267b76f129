import ts from "typescript";
import type { Lowering } from "../../../core/program/typescript-fallback.ts";

/*
 * Compiles TypeScript that erasing types does not turn into JavaScript: decorators, namespaces, `accessor`. Works on one file
 * at a time, without type information.
 */

const options: ts.CompilerOptions = {
  // The newest target without decorators, so that nothing else is rewritten.
  target: ts.ScriptTarget.ES2024,
  module: ts.ModuleKind.ESNext,
  moduleDetection: ts.ModuleDetectionKind.Force,
  newLine: ts.NewLineKind.LineFeed,
  isolatedModules: true,
  sourceMap: true,
};

/** Implements the part of the type checker port that core/program/typescript-fallback.ts uses. */
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
  const error = diagnostics?.find(({ category, start }) => category === ts.DiagnosticCategory.Error && start !== undefined);
  if (error !== undefined) {
    const message = ts.flattenDiagnosticMessageText(error.messageText, " ");
    return { kind: "wrong", message, ...placeOf(error.start ?? 0) };
  }
  const { mappings } = JSON.parse(sourceMapText ?? "{}");
  const imports = importsOf(tree).map(({ text, start }) => ({ specifier: text, ...placeOf(start) }));
  return { kind: "lowered", javascript: outputText.replace(/\/\/# sourceMappingURL=.*\s*$/, ""), mappings, imports };
}

/** All imports that are not type-only, used or not. */
function importsOf(tree: ts.SourceFile): { text: string; start: number }[] {
  return tree.statements.flatMap((statement) => {
    if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) return [];
    if (isTypeOnly(statement.importClause)) return [];
    return [{ text: statement.moduleSpecifier.text, start: statement.getStart(tree) }];
  });
}

function isTypeOnly(clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const { name, namedBindings } = clause;
  if (name !== undefined || namedBindings === undefined || !ts.isNamedImports(namedBindings)) return false;
  return namedBindings.elements.every((element) => element.isTypeOnly);
}
