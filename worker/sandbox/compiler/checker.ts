import ts from "typescript";
import type { TypeChecker, TypeCheckInput, TypeProblem } from "../../../core/program/type-checker.ts";
import { checkLimits } from "./check-limits.ts";
import { type TypeUse, unsaidTypes } from "./costly-types.ts";
import { createDiagnosticFilter } from "./diagnostic-filter.ts";
import { hostOf } from "./host.ts";
import { type Library, looseOptions, parseLibrary } from "./library.ts";
import { changedModules } from "./modules.ts";
import { isOwnFile } from "./origin.ts";
import { clientFolder, globalsName, isolateName, missingName, sourceFolder, specifierOf } from "./places.ts";
import { readSignature } from "./signature/read-signature.ts";
import { parse, parseSource, returnTarget } from "./source.ts";
import type { Verdict } from "./verdict.ts";
import { unknownWireNames } from "./wire-names.ts";

/*
 * Runs the TypeScript compiler on a program in memory. It gets the user's files, the declarations of the clients that they
 * import, and the globals of the isolate. It reads no files.
 */

export interface CheckerParts {
  library: Library;
  /** The declaration of the module "runtime". */
  runtimeText: string;
  /** The global object of an isolate like the ones that run programs. */
  scope: object;
}

/** The type checker of one program per call. The library is parsed only once. */
export function createChecker({ library, runtimeText, scope }: CheckerParts): Pick<TypeChecker, "check" | "signature"> {
  const options = { ...looseOptions, lib: library.roots };
  const fixed = parseLibrary(library, { options, scope });
  /** Parsed declarations of clients, which are often the same from run to run. */
  const declarations = new Map<string, ts.SourceFile>();

  function parseDeclaration(name: string, text: string): ts.SourceFile {
    const known = declarations.get(name);
    if (known?.text === text) return known;
    const file = parse(name, text);
    declarations.set(name, file);
    for (const oldest of declarations.keys()) {
      if (declarations.size <= checkLimits.declarationsKeptMax) break;
      declarations.delete(oldest);
    }
    return file;
  }

  function programOf(input: TypeCheckInput, use: TypeUse): ts.Program {
    const files = new Map<string, ts.SourceFile>([
      ...fixed,
      [globalsName, parse(globalsName, [input.globals, returnTarget, ...unsaidTypes].join(""))],
    ]);
    for (const [path, text] of Object.entries({ ...input.types, ...input.sources })) {
      // The compiler treats an import of an omitted file as `any`.
      const isData = path.endsWith(".json") && text.length > checkLimits.checkedJsonCharsMax;
      if (!isData) files.set(sourceFolder + path, parseSource(sourceFolder + path, text, use));
    }
    for (const [specifier, text] of Object.entries({ ...input.declarations, runtime: runtimeText })) {
      const name = `${clientFolder}${specifier}.d.ts`;
      files.set(name, parseDeclaration(name, text));
    }
    const roots = [...files.keys()].filter((name) => name.startsWith(sourceFolder));
    return ts.createProgram([isolateName, missingName, globalsName, ...roots], options, hostOf(files, input));
  }

  return {
    check(input) {
      // So much source is data rather than code that a model wrote. Checking it would take seconds, so it runs unchecked.
      if (charsOf(input.sources) + charsOf(input.types) > checkLimits.checkedCharsMax) return [];
      return problemsOf(programOf(input, "check"), { input, scope });
    },
    signature: (input, { entry, wanted }) => readSignature(programOf(input, "signature"), { entry, wanted }),
  };
}

function charsOf(sources: TypeCheckInput["sources"]): number {
  return Object.entries(sources).reduce((sum, [path, text]) => (path.endsWith(".json") ? sum : sum + text.length), 0);
}

interface Found extends Verdict {
  message: string;
  start: number;
}

function problemsOf(program: ts.Program, { input, scope }: { input: TypeCheckInput; scope: object }): TypeProblem[] {
  const checker = program.getTypeChecker();
  const verdictOn = createDiagnosticFilter(checker, { scope, files: program.getSourceFiles().filter(isOwnFile) });
  const toolsOf = (clientFile: string) => input.tools[specifierOf(clientFile)];
  let diagnosticsLeft: number = checkLimits.diagnosticsMax;

  /** A generator, so that the work stops when enough problems are found. */
  function* foundIn(file: ts.SourceFile): Generator<Found> {
    for (const verdict of unknownWireNames(checker, file, toolsOf)) {
      yield { ...verdict, message: `There is no tool ${verdict.at.getText()}.`, start: verdict.at.getStart() };
    }
    for (const verdict of changedModules(checker, file)) {
      yield { message: "The exports of a module are constant.", ...verdict, start: verdict.at.getStart() };
    }
    for (const diagnostic of program.getSemanticDiagnostics(file).slice(0, diagnosticsLeft)) {
      diagnosticsLeft -= 1;
      const verdict = diagnostic.start === undefined ? undefined : verdictOn(diagnostic, file);
      if (verdict === undefined || isWireName(verdict)) continue;
      yield {
        ...verdict,
        message: withoutUndefined([verdict.message ?? messageOf(diagnostic), verdict.hint].filter(Boolean).join(" ")),
        start: verdict.at?.getStart() ?? diagnostic.start ?? 0,
      };
    }
  }

  /** At run time a client accepts wire names, `client["get-sum"]`, although its declaration has none. */
  function isWireName({ unknownTool }: Verdict): boolean {
    // Except the one that would make a promise of the client.
    if (unknownTool === undefined || unknownTool.name === "then") return false;
    return toolsOf(unknownTool.file)?.includes(unknownTool.name) === true;
  }

  const problems = new Map<string, TypeProblem>();
  const places = new Set<string>();
  for (const path of Object.keys(input.sources)) {
    const file = program.getSourceFile(sourceFolder + path);
    if (file === undefined) continue;
    for (const found of foundIn(file)) {
      if (problems.size >= checkLimits.typeProblemsMax) return [...problems.values()];
      const problem = problemOf(found, { path, file });
      // The compiler may report one mistake twice at the same place, and a name that a file lacks at every use: the first is kept.
      const place = `${path}:${problem.line}:${problem.column}`;
      const lacking = found.unknownName ?? (found.unknownTool && `${found.unknownTool.file}/${found.unknownTool.name}`);
      const mistake = lacking === undefined ? place : `${path}:${lacking}`;
      if (problems.has(mistake) || places.has(place)) continue;
      problems.set(mistake, problem);
      places.add(place);
    }
  }
  return [...problems.values()];
}

/** The most specific part of the message. Its first part often prints whole types. */
function messageOf({ messageText }: ts.Diagnostic): string {
  const parts = typeof messageText === "string" ? [messageText] : (messageText.next ?? [messageText.messageText]);
  return parts
    .map((part) => ts.flattenDiagnosticMessageText(part, " ").trim().replace(/ +/g, " "))
    .join(" ")
    .replaceAll(clientFolder, "");
}

/** What is optional may be undefined: the compiler prints both. A type of several lines tells nobody anything. */
function withoutUndefined(message: string): string {
  return message
    .replace(/(\?: [^;{}]+?) \| undefined(?=;)/g, "$1")
    .replace(/'(\{[^']*)'/g, (whole, type: string) => (type.length > checkLimits.typeCharsMax ? "'{ … }'" : whole));
}

function problemOf(
  { message, start, suggestions, unknownTool, unknownName }: Found,
  { path, file }: { path: string; file: ts.SourceFile },
): TypeProblem {
  const { line, character } = file.getLineAndCharacterOfPosition(start);
  const specifier = unknownTool && specifierOf(unknownTool.file);
  return {
    ...{ file: path, line: line + 1, column: character + 1, message, suggestions },
    ...(unknownName === undefined ? {} : { unknownName }),
    ...(unknownTool && specifier !== undefined ? { unknownTool: { specifier, name: unknownTool.name } } : {}),
  };
}
