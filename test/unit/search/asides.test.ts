import { expect, test } from "vitest";
import { withoutAsides } from "../../../core/search/asides.ts";

const plain = (query: string) =>
  withoutAsides(query, (name) => name === "tavily")
    .trim()
    .replace(/ +/g, " ");

test.each([
  "Quickly find a hotel",
  "find a hotel fast",
  "find a hotel very quickly",
  "find a hotel as soon as possible",
  "find a hotel right away",
  "find a hotel in the usual way",
  "find a hotel if you can",
  "find a hotel in three days",
  "find a hotel for next weekend",
  "find a hotel as I said before",
  "find a hotel, thanks in advance",
])("withoutAsides removes how and when it shall be done: %j", (query) => {
  expect(plain(query).replace(/[, ]+$/, "")).toBe("find a hotel");
});

test.each([
  ["reply to the weekly mail", "a word that only ends like an adverb"],
  ["is the page fast", "what a question asks for"],
  ["make the page fast", "what shall come out"],
  ["search with tavily for hotels", "the name of a server"],
  ["list the first commits of the week", "a time that is part of the object"],
  ["quickly", "all there is"],
  ["", "nothing"],
])("withoutAsides leaves %j: %s", (query) => {
  expect(plain(query)).toBe(query);
});
