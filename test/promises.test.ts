import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { expect, test } from "vitest";
import { promises } from "./promises.ts";

/* Read from the source, so that it needs no run and knows the tests of every project. */

interface Tag {
  name: string;
  /** `file:line`, below test/. */
  place: string;
}

const folder = fileURLToPath(new URL(".", import.meta.url));
const tags = globSync("**/*.test.ts", { cwd: folder }).flatMap(readTags);

test.each(Object.keys(promises))("%s has a test", (id) => {
  expect(tags.map(({ name }) => name)).toContain(id);
});

test("each tag is the id of a promise", () => {
  expect(tags.filter(({ name }) => !Object.hasOwn(promises, name))).toEqual([]);
});

/** The tags of the tests and groups of a file that are run. */
function readTags(file: string): Tag[] {
  const source = ts.createSourceFile(file, readFileSync(`${folder}/${file}`, "utf8"), ts.ScriptTarget.Latest, true);
  const found: Tag[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && /^(?:test|it|describe)\b(?!\.(?:skip|todo)\b)/.test(node.expression.getText())) {
      for (const literal of node.arguments.flatMap(tagLiterals)) {
        const { line } = source.getLineAndCharacterOfPosition(literal.getStart());
        found.push({ name: literal.text, place: `${file}:${line + 1}` });
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** The strings in `tags` of an argument that is the options of a test. */
function tagLiterals(argument: ts.Expression): ts.StringLiteralLike[] {
  if (!ts.isObjectLiteralExpression(argument)) return [];
  return argument.properties.filter(ts.isPropertyAssignment).flatMap(({ name, initializer }) => {
    if (name.getText() !== "tags") return [];
    return ts.isArrayLiteralExpression(initializer) ? initializer.elements.filter(ts.isStringLiteralLike) : [];
  });
}
