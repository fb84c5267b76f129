import ts from "typescript";
import type { TypeCheckInput, TypeProblem } from "../../../core/typecheck.ts";
import { createRelevance } from "./relevance.ts";

/*
 * The real TypeScript compiler over a program held in memory. It knows the user's files, the declarations of the clients
 * they import, and the globals of the isolate; nothing is read from anywhere.
 */

const libFolder = "/lib/";
const globalsName = "/globals.d.ts";
const isolateName = "/isolate.d.ts";
const missingName = "/missing.d.ts";
const clientFolder = "/clients/";
const sourceFolder = "/src/";

/**
 * Loose on purpose. Everything stricter reports what runs: an unchecked `match()[1]`, `catch (e) { e.message }`, an
 * implicit any.
 */
const looseOptions: ts.CompilerOptions = {
  target: ts.ScriptTarget.ESNext,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  strict: false,
  allowJs: true,
  checkJs: true,
  allowImportingTsExtensions: true,
  resolveJsonModule: true,
  experimentalDecorators: false,
  esModuleInterop: true,
  isolatedModules: false,
  noEmit: true,
  skipLibCheck: true,
  types: [],
};

/** The language's library. */
export interface Library {
  /** File name → text. */
  files: Record<string, string>;
  /** The files that bring in the rest. */
  roots: string[];
  /** What is declared of the isolate's globals. */
  isolateText: string;
}

export interface CheckerParts {
  library: Library;
  /** The declaration of the module "runtime". */
  runtimeText: string;
  /** Every name that exists in the isolate. */
  globalNames: readonly string[];
}

/** Checks programs one after another; the library's declarations are parsed once. */
export function createChecker({ library, runtimeText, globalNames }: CheckerParts): (input: TypeCheckInput) => TypeProblem[] {
  const options = { ...looseOptions, lib: library.roots };
  const fixed = new Map([
    ...Object.entries(library.files).map(([name, text]) => [libFolder + name, parse(libFolder + name, text)] as const),
    [isolateName, parse(isolateName, library.isolateText)],
  ]);
  fixed.set(missingName, parse(missingName, declareMissing(fixed, { options, globalNames })));
  /** Declarations of clients repeat from run to run; a user's file seldom does. */
  const declarations = new Map<string, ts.SourceFile>();

  function parseDeclaration(name: string, text: string): ts.SourceFile {
    const known = declarations.get(name);
    if (known?.text === text) return known;
    const file = parse(name, text);
    declarations.set(name, file);
    for (const oldest of declarations.keys()) {
      if (declarations.size <= declarationsMax) break;
      declarations.delete(oldest);
    }
    return file;
  }

  return (input) => {
    const files = new Map<string, ts.SourceFile>([...fixed, [globalsName, parse(globalsName, input.globals + returnTarget)]]);
    for (const [path, text] of Object.entries(input.sources))
      files.set(sourceFolder + path, parseSource(sourceFolder + path, text));
    for (const [specifier, text] of Object.entries({ ...input.declarations, runtime: runtimeText })) {
      const name = `${clientFolder}${specifier}.d.ts`;
      files.set(name, parseDeclaration(name, text));
    }
    const roots = [isolateName, missingName, globalsName, ...Object.keys(input.sources).map((path) => sourceFolder + path)];
    const program = ts.createProgram(roots, options, hostOf(files, input));
    return problemsOf(program, input);
  };
}

function parse(name: string, text: string): ts.SourceFile {
  return ts.createSourceFile(name, text, ts.ScriptTarget.ESNext, true);
}

/** A user's file, as a module whatever it contains, and with its top-level returns made into something that is checked. */
function parseSource(name: string, text: string): ts.SourceFile {
  const file = parseModule(name, text);
  const returns = topLevelReturns(file);
  if (returns.length === 0) return file;
  let rewritten = text;
  for (const { start, hasValue } of returns) {
    rewritten = rewritten.slice(0, start) + (hasValue ? returnStandIn : "      ") + rewritten.slice(start + returnStandIn.length);
  }
  return parseModule(name, rewritten);
}

/**
 * Outside of a function the compiler does not look into what is returned. An assignment as long as the keyword is looked
 * into, and no position moves.
 */
const returnStandIn = "_$   =";
const returnTarget = "\ndeclare var _$: any;";

function topLevelReturns(file: ts.SourceFile): { start: number; hasValue: boolean }[] {
  const found: { start: number; hasValue: boolean }[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) || ts.isClassLike(node)) return;
    if (ts.isReturnStatement(node)) found.push({ start: node.getStart(file), hasValue: node.expression !== undefined });
    else ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

function parseModule(name: string, text: string): ts.SourceFile {
  return ts.createSourceFile(
    name,
    text,
    {
      languageVersion: ts.ScriptTarget.ESNext,
      // The mark that the compiler itself leaves on a file with an import or export.
      setExternalModuleIndicator: (file) => {
        Object.assign(file, { externalModuleIndicator: true });
      },
    },
    true,
  );
}

/** Names the library does not know, as values and as types of which nothing is known. */
function declareMissing(
  known: ReadonlyMap<string, ts.SourceFile>,
  { options, globalNames }: { options: ts.CompilerOptions; globalNames: readonly string[] },
): string {
  const host = hostOf(known, { sources: {}, links: {}, declarations: {}, globals: "" });
  const checker = ts.createProgram([isolateName], options, host).getTypeChecker();
  const isKnown = (name: string) => checker.resolveName(name, undefined, ts.SymbolFlags.Value, false) !== undefined;
  return globalNames
    .filter((name) => /^[A-Za-z_$][A-Za-z0-9_$]*$/.test(name) && !isKnown(name))
    .map((name) => `declare var ${name}: any; interface ${name} { [name: string]: any }\n`)
    .join("");
}

/** Declaration files kept parsed between programs. */
const declarationsMax = 200;
/** Errors told of one program: the first mend the rest, often enough. */
const problemsMax = 8;

function hostOf(files: ReadonlyMap<string, ts.SourceFile>, input: TypeCheckInput): ts.CompilerHost {
  return {
    getSourceFile: (name) => files.get(name),
    fileExists: (name) => files.has(name),
    readFile: (name) => files.get(name)?.text,
    getDefaultLibFileName: () => `${libFolder}lib.d.ts`,
    getDefaultLibLocation: () => libFolder,
    getCurrentDirectory: () => "/",
    getCanonicalFileName: (name) => name,
    useCaseSensitiveFileNames: () => true,
    getNewLine: () => "\n",
    writeFile() {},
    resolveModuleNameLiterals: (literals, importer) =>
      literals.map(({ text }) => {
        const target = input.links[importer.slice(sourceFolder.length)]?.[text] ?? text;
        const name = Object.hasOwn(input.sources, target) ? sourceFolder + target : `${clientFolder}${target}.d.ts`;
        const resolvedModule = files.has(name) ? { resolvedFileName: name, extension: extensionOf(name) } : undefined;
        return { resolvedModule };
      }),
  };
}

function extensionOf(name: string): string {
  return name.endsWith(".d.ts") ? ".d.ts" : name.slice(name.lastIndexOf("."));
}

function problemsOf(program: ts.Program, input: TypeCheckInput): TypeProblem[] {
  const isRelevant = createRelevance(program.getTypeChecker(), (file) => file.fileName.startsWith(clientFolder));
  const problems: TypeProblem[] = [];
  for (const path of Object.keys(input.sources)) {
    const file = program.getSourceFile(sourceFolder + path);
    if (file === undefined) continue;
    for (const diagnostic of program.getSemanticDiagnostics(file)) {
      if (diagnostic.start === undefined || problems.length >= problemsMax) continue;
      const verdict = isRelevant(diagnostic, file);
      if (verdict === undefined) continue;
      const { line, character } = file.getLineAndCharacterOfPosition(diagnostic.start);
      const message = ts.flattenDiagnosticMessageText(diagnostic.messageText, " ").replaceAll("/clients/", "");
      const { suggestions, unknownTool } = verdict;
      problems.push({
        ...{ file: path, line: line + 1, column: character + 1, message, suggestions },
        ...(unknownTool && !isRuntime(unknownTool.file)
          ? { unknownTool: { specifier: specifierOf(unknownTool.file), name: unknownTool.name } }
          : {}),
      });
    }
  }
  return problems;
}

function specifierOf(clientFile: string): string {
  return clientFile.slice(clientFolder.length).replace(/\.d\.ts$/, "");
}

function isRuntime(clientFile: string): boolean {
  return specifierOf(clientFile) === "runtime";
}
