import { readFileSync } from "node:fs";
import ts from "typescript";
import { expect, test } from "vitest";
import { requirements } from "./requirements.ts";

test("each promise has an id of its own and at least one test", () => {
  const ids = requirements.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(requirements.filter(({ tests }) => tests.length === 0)).toEqual([]);
});

test.each(requirements)("$id: $promise", ({ tests }) => {
  for (const reference of tests) {
    const [file = "", title = ""] = reference.split(" › ");
    expect(titlesOf(file), reference).toContain(title);
  }
});

const known = new Map<string, string[]>();

/** What the tests of a file are called, as written. */
function titlesOf(file: string): string[] {
  const titles = known.get(file) ?? readTitles(file);
  known.set(file, titles);
  return titles;
}

function readTitles(file: string): string[] {
  const text = readFileSync(new URL(file, import.meta.url), "utf8");
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const titles: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && /^(?:test|it)\b/.test(node.expression.getText())) {
      const [title] = node.arguments;
      if (title && ts.isStringLiteralLike(title)) titles.push(title.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return titles;
}
