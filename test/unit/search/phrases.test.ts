import { expect, test } from "vitest";
import { inTermsOfTools } from "../../../core/search/phrases.ts";
import { idioms } from "../../../core/search/tables/phrases.ts";

const plain = (query: string) => inTermsOfTools(query).trim().replace(/ +/g, " ");

test.each([
  ["get rid of the branch", "delete the branch"],
  ["Get Rid Of it", "delete it"],
  ["roll the last release back", "rollback the last release"],
  ["how many issues", "count number issues"],
  ["wie spät ist es in Tokio", "current time ist es in Tokio"],
  ["¿Qué hora es en Lima?", "¿ current time es en Lima?"],
  ["combien de fichiers", "count number fichiers"],
])("inTermsOfTools turns %j into %j", (query, meant) => {
  expect(plain(query)).toBe(meant);
});

test("every idiom is known", () => {
  const said = idioms.split(",").map((line) => line.trim().split(" = "));
  expect(said.filter(([idiom = "", meant]) => meant === undefined || idiom.includes("\n"))).toEqual([]);
});

test.each([
  ["rename notes.txt", "rename file txt"],
  ["read https://example.com/a?b=c now", "read url now"],
  ["write to ada@example.com", "write to email"],
  ['post "delete all of it" to the channel', "post to the channel"],
])("inTermsOfTools removes the data from %j: %j", (query, meant) => {
  expect(plain(query)).toBe(meant);
});

test.each([
  "create_issue",
  "three words here",
  "node.js docs",
  "a board on monday.com",
  'the "general" channel',
  "rolling stones are back",
  "",
])("inTermsOfTools leaves %j unchanged", (query) => {
  expect(plain(query)).toBe(query.replaceAll('"', "").trim().replace(/ +/g, " "));
});

test.each([
  "find a hotel as soon as possible",
  "find a hotel right away",
  "find a hotel in the usual way",
  "find a hotel if you can",
  "find a hotel for next weekend",
  "find a hotel as I said",
  "find a hotel without any trouble",
])("inTermsOfTools removes how and when it shall be done: %j", (query) => {
  expect(plain(query)).toBe("find a hotel");
});

test.each([
  ["list the first commits of the week", "a time that is part of the object"],
  ["without trouble", "all there is"],
])("inTermsOfTools leaves %j: %s", (query) => {
  expect(plain(query)).toBe(query);
});
