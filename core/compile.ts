import { parse, type Program as SyntaxTree } from "acorn";
import type { Node as EsTreeNode } from "estree";
import { type ParseError, parse as parseJson, printParseErrorCode } from "jsonc-parser";
import { analyze } from "periscopic";
import { transform } from "sucrase";
import { entryEdits } from "./entry-forms.ts";
import { errorAt } from "./frame.ts";
import { type ImportReference, importsOf, lineOf } from "./imports.ts";

export interface CompiledFile {
  /** An ES module whose default export is `async (require, exports) => …`. */
  javascript: string;
  imports: ImportReference[];
  /** Imports that stripping the types removed, because no value of theirs is used: held to the same rules, never loaded. */
  unusedImports: ImportReference[];
  /** Names the file uses and does not declare, with the first line that does. */
  freeNames: { name: string; line: number }[];
  /** Those of them that stand for a client or for args, and the module each comes from. */
  bareNames: { name: string; specifier: string }[];
  /** True when running the file can yield a value: a default export, a `main`, a top-level return. */
  hasResult: boolean;
}

export interface Edit {
  at: number;
  insert: string;
}

/**
 * One user file → one module.
 *
 * A file becomes an async factory instead of an ES module, because the runtime evaluates modules outside of any request:
 * at the top level of one, `await tool()`, `Date.now()` and `Math.random()` do not work. Inside a factory they do, and a
 * native `import()`, which could reach the runtime's own modules, does not exist in the output at all.
 *
 * Types are stripped and imports rewritten without moving a line, so the runtime's stack traces carry the user's own.
 *
 * @throws OrchestratorError `syntax_error`, `import_not_allowed`
 */
export function compileFile(input: FileToCompile): CompiledFile {
  if (input.file.endsWith(".json")) return compileJson(input);
  try {
    // A first line for a shell is a comment; it would end up in the middle of one.
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

interface FileToCompile {
  file: string;
  source: string;
  language: "ts" | "js";
  isEntry: boolean;
  /** Bare names that stand for a client, and the module each comes from. */
  clientNames: ReadonlyMap<string, string>;
}

function compileCode(input: FileToCompile): CompiledFile {
  const isTypeScript = input.file.endsWith("ts") || (input.isEntry && input.language === "ts");
  const stripped = isTypeScript ? stripTypes(input, { keepUnusedImports: false }) : input.source;
  const tree = parseModule({ ...input, javascript: stripped });
  const imports = importsOf(tree, input);

  const free = freeNamesOf(tree);
  const injected = free
    .map(({ name }) => {
      const specifier = name === "args" && input.isEntry ? "runtime" : input.clientNames.get(name);
      if (specifier === undefined) return undefined;
      return {
        name,
        specifier,
        statement: specifier === "runtime" ? `import { args } from "runtime";` : `import * as ${name} from "${specifier}";`,
      };
    })
    .filter((injection) => injection !== undefined);

  const form = input.isEntry ? entryEdits(tree) : { edits: [], hasResult: true };
  const edited = applyEdits(stripped, [{ at: 0, insert: injected.map(({ statement }) => statement).join("") }, ...form.edits]);
  const linked = transform(edited, { transforms: ["imports"], disableESTransforms: true, filePath: input.file }).code;

  return {
    javascript: `export default async (require, exports) => {${linked}\n}`,
    imports: [...imports, ...injected.map(({ specifier }) => ({ specifier, line: 1, names: undefined }))],
    unusedImports: isTypeScript ? unusedImportsOf(input, imports) : [],
    freeNames: free,
    bareNames: injected.map(({ name, specifier }) => ({ name, specifier })),
    hasResult: form.hasResult,
  };
}

function unusedImportsOf(input: FileToCompile, used: readonly ImportReference[]): ImportReference[] {
  const specifiers = new Set(used.map(({ specifier }) => specifier));
  const tree = parseModule({ ...input, javascript: stripTypes(input, { keepUnusedImports: true }) });
  // `import { type A }` is left as an import of nothing; types may come from anywhere.
  return importsOf(tree, input).filter(({ specifier, names }) => !specifiers.has(specifier) && names?.length !== 0);
}

function compileJson({ file, source }: { file: string; source: string }): CompiledFile {
  try {
    JSON.parse(source);
  } catch {
    throw jsonError(file, source);
  }
  return {
    javascript: `export default async (require, exports) => { exports.__esModule = true; exports.default = JSON.parse(${JSON.stringify(source)});\n}`,
    imports: [],
    unusedImports: [],
    freeNames: [],
    bareNames: [],
    hasResult: true,
  };
}

/** The runtime's own message has no position that can be read; a second parser that recovers from errors does. */
function jsonError(file: string, source: string) {
  const errors: ParseError[] = [];
  parseJson(source, errors, { allowTrailingComma: false, disallowComments: true });
  const [first] = errors;
  const before = source.slice(0, first?.offset ?? 0).split("\n");
  const what = first === undefined ? "it does not parse" : printParseErrorCode(first.error);
  return errorAt("syntax_error", `${file} is not JSON: ${what}.`, {
    file,
    line: before.length,
    column: (before.at(-1)?.length ?? 0) + 1,
    source,
  });
}

function stripTypes({ file, source }: { file: string; source: string }, options: { keepUnusedImports: boolean }): string {
  try {
    return transform(source, { transforms: ["typescript"], disableESTransforms: true, filePath: file, ...options }).code;
  } catch (cause) {
    throw syntaxError(cause, { file, source, javascript: source, firstColumn: 1 });
  }
}

function parseModule({ file, source, javascript }: { file: string; source: string; javascript: string }): SyntaxTree {
  try {
    return parse(javascript, {
      ecmaVersion: "latest",
      sourceType: "module",
      locations: true,
      allowReturnOutsideFunction: true,
      allowAwaitOutsideFunction: true,
    });
  } catch (cause) {
    throw syntaxError(cause, { file, source, javascript, firstColumn: 0 });
  }
}

/**
 * Both parsers attach `loc` to what they throw and repeat it in parentheses in the message. A column found in stripped
 * text is the user's own only where stripping left the line as it was.
 */
function syntaxError(cause: unknown, parsed: { file: string; source: string; javascript: string; firstColumn: 0 | 1 }) {
  const at = locationOf(cause);
  const line = at?.line ?? 1;
  const text = cause instanceof Error ? cause.message : "the file does not parse";
  const isSameLine = lineAt(parsed.source, line) === lineAt(parsed.javascript, line);
  return errorAt("syntax_error", text.replace(/^Error transforming [^:]*: /, "").replace(/ \(\d+:\d+\)$/, ""), {
    file: parsed.file,
    source: parsed.source,
    line,
    ...(at !== undefined && isSameLine ? { column: at.column + 1 - parsed.firstColumn } : {}),
  });
}

function lineAt(text: string, line: number): string | undefined {
  return text.split("\n")[line - 1];
}

function locationOf(error: unknown): { line: number; column: number } | undefined {
  if (typeof error !== "object" || error === null || !("loc" in error)) return undefined;
  const { loc } = error;
  if (typeof loc !== "object" || loc === null || !("line" in loc) || !("column" in loc)) return undefined;
  return typeof loc.line === "number" && typeof loc.column === "number" ? { line: loc.line, column: loc.column } : undefined;
}

function freeNamesOf(tree: SyntaxTree): { name: string; line: number }[] {
  // The two packages type the same tree (ESTree) and differ only in how they spell literals.
  const node: unknown = tree;
  return [...analyze(node as EsTreeNode).globals].map(([name, node]) => ({ name, line: lineOf(node) }));
}

/** Insertions in the order given where they fall on one place. */
function applyEdits(text: string, edits: readonly Edit[]): string {
  let result = "";
  let done = 0;
  for (const edit of [...edits].sort((a, b) => a.at - b.at)) {
    result += text.slice(done, edit.at) + edit.insert;
    done = edit.at;
  }
  return result + text.slice(done);
}
