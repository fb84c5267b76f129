import { expect, test } from "vitest";
import { createSpeller } from "../../../core/search/spelling.ts";

const speller = createSpeller();
for (const word of ["timezone", "elevation", "playwright", "issue", "issues", "delete", "pi"]) speller.learn(word);

test.each([
  ["two letters swapped", "tiemzone", "timezone"],
  ["a letter missing", "elevaton", "elevation"],
  ["a letter too many", "isssue", "issue"],
  ["only its beginning", "timez", "timezone"],
])("finds a word with %s: %s", (_how, word, meant) => {
  expect(speller.spellingsOf(word)[0]).toBe(meant);
});

test.each(["zzzz", "xelete", "q", ""])("finds nothing similar to %j", (word) => {
  expect(speller.spellingsOf(word)).toEqual([]);
});

test("has no suggestions before it has learnt any word", () => {
  expect(createSpeller().spellingsOf("timezone")).toEqual([]);
});
