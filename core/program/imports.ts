import type { Program as SyntaxTree } from "acorn";
import type { OrchestratorError } from "../errors.ts";
import { insteadOfModule } from "./other-platforms.ts";
import type { Use } from "./scope.ts";
import type { Place } from "./source-positions.ts";
import { type Above, isNode, isReference, type Node, walk } from "./syntax-tree.ts";

export interface ImportReference {
  specifier: string;
  /** Its place in the user's file. A function, because it is needed only for messages. */
  at: () => Place;
  /** Names of the module that the file uses; undefined if it may use any. */
  names: string[] | undefined;
}

/**
 * Every import of a file: static, re-exported, dynamic.
 *
 * @param uses of names that the file declares at its top level, to leave out what `const { a, b } = await import(…)` takes in vain
 * @throws OrchestratorError `import_not_allowed` for an `import()` of a computed specifier
 */
export function importsOf(tree: SyntaxTree, text: ImportingText, uses?: readonly Use[]): ImportReference[] {
  const found: ImportReference[] = [];
  const members = membersUsed(tree);
  const placeOf = (node: { start: number }) => () => text.placeOf(node.start);
  for (const statement of tree.body) {
    if (statement.type === "ImportDeclaration" && typeof statement.source.value === "string") {
      const names = statement.specifiers.map((specifier) => {
        if (specifier.type === "ImportNamespaceSpecifier") return members.get(specifier.local.name);
        if (specifier.type === "ImportDefaultSpecifier") return ["default"];
        return [specifier.imported.type === "Identifier" ? specifier.imported.name : String(specifier.imported.value)];
      });
      found.push({ specifier: statement.source.value, at: placeOf(statement), names: allOrNone(names) });
    }
    if (
      (statement.type === "ExportNamedDeclaration" || statement.type === "ExportAllDeclaration") &&
      typeof statement.source?.value === "string"
    ) {
      const names =
        statement.type === "ExportAllDeclaration"
          ? undefined
          : statement.specifiers.map(({ local }) => (local.type === "Identifier" ? local.name : String(local.value)));
      found.push({ specifier: statement.source.value, at: placeOf(statement), names });
    }
  }
  walk(tree, (node, above) => {
    if (node.type === "ImportExpression") found.push(dynamicImport(node, { above, text, uses }));
    return true;
  });
  return found;
}

/** The text from which a tree was parsed. */
interface ImportingText {
  /** The place of an offset in the user's file. */
  placeOf: (offset: number) => Place;
  /** The error to throw at an offset. */
  refusal: (offset: number, message: string) => OrchestratorError;
}

function dynamicImport(
  node: Node,
  { above, text, uses }: { above: Above; text: ImportingText; uses: readonly Use[] | undefined },
): ImportReference {
  const { source } = node;
  if (!isNode(source) || !("value" in source) || typeof source.value !== "string") {
    throw text.refusal(node.start, "import() takes a string literal here, so that what a program loads is known before it runs.");
  }
  return { specifier: source.value, at: () => text.placeOf(node.start), names: namesTaken(above, uses) };
}

/** Refuses a CommonJS file before it runs: it would fail at its first `require` or `exports`. */
export function refuseCommonJs(free: ReadonlyMap<string, Use>, text: ImportingText): void {
  for (const name of ["require", "module", "exports"]) {
    const use = free.get(name);
    const parent = use?.above?.node;
    if (use === undefined || parent === undefined) continue;
    if (name === "require" && parent.type === "CallExpression" && parent.callee === use.node) {
      const [wanted] = Array.isArray(parent.arguments) ? parent.arguments : [];
      const instead = isNode(wanted) && typeof wanted.value === "string" ? insteadOfModule(wanted.value) : undefined;
      const next = instead ?? "Write `import` at the top of the file instead.";
      throw text.refusal(use.node.start, `require() does not exist here. ${next}`);
    }
    if (name !== "require" && parent.type === "MemberExpression" && parent.object === use.node) {
      throw text.refusal(use.node.start, `\`${name}\` does not exist here. Write \`export\` instead, or \`return\` a value.`);
    }
  }
}

/**
 * The names taken from `await import(…)`: by `const { a, b } = …` or `(…).a`; undefined if the module is used in any other way.
 */
function namesTaken(above: Above, uses: readonly Use[] | undefined): string[] | undefined {
  const user = above?.node.type === "AwaitExpression" ? above.above?.node : undefined;
  if (user?.type === "MemberExpression") return nameOfMember(user);
  if (user?.type !== "VariableDeclarator" || !isNode(user.id) || user.id.type !== "ObjectPattern") return undefined;
  if (!Array.isArray(user.id.properties)) return undefined;
  const isTopLevel = above?.above?.above?.above?.node.type === "Program";
  const isInVain = ({ value }: Node) =>
    isTopLevel &&
    isNode(value) &&
    value.type === "Identifier" &&
    // The declaration itself counts as a use of its name.
    uses?.every(({ name, node }) => name !== value.name || node === value) === true;
  const properties = user.id.properties.filter((property) => !isNode(property) || !isInVain(property));
  return allOrNone(properties.map((property) => (isNode(property) ? nameOfKey(property) : undefined)));
}

/**
 * The members of each namespace import that a file uses by name. Without those that it passes on, takes a computed name from or
 * never uses: any name may be meant.
 */
function membersUsed(tree: SyntaxTree): Map<string, string[]> {
  const used = new Map<string, (string[] | undefined)[]>();
  for (const statement of tree.body) {
    if (statement.type !== "ImportDeclaration") continue;
    for (const { type, local } of statement.specifiers) if (type === "ImportNamespaceSpecifier") used.set(local.name, []);
  }
  if (used.size > 0) {
    walk(tree, (node, above) => {
      if (node.type !== "Identifier" || typeof node.name !== "string" || !isReference(node, above?.node)) return true;
      const isObject = above?.node.type === "MemberExpression" && above.node.object === node;
      used.get(node.name)?.push(isObject ? nameOfMember(above.node) : undefined);
      return true;
    });
  }
  const known = [...used].map(([name, names]) => [name, names.length === 0 ? undefined : allOrNone(names)] as const);
  return new Map(known.filter((entry): entry is [string, string[]] => entry[1] !== undefined));
}

function nameOfMember({ property, computed }: Node): string[] | undefined {
  if (!isNode(property)) return undefined;
  if (computed !== true) return typeof property.name === "string" ? [property.name] : undefined;
  return typeof property.value === "string" ? [property.value] : undefined;
}

function nameOfKey({ type, key, computed }: Node): string[] | undefined {
  if (type !== "Property" || computed === true || !isNode(key)) return undefined;
  const name = key.type === "Identifier" ? key.name : key.value;
  return typeof name === "string" ? [name] : undefined;
}

/** All names without duplicates, or undefined if any of them is unknown. */
function allOrNone(names: readonly (string[] | undefined)[]): string[] | undefined {
  const known = names.filter((list) => list !== undefined);
  return known.length === names.length ? [...new Set(known.flat())] : undefined;
}
