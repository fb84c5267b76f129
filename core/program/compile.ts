import { type ParseError, parse as parseJson, printParseErrorCode } from "jsonc-parser";
import type { OrchestratorError } from "../errors.ts";
import { limits } from "../limits.ts";
import { errorAt } from "./code-frame.ts";
import { guardEdits } from "./cpu-guard.ts";
import { applyEdits, type Edit } from "./edits.ts";
import { entryForm, idleName } from "./entry-forms.ts";
import { type ImportReference, importsOf, refuseCommonJs } from "./imports.ts";
import { factoryBody, type OwnNames, ownNames } from "./module-factory.ts";
import { parseScript, placeIn, stripTypes, type UserFile } from "./parse.ts";
import { positionsOf } from "./positions.ts";
import type { FilePositions } from "./reader.ts";
import { freshSuffix, namesOf, type Use } from "./scope.ts";
import { type Place, placeAt } from "./source-positions.ts";
import type { Script } from "./source-trace.ts";
import { isTraceless } from "./traceless.ts";
import { withoutUnusedImports } from "./unused-imports.ts";

export interface CompiledFile {
  /** An ES module whose default export is `async (require, exports, guard, start) => …`. */
  javascript: string;
  imports: ImportReference[];
  /** Names the file uses and does not declare, each with the place of its first use. */
  freeNames: { name: string; at: () => Place }[];
  /** The free names that mean a client or `args`, each with the module it comes from. */
  bareNames: { name: string; specifier: string }[];
  /** See traceless.ts: an isolate that has run only such files may run them again. */
  isTraceless: boolean;
  /** Whether running the file can yield a value: it has a default export, a `main` or a top-level return. */
  hasResult: boolean;
  /** What an entrypoint without a result declares and never uses. */
  idle?: string | undefined;
  /** The positions of `javascript` in the user's file, in at most so many characters; undefined if they are not known. */
  positions: (charsMax: number) => FilePositions | undefined;
}

export interface FileToCompile {
  file: string;
  source: string;
  language: "ts" | "js";
  isEntry: boolean;
  /** Names that mean a client without an import, and the module each comes from. */
  clientNames: ReadonlyMap<string, string>;
  /** Whether a specifier of an import means another file of the user. */
  isOwnFile: (specifier: string) => boolean;
  /** The file as JavaScript, if stripping its types is not enough to make it that. */
  lowered?: Script | undefined;
}

/**
 * Compiles one user file to one module.
 *
 * The module exports an async factory, because the runtime evaluates modules outside of any request: at the top level of a module
 * `await tool()`, `Date.now()` and `Math.random()` do not work. Inside a factory they do. Its output contains no native
 * `import()`, which could reach the runtime's own modules.
 *
 * All changes are edits at known offsets, so that a line and column of the output can be mapped back to the user's file.
 *
 * @throws OrchestratorError `syntax_error`, `import_not_allowed`
 */
export function compileFile(input: FileToCompile): CompiledFile {
  try {
    if (input.file.endsWith(".json")) return compileJson(input);
    // A shebang line becomes a comment, since other text will precede it on its line.
    return compileCode({ ...input, source: input.source.replace(/^#!/, "//") });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw errorAt("syntax_error", "The file nests too deeply to be compiled. Pass data through `args`.", {
      file: input.file,
      line: 1,
      source: input.source,
    });
  }
}

function compileCode(input: FileToCompile): CompiledFile {
  const isTypeScript = /\.(?:m?ts|tsx)$/.test(input.file) || (input.isEntry && input.language === "ts");
  const file: UserFile = { file: input.file, source: input.source, isTypeScript };
  const script = input.lowered ?? stripTypes(file, { keepUnusedImports: false });
  const parsed = parseScript(script, file);
  const importing = importingText(script, file);
  const { free, freeUses, topLevel } = namesOf(parsed);
  const { tree, edits: dropped } = withoutUnusedImports({
    ...{ tree: parsed, text: script.text, uses: topLevel },
    // In TypeScript an unused import may be one of types, which are in no module.
    isEvaluated: (specifier) => !isTypeScript && input.isOwnFile(specifier),
  });
  const imports = importsOf(tree, importing, topLevel);
  if (isTypeScript && input.lowered === undefined) refuseTwiceDeclared(file, imports);
  refuseCommonJs(free, importing);
  const bare = [...free.values()].map((use) => bareName(use, input)).filter((name) => name !== undefined);

  const names = ownNames(freshSuffix(script.text));
  const form = input.isEntry ? entryForm(tree, names) : { edits: [], variables: [], value: undefined, hasResult: true };
  const body = factoryBody({ tree, text: script.text, uses: topLevel, names, defaultValue: form.value });
  const edits = [...guardEdits(tree, names.guard), ...form.edits, ...dropped, ...body.edits];
  const head = headOf({ names, variables: form.variables, bare, prologue: body.prologue });
  const placeOf = (offset: number) => placeIn(script, offset);
  refuseGrowth({ text: script.text, edits, head }, file);

  return {
    javascript: `${head}${applyEdits(script.text, edits)}\n}`,
    imports: [
      ...imports,
      ...bare.map(({ specifier, use }) => ({ specifier, at: () => placeOf(use.node.start), names: undefined })),
    ],
    freeNames: [...free.values()].map(({ name, node }) => ({ name, at: () => placeOf(node.start) })),
    bareNames: bare.map(({ name, specifier }) => ({ name, specifier })),
    isTraceless: isTraceless({ tree, text: script.text, freeUses, isImported: (use) => bareName(use, input) !== undefined }),
    hasResult: form.hasResult,
    idle: form.hasResult ? undefined : idleName(tree, topLevel),
    positions: (charsMax) => positionsOf({ script, edits, head, keepsLines: input.lowered === undefined, charsMax }),
  };
}

/** What a file becomes may be much longer than the file: it may use an import with a very long name very often. */
function refuseGrowth({ text, edits, head }: { text: string; edits: Edit[]; head: string }, { file, source }: UserFile): void {
  const chars = edits.reduce((sum, { insert }) => sum + insert.length, head.length + text.length);
  if (chars <= limits.compiledCharsMax) return;
  throw errorAt(
    "syntax_error",
    `Compiled, the file has more than ${limits.compiledCharsMax} characters. Use shorter names, or fewer of them.`,
    { file, line: 1, source },
  );
}

interface BareName {
  name: string;
  specifier: string;
  use: Use;
}

/** A name that the program uses as if it were imported. */
function bareName(use: Use, { isEntry, clientNames }: FileToCompile): BareName | undefined {
  const specifier = use.name === "args" && isEntry ? "runtime" : clientNames.get(use.name);
  return specifier === undefined ? undefined : { name: use.name, specifier, use };
}

function headOf(parts: { names: OwnNames; variables: string[]; bare: BareName[]; prologue: string }): string {
  const { names, variables, bare, prologue } = parts;
  const declared = variables.map((name) => `let ${name};`);
  const imported = bare.map(({ name, specifier }) => {
    const taken = specifier === "runtime" ? `{ ${name} }` : name;
    return `const ${taken} = ${names.require}(${JSON.stringify(specifier)});`;
  });
  const head = `export default async (${names.require}, ${names.exports}, ${names.guard}, ${names.start}) => {`;
  return [head, ...declared, ...imported, prologue, `await ${names.start};`].join("");
}

function importingText(script: Script, { file, source }: UserFile) {
  const placeOf = (offset: number) => placeIn(script, offset);
  const refusal = (offset: number, message: string): OrchestratorError =>
    errorAt("import_not_allowed", message, { file, source, ...placeOf(offset) });
  return { placeOf, refusal };
}

/** Type stripping removes imports of which no value is used, and with them the error of a name that is declared twice. */
function refuseTwiceDeclared(file: UserFile, used: readonly ImportReference[]): void {
  const specifiers = new Set(used.map(({ specifier }) => specifier));
  const written = [...file.source.matchAll(/\b(?:from|import)\s*["']([^"']+)["']/g)];
  if (written.every(([, specifier = ""]) => specifiers.has(specifier))) return;
  parseScript(stripTypes(file, { keepUnusedImports: true }), file);
}

function compileJson({ file, source }: { file: string; source: string }): CompiledFile {
  try {
    JSON.parse(source);
  } catch {
    throw jsonError(file, source);
  }
  return {
    javascript: `export default async (require, exports) => { const value = JSON.parse(${JSON.stringify(source)}); const keys = Object.keys(Object(value)).filter((key) => key !== "default"); exports(Object.fromEntries([["default", () => value], ...keys.map((key) => [key, () => value[key]])]), []);\n}`,
    imports: [],
    freeNames: [],
    bareNames: [],
    isTraceless: true,
    hasResult: true,
    positions: () => undefined,
  };
}

/** JSON.parse reports no usable position; an error-tolerant parser does. */
function jsonError(file: string, source: string) {
  const errors: ParseError[] = [];
  parseJson(source, errors, { allowTrailingComma: false, disallowComments: true });
  const [first] = errors;
  const what = first === undefined ? "it does not parse" : printParseErrorCode(first.error);
  return errorAt("syntax_error", `${file} is not JSON: ${what}.`, { file, source, ...placeAt(source, first?.offset ?? 0) });
}
