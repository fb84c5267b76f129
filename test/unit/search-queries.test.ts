import { expect, test } from "vitest";
import { counts, readQueries, serverOf } from "../../bench/search/queries.ts";
import { publishedServers } from "../../bench/search/servers.ts";

const queries = readQueries();

test("no query that counts appears twice", () => {
  const texts = queries.filter(counts).map(({ text }) => text);
  expect(texts.length).toBeGreaterThanOrEqual(330);
  expect(new Set(texts).size).toBe(texts.length);
});

test("every query wants tools of servers that the bench installs", () => {
  const ids = new Set(publishedServers.map(({ id }) => id));
  const wanted = queries.flatMap((query) => query.wanted);
  expect(wanted.filter((path) => !/^[^/]+\/[^/]+$/.test(path) || !ids.has(serverOf(path)))).toEqual([]);
});

test("every server of the bench has an id of its own and a pinned version", () => {
  expect(new Set(publishedServers.map(({ id }) => id)).size).toBe(publishedServers.length);
  expect(publishedServers.filter(({ version }) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
});
