import { expect, test } from "vitest";
import type { ToolListing } from "../../../core/catalog/tool-listing.ts";
import { createCurrentSearch } from "../../../core/search/search.ts";
import { weights } from "../../../core/search/weights.ts";
import { wordsOf } from "../../../core/search/words.ts";
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

/** Counts the turns, and gives each of them at once. */
function countingClock(onTurn = () => {}) {
  const clock = {
    turns: 1,
    now: () => 0,
    after(_ms: number, wake: () => void) {
      clock.turns += 1;
      onTurn();
      queueMicrotask(wake);
      return () => {};
    },
  };
  return clock;
}

/** Tools with words that no other has: each costs the index more than a hundred ordinary ones. */
function strange(count: number, id: string): ToolListing {
  const words = (at: number) => Array.from({ length: 40 }, (_, n) => `${id}x${at.toString(36)}y${n.toString(36)}z`).join(" ");
  const tools = Array.from({ length: count }, (_, at) => tool(`tool_${id}_${at}`, { description: words(at) }));
  return { tools, fetchedAt: 0 };
}

test("the tools of one server are indexed in short turns, which a search does not see", { tags: ["list.search"] }, async () => {
  const servers = [serverEntry("a"), serverEntry("b")];
  const known = new Map(servers.map(({ id }) => [id, strange(200, id)]));
  let version = 0;
  const search = () => createCurrentSearch(servers, { cached: ({ id }) => known.get(id), version: () => version });
  const whole = search().current();
  const clock = countingClock();
  const { current, prepare } = search();
  await prepare(clock);
  expect(clock.turns).toBeGreaterThan(10);
  for (const query of ["tool a 7", "bx5ky3z", "axzqqy"]) {
    expect(current().find(query, servers, 8)).toEqual(whole.find(query, servers, 8));
  }
  known.set("a", strange(200, "c"));
  version += 1;
  const before = clock.turns;
  await prepare(clock);
  expect(clock.turns).toBeGreaterThan(before + 5);
  expect(current().find("cx5jy3z", servers, 8).matches[0]?.tools[0]?.name).toBe("tool_c_199");
  expect(current().find("ax5ky3z", servers, 8).matches[0]?.isWeak).toBe(true);
});

test("a search between the turns finds everything, and the turns that are left do nothing", {
  tags: ["list.search"],
}, async () => {
  const clock = new ManualClock();
  const servers = ["a", "b", "c"].map((id) => serverEntry(id));
  const { current, prepare } = createCurrentSearch(servers, { cached: ({ id }) => strange(100, id), version: () => 0 });
  const ready = prepare(clock);
  expect(current().find("cx2ry3z", servers, 8).matches[0]?.tools[0]?.name).toBe("tool_c_99");
  clock.advance(0);
  await ready;
  expect(clock.pending).toBe(0);
});

test("tools that change all the time while they are indexed keep no search waiting", { tags: ["list.search"] }, async () => {
  const servers = [serverEntry("a")];
  let version = 0;
  let reads = 0;
  const cached = () => {
    reads += 1;
    return strange(50, `v${reads}`);
  };
  const { current, prepare } = createCurrentSearch(servers, { cached, version: () => version });
  await prepare(
    countingClock(() => {
      version += 1;
    }),
  );
  expect(current().find("v1x5y3z", servers, 8).matches[0]?.tools[0]?.name).toBe("tool_v1_5");
  expect(reads).toBe(1);
  await prepare(countingClock());
  expect(current().find("v2x5y3z", servers, 8).matches[0]?.tools[0]?.name).toBe("tool_v2_5");
});

test("few tools are indexed in one turn", async () => {
  const clock = new ManualClock();
  const servers = [serverEntry("a"), serverEntry("b")];
  const { prepare } = createCurrentSearch(servers, { cached: () => listing("create_issue"), version: () => 0 });
  await prepare(clock);
  expect(clock.pending).toBe(0);
});

test("of letters that each are a sentence only so many are read as others have parts", { tags: ["servers.no-delay"] }, () => {
  expect(wordsOf("\ufdfa".repeat(400)).length).toBeLessThan(400);
  expect(wordsOf("ﬁle Ａｎｇｓｔröm 한국어 1½").map(({ text }) => text)).toEqual([
    "file",
    "angstrom",
    "한국어".normalize("NFKD"),
    "11",
    "2",
  ]);
});

test("a server that makes up words is found by its first ones and by its names, and others by all", {
  tags: ["servers.no-delay"],
}, () => {
  const servers = [serverEntry("a"), serverEntry("b")];
  const count = Math.ceil(weights.termsPerServer / 40) + 10;
  const known = new Map([
    ["a", strange(count, "a")],
    ["b", listing("feed_pigeon")],
  ]);
  const search = createCurrentSearch(servers, { cached: ({ id }) => known.get(id), version: () => 0 }).current();
  const firstFor = (query: string) => search.find(query, servers, 8).matches.find(({ isWeak }) => !isWeak)?.tools[0]?.name;
  expect(firstFor("ax1y3z")).toBe("tool_a_1");
  expect(firstFor(`ax${(count - 1).toString(36)}y3z`)).not.toBe(`tool_a_${count - 1}`);
  expect(firstFor(`tool a ${count - 1}`)).toBe(`tool_a_${count - 1}`);
  expect(firstFor("feed pigeon")).toBe("feed_pigeon");
});
