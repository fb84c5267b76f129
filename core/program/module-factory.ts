import type { ExportDefaultDeclaration, ExportNamedDeclaration, ImportDeclaration, Program as SyntaxTree } from "acorn";
import { before, type Edit, linesOf, over } from "./edits.ts";
import { namesIn, type Use } from "./scope.ts";
import { type Node, walk } from "./syntax-tree.ts";

/** The names that a file's factory uses. None of them occurs in the file. */
export interface OwnNames {
  require: string;
  exports: string;
  guard: string;
  /** Resolves when the files that this one imports have been evaluated. */
  start: string;
  /** The value of the entrypoint, and the one its `main` returned. */
  result: string;
  returned: string;
  suffix: string;
}

export function ownNames(suffix: string): OwnNames {
  const named = (name: string) => name + suffix;
  return {
    require: named("require"),
    exports: named("exports"),
    guard: named("guard"),
    start: named("start"),
    result: named("result"),
    returned: named("returned"),
    suffix,
  };
}

/** Turns a module's text into the body of a factory, which can have neither imports nor exports. */
export interface FactoryBody {
  /** Statements inserted on the first line: they load the modules, and export functions that read each export on demand. */
  prologue: string;
  edits: Edit[];
}

interface Module {
  tree: SyntaxTree;
  text: string;
  /** Uses of names that the module declares at its top level. */
  uses: readonly Use[];
  names: OwnNames;
  /** The expression to export by default, if the module has no default export. */
  defaultValue: string | undefined;
}

/**
 * Each use of an import becomes a member of what `require` returns, so that imports stay live bindings; exports become functions
 * that read the variable. Line numbers do not change.
 */
export function factoryBody(module: Module): FactoryBody {
  const links = new Links(module);
  for (const statement of module.tree.body) {
    if (statement.type === "ImportDeclaration") links.import(statement);
  }
  for (const statement of module.tree.body) {
    if (statement.type === "ExportNamedDeclaration") links.exportNamed(statement);
    if (statement.type === "ExportDefaultDeclaration") links.exportDefault(statement);
    if (statement.type === "ExportAllDeclaration" && typeof statement.source.value === "string") {
      const all = links.module(statement.source.value);
      if (statement.exported) links.export(nameOf(statement.exported), all);
      else links.stars.push(all);
      links.blank(statement);
    }
  }
  if (module.defaultValue !== undefined) links.export("default", module.defaultValue);
  for (const use of module.uses) links.use(use);
  return { prologue: links.prologue(dynamicImports(module, links.edits)), edits: links.edits };
}

/** The imports and exports of one module, collected statement by statement. */
class Links {
  readonly edits: Edit[] = [];
  readonly stars: string[] = [];
  readonly #text: string;
  readonly #names: OwnNames;
  readonly #modules = new Map<string, string>();
  /** Local name → the expression it stands for. */
  readonly #imported = new Map<string, string>();
  readonly #exported: string[] = [];

  constructor({ text, names }: Module) {
    this.#text = text;
    this.#names = names;
  }

  module(specifier: string): string {
    const known = this.#modules.get(specifier) ?? `module${this.#modules.size}${this.#names.suffix}`;
    this.#modules.set(specifier, known);
    return known;
  }

  import(statement: ImportDeclaration): void {
    this.blank(statement);
    const all = this.module(String(statement.source.value));
    for (const specifier of statement.specifiers) {
      if (specifier.type === "ImportNamespaceSpecifier") this.#imported.set(specifier.local.name, all);
      else {
        const name = specifier.type === "ImportDefaultSpecifier" ? "default" : nameOf(specifier.imported);
        this.#imported.set(specifier.local.name, memberOf(all, name));
      }
    }
  }

  export(name: string, value: string): void {
    this.#exported.push(`[${JSON.stringify(name)}]: () => ${value}`);
  }

  exportNamed(statement: ExportNamedDeclaration): void {
    const { declaration, specifiers, source } = statement;
    if (declaration) {
      const declared =
        declaration.type === "VariableDeclaration" ? declaration.declarations.flatMap(namesIn) : namesIn(declaration.id);
      for (const name of declared) this.export(name, name);
      this.edits.push(
        over(
          { start: statement.start, end: declaration.start },
          linesOf(this.#text, { start: statement.start, end: declaration.start }),
        ),
      );
      return;
    }
    const from = typeof source?.value === "string" ? this.module(source.value) : undefined;
    for (const { local, exported } of specifiers) {
      const name = nameOf(local);
      const value = from === undefined ? (this.#imported.get(name) ?? name) : memberOf(from, name);
      this.export(nameOf(exported), value);
    }
    this.blank(statement);
  }

  exportDefault(statement: ExportDefaultDeclaration): void {
    const { declaration, start, end } = statement;
    const keywords = /^export(?:\s|\/\*[\s\S]*?\*\/|\/\/.*\n)*default/.exec(this.#text.slice(start))?.[0].length ?? 0;
    const lines = linesOf(this.#text, { start, end: start + keywords });
    const isDeclaration = declaration.type === "FunctionDeclaration" || declaration.type === "ClassDeclaration";
    if (isDeclaration && declaration.id) {
      this.export("default", declaration.id.name);
      this.edits.push(over({ start, end: start + keywords }, lines));
      return;
    }
    const value = `default${this.#names.suffix}`;
    this.export("default", value);
    // It is hoisted, so it must stay a declaration, which needs a name.
    const opening = declaration.type === "FunctionDeclaration" ? functionOpening(this.#text.slice(declaration.start)) : undefined;
    if (opening !== undefined) {
      this.edits.push(over({ start, end: start + keywords }, lines), before(declaration.start + opening.length, ` ${value}`));
      return;
    }
    // Behind everything that ends here, whichever edits close it.
    this.edits.push(over({ start, end: start + keywords }, `const ${value} =${lines}`), before(end, ";"));
  }

  /** Replaces a use of an imported name by the member it means. */
  use({ name, node, above }: Use): void {
    const value = this.#imported.get(name);
    if (value === undefined) return;
    const parent = above?.node;
    if (parent?.type === "Property" && parent.shorthand === true) {
      this.edits.push(over(node, `${name}: ${value}`));
      return;
    }
    const isCalled =
      (parent?.type === "CallExpression" && parent.callee === node) ||
      (parent?.type === "TaggedTemplateExpression" && parent.tag === node);
    if (!isCalled) {
      this.edits.push(over(node, value));
      return;
    }
    // Called as a member, the function would get the module as `this`.
    const callee = `${beginsStatement(node, above) ? ";" : ""}(0,${value})`;
    this.edits.push({ ...over(node, callee), isCallee: true });
  }

  blank(statement: { start: number; end: number }): void {
    this.edits.push(over(statement, `;${linesOf(this.#text, statement)}`));
  }

  prologue(dynamic: readonly string[]): string {
    const { require, exports } = this.#names;
    const modules = [...this.#modules].map(([specifier, name]) => `const ${name} = ${require}(${JSON.stringify(specifier)});`);
    const exported = this.#exported.length + this.stars.length === 0 ? "" : `${exports}({${this.#exported}}, [${this.stars}]);`;
    return [...dynamic, ...modules, exported].join("");
  }
}

/** All of a function without a name before its parameters; undefined where a comment stands in between. */
function functionOpening(text: string): string | undefined {
  return /^(?:async\s+)?function\s*\*?(?=\s*\()/.exec(text)?.[0];
}

/** `import("x")` returns the module that was evaluated before this file. */
function dynamicImports({ tree, names }: Module, edits: Edit[]): string[] {
  const name = `import${names.suffix}`;
  const places: Node[] = [];
  walk(tree, (node) => {
    if (node.type === "ImportExpression") places.push(node);
    return true;
  });
  edits.push(...places.map(({ start }) => over({ start, end: start + "import".length }, name)));
  return places.length === 0 ? [] : [`const ${name} = async (specifier) => ${names.require}(specifier);`];
}

function memberOf(module: string, name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? `${module}.${name}` : `${module}[${JSON.stringify(name)}]`;
}

/** The name may be a string: `export { a as "b c" }`. */
function nameOf(node: { type: "Identifier"; name: string } | { type: "Literal"; value?: unknown }): string {
  return node.type === "Identifier" ? node.name : String(node.value);
}

/** Whether the node begins a statement. After a line without a semicolon, a parenthesis there would be read as a call. */
function beginsStatement(node: Node, above: Use["above"]): boolean {
  for (let at = above; at !== undefined && at.node.start === node.start; at = at.above) {
    const around = at.above?.node.type ?? "";
    if (at.node.type === "ExpressionStatement")
      return ["Program", "BlockStatement", "StaticBlock", "SwitchCase"].includes(around);
  }
  return false;
}
