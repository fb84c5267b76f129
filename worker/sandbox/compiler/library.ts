import ts from "typescript";
import { hostOf } from "./host.ts";
import { isolateName, libFolder, missingName } from "./places.ts";
import { parse } from "./source.ts";

/** The language's library. */
export interface Library {
  /** File name → text. */
  files: Record<string, string>;
  /** The files that bring in the rest. */
  roots: string[];
  /** What is declared of the isolate's globals. */
  isolateText: string;
}

/**
 * Exact about what a value is, and loose about what may be done: what these options report beside mistakes (a value that may be
 * null, an implicit any, a caught error read as it comes) is left out by relevance.ts, but without them a null, or what
 * a list that began empty holds, would not be known.
 */
export const looseOptions: ts.CompilerOptions = {
  target: ts.ScriptTarget.ESNext,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  strict: false,
  strictNullChecks: true,
  noImplicitAny: true,
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

/** The library's files, parsed, and with them what only the isolate itself can tell: the names it has besides. */
export function parseLibrary(
  library: Library,
  { options, scope }: { options: ts.CompilerOptions; scope: object },
): Map<string, ts.SourceFile> {
  const files = new Map([
    ...Object.entries(library.files).map(([name, text]) => [libFolder + name, parse(libFolder + name, text)] as const),
    [isolateName, parse(isolateName, library.isolateText)],
  ]);
  const checker = ts.createProgram([isolateName], options, hostOf(files, { sources: {}, links: {} })).getTypeChecker();
  const isKnown = (name: string) => checker.resolveName(name, undefined, ts.SymbolFlags.Value, false) !== undefined;
  const missing = namesOf(scope).filter((name) => /^[A-Za-z_$][A-Za-z0-9_$]*$/.test(name) && !isKnown(name));
  return files.set(missingName, parse(missingName, missing.map(declareMissing).join("")));
}

/** As a value and as a type of which nothing is known. */
function declareMissing(name: string): string {
  return `declare var ${name}: any; interface ${name} { [name: string]: any }\n`;
}

/** Own and inherited: in a Worker most of the web's names are inherited. */
function namesOf(scope: object): string[] {
  const names = new Set<string>();
  for (let at: object | null = scope; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    for (const name of Object.getOwnPropertyNames(at)) names.add(name);
  }
  return [...names];
}
