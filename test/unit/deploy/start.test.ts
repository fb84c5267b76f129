import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";
import { root } from "../../support/sources.ts";

/* The modules of the built Worker: which of them run at its start, and which only when they are needed. */

const folder = join(root, "dist/worker");

/** What a module imports in any case, and what it imports once it is needed. */
function importsOf(file: string): { always: string[]; later: string[] } {
  const text = readFileSync(join(folder, file), "utf8");
  const { importedFiles } = ts.preProcessFile(text, true, true);
  const names = importedFiles.map(({ fileName }) => fileName).filter((name) => /^\.\/.*\.mjs$/.test(name));
  const isLater = (name: string) => text.includes(`import("${name}")`);
  const bare = (name: string) => name.replace("./", "");
  return { always: names.filter((name) => !isLater(name)).map(bare), later: names.filter(isLater).map(bare) };
}

function startOf(entry: string): { modules: string[]; later: string[] } {
  const modules = new Set([entry]);
  const later = new Set<string>();
  for (const module of modules) {
    const found = importsOf(module);
    for (const file of found.always) modules.add(file);
    for (const file of found.later) later.add(file);
  }
  return { modules: [...modules], later: [...later] };
}

test("nothing of the console runs at the Worker's start", { tags: ["deploy.start"] }, () => {
  const { modules, later } = startOf("index.mjs");
  const consoles = later.filter((file) => file.startsWith("console-"));
  expect(consoles).toHaveLength(1);
  expect(modules).not.toContain(consoles[0]);

  const sourceOf = (files: string[]) => files.map((file) => readFileSync(join(folder, file), "utf8")).join("\n");
  // Each module of the source is named in a comment above what became of it.
  const fromConsole = /^\/\/ (worker\/console\/\S+|worker\/http\/routes\/console\S*|node_modules\/hono\/dist\/jsx\/\S+)$/gm;
  const named = (files: string[]) => [...sourceOf(files).matchAll(fromConsole)].map(([, file]) => file);
  expect(named(consoles).length).toBeGreaterThan(30);
  expect(named(modules)).toEqual(["worker/http/routes/console-entry.ts"]);
});

test("no module of ours is in two parts, so that nothing exists twice", { tags: ["deploy.start"] }, () => {
  const files = readdirSync(folder).filter((file) => file.endsWith(".mjs"));
  const sourcesIn = (file: string) => readFileSync(join(folder, file), "utf8").match(/^\/\/ (?:core|worker)\/\S+$/gm) ?? [];
  const named = files.flatMap((file) => [...new Set(sourcesIn(file))]);
  expect(named.length).toBeGreaterThan(300);
  expect(named).toHaveLength(new Set(named).size);
});
