import { expect, test } from "vitest";
import { replaceIdioms } from "../../../core/search/idioms.ts";
import { idioms } from "../../../core/search/tables/idioms.ts";

const plain = (query: string) =>
  replaceIdioms(query, (name) => name === "monday")
    .trim()
    .replace(/ +/g, " ");

test.each([
  ["get rid of the branch", "delete the branch"],
  ["Get Rid Of it", "delete it"],
  ["roll the last release back", "rollback the last release"],
  ["how many issues", "count number issues"],
  ["wie spät ist es in Tokio", "current time ist es in Tokio"],
  ["¿Qué hora es en Lima?", "¿ current time es en Lima?"],
  ["combien de fichiers", "count number fichiers"],
])("replaceIdioms turns %j into %j", (query, meant) => {
  expect(plain(query)).toBe(meant);
});

test("every idiom is known", () => {
  const said = idioms.split(",").map((line) => line.trim().split(" = "));
  expect(said.filter(([idiom = "", meant]) => meant === undefined || idiom.includes("\n"))).toEqual([]);
});

test.each([
  ["rename notes.txt", "rename file"],
  ["read https://example.com/a?b=c now", "read url now"],
  ["pages of example.com", "pages of website"],
  ["a board on monday.com", "a board on monday"],
  ["write to ada@example.com", "write to email"],
  ['post "delete all of it" to the channel', "post to the channel"],
])("replaceIdioms removes the data from %j: %j", (query, meant) => {
  expect(plain(query)).toBe(meant);
});

test.each(["create_issue", "three words here", "node.js docs", 'the "general" channel', "rolling stones are back", ""])(
  "replaceIdioms leaves %j unchanged",
  (query) => {
    expect(plain(query)).toBe(query.replaceAll('"', "").trim().replace(/ +/g, " "));
  },
);
