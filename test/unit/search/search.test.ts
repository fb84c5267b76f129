import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Tool } from "../../../core/mcp/tool.ts";
import { parseRegistry, registryPath, type ServerEntry } from "../../../core/registry/registry.ts";
import { byPriority } from "../../../core/search/find.ts";
import { createSearch } from "../../../core/search/search.ts";
import { serverEntry, tool } from "../../support/builders.ts";

const shipped = parseRegistry(readFileSync(new URL(`../../../${registryPath}`, import.meta.url), "utf8")).servers;
const defaults = shipped.filter((server) => server.visibility === "default");

function searchIn(servers: readonly ServerEntry[], tools: Record<string, Tool[]> = {}) {
  return createSearch(servers, (server) => {
    const cached = tools[server.id];
    return cached && { tools: cached, fetchedAt: 0 };
  });
}

function idsFor(query: string, servers = shipped, eligible = servers): string[] {
  return searchIn(servers)
    .find(query, eligible, 8)
    .matches.map(({ server }) => server.id);
}

describe("the shipped registry", () => {
  test.each([
    ["time zone", "time"],
    ["what time is it in tokyo", "time"],
    ["Cloudflare Workers docs", "cloudflare-docs"],
    ["durable object limits", "cloudflare-docs"],
    ["search for TODO in the source code", "grep"],
    ["ripgrep", "grep"],
    ["remember that Ada prefers metric units", "memory"],
    ["read a file", "filesystem"],
    ["open pull requests", "github"],
    ["library documentation", "context7"],
  ])("answers %j with %s first", { tags: ["list.query"] }, (query, id) => {
    expect(idsFor(query, shipped, defaults)[0]).toBe(id);
  });

  test("answers 'browser' with both browsers if opt_in servers are included", () => {
    expect(idsFor("browser").slice(0, 2).sort()).toEqual(["chrome-devtools", "playwright"]);
    expect(idsFor("browser", shipped, defaults)).not.toContain("playwright");
  });

  test.each([
    ["timezne", "time"],
    ["clouflare", "cloudflare-docs"],
    ["filesytem", "filesystem"],
  ])("forgives the typo %j", (query, id) => {
    expect(idsFor(query)[0]).toBe(id);
  });
});

describe("a query", () => {
  const servers = [serverEntry("alpha"), serverEntry("beta")];

  test("finds a service by its address", () => {
    const named = [serverEntry("monday"), ...servers];
    expect(idsFor("a new board on monday.com", named)[0]).toBe("monday");
    expect(idsFor("a new board on beta.io", named)[0]).toBe("beta");
  });

  test("that hints at a concept finds the tool that has all its words before those that have one", () => {
    const tools = [tool("a", { description: "Tells of air." }), tool("b", { description: "Tells of quality." })];
    const whole = tool("c", { description: "Tells of the air and its quality at any place." });
    const search = searchIn(servers, { beta: [...tools, whole] });
    expect(search.find("smog", servers, 8).matches[0]?.tools[0]?.name).toBe("c");
  });

  test("finds a server by its tools and shows the best first", () => {
    const search = searchIn(servers, {
      beta: [tool("deleteBranch"), tool("createIssue", { description: "Opens a ticket." }), tool("list")],
    });
    const [first, ...rest] = search.find("create issue", servers, 8).matches;
    expect(rest).toEqual([]);
    expect(first).toMatchObject({ server: { id: "beta" }, isWeak: false });
    expect(first?.tools.map(({ name }) => name)).toEqual(["createIssue"]);
  });

  test("shows the tools of the server that it names, although none of them has a word of it", () => {
    const search = searchIn([serverEntry("postgres"), serverEntry("beta")], { postgres: [tool("run"), tool("explain")] });
    const named = search.find("postgres", [serverEntry("postgres"), serverEntry("beta")], 8).matches;
    expect(named).toMatchObject([{ server: { id: "postgres" }, isWeak: false, tools: [{ name: "run" }, { name: "explain" }] }]);
  });

  test("shows no more of them than there is room for, and none where it names another server better", () => {
    const both = [serverEntry("postgres"), serverEntry("redis", { summary: "Not for what is in postgres." })];
    const search = searchIn(both, { postgres: ["a1", "b2", "c3"].map((name) => tool(name)), redis: [tool("get")] });
    const [first, ...others] = search.find("postgres", both, 2).matches;
    expect(first?.tools).toHaveLength(2);
    expect(others.every(({ tools }) => tools.length === 0)).toBe(true);
  });

  test.each(["createIssue", "create_issue", "CREATE ISSUE", "issue-create"])(
    "finds create_issue in any spelling: %s",
    (query) => {
      const search = searchIn(servers, { beta: [tool("create_issue")], alpha: [tool("noop")] });
      expect(search.find(query, servers, 8).matches[0]?.tools[0]?.name).toBe("create_issue");
    },
  );

  test("finds a tool by the names of its parameters", () => {
    const search = searchIn(servers, {
      alpha: [tool("go", { inputSchema: { type: "object", properties: { latitude: {}, longitude: {} } } })],
    });
    expect(search.find("latitude", servers, 8).matches.map(({ server }) => server.id)).toEqual(["alpha"]);
  });

  test("shows the best tools of all servers, and at least the best of each server", { tags: ["list.search"] }, () => {
    const many = ["alpha", "beta", "gamma", "delta"].map((id) => serverEntry(id));
    const issues = Array.from({ length: 10 }, (_, index) => tool(`issue_${index}`));
    const search = searchIn(many, Object.fromEntries(many.map(({ id }) => [id, issues])));
    expect(search.find("issue", many, 8).matches.map(({ tools }) => tools.length)).toEqual([8, 1, 1, 1]);
  });

  test("shows tools of several servers if they match better than further tools of one", () => {
    const hubs = ["alpha", "beta", "gamma", "delta", "omega"].map((id) => serverEntry(id));
    const tools = [tool("create_issue"), tool("update_issue")];
    const search = searchIn(hubs, Object.fromEntries(hubs.map(({ id }) => [id, tools])));
    expect(search.find("create issue", hubs, 8).matches.map((match) => match.tools.map(({ name }) => name))).toEqual(
      hubs.map(() => ["create_issue"]),
    );
  });

  test.each([
    ["a synonymous verb", "remove ticket", "delete_issue"],
    ["a synonymous noun", "new bug", "create_issue"],
    ["an abbreviation", "pr list", "list_pull_requests"],
    ["two words for one", "time zone", "set_timezone"],
    ["swapped letters", "delet isseu", "delete_issue"],
    ["a wrong letter", "timezune", "set_timezone"],
    ["a prefix", "timez", "set_timezone"],
    ["an accent", "délete issue", "delete_issue"],
  ])("finds by %s: %j", { tags: ["list.search"] }, (_how, query, name) => {
    const names = ["create_issue", "delete_issue", "list_pull_requests", "set_timezone", "ping"];
    const search = searchIn(servers, { alpha: names.map((other) => tool(other)) });
    expect(search.find(query, servers, 8).matches[0]?.tools[0]?.name).toBe(name);
  });

  test.each([
    ["the query is a question", "what did the issue say", "get_issue"],
    ["the query is a request", "open an issue about the login page", "create_issue"],
    ["the verb follows polite words", "could you please delete the issue", "delete_issue"],
    ["the verb is in a later part", "my issue is outdated, delete it", "delete_issue"],
    ["the verb is an idiom", "get rid of an issue", "delete_issue"],
    ["the verb is in two places", "roll the last release back", "rollback_release"],
    ["a name is quoted", 'create an issue called "delete all releases"', "create_issue"],
  ])("finds the tool for the requested action when %s: %j", { tags: ["list.search"] }, (_how, query, name) => {
    const names = ["get_issue", "list_issues", "create_issue", "delete_issue", "get_release", "rollback_release"];
    const search = searchIn(servers, { alpha: names.map((other) => tool(other)) });
    expect(search.find(query, servers, 8).matches[0]?.tools[0]?.name).toBe(name);
  });

  test("treats a compound name as one word, not as its parts", () => {
    const two = [serverEntry("github"), serverEntry("git")];
    const search = searchIn(two, { github: [tool("list_commits")], git: [tool("list_commits")] });
    for (const query of ["GitHub commits", "github commits"])
      expect(search.find(query, two, 8).matches[0]?.server.id).toBe("github");
    expect(search.find("git commits", two, 8).matches[0]?.server.id).toBe("git");
  });

  test("ranks a server that it names above others with the same tool", { tags: ["list.search"] }, () => {
    const three = ["xero", "stripe", "paypal"].map((id) => serverEntry(id));
    const search = searchIn(
      three,
      Object.fromEntries(three.map(({ id }) => [id, [tool("create_invoice"), tool("list_payments")]])),
    );
    for (const { id } of three) expect(search.find(`create an invoice, ${id}`, three, 8).matches[0]?.server.id).toBe(id);
  });

  test("leaves out servers and tools that are far from the best", { tags: ["list.search"] }, () => {
    const three = [...servers, serverEntry("gamma")];
    const search = searchIn(three, {
      alpha: [tool("create_calendar_event")],
      beta: [tool("create_invoice"), tool("create_quote")],
      gamma: [tool("ping", { description: `${"Words without a meaning. ".repeat(20)} An event.` })],
    });
    const found = search.find("create calendar event", three, 8).matches;
    expect(found.map(({ server }) => server.id)).toEqual(["alpha"]);
  });

  test("counts what a server says of itself for its tools, at less than what they say", () => {
    const hubs = [serverEntry("github"), serverEntry("gitlab")];
    const search = searchIn(hubs, { github: [tool("create_issue")], gitlab: [tool("create_issue")] });
    expect(search.find("gitlab create issue", hubs, 8).matches[0]?.server.id).toBe("gitlab");
    const own = searchIn(hubs, { github: [tool("create_gitlab_issue")], gitlab: [tool("create_issue")] });
    expect(own.find("gitlab create issue", hubs, 8).matches[0]?.server.id).toBe("github");
  });

  test("without a match finds the nearest servers, marked as weak", () => {
    const found = searchIn(servers).find("zzzzqqqq", servers, 8).matches;
    expect(found.map(({ server, isWeak }) => [server.id, isWeak])).toEqual([
      ["alpha", true],
      ["beta", true],
    ]);
  });

  test.each(["", "the of and", "???", "日本"])("without searchable words (%j) has weak answers rather than none", (query) => {
    const found = searchIn(servers).find(query, servers, 8).matches;
    expect(found).not.toEqual([]);
    expect(found.every(({ isWeak }) => isWeak)).toBe(true);
  });

  test("has no answer if no server is eligible", () => {
    expect(searchIn(servers).find("alpha", [], 8).matches).toEqual([]);
  });

  test("gives at most three weak answers", () => {
    const many = Array.from({ length: 20 }, (_, index) => serverEntry(`s${index}`));
    expect(searchIn(many).find("zzzzqqqq", many, 8).matches).toHaveLength(3);
  });

  test("works with tools named like properties of Object.prototype", () => {
    const names = ["__proto__", "constructor", "toString", "hasOwnProperty"];
    const search = searchIn(servers, { alpha: names.map((name) => tool(name)) });
    for (const name of names) expect(search.find(name, servers, 8).matches.length).toBeGreaterThan(0);
  });
});

describe("priority", () => {
  test("decides between equally good matches", { tags: ["list.search"] }, () => {
    const servers = [
      serverEntry("a1", { title: "Weather", summary: "Weather.", priority: 2 }),
      serverEntry("a2", { title: "Weather", summary: "Weather.", priority: 9 }),
    ];
    expect(idsFor("weather", servers)).toEqual(["a2", "a1"]);
  });

  test("does not lift a worse match", () => {
    const servers = [
      serverEntry("weather", { title: "Weather", summary: "Weather by place.", priority: 1 }),
      serverEntry("other", { title: "Other", summary: "Many things, the weather among them, and more besides.", priority: 10 }),
    ];
    expect(idsFor("weather", servers)).toEqual(["weather", "other"]);
  });

  test("orders servers without a query, before the name", () => {
    const servers = [serverEntry("b"), serverEntry("a"), serverEntry("z", { priority: 9 })];
    expect(byPriority(servers).map(({ id }) => id)).toEqual(["z", "a", "b"]);
  });
});

test("rankTools ranks the tools of one server among themselves", () => {
  const server = serverEntry("alpha");
  const search = searchIn([server, serverEntry("beta")], {
    alpha: [tool("list_files"), tool("read_file", { description: "Reads." })],
    beta: [tool("read_file")],
  });
  expect(search.rankTools("read", server).map(({ name }) => name)).toEqual(["read_file"]);
  expect(search.rankTools("zzz", server)).toEqual([]);
});

describe("a query of words that nobody knows", { tags: ["limits.runtime"] }, () => {
  const many = Array.from({ length: 5_000 }, (_, index) =>
    tool(`tool_${index}`, { description: `Does word${index} and thing${index}.` }),
  );
  const servers = [serverEntry("many"), serverEntry("other")];

  test("finds what its beginning says", () => {
    const search = searchIn(servers, { many: [...many, tool("convert_currency")] });
    const noise = Array.from({ length: 250 }, (_, index) => `zqx${index}y`).join(" ");
    const [best] = search.find(`convert currency ${noise}`, servers, 8).matches;
    expect(best?.tools[0]?.name).toBe("convert_currency");
  });

  test.each([
    ["one word of 2,000 letters", "q".repeat(2_000)],
    ["words joined by dots", "a.b.".repeat(500)],
    ["words joined by hyphens", "a-b-".repeat(500)],
    ["the beginnings of idioms", "look turn roll throw ".repeat(100)],
    ["quotes", '"a '.repeat(600)],
    ["asides", "as fast as the last time in the last week ".repeat(50)],
    ["beginnings of requests", "please try to ".repeat(150)],
  ])("answers for %s", (_what, query) => {
    expect(searchIn(servers, { many }).find(query, servers, 8).matches.length).toBeGreaterThan(0);
  });
});

describe("a request", { tags: ["list.generalises"] }, () => {
  const hubs = ["code", "money", "files"].map((id) => serverEntry(id));
  const search = searchIn(hubs, {
    code: [
      tool("create_issue", { description: "Opens an issue." }),
      tool("get_issue", { description: "Reads an issue." }),
      tool("set_mode", {
        description: "Sets a thing.",
        inputSchema: {
          type: "object",
          properties: { mode: { type: "string", description: "Also hibernation of the machine.", enum: ["eco", "turbo"] } },
        },
      }),
      tool("issue_helper", { description: "This is a sub tool of create_issue. Do not call directly." }),
    ],
    money: [tool("send_invoice", { description: "Sends an invoice." }), tool("list_organisations")],
    files: [tool("search_files"), tool("merge_branches", { description: "Merging of branches." })],
  });
  const firstFor = (query: string) => {
    const [best] = search.find(query, hubs, 8).matches;
    return best?.isWeak ? "weak" : `${best?.server.id}.${best?.tools[0]?.name}`;
  };
  const shownFor = (query: string) =>
    search.find(query, hubs, 8).matches.flatMap(({ server, tools }) => tools.map(({ name }) => `${server.id}.${name}`));

  test.each([
    ["turbo", "words that stand only in an enum"],
    ["hibernation", "words that stand only in the description of a parameter"],
  ])("finds the tool of %s: %s", (query) => {
    expect(firstFor(query)).toBe("code.set_mode");
  });

  test.each([
    ["list organizations", "money.list_organisations"],
    ["erstelle ein Ticket", "code.create_issue"],
    ["envoyer une facture", "money.send_invoice"],
    ["buscar archivos", "files.search_files"],
    ["搜索文件", "files.search_files"],
  ])("is understood in another spelling or language: %s", (query, found) => {
    expect(firstFor(query)).toBe(found);
  });

  test("of everyday words finds the tools that they ask for, one way only", () => {
    const places = [serverEntry("north"), serverEntry("south")];
    const search = searchIn(places, { north: [tool("get_forecast"), tool("ping")], south: [tool("store_cold_meat")] });
    const shownFor = (query: string) =>
      search.find(query, places, 8).matches.flatMap(({ tools, isWeak }) => (isWeak ? [] : tools.map(({ name }) => name)));
    expect(shownFor("is it stormy outside")).toEqual(["get_forecast"]);
    expect(shownFor("forecast")).toEqual(["get_forecast"]);
  });

  test("is translated if more than one of its words is of another language: one alone may be a name", () => {
    const search = searchIn(hubs, { code: [tool("invite_member")] });
    const best = (query: string) => search.find(query, hubs, 8).matches[0];
    expect(best("lade ein Mitglied ein")).toMatchObject({ isWeak: false, tools: [{ name: "invite_member" }] });
    expect(best("Lade")?.isWeak).toBe(true);
  });

  test.each([
    ["这张卡长什么样", "get_card"],
    ["播放 Beyond 的歌曲", "play"],
  ])("in Chinese finds a tool that is described in it: %s", (query, name) => {
    const tools = [
      tool("get_card", { description: "通过卡牌ID获取这张卡牌的图片" }),
      tool("play", { description: "播放音乐" }),
      tool("stop"),
    ];
    const [best] = searchIn(hubs, { code: tools }).find(query, hubs, 8).matches;
    expect(best).toMatchObject({ isWeak: false, tools: [{ name }] });
  });

  test("with two wishes shows the tools of both", () => {
    const shown = shownFor("create an issue about the bug and send the invoice to the customer");
    expect(shown).toEqual(expect.arrayContaining(["code.create_issue", "money.send_invoice"]));
  });

  test("that nothing fits is said, with the words that nothing mentions", () => {
    const { matches, unknown } = search.find("brew espresso tomorrow morning", hubs, 8);
    expect(matches.every(({ isWeak }) => isWeak)).toBe(true);
    expect(matches.length).toBeLessThanOrEqual(3);
    expect(unknown).toEqual(["brew", "espresso", "tomorrow", "morning"]);
  });

  test("that fits does not complain of the names in it", () => {
    expect(search.find("create an issue for Zaphod", hubs, 8).unknown).toEqual([]);
  });

  test("that fits tells which service it names that nobody mentions", () => {
    expect(search.find("create an issue with Zendesk", hubs, 8)).toMatchObject({
      matches: [{ isWeak: false }],
      unknown: ["zendesk"],
    });
    expect(search.find("create an issue on Friday", hubs, 8).unknown).toEqual([]);
  });

  test.each([
    ["create the Zendesk issue", "zendesk"],
    ["create an issue out of PagerDuty", "pagerduty"],
  ])("that fits tells which service it names in other ways: %s", (query, service) => {
    expect(search.find(query, hubs, 8)).toMatchObject({ matches: [{ isWeak: false }], unknown: [service] });
  });

  test.each(["create the Friday issue", "create an issue for Zaphod", 'create an issue called "the Zendesk story"'])(
    "that fits tells of no service where it names none: %s",
    (query) => {
      expect(search.find(query, hubs, 8).unknown).toEqual([]);
    },
  );

  test.each(["send Zaphod the invoice", "can you create an issue"])("fits if its object is found: %s", (query) => {
    expect(search.find(query, hubs, 8)).toMatchObject({ matches: [{ isWeak: false }], unknown: [] });
  });

  test("fits nothing if only its commonest word is found", () => {
    const alike = Array.from({ length: 8 }, (_, at) => tool(`part_${at}`, { description: "Opens a thing." }));
    const places = [serverEntry("north"), serverEntry("south")];
    const { matches } = searchIn(places, { north: alike }).find("rename the espresso opens", places, 8);
    expect(matches.every(({ isWeak }) => isWeak)).toBe(true);
  });

  test.each(["issue tomorrow", "invoice today"])("fits with a day, which is no object: %s", (query) => {
    expect(search.find(query, hubs, 8).matches[0]?.isWeak).toBe(false);
  });

  test.each([
    (query: string) => `quickly ${query}`,
    (query: string) => `${query} fast`,
    (query: string) => `Hi, could you please ${query} this time`,
    (query: string) => `the customer wants us to ${query} as soon as possible`,
    (query: string) => `is there an easy way to ${query}`,
    (query: string) => `I was wondering if you could ${query}`,
    (query: string) => `be so kind and ${query}`,
    (query: string) => `I keep forgetting to ${query}`,
    (query: string) => `${query} 3 times`,
  ])("finds the same however it is asked: %s", (asked) => {
    for (const query of ["create an issue about the list", "send the invoice", "merge the branches", "search the files"]) {
      expect(firstFor(asked(query))).toBe(firstFor(query));
    }
  });

  test("puts a tool that is not to be called directly behind the others", () => {
    expect(shownFor("issue").at(-1)).toBe("code.issue_helper");
  });
});
