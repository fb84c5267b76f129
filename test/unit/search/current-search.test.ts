import { expect, test } from "vitest";
import type { ToolListing } from "../../../core/catalog/tool-listing.ts";
import { limits } from "../../../core/limits.ts";
import { createCurrentSearch } from "../../../core/search/search.ts";
import { serverEntry, tool } from "../../support/builders.ts";
import { ManualClock } from "../../support/fakes.ts";

function listing(...names: string[]): ToolListing {
  return { tools: names.map((name) => tool(name)), fetchedAt: 0 };
}

test("the index is built at the first search, and again only after the cached tools changed", { tags: ["list.search"] }, () => {
  const server = serverEntry("a");
  let version = 0;
  let reads = 0;
  let known: ToolListing | undefined;
  const { current } = createCurrentSearch([server], {
    cached() {
      reads += 1;
      return known;
    },
    version: () => version,
  });
  expect(reads).toBe(0);
  for (let asked = 0; asked < 3; asked++) current().find("issue", [server], 8).matches;
  expect(reads).toBe(1);
  known = listing("create_issue");
  version += 1;
  expect(current().find("issue", [server], 8).matches[0]?.tools).toHaveLength(1);
  expect(reads).toBe(2);
});

test("a search finds the new tools of a changed server, not its old ones, and those of other servers as before", {
  tags: ["list.search"],
}, () => {
  const servers = [serverEntry("a"), serverEntry("b")];
  const known = new Map([
    ["a", listing("create_issue", "count_sheep")],
    ["b", listing("send_postcard")],
  ]);
  let version = 0;
  const { current } = createCurrentSearch(servers, { cached: ({ id }) => known.get(id), version: () => version });
  const found = (query: string) =>
    current()
      .find(query, servers, 8)
      .matches.flatMap(({ tools }) => tools.map(({ name }) => name));
  expect(found("sheep")).toEqual(["count_sheep"]);
  expect(found("pigeon")).toEqual([]);
  known.set("a", listing("create_issue", "feed_pigeon", "list_pigeons"));
  version += 1;
  expect(found("sheep")).toEqual([]);
  expect(found("feed pigeon")).toEqual(["feed_pigeon"]);
  expect(found("postcard")).toEqual(["send_postcard"]);
  known.delete("a");
  version += 1;
  expect(found("create issue")).toEqual([]);
});

test("many tools are indexed in short turns, and a search in between still finds all of them", { tags: ["list.search"] }, () => {
  const clock = new ManualClock();
  const servers = Array.from({ length: 4 }, (_, at) => serverEntry(`s${at}`));
  const names = Array.from({ length: limits.searchTurnDocuments }, (_, at) => `tool_${at}`);
  const all = new Map(servers.map(({ id }) => [id, listing(...names, `only_${id}`)]));
  let reads = 0;
  const { current, prepare } = createCurrentSearch(servers, {
    cached(server) {
      reads += 1;
      return all.get(server.id);
    },
    version: () => 0,
  });
  prepare(clock);
  expect(reads).toBe(1);
  clock.advance(0);
  expect(reads).toBeGreaterThan(1);
  expect(current().find("only s3", servers, 8).matches[0]?.tools[0]?.name).toBe("only_s3");
  expect(reads).toBe(4);
});

test("few tools are indexed in one turn", () => {
  const clock = new ManualClock();
  const servers = [serverEntry("a"), serverEntry("b")];
  let reads = 0;
  const { prepare } = createCurrentSearch(servers, {
    cached() {
      reads += 1;
      return listing("create_issue");
    },
    version: () => 0,
  });
  prepare(clock);
  expect(reads).toBe(2);
});
