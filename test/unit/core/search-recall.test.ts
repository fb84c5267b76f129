import { expect, test } from "vitest";
import { readCatalogs } from "../../../bench/search/catalogs.ts";
import { createOurs } from "../../../bench/search/ours.ts";
import { counts, readQueries } from "../../../bench/search/queries.ts";
import { ask, recallOf } from "../../../bench/search/recall.ts";

const catalogs = readCatalogs();
const queries = readQueries().filter(counts);

test("finds the right server first for 80 % of the queries, and among five for 95 %", { tags: ["list.recall"] }, async () => {
  expect(catalogs.size).toBeGreaterThanOrEqual(40);
  expect([...catalogs.values()].flatMap(({ tools }) => tools).length).toBeGreaterThanOrEqual(1_000);
  const recall = recallOf(await ask(queries, createOurs(catalogs)));
  expect(recall.queries).toBeGreaterThanOrEqual(120);
  expect(recall.server1).toBeGreaterThanOrEqual(0.88);
  expect(recall.server5).toBeGreaterThanOrEqual(0.97);
});

test("finds the right tool first, and among the first five that the model reads, as often as it did", {
  tags: ["list.recall"],
}, async () => {
  const recall = recallOf(await ask(queries, createOurs(catalogs)));
  expect(recall.tool1).toBeGreaterThanOrEqual(0.79);
  expect(recall.tool5).toBeGreaterThanOrEqual(0.92);
});

test("every tool that a query wants is among the captured", () => {
  const known = new Set([...catalogs].flatMap(([id, { tools }]) => tools.map(({ name }) => `${id}/${name}`)));
  expect(
    readQueries()
      .flatMap(({ wanted }) => wanted)
      .filter((path) => !known.has(path)),
  ).toEqual([]);
});

test("no query stands twice among those that count", () => {
  const texts = queries.map(({ text }) => text);
  expect(new Set(texts).size).toBe(texts.length);
});
