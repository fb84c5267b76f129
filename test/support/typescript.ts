import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

/**
 * Compiles the files with the TypeScript compiler under `strict` and returns its errors as `file:line: message`. A file
 * `a/b.d.ts` or `a/b.ts` is the module `a/b`. Declaration files are checked like any other.
 */
export function diagnose(files: Record<string, string>): string[] {
  const sources = new Map(
    Object.entries(files).map(([name, text]) => [`/${name}`, ts.createSourceFile(`/${name}`, text, ts.ScriptTarget.ES2024)]),
  );
  const program = ts.createProgram({ rootNames: [...sources.keys()], options, host: createHost(sources) });
  return ts.getPreEmitDiagnostics(program).map(describe);
}

const options: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2024,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  lib: ["lib.es2024.d.ts"],
  types: [],
  strict: true,
  noEmit: true,
  skipDefaultLibCheck: true,
};

const libFolder = join(dirname(fileURLToPath(import.meta.resolve("typescript"))));
/** The standard library, parsed once for all programs of a test file. */
const libraries = new Map<string, ts.SourceFile>();

function createHost(sources: ReadonlyMap<string, ts.SourceFile>): ts.CompilerHost {
  return {
    getSourceFile: (name) => sources.get(name) ?? library(name),
    fileExists: (name) => sources.has(name),
    readFile: () => undefined,
    writeFile: () => undefined,
    getDefaultLibFileName: () => join(libFolder, "lib.es2024.d.ts"),
    getDefaultLibLocation: () => libFolder,
    getCurrentDirectory: () => "/",
    getCanonicalFileName: (name) => name,
    useCaseSensitiveFileNames: () => true,
    getNewLine: () => "\n",
    resolveModuleNameLiterals: (literals) => literals.map(({ text }) => ({ resolvedModule: resolve(text, sources) })),
  };
}

function library(name: string): ts.SourceFile | undefined {
  if (!name.startsWith(libFolder)) return undefined;
  const file = libraries.get(name) ?? ts.createSourceFile(name, readFileSync(name, "utf8"), ts.ScriptTarget.ES2024);
  libraries.set(name, file);
  return file;
}

function resolve(specifier: string, sources: ReadonlyMap<string, ts.SourceFile>): ts.ResolvedModuleFull | undefined {
  for (const extension of [ts.Extension.Dts, ts.Extension.Ts]) {
    const resolvedFileName = `/${specifier}${extension}`;
    if (sources.has(resolvedFileName)) return { resolvedFileName, extension };
  }
  return undefined;
}

function describe(diagnostic: ts.Diagnostic): string {
  const message = ts.flattenDiagnosticMessageText(diagnostic.messageText, "\n");
  const file = diagnostic.file;
  if (!file || diagnostic.start === undefined) return message;
  return `${file.fileName.slice(1)}:${file.getLineAndCharacterOfPosition(diagnostic.start).line + 1}: ${message}`;
}
