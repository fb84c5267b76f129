import { expect, test } from "vitest";
import { limits } from "../../../core/limits.ts";
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

test("words of one first letter and length are learnt up to a bound, and others are besides", {
  tags: ["servers.no-delay"],
}, () => {
  const crowded = createSpeller();
  for (let at = 0; at < limits.searchSpellingsMax; at++) crowded.learn(`t${String(at).padStart(7, "x")}`);
  crowded.learn("timezone");
  crowded.learn("elevation");
  expect(crowded.spellingsOf("tiemzone")).toEqual([]);
  expect(crowded.spellingsOf("elevaton")).toEqual(["elevation"]);
});

test("servers that make up words in every letter fill no memory", { tags: ["servers.no-delay"] }, () => {
  const full = createSpeller();
  for (let at = 0; at < limits.searchVocabularyMax; at++) full.learn(`${String.fromCodePoint(0x4e00 + (at % 20_000))}${at}xxx`);
  full.learn("elevation");
  expect(full.spellingsOf("elevaton")).toEqual([]);
});
