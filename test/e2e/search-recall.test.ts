import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { type Catalog, catalogOf } from "../../bench/search/catalogs.ts";
import { createOurs } from "../../bench/search/ours.ts";
import { listInstalled } from "../../bench/search/published-server.ts";
import { counts, isOf, readQueries, unlistedOf } from "../../bench/search/queries.ts";
import { ask, type Recall, recallOf } from "../../bench/search/recall.ts";
import { publishedServers } from "../../bench/search/servers.ts";
import manifest from "../../package.json" with { type: "json" };
import { projectRoot } from "../support/project-root.ts";

/*
 * Starts the published servers that the product depends on and runs the bench's queries for them over the tools they list.
 * `npm run bench:search` does the same with all of its servers.
 */

const servers = publishedServers.filter((server) => Object.hasOwn(manifest.dependencies, server.package));

const catalogs = new Map<string, Catalog>();
let recall: Recall;

beforeAll(async () => {
  const packages = join(projectRoot, "node_modules");
  const home = await mkdtemp(join(tmpdir(), "search-recall-"));
  try {
    for (const server of servers) catalogs.set(server.id, catalogOf(server, await listInstalled(server, { packages, home })));
  } finally {
    await rm(home, { recursive: true, force: true });
  }
  const queries = readQueries().filter((query) => counts(query) && isOf(query, [...catalogs.keys()]));
  recall = recallOf(await ask(queries, createOurs(catalogs)));
});

test("these servers list every tool that a query wants from them", () => {
  expect(catalogs.size).toBe(8);
  expect(unlistedOf(catalogs)).toEqual([]);
});

/* The bounds are less than one query below the measured values. */

test("finds the right server first for 92 % of the queries, and among five for all", { tags: ["list.recall"] }, () => {
  expect(recall.queries).toBeGreaterThanOrEqual(53);
  expect(recall.server1).toBeGreaterThanOrEqual(0.92);
  expect(recall.server5).toBe(1);
});

test("finds the right tool first for 84 % of the queries, among the first five that the model reads for 98 %, and shows it for all", {
  tags: ["list.recall"],
}, () => {
  expect(recall.tool1).toBeGreaterThanOrEqual(0.84);
  expect(recall.tool5).toBeGreaterThanOrEqual(0.98);
  expect(recall.toolShown).toBe(1);
});
