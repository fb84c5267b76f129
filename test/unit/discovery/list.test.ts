import { countTokens } from "gpt-tokenizer/encoding/o200k_base";
import { describe, expect, test } from "vitest";
import { discoveryLimits } from "../../../core/discovery/discovery-limits.ts";
import { UpstreamError } from "../../../core/errors.ts";
import { limits } from "../../../core/limits.ts";
import type { Reachability } from "../../../core/mcp/upstream.ts";
import { registryPath } from "../../../core/registry/registry.ts";
import { serverEntry, tool } from "../../support/builders.ts";
import { FakeUpstream } from "../../support/fakes.ts";
import { startSession } from "../../support/session.ts";

const bySearch = [
  serverEntry("plain", { domains: ["Code"], tags: ["git"] }),
  serverEntry("dear", { sensitivity: "high", domains: ["money"] }),
  serverEntry("asked", { visibility: "opt_in", tags: ["git"] }),
  serverEntry("new", { visibility: "experimental" }),
];

function list(input: object, servers = bySearch) {
  return startSession({ servers }).orchestrator.listCapabilities(input);
}

function idsOf(listing: object): string[] {
  return "servers" in listing && Array.isArray(listing.servers) ? listing.servers.map(({ id }) => id) : [];
}

describe("a listing without a query", () => {
  test("shows the default servers, without empty fields", () => {
    expect(list({})).toEqual({
      servers: [
        { id: "dear", title: "dear", summary: "The dear server.", sensitivity: "high", status: "not_connected" },
        { id: "plain", title: "plain", summary: "The plain server.", status: "not_connected" },
      ],
      total: 2,
    });
  });

  test("accepts undefined as an empty input", () => {
    expect(idsOf(startSession({ servers: bySearch }).orchestrator.listCapabilities(undefined))).toEqual(["dear", "plain"]);
  });

  test("omits the summary with detail minimal", () => {
    expect(list({ detail: "minimal", tags: ["git"] })).toEqual({
      servers: [{ id: "plain", title: "plain", status: "not_connected" }],
      total: 1,
    });
  });

  test.each([
    [{ visibility: ["opt_in"] }, ["asked"]],
    [{ visibility: ["default", "opt_in", "experimental"] }, ["asked", "dear", "new", "plain"]],
    [{ visibility: [] }, []],
    [{ domains: ["code"] }, ["plain"]],
    [{ domains: ["code", "MONEY"] }, ["dear", "plain"]],
    [{ domains: [] }, ["dear", "plain"]],
    [{ tags: ["git"], visibility: ["default", "opt_in"] }, ["asked", "plain"]],
    [{ tags: ["git"], domains: ["money"] }, []],
  ])("with the filter %j shows %j", { tags: ["list.filters"] }, (input, ids) => {
    expect(idsOf(list(input))).toEqual(ids);
  });

  test("says so if the filters exclude every server", () => {
    expect(list({ tags: ["git"], domains: ["money"] })).toEqual({
      servers: [],
      total: 0,
      message: expect.stringContaining("omit the filters"),
    });
    expect(list({ tags: ["nope"] })).toEqual({ servers: [], total: 0, message: 'No tag "nope". Known tags: git.' });
  });

  test("is cut to the limit, but still counts the total", () => {
    const many = Array.from({ length: 30 }, (_, index) => serverEntry(`s${index}`));
    expect(list({}, many)).toMatchObject({ total: 30, servers: { length: 20 } });
    expect(list({ limit: 1 }, many)).toMatchObject({ total: 30, servers: { length: 1 } });
    expect(list({ limit: 100 }, many)).toMatchObject({ total: 30, servers: { length: 30 } });
  });
});

describe("a query", () => {
  test("without a match gives weak answers and says so", { tags: ["list.query"] }, () => {
    expect(list({ query: "zzzqqq" })).toMatchObject({
      servers: [
        { id: "dear", weak: true },
        { id: "plain", weak: true },
      ],
      message: "Nothing matches well; these are the nearest. Nothing here mentions: zzzqqq.",
    });
  });

  test("shows the matching tools as soon as they are known, each in one short line", { tags: ["list.query"] }, async () => {
    const { orchestrator } = startSession({
      servers: bySearch,
      upstream: new FakeUpstream({
        plain: { tools: [tool("blame", { description: `Who wrote\na line. ${"x".repeat(500)}` }), tool("log")] },
      }),
    });
    expect(orchestrator.listCapabilities({ query: "blame" })).toMatchObject({ servers: [{ weak: true }, { weak: true }] });
    await orchestrator.describe({ id: "plain" });
    const listing = orchestrator.listCapabilities({ query: "blame" });
    expect(listing).toMatchObject({
      servers: [
        { id: "plain", status: "ready", toolCount: 2, tools: [{ name: "blame", signature: expect.stringMatching(/^blame\(/) }] },
      ],
      total: 1,
    });
    const description = "servers" in listing ? listing.servers[0]?.tools?.[0]?.description : undefined;
    expect(description).toBe("Who wrote a line.");
    expect(description?.length).toBeLessThanOrEqual(discoveryLimits.listLineCharsMax);
  });
});

test("only the best server for a query says what it is beside its tools", { tags: ["list.query"] }, async () => {
  const { orchestrator } = startSession({
    servers: [serverEntry("code"), serverEntry("money", { title: "Blame" })],
    upstream: new FakeUpstream({ code: { tools: [tool("blame_line")] }, money: { tools: [tool("blame"), tool("pay")] } }),
  });
  for (const id of ["code", "money"]) await orchestrator.describe({ id });
  expect(orchestrator.listCapabilities({ query: "blame" })).toMatchObject({
    servers: [
      { id: "money", summary: "The money server.", toolCount: 2, tools: [{ name: "blame" }] },
      { id: "code", title: "code", status: "ready", tools: [{ name: "blame_line" }] },
    ],
  });
  const { servers = [] } = orchestrator.listCapabilities({ query: "blame" }) as { servers?: object[] };
  expect(Object.keys(servers[1] ?? {})).toEqual(["id", "title", "status", "tools"]);
});

describe("several wishes", { tags: ["list.wishes"] }, () => {
  async function hubs() {
    const { orchestrator } = startSession({
      servers: [serverEntry("code"), serverEntry("money"), serverEntry("maps")],
      upstream: new FakeUpstream({
        code: { tools: [tool("create_issue"), tool("list_branches")] },
        money: { tools: [tool("send_invoice"), tool("list_payments")] },
        maps: { tools: [tool("find_route")] },
      }),
    });
    for (const id of ["code", "money", "maps"]) await orchestrator.describe({ id });
    return orchestrator;
  }
  const shown = (listing: object) =>
    ("servers" in listing && Array.isArray(listing.servers) ? listing.servers : []).flatMap(({ id, tools = [] }) =>
      tools.map(({ name }: { name: string }) => `${id}.${name}`),
    );

  test("are each answered with their best tools, in one list", async () => {
    const orchestrator = await hubs();
    const listing = orchestrator.listCapabilities({ query: ["create issue", "send invoice", "find route"] });
    expect(shown(listing)).toEqual(expect.arrayContaining(["code.create_issue", "money.send_invoice", "maps.find_route"]));
    expect(listing).not.toHaveProperty("message");
  });

  test("of which nothing fits one say so, and the others are answered", async () => {
    const orchestrator = await hubs();
    const listing = orchestrator.listCapabilities({ query: ["create issue", "zzzqqq"] });
    expect(shown(listing)[0]).toBe("code.create_issue");
    expect(listing).toMatchObject({
      message: 'Nothing matches well for "zzzqqq"; these are the nearest. Nothing here mentions: zzzqqq.',
    });
  });

  test("as one are a query, and more than five are refused", async () => {
    const orchestrator = await hubs();
    expect(orchestrator.listCapabilities({ query: ["create issue"] })).toEqual(
      orchestrator.listCapabilities({ query: "create issue" }),
    );
    expect(orchestrator.listCapabilities({ query: Array.from({ length: 5 }, () => "issue") })).not.toHaveProperty("ok");
    expect(orchestrator.listCapabilities({ query: Array.from({ length: 6 }, () => "issue") })).toMatchObject({ ok: false });
  });
});

describe("a filter that no server has", { tags: ["list.filters"] }, () => {
  test("is answered with the closest and the known names", () => {
    expect(list({ domains: ["cod"] })).toEqual({
      servers: [],
      total: 0,
      message: 'No domain "cod". Closest: Code. Known domains: Code, money.',
    });
    expect(list({ domains: ["code", "nope"] })).toMatchObject({
      servers: [{ id: "plain" }],
      message: expect.stringContaining('No domain "nope".'),
    });
  });
});

test("a list of all servers of a registry takes less than 800 tokens too, however much they say", {
  tags: ["list.overview"],
}, () => {
  const summary = `The server does many things with the things of its kind. ${"More of it. ".repeat(20)}`;
  const many = Array.from({ length: 20 }, (_, index) => serverEntry(`server-${index}`, { summary, domains: ["code"] }));
  const reachability = (): Reachability => ({
    status: "unavailable",
    reason: `It ended. ${"Its output says much. ".repeat(30)}`,
  });
  const upstream = Object.assign(new FakeUpstream(), { reachability });
  for (const listing of [list({}, many), startSession({ servers: many, upstream }).orchestrator.listCapabilities({})]) {
    expect(countTokens(JSON.stringify(listing))).toBeLessThan(1_300);
    expect(listing).toMatchObject({ servers: { length: 20 }, total: 20 });
    expect(listing).not.toHaveProperty("domains");
  }
  expect(countTokens(JSON.stringify(list({}, many)))).toBeLessThan(800);
  expect(list({}, many.slice(0, 5))).toMatchObject({ servers: { 0: { summary } } });
});

test("words that only people say to each other are not among those that nothing mentions", { tags: ["list.query"] }, () => {
  const listing = list({ query: "kindly zzzqqq, I was told, asap thanks" });
  expect(listing).toMatchObject({ message: expect.stringMatching(/Nothing here mentions: zzzqqq\.$/) });
});

test("a list of a large registry without domains says what its servers are for, in less than 800 tokens", {
  tags: ["list.overview"],
}, () => {
  const summary = "Notes, pictures and letters of people who never throw anything away, sorted by year";
  const many = Array.from({ length: 300 }, (_, n) =>
    serverEntry(`archive-${n}`, { summary, domains: n === 7 ? ["letters"] : [] }),
  );
  const listing = list({}, many);
  const told = { summary: expect.stringMatching(/^Notes, pictures and lett/) };
  expect(listing).toMatchObject({ servers: Array(20).fill(told), total: 300, domains: { letters: 1 } });
  expect(countTokens(JSON.stringify(listing))).toBeLessThan(800);
  const none = list(
    {},
    many.map((server) => ({ ...server, domains: [] })),
  );
  expect(none).not.toHaveProperty("domains");
});

test("a list of a large registry is an overview by domain for less than 800 tokens", { tags: ["list.overview"] }, () => {
  const many = Array.from({ length: 500 }, (_, index) =>
    serverEntry(`server-${index}`, {
      summary: `The server ${index} does many things with the things of its kind. ${"More of it. ".repeat(10)}`,
      domains: [`domain-${index % 40}`],
    }),
  );
  const listing = list({}, many);
  expect(countTokens(JSON.stringify(listing))).toBeLessThan(800);
  expect(listing).toMatchObject({ servers: { length: 20 }, total: 500, domains: { "domain-0": 13 } });
});

describe("the status of a server", () => {
  const status = (reachability: Reachability) =>
    startSession({
      servers: [serverEntry("a")],
      upstream: new FakeUpstream({ a: { tools: [], reachability } }),
    }).orchestrator.listCapabilities({ detail: "minimal" });
  const shown = (fields: object) => ({ servers: [{ id: "a", title: "a", ...fields }], total: 1 });

  test("is not_connected until its tools are known, even if it is connected", () => {
    expect(status({ status: "not_connected" })).toEqual(shown({ status: "not_connected" }));
    expect(status({ status: "connected" })).toEqual(shown({ status: "not_connected" }));
  });

  test("is that of the upstream if it is unreachable or needs a login", () => {
    expect(status({ status: "bridge_offline", reason: "No bridge." })).toEqual(
      shown({ status: "bridge_offline", reason: "No bridge." }),
    );
    expect(status({ status: "auth_required", url: "https://a/login" })).toEqual(
      shown({ status: "auth_required", url: "https://a/login" }),
    );
    expect(status({ status: "unavailable", reason: "x".repeat(10_000) })).toEqual(
      shown({ status: "unavailable", reason: `${"x".repeat(limits.reasonCharsMax)}…` }),
    );
  });

  test("is ready if its tools are cached, unless the bridge is offline", { tags: ["list.status"] }, async () => {
    const upstream = new FakeUpstream({ a: { tools: [tool("t")] } });
    const { orchestrator } = startSession({ servers: [serverEntry("a")], upstream });
    await orchestrator.describe({ id: "a" });
    expect(orchestrator.listCapabilities({})).toMatchObject({ servers: [{ status: "ready", toolCount: 1 }] });
    upstream.servers.set("a", { tools: [], reachability: { status: "bridge_offline", reason: "Gone." } });
    expect(orchestrator.listCapabilities({})).toMatchObject({ servers: [{ status: "bridge_offline", reason: "Gone." }] });
  });

  test("is unavailable with the reason after its tools could not be listed, and ready after they could", {
    tags: ["list.status"],
  }, async () => {
    const upstream = new FakeUpstream({
      a: { tools: new UpstreamError("server_unavailable", "a did not start: no such file.", { delivery: "not_sent" }) },
    });
    const { orchestrator } = startSession({ servers: [serverEntry("a")], upstream });
    await orchestrator.describe({ id: "a" });
    expect(orchestrator.listCapabilities({})).toMatchObject({
      servers: [{ status: "unavailable", reason: "a did not start: no such file." }],
    });
    upstream.servers.set("a", { tools: [tool("t")] });
    await orchestrator.discover(() => true);
    expect(orchestrator.listCapabilities({})).toMatchObject({ servers: [{ status: "ready" }] });
  });
});

test("list_mcp_capabilities never connects to a server", { tags: ["list.never-connects"] }, () => {
  const { orchestrator, upstream } = startSession({ servers: bySearch });
  orchestrator.listCapabilities({});
  orchestrator.listCapabilities({ query: "git", visibility: ["default", "opt_in", "experimental"] });
  expect([upstream.listed, upstream.called]).toEqual([[], []]);
});

describe("a registry", () => {
  test("without servers gets a message that names the registry file", { tags: ["list.empty"] }, () => {
    expect(list({}, [])).toEqual({ servers: [], total: 0, message: expect.stringContaining(registryPath) });
    expect(list({ query: "anything" }, [])).toMatchObject({ servers: [], message: expect.stringContaining(registryPath) });
  });

  const problems = [{ path: "servers[0].id", message: "wrong" }];

  test("without servers but with problems shows the first problem", () => {
    const listing = startSession({ servers: [], problems }).orchestrator.listCapabilities({});
    expect(listing).toMatchObject({ message: expect.stringMatching(/1 problem.*servers\[0\]\.id: wrong/) });
  });

  test("with problems still lists its valid servers, and shows the first problem", () => {
    const listing = startSession({ servers: bySearch, problems }).orchestrator.listCapabilities({});
    expect(listing).toMatchObject({ total: 2, message: expect.stringMatching(/1 problem.*servers\[0\]\.id: wrong/) });
  });
});

test.each([
  [{ limit: 0 }, "limit"],
  [{ limit: 101 }, "limit"],
  [{ limit: 1.5 }, "limit"],
  [{ visibility: ["all"] }, "visibility.0"],
  [{ query: 7 }, "query: expected a text, or a list of at most five"],
  [{ nope: 1 }, "nope"],
])("the input %j is refused with the name of the wrong field", (input, name) => {
  expect(list(input)).toEqual({
    ok: false,
    errors: [{ code: "invalid_input", phase: "input", retryable: false, message: expect.stringContaining(name) }],
  });
});

test.each(["text", 7, true, [[]]])("an input that is not an object is refused: %j", (input) => {
  expect(startSession({ servers: bySearch }).orchestrator.listCapabilities(input)).toMatchObject({
    ok: false,
    errors: [{ code: "invalid_input", message: expect.stringContaining("expected object") }],
  });
});

test("an input with thousands of mistakes gets a short answer", () => {
  const listing = list({ tags: Array.from({ length: 5_000 }, () => 1) });
  expect(JSON.stringify(listing).length).toBeLessThan(2_000);
});

describe("a server that its visibility leaves out", { tags: ["list.filters"] }, () => {
  const servers = [
    serverEntry("forge", { summary: "Merge requests and pipelines of a project." }),
    serverEntry("browser", { visibility: "opt_in", summary: "Drives a browser: pages, clicks, screenshots of a web page." }),
  ];
  const said = (input: object) => list(input, servers);

  test("is named when it fits better than all that are shown, with what it takes to use it", () => {
    const told = expect.stringContaining('browser (opt_in). List it with visibility ["opt_in"]');
    expect(said({ query: "take a screenshot of a web page" })).toMatchObject({ message: told });
    expect(said({ query: ["list merge requests", "take a screenshot of a web page"] })).toMatchObject({ message: told });
    expect(idsOf(said({ query: "take a screenshot of a web page" }))).not.toContain("browser");
  });

  test.each([
    { query: "merge requests" },
    { query: "zzqq" },
    { query: "take a screenshot of a web page", visibility: ["default", "opt_in"] },
    {},
  ])("is not named otherwise: %j", (input) => {
    expect(JSON.stringify(said(input))).not.toContain("allowedMcpIds");
  });
});
