import { expect, test } from "vitest";
import { counts, readMore, readQueries, serverOf } from "../../bench/search/queries.ts";
import { moreServers, publishedServers } from "../../bench/search/servers.ts";

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
  const servers = [...publishedServers, ...moreServers];
  expect(new Set(servers.map(({ id }) => id)).size).toBe(servers.length);
  expect(servers.filter(({ version }) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
});

test("every query for the other published servers wants one of their tools", () => {
  const ids = moreServers.map(({ id }) => id);
  const more = readMore(ids);
  expect(more.length).toBe(49);
  expect(more.flatMap(({ wanted }) => wanted).filter((path) => !ids.includes(serverOf(path)))).toEqual([]);
});
