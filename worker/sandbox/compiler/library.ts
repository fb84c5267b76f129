import ts from "typescript";
import { hostOf } from "./host.ts";
import { isolateName, libFolder, missingName } from "./places.ts";
import { parse } from "./source.ts";

/** The standard library of the language. */
export interface Library {
  /** File name → text. */
  files: Record<string, string>;
  /** The files for the compiler option `lib`. */
  roots: string[];
  /** The declarations of the isolate's globals. */
  isolateText: string;
}

/**
 * Some of these options report more than real mistakes: a value that may be null, an implicit any. They are on because without
 * them the compiler would not track null, nor the element type of a list that starts empty. diagnostic-filter.ts drops what they
 * report in excess.
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

/** Parses the library, and declares the globals of the isolate that the library does not have. */
export function parseLibrary(
  library: Library,
  { options, scope }: { options: ts.CompilerOptions; scope: object },
): Map<string, ts.SourceFile> {
  const files = new Map([
    ...Object.entries(library.files).map(([name, text]) => [libFolder + name, parse(libFolder + name, text)] as const),
    [isolateName, parse(isolateName, library.isolateText)],
  ]);
  const checker = ts.createProgram([isolateName], options, hostOf(files, { sources: {}, types: {}, links: {} })).getTypeChecker();
  const isKnown = (name: string) => checker.resolveName(name, undefined, ts.SymbolFlags.Value, false) !== undefined;
  const missing = namesOf(scope).filter((name) => /^[A-Za-z_$][A-Za-z0-9_$]*$/.test(name) && !isKnown(name));
  return files.set(missingName, parse(missingName, missing.map(declareMissing).join("")));
}

/** Declares a global as a value and as a type, both unknown. */
function declareMissing(name: string): string {
  return `declare var ${name}: any; interface ${name} { [name: string]: any }\n`;
}

/** Own and inherited names: in a Worker, the global object inherits most web APIs. */
function namesOf(scope: object): string[] {
  const names = new Set<string>();
  for (let at: object | null = scope; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    for (const name of Object.getOwnPropertyNames(at)) names.add(name);
  }
  return [...names];
}
