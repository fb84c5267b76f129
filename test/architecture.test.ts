import { readdirSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, test } from "vitest";

/* The directions of docs/architecture.md, read from the source: what a room may know, and what a file may be. */

const root = fileURLToPath(new URL("../", import.meta.url));
const rooms = ["core", "worker", "bridge"];

interface Import {
  file: string;
  line: number;
  /** A path from the root for a file of ours, else the specifier as written. */
  target: string;
  isOurs: boolean;
  /** Gone once types are stripped. */
  isTypeOnly: boolean;
  isReExport: boolean;
}

interface Source {
  file: string;
  tree: ts.SourceFile;
  lines: number;
}

const sources = rooms.flatMap(filesBelow).map(readSource);
const imports = sources.flatMap(importsOf);

function filesBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.(?:ts|js|mjs)$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((file) => !/node_modules|\/dist\//.test(file));
}

function readSource(file: string): Source {
  const text = readFileSync(join(root, file), "utf8");
  return { file, tree: ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true), lines: text.trimEnd().split("\n").length };
}

function importsOf({ file, tree }: Source): Import[] {
  const found: Import[] = [];
  const add = (specifier: ts.Node | undefined, kind: { isTypeOnly: boolean; isReExport: boolean }) => {
    if (specifier === undefined || !ts.isStringLiteralLike(specifier)) return;
    const isOurs = specifier.text.startsWith(".");
    const target = isOurs ? join(dirname(file), specifier.text.replace(/\?.*$/, "")) : specifier.text;
    const { line } = tree.getLineAndCharacterOfPosition(specifier.getStart(tree));
    found.push({ file, line: line + 1, target, isOurs, ...kind });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, { isTypeOnly: isTypeImport(node), isReExport: false });
    if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, { isTypeOnly: node.isTypeOnly, isReExport: true });
    if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      add(node.argument.literal, { isTypeOnly: true, isReExport: false });
    }
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node.arguments[0], { isTypeOnly: false, isReExport: false });
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

function isTypeImport({ importClause }: ts.ImportDeclaration): boolean {
  if (importClause === undefined) return false;
  if (importClause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const { namedBindings } = importClause;
  const areNamed = importClause.name === undefined && namedBindings !== undefined && ts.isNamedImports(namedBindings);
  return areNamed && namedBindings.elements.length > 0 && namedBindings.elements.every((element) => element.isTypeOnly);
}

/** `worker/http/app.ts` lies in `worker/http`; `worker/bindings.ts` in `worker`. */
function isIn(path: string, folder: string): boolean {
  return path.startsWith(`${folder}/`);
}

function packageOf(specifier: string): string {
  const [first = "", second = ""] = specifier.split("/");
  return first.startsWith("@") ? `${first}/${second}` : first;
}

/** What breaks a rule, as a reader wants to see it. */
function offences(isOffence: (found: Import) => boolean): string[] {
  return imports.filter(isOffence).map(({ file, line, target }) => `${file}:${line} imports ${target}`);
}

test("the reader of imports sees every kind", () => {
  const text = `import a from "./a.ts"; import type { B } from "./b.ts"; import { type C } from "hono/c"; import "node:d";
export * from "./e.ts"; export type { F } from "./f.ts"; const g = await import("./g.ts"); type H = import("./h.ts").H;
// import "./not.ts"
const text = 'import "./not-either.ts"';`;
  const seen = importsOf({
    file: "worker/x/y.ts",
    tree: ts.createSourceFile("y.ts", text, ts.ScriptTarget.Latest, true),
    lines: 1,
  });
  expect(seen.map(({ target, isTypeOnly }) => [target, isTypeOnly])).toEqual([
    ["worker/x/a.ts", false],
    ["worker/x/b.ts", true],
    ["hono/c", true],
    ["node:d", false],
    ["worker/x/e.ts", false],
    ["worker/x/f.ts", true],
    ["worker/x/g.ts", false],
    ["worker/x/h.ts", true],
  ]);
  expect(sources.length).toBeGreaterThan(80);
  expect(imports.length).toBeGreaterThan(300);
});

describe("core", () => {
  test("imports nothing of ours outside itself", () => {
    expect(offences(({ file, target, isOurs }) => isIn(file, "core") && isOurs && !isIn(target, "core"))).toEqual([]);
  });

  // Pure code that runs anywhere. What is added here is added to the sandbox's host and to every test.
  const pure = [
    "@jridgewell/trace-mapping",
    "acorn",
    "fastest-levenshtein",
    "jsonc-parser",
    "minisearch",
    "stemmer",
    "sucrase",
    "zod",
  ];

  test("imports no platform and no SDK, only pure libraries", { tags: ["core.anywhere"] }, () => {
    expect(offences(({ file, target, isOurs }) => isIn(file, "core") && !isOurs && !pure.includes(packageOf(target)))).toEqual(
      [],
    );
    for (const name of ["node", "cloudflare", "hono", "agents", "@modelcontextprotocol", "ws", "commander", ...builtinModules]) {
      expect(pure).not.toContain(name);
    }
  });

  test("prints nothing but the bugs that errors.ts logs", () => {
    const printing = sources
      .filter(({ file }) => isIn(file, "core") && file !== "core/errors.ts")
      .filter(({ tree }) => usesConsole(tree));
    expect(printing.map(({ file }) => file)).toEqual([]);
  });

  test("takes time and randomness as arguments", () => {
    const asking = sources
      .filter(({ file }) => isIn(file, "core"))
      .flatMap(({ file, tree }) => ambientUses(tree).map((use) => `${file} uses ${use}`));
    expect(asking).toEqual([]);
  });
});

function usesConsole(tree: ts.SourceFile): boolean {
  return someNode(tree, (node) => ts.isPropertyAccessExpression(node) && node.expression.getText(tree) === "console");
}

const ambient = ["Date.now", "Math.random", "crypto.randomUUID", "performance.now", "globalThis.setTimeout"];

function ambientUses(tree: ts.SourceFile): string[] {
  const found: string[] = [];
  someNode(tree, (node) => {
    if (ts.isPropertyAccessExpression(node) && ambient.includes(node.getText(tree))) found.push(node.getText(tree));
    if (ts.isCallExpression(node) && ["setTimeout", "setInterval", "fetch"].includes(node.expression.getText(tree))) {
      found.push(node.expression.getText(tree));
    }
    return false;
  });
  return found;
}

function someNode(node: ts.Node, isIt: (node: ts.Node) => boolean): boolean {
  return isIt(node) || ts.forEachChild(node, (child) => someNode(child, isIt) || undefined) === true;
}

describe("worker and bridge", () => {
  test("know core and never each other", () => {
    expect(offences(({ file, target }) => isIn(file, "worker") && isIn(target, "bridge"))).toEqual([]);
    expect(offences(({ file, target }) => isIn(file, "bridge") && isIn(target, "worker"))).toEqual([]);
  });

  test("leave tests and tools alone", () => {
    expect(offences(({ target, isOurs }) => isOurs && ["test", "bench", "docs"].some((folder) => isIn(target, folder)))).toEqual(
      [],
    );
  });

  test("keep to their platforms: no Cloudflare in the bridge, no command line in the worker", () => {
    const forbidden: Record<string, RegExp> = { bridge: /^(?:cloudflare:|hono|agents)/, worker: /^(?:ws|commander)$/ };
    for (const [room, pattern] of Object.entries(forbidden)) {
      expect(offences(({ file, target, isOurs }) => isIn(file, room) && !isOurs && pattern.test(target))).toEqual([]);
    }
  });
});

describe("inside worker", () => {
  const leaves = ["sandbox", "upstream", "storage", "mcp"];

  // What is in dist is made of the sandbox's own files.
  test.each(leaves)("%s knows core, itself and the types of the environment", (leaf) => {
    const room = `worker/${leaf}`;
    const isKnown = ({ target, isTypeOnly }: Import) =>
      isIn(target, "core") || isIn(target, room) || isIn(target, "dist") || (target === "worker/bindings.ts" && isTypeOnly);
    expect(offences((found) => isIn(found.file, room) && found.isOurs && !isKnown(found))).toEqual([]);
  });

  test("http sees objects as types only, and neither what they are made of nor how", () => {
    const hidden = ["worker/sandbox", "worker/upstream", "worker/storage"];
    expect(
      offences(({ file, target, isTypeOnly }) => isIn(file, "worker/http") && isIn(target, "worker/objects") && !isTypeOnly),
    ).toEqual([]);
    expect(
      offences(({ file, target }) => {
        const isHidden = target === "worker/compose.ts" || hidden.some((folder) => isIn(target, folder));
        return isIn(file, "worker/http") && isHidden;
      }),
    ).toEqual([]);
  });

  test("nobody but the exports knows http, and nobody but they and http's types know objects", () => {
    expect(
      offences(({ file, target }) => isIn(target, "worker/http") && !isIn(file, "worker/http") && file !== "worker/index.ts"),
    ).toEqual([]);
    expect(
      offences(({ file, target, isTypeOnly }) => {
        const isAllowed = isIn(file, "worker/objects") || file === "worker/index.ts" || isTypeOnly;
        return isIn(target, "worker/objects") && !isAllowed;
      }),
    ).toEqual([]);
  });

  test("agents stays inside objects, upstream and mcp", () => {
    const allowed = ["worker/objects", "worker/upstream", "worker/mcp"];
    expect(
      offences(
        ({ file, target, isOurs }) => !isOurs && packageOf(target) === "agents" && !allowed.some((folder) => isIn(file, folder)),
      ),
    ).toEqual([]);
  });

  test("what runs in the isolate knows only its own folder and the platform", () => {
    const folder = "worker/sandbox/isolate/runtime";
    expect(
      offences(
        ({ file, target, isOurs }) => isIn(file, folder) && (isOurs ? !isIn(target, folder) : target !== "cloudflare:workers"),
      ),
    ).toEqual([]);
  });
});

describe("every file", () => {
  test("is imported from where its things live: only a Worker's main file exports what others made", () => {
    const mains = ["worker/index.ts", "worker/sandbox/index.ts"];
    expect(offences(({ file, isReExport }) => isReExport && !mains.includes(file))).toEqual([]);
  });

  test("lies in a folder that is named for what it is", () => {
    const folders = new Set(sources.flatMap(({ file }) => dirname(file).split("/")));
    for (const name of ["utils", "util", "shared", "lib", "types", "helpers", "common", "misc"])
      expect(folders).not.toContain(name);
  });

  test("is short enough to be read at once", () => {
    expect(sources.filter(({ lines }) => lines > 350).map(({ file, lines }) => `${file}: ${lines} lines`)).toEqual([]);
  });

  test("imports files of ours by their whole name", () => {
    expect(offences(({ target, isOurs }) => isOurs && !/\.[a-z]+$/.test(target))).toEqual([]);
  });
});
