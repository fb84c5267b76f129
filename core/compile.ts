import { parse, type Program as SyntaxTree } from "acorn";
import type { Node as EsTreeNode } from "estree";
import { analyze } from "periscopic";
import { transform } from "sucrase";
import { entryEdits } from "./entry-forms.ts";
import { errorAt } from "./frame.ts";

export interface CompiledFile {
  /** An ES module whose default export is `async (require, exports) => …`. */
  javascript: string;
  imports: ImportReference[];
  /** Names the file uses and does not declare, with the first line that does. */
  freeNames: { name: string; line: number }[];
  /** True when running the file can yield a value: a default export, a `main`, a top-level return. */
  hasResult: boolean;
}

export interface ImportReference {
  specifier: string;
  line: number;
  /** Names imported; undefined for a namespace, a default or a dynamic import. */
  names: string[] | undefined;
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
export function compileFile(input: {
  file: string;
  source: string;
  language: "ts" | "js";
  isEntry: boolean;
  /** Bare names that stand for a client, and the module each comes from. */
  clientNames: ReadonlyMap<string, string>;
}): CompiledFile {
  if (input.file.endsWith(".json")) return compileJson(input);
  const isTypeScript = input.file.endsWith("ts") || (input.isEntry && input.language === "ts");
  const stripped = isTypeScript ? stripTypes(input) : input.source;
  const tree = parseModule({ ...input, javascript: stripped });

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
    imports: [...importsOf(tree, input), ...injected.map(({ specifier }) => ({ specifier, line: 1, names: undefined }))],
    freeNames: free,
    hasResult: form.hasResult,
  };
}

function compileJson({ file, source }: { file: string; source: string }): CompiledFile {
  try {
    JSON.parse(source);
  } catch (cause) {
    throw errorAt("syntax_error", `${file} is not JSON: ${cause instanceof Error ? cause.message : "it does not parse"}`, {
      file,
      line: 1,
      source,
    });
  }
  return {
    javascript: `export default async (require, exports) => { exports.__esModule = true; exports.default = JSON.parse(${JSON.stringify(source)});\n}`,
    imports: [],
    freeNames: [],
    hasResult: true,
  };
}

function stripTypes({ file, source }: { file: string; source: string }): string {
  try {
    return transform(source, { transforms: ["typescript"], disableESTransforms: true, filePath: file }).code;
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

function lineOf(node: object): number {
  if (!("loc" in node)) return 1;
  const { loc } = node;
  if (typeof loc !== "object" || loc === null || !("start" in loc)) return 1;
  const { start } = loc;
  return typeof start === "object" && start !== null && "line" in start && typeof start.line === "number" ? start.line : 1;
}

function importsOf(tree: SyntaxTree, at: { file: string; source: string }): ImportReference[] {
  const found: ImportReference[] = [];
  for (const statement of tree.body) {
    if (statement.type === "ImportDeclaration" && typeof statement.source.value === "string") {
      const named = statement.specifiers.filter((specifier) => specifier.type === "ImportSpecifier");
      const names = named.map(({ imported }) => (imported.type === "Identifier" ? imported.name : String(imported.value)));
      found.push({
        specifier: statement.source.value,
        line: lineOf(statement),
        names: named.length === statement.specifiers.length ? names : undefined,
      });
    }
    if (
      (statement.type === "ExportNamedDeclaration" || statement.type === "ExportAllDeclaration") &&
      typeof statement.source?.value === "string"
    ) {
      found.push({ specifier: statement.source.value, line: lineOf(statement), names: undefined });
    }
  }
  for (const dynamic of dynamicImportsOf(tree)) {
    const { source } = dynamic;
    if (!isNode(source) || !("value" in source) || typeof source.value !== "string") {
      throw errorAt(
        "import_not_allowed",
        "import() takes a string literal here, so that what a program loads is known before it runs.",
        {
          ...at,
          line: lineOf(dynamic),
        },
      );
    }
    found.push({ specifier: source.value, line: lineOf(dynamic), names: undefined });
  }
  return found;
}

type Node = { type: string } & Record<string, unknown>;

/** Walks every child of every node: a list of node types to descend into would one day miss one. */
function dynamicImportsOf(root: object): Node[] {
  const found: Node[] = [];
  const pending: unknown[] = [root];
  while (pending.length > 0) {
    const value = pending.pop();
    if (Array.isArray(value)) pending.push(...value);
    if (!isNode(value)) continue;
    if (value.type === "ImportExpression") found.push(value);
    pending.push(...Object.values(value));
  }
  return found;
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}

function applyEdits(text: string, edits: readonly Edit[]): string {
  let result = text;
  for (const edit of [...edits].sort((a, b) => b.at - a.at)) {
    result = result.slice(0, edit.at) + edit.insert + result.slice(edit.at);
  }
  return result;
}
