import ts from "typescript";
import { limits } from "../../../core/limits.ts";
import type { TypeCheckInput, TypeProblem } from "../../../core/program/type-checker.ts";
import { createRelevance } from "./diagnostic-filter.ts";
import { hostOf } from "./host.ts";
import { type Library, looseOptions, parseLibrary } from "./library.ts";
import { clientFolder, globalsName, isolateName, missingName, sourceFolder, specifierOf } from "./places.ts";
import { parse, parseSource, returnTarget } from "./source.ts";
import type { Verdict } from "./verdict.ts";
import { unknownWireNames } from "./wire-names.ts";

/*
 * The real TypeScript compiler over a program held in memory. It knows the user's files, the declarations of the clients
 * they import, and the globals of the isolate; nothing is read from anywhere.
 */

export interface CheckerParts {
  library: Library;
  /** The declaration of the module "runtime". */
  runtimeText: string;
  /** The global object of an isolate like the programs'. */
  scope: object;
}

/** Checks programs one after another; the library's declarations are parsed once. */
export function createChecker({ library, runtimeText, scope }: CheckerParts): (input: TypeCheckInput) => TypeProblem[] {
  const options = { ...looseOptions, lib: library.roots };
  const fixed = parseLibrary(library, { options, scope });
  /** Declarations of clients repeat from run to run; a user's file seldom does. */
  const declarations = new Map<string, ts.SourceFile>();

  function parseDeclaration(name: string, text: string): ts.SourceFile {
    const known = declarations.get(name);
    if (known?.text === text) return known;
    const file = parse(name, text);
    declarations.set(name, file);
    for (const oldest of declarations.keys()) {
      if (declarations.size <= limits.declarationsKeptMax) break;
      declarations.delete(oldest);
    }
    return file;
  }

  return (input) => {
    // What the compiler would take seconds over is data, not a program of a model's, and runs unchecked.
    if (charsOf(input.sources) > limits.checkedCharsMax) return [];
    const files = new Map<string, ts.SourceFile>([...fixed, [globalsName, parse(globalsName, input.globals + returnTarget)]]);
    for (const [path, text] of Object.entries(input.sources)) {
      // A file that is left out is `any` to those that import it.
      const isData = path.endsWith(".json") && text.length > limits.checkedJsonCharsMax;
      if (!isData) files.set(sourceFolder + path, parseSource(sourceFolder + path, text));
    }
    for (const [specifier, text] of Object.entries({ ...input.declarations, runtime: runtimeText })) {
      const name = `${clientFolder}${specifier}.d.ts`;
      files.set(name, parseDeclaration(name, text));
    }
    const roots = [...files.keys()].filter((name) => name.startsWith(sourceFolder));
    const program = ts.createProgram([isolateName, missingName, globalsName, ...roots], options, hostOf(files, input));
    return problemsOf(program, { input, scope });
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
  const isRelevant = createRelevance(checker, scope);
  const toolsOf = (clientFile: string) => input.tools[specifierOf(clientFile)];
  let looksLeft: number = limits.diagnosticsMax;

  /** One after another, so that nothing is looked into when enough is found. */
  function* foundIn(file: ts.SourceFile): Generator<Found> {
    for (const verdict of unknownWireNames(checker, file, toolsOf)) {
      yield { ...verdict, message: `There is no tool ${verdict.at.getText()}.`, start: verdict.at.getStart() };
    }
    for (const diagnostic of program.getSemanticDiagnostics(file).slice(0, looksLeft)) {
      looksLeft -= 1;
      const verdict = diagnostic.start === undefined ? undefined : isRelevant(diagnostic, file);
      if (verdict === undefined || isWireName(verdict)) continue;
      yield { ...verdict, message: messageOf(diagnostic), start: verdict.at?.getStart() ?? diagnostic.start ?? 0 };
    }
  }

  /** A client takes wire names in brackets, `client["get-sum"]`, though it declares none. */
  function isWireName({ unknownTool }: Verdict): boolean {
    return unknownTool !== undefined && toolsOf(unknownTool.file)?.includes(unknownTool.name) === true;
  }

  const problems = new Map<string, TypeProblem>();
  for (const path of Object.keys(input.sources)) {
    const file = program.getSourceFile(sourceFolder + path);
    if (file === undefined) continue;
    for (const found of foundIn(file)) {
      if (problems.size >= limits.typeProblemsMax) return [...problems.values()];
      const problem = problemOf(found, { path, file });
      const place = `${path}:${problem.line}:${problem.column}`;
      // One mistake may be told twice, once in general.
      if (!problems.has(place)) problems.set(place, problem);
    }
  }
  return [...problems.values()];
}

/** What is wrong in particular, without the whole types that the compiler begins with. */
function messageOf({ messageText }: ts.Diagnostic): string {
  const parts = typeof messageText === "string" ? [messageText] : (messageText.next ?? [messageText.messageText]);
  return parts
    .map((part) => ts.flattenDiagnosticMessageText(part, " ").trim().replace(/ +/g, " "))
    .join(" ")
    .replaceAll(clientFolder, "");
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
    ...(unknownTool && specifier !== undefined && specifier !== "runtime"
      ? { unknownTool: { specifier, name: unknownTool.name } }
      : {}),
  };
}
