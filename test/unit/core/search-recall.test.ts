import { expect, test } from "vitest";
import { readCatalogs } from "../../../bench/search/catalogs.ts";
import { createOurs } from "../../../bench/search/ours.ts";
import { readQueries } from "../../../bench/search/queries.ts";
import { ask, recallOf } from "../../../bench/search/recall.ts";

const catalogs = readCatalogs();

test("finds the right server first for 80 % of the queries, and among five for 95 %", async () => {
  expect(catalogs.size).toBeGreaterThanOrEqual(40);
  expect([...catalogs.values()].flatMap(({ tools }) => tools).length).toBeGreaterThanOrEqual(1_000);
  const recall = recallOf(await ask(readQueries(), createOurs(catalogs)));
  expect(recall.queries).toBeGreaterThanOrEqual(120);
  expect(recall.server1).toBeGreaterThanOrEqual(0.8);
  expect(recall.server5).toBeGreaterThanOrEqual(0.95);
});
