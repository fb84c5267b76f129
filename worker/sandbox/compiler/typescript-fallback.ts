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
  const error = diagnostics?.find(({ category, start }) => category === ts.DiagnosticCategory.Error && start !== undefined);
  if (error !== undefined) {
    const message = ts.flattenDiagnosticMessageText(error.messageText, " ");
    const tree = ts.createSourceFile(file, source, ts.ScriptTarget.ESNext);
    const { line, character } = tree.getLineAndCharacterOfPosition(error.start ?? 0);
    return { kind: "wrong", message, line: line + 1, column: character + 1 };
  }
  const { mappings } = JSON.parse(sourceMapText ?? "{}");
  return { kind: "lowered", javascript: outputText.replace(/\/\/# sourceMappingURL=.*\s*$/, ""), mappings };
}
