import { afterEach, describe, expect, test, vi } from "vitest";
import { type Catalog, createCatalog } from "../../../core/catalog/catalog.ts";
import { UpstreamError } from "../../../core/errors.ts";
import { limits } from "../../../core/limits.ts";
import type { Tool } from "../../../core/mcp/tool.ts";
import { nameTools } from "../../../core/registry/identifiers.ts";
import type { Store } from "../../../core/store.ts";
import { bigServer } from "../../support/big-server.ts";
import { serverEntry, tool } from "../../support/builders.ts";
import { FakeUpstream, ManualClock, memoryStore, offline } from "../../support/fakes.ts";

const server = serverEntry("a");

afterEach(() => {
  vi.restoreAllMocks();
});

function start(tools: ConstructorParameters<typeof FakeUpstream>[0], store: Store = memoryStore()) {
  const upstream = new FakeUpstream(tools);
  const clock = new ManualClock();
  return { upstream, clock, store, catalog: createCatalog({ upstream, store, clock, failures: new Map() }) };
}

async function namesOf(catalog: Catalog, of = server): Promise<string[]> {
  return (await catalog.load(of)).tools.map(({ name }) => name);
}

/** A tool list that the test resolves or rejects. */
function held() {
  const { promise, resolve, reject } = Promise.withResolvers<Tool[]>();
  return { tools: () => promise, resolve, reject };
}

describe("loading a tool list", () => {
  test("asks the server once, then answers from the cache for catalogTtlMs", { tags: ["catalog.kept"] }, async () => {
    const { catalog, upstream, clock } = start({ a: { tools: [tool("t")] } });
    expect(catalog.cached(server)).toBeUndefined();
    expect(await namesOf(catalog)).toEqual(["t"]);
    clock.advance(limits.catalogTtlMs - 1);
    await catalog.load(server);
    expect(upstream.listed).toEqual(["a"]);
    clock.advance(1);
    await catalog.load(server);
    expect(upstream.listed).toEqual(["a", "a"]);
  });

  test("would take no time as long as the listing is fresh, which asks no server", async () => {
    const { catalog, upstream, clock } = start({ a: { tools: [tool("t")] } });
    expect(catalog.fresh(server)).toBeUndefined();
    expect(upstream.listed).toEqual([]);
    const loaded = await catalog.load(server);
    expect(catalog.fresh(server)).toEqual(loaded);
    catalog.outdate(server);
    expect(catalog.fresh(server)).toBeUndefined();
    await catalog.load(server);
    clock.advance(limits.catalogTtlMs);
    expect(catalog.fresh(server)).toBeUndefined();
    // After a failure the old listing is used for a while without another fetch.
    upstream.servers.set("a", { tools: offline(server) });
    await catalog.load(server);
    expect(catalog.fresh(server)?.tools).toEqual(loaded.tools);
    expect(upstream.listed).toEqual(["a", "a", "a"]);
  });

  test("asks the server once for several concurrent callers", { tags: ["catalog.kept"] }, async () => {
    const listing = held();
    const { catalog, upstream } = start({ a: { tools: listing.tools } });
    const loads = [namesOf(catalog), namesOf(catalog), namesOf(catalog)];
    listing.resolve([tool("t")]);
    expect(await Promise.all(loads)).toEqual([["t"], ["t"], ["t"]]);
    expect(upstream.listed).toEqual(["a"]);
  });

  test("fails for all concurrent callers, and the next one asks the server again", async () => {
    const { catalog, upstream } = start({ a: { tools: offline(server) } });
    const loads = await Promise.allSettled([catalog.load(server), catalog.load(server)]);
    expect(loads.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(upstream.listed).toEqual(["a"]);
    upstream.servers.set("a", { tools: [tool("t")] });
    expect(await namesOf(catalog)).toEqual(["t"]);
    expect(catalog.failure(server)).toBeUndefined();
  });

  test("fails with the upstream's error, or with an internal error that hides the text of a bug", async () => {
    const { catalog, upstream } = start({ a: { tools: offline(server) } });
    await expect(catalog.load(server)).rejects.toMatchObject({ code: "server_unavailable" });
    expect(catalog.failure(server)).toBe("a cannot be reached.");
    const log = vi.spyOn(console, "error").mockImplementation(() => {});
    upstream.servers.set("a", { tools: new TypeError("a bug") });
    await expect(catalog.load(server)).rejects.toMatchObject({ code: "internal" });
    expect(catalog.failure(server)).not.toContain("a bug");
    expect(log).toHaveBeenCalled();
  });

  test("does not depend on the signal of a run, and has the timeout catalogFetchMs", async () => {
    let seen: { aborted: boolean; timeoutMs: number } | undefined;
    const { catalog } = start({
      a: {
        tools: ({ signal, timeoutMs }) => {
          seen = { aborted: signal.aborted, timeoutMs };
          return [];
        },
      },
    });
    await catalog.load(server);
    expect(seen).toEqual({ aborted: false, timeoutMs: limits.catalogFetchMs });
  });
});

describe("a stale tool list", () => {
  test("is used if the server fails, which is asked again after catalogRetryMs", { tags: ["catalog.stale"] }, async () => {
    const { catalog, upstream, clock } = start({ a: { tools: [tool("old")] } });
    await catalog.load(server);
    clock.advance(limits.catalogTtlMs);
    upstream.servers.set("a", { tools: offline(server) });
    expect(await namesOf(catalog)).toEqual(["old"]);
    expect(catalog.failure(server)).toBe("a cannot be reached.");
    clock.advance(limits.catalogRetryMs - 1);
    expect(await namesOf(catalog)).toEqual(["old"]);
    expect(upstream.listed).toHaveLength(2);
    clock.advance(1);
    upstream.servers.set("a", { tools: [tool("new")] });
    expect(await namesOf(catalog)).toEqual(["new"]);
  });

  test("is replaced when the server reports a change, even during a request for the list", async () => {
    const listing = held();
    const { catalog, upstream } = start({ a: { tools: listing.tools } });
    const loading = namesOf(catalog);
    const refreshing = [catalog.refresh(server), catalog.refresh(server)];
    upstream.servers.set("a", { tools: [tool("new")] });
    listing.resolve([tool("old")]);
    expect(await loading).toEqual(["old"]);
    await Promise.all(refreshing);
    expect(await namesOf(catalog)).toEqual(["new"]);
    expect(upstream.listed).toEqual(["a", "a"]);
  });

  test("is used after catalogWaitMs if the server is slow, and the request continues", { tags: ["catalog.stale"] }, async () => {
    const { catalog, upstream, clock } = start({ a: { tools: [tool("old")] } });
    await catalog.load(server);
    const listing = held();
    upstream.servers.set("a", { tools: listing.tools });
    clock.advance(limits.catalogTtlMs);
    const loading = namesOf(catalog);
    clock.advance(limits.catalogWaitMs);
    expect(await loading).toEqual(["old"]);
    expect(clock.pending).toBe(0);
    listing.resolve([tool("new")]);
    expect(await namesOf(catalog)).toEqual(["new"]);
    expect(upstream.listed).toEqual(["a", "a"]);
  });

  test("is not used if the server has reported a change: callers wait for the new list", {
    tags: ["catalog.changes"],
  }, async () => {
    const { catalog, upstream } = start({ a: { tools: [tool("old")] } });
    await catalog.load(server);
    const listing = held();
    upstream.servers.set("a", { tools: listing.tools });
    const refreshing = catalog.refresh(server);
    const loading = namesOf(catalog);
    listing.resolve([tool("new")]);
    expect(await loading).toEqual(["new"]);
    await refreshing;
    expect(upstream.listed).toEqual(["a", "a"]);
  });

  test("raises the catalog's version when a different list replaces it, and not when the list is equal or the request fails", async () => {
    const { catalog, upstream } = start({ a: { tools: [tool("t")] } });
    const before = catalog.version();
    await catalog.refresh(server);
    const after = catalog.version();
    expect(after).toBeGreaterThan(before);
    upstream.servers.set("a", { tools: [tool("t")] });
    await catalog.refresh(server);
    expect(catalog.version()).toBe(after);
    upstream.servers.set("a", { tools: offline(server) });
    await expect(catalog.refresh(server)).rejects.toThrow();
    expect(catalog.version()).toBe(after);
    expect(catalog.cached(server)?.tools).toHaveLength(1);
  });
});

describe("a tool", () => {
  const takes = (properties: object) => ({ inputSchema: { type: "object", properties } });
  const city = { type: "string", description: "Where." };

  test.each([
    ["no field", takes({ city }), takes({ city }), false],
    ["the order of keys", takes({ city }), { inputSchema: { properties: { city: { ...city } }, type: "object" } }, false],
    ["its description", { description: "Old." }, { description: "New." }, false],
    ["an argument", takes({ city }), takes({ town: city }), true],
    ["its result", {}, { outputSchema: { type: "object" } }, false],
    ["its annotations", { annotations: { readOnlyHint: true } }, { annotations: {} }, true],
  ])("of which %s differs in a new list: %j, then %j, hasChanged: %s", async (_what, before, after, isAnother) => {
    const { catalog, upstream } = start({ a: { tools: [tool("t", before)] } });
    const [linked] = (await catalog.load(server)).tools;
    upstream.servers.set("a", { tools: [tool("t", after)] });
    await catalog.refresh(server);
    expect(linked && catalog.hasChanged(server, linked)).toBe(isAnother);
  });

  test("that was removed has not changed, because the server itself refuses the call", async () => {
    const { catalog, upstream } = start({ a: { tools: [tool("t")] } });
    await catalog.load(server);
    upstream.servers.set("a", { tools: [] });
    await catalog.refresh(server);
    expect(catalog.hasChanged(server, tool("t"))).toBe(false);
    expect(catalog.hasChanged(serverEntry("never-listed"), tool("t"))).toBe(false);
  });
});

describe("a stored tool list", () => {
  test("is used by the next catalog without asking the server", { tags: ["catalog.kept"] }, async () => {
    const first = start({ a: { tools: [tool("t", { description: "d" })] } });
    await first.catalog.load(server);
    const second = start({}, first.store);
    expect(second.catalog.cached(server)?.tools).toEqual([expect.objectContaining({ name: "t", description: "d" })]);
    expect(await namesOf(second.catalog)).toEqual(["t"]);
    expect(second.upstream.listed).toEqual([]);
  });

  test("is not used if the entry has another command", async () => {
    const first = start({ a: { tools: [tool("t")] } });
    await first.catalog.load(server);
    const second = start({}, first.store);
    expect(
      second.catalog.cached(serverEntry("a", { mcp: { transport: "stdio", command: "other", args: [], env: {} } })),
    ).toBeUndefined();
  });

  test("keeps the identifiers of its tools, so that a tool added later cannot take one", {
    tags: ["clients.names"],
  }, async () => {
    const { catalog, upstream, store } = start({ a: { tools: [tool("a.b"), tool("c")] } });
    await catalog.load(server);
    upstream.servers.set("a", { tools: [tool("a-b"), tool("a.b"), tool("c")] });
    await catalog.refresh(server);
    for (const session of [catalog, start({}, store).catalog]) {
      const names = nameTools(session.cached(server)?.tools ?? []);
      expect([...names]).toEqual([
        ["a-b", expect.stringMatching(/^a_b_[0-9a-z]{6}$/)],
        ["a.b", "a_b"],
        ["c", "c"],
      ]);
    }
    // If the entry hides the tool with the plain name, the other one keeps its own name.
    const hiding = serverEntry("a", { tools: { deny: ["a.b"] } });
    expect([...nameTools(catalog.cached(hiding)?.tools ?? []).values()]).toEqual([expect.stringMatching(/^a_b_/), "c"]);
  });

  test("is fetched again if it is malformed", async () => {
    const first = start({ a: { tools: [tool("t")] } });
    await first.catalog.load(server);
    for (const key of first.store.keys("")) first.store.write(key, { tools: "gone" });
    const second = start({ a: { tools: [tool("fresh")] } }, first.store);
    expect(await namesOf(second.catalog)).toEqual(["fresh"]);
  });
});

describe("a tool that the entry hides", () => {
  const of = (tools: object) => serverEntry("a", { tools });

  test.each([
    [{}, ["x", "y", "z"]],
    [{ allow: ["x", "y", "nope"] }, ["x", "y"]],
    [{ allow: [] }, []],
    [{ deny: ["y"] }, ["x", "z"]],
    [{ allow: ["x", "y"], deny: ["y"] }, ["x"]],
  ])("does not exist: %j leaves %j", async (rule, names) => {
    const { catalog } = start({ a: { tools: [tool("x"), tool("y"), tool("z")] } });
    expect(await namesOf(catalog, of(rule))).toEqual(names);
    expect(catalog.cached(of(rule))?.tools.map(({ name }) => name)).toEqual(names);
  });

  test("appears again once the entry no longer hides it, without asking the server", async () => {
    const { catalog, upstream } = start({ a: { tools: [tool("x"), tool("y")] } });
    await catalog.load(of({ deny: ["x"] }));
    expect(catalog.cached(server)?.tools).toHaveLength(2);
    expect(upstream.listed).toHaveLength(1);
  });
});

describe("discovery", () => {
  const servers = Array.from({ length: 10 }, (_, index) => serverEntry(`s${index}`));

  test("asks discoveryConcurrency servers at a time", { tags: ["registry.discovery"] }, async () => {
    let running = 0;
    let most = 0;
    const tools = async () => {
      most = Math.max(most, ++running);
      await new Promise(setImmediate);
      running -= 1;
      return [];
    };
    const { catalog, upstream } = start(Object.fromEntries(servers.map(({ id }) => [id, { tools }])));
    await catalog.discover(servers);
    expect(upstream.listed).toHaveLength(servers.length);
    expect(most).toBe(limits.discoveryConcurrency);
  });

  test("continues after discoveryTurnMs with the next server when one does not answer", { tags: ["catalog.stale"] }, async () => {
    const silent = Object.fromEntries(servers.slice(0, -1).map(({ id }) => [id, { tools: held().tools }]));
    const { catalog, upstream, clock } = start({ ...silent, s9: { tools: [tool("t")] } });
    void catalog.discover(servers);
    while (catalog.cached(serverEntry("s9")) === undefined) {
      await new Promise(setImmediate);
      clock.advance(limits.discoveryTurnMs);
    }
    expect(upstream.listed).toHaveLength(servers.length);
    expect(clock.now()).toBeLessThan(1_000_000 + limits.catalogFetchMs);
  });

  test("skips servers with a cached list and asks failed ones again", async () => {
    const { catalog, upstream } = start({ s0: { tools: [] }, s1: { tools: offline({ id: "s1" }) } });
    await catalog.discover(servers.slice(0, 2));
    upstream.servers.set("s1", { tools: [tool("t")] });
    await catalog.discover(servers.slice(0, 2));
    expect(upstream.listed).toEqual(["s0", "s1", "s1"]);
    await catalog.discover(servers.slice(0, 2));
    expect(upstream.listed).toHaveLength(3);
  });

  test("never rejects, even if the store or a server fails", async () => {
    const broken: Store = {
      ...memoryStore(),
      read() {
        throw new Error("The disk is gone.");
      },
    };
    await expect(start({}, broken).catalog.discover(servers)).resolves.toBeUndefined();
    const { catalog } = start({ s0: { tools: new UpstreamError("auth_required", "Log in.", { delivery: "not_sent" }) } });
    await expect(catalog.discover(servers)).resolves.toBeUndefined();
    await expect(catalog.discover([])).resolves.toBeUndefined();
    expect(catalog.failure(serverEntry("s0"))).toBe("Log in.");
  });
});

describe("a tool list of megabytes", { tags: ["servers.no-delay"] }, () => {
  const large = () => bigServer({ tools: 400, bytes: 3_000_000 });

  test("is taken in, and read again after the session was evicted, in short turns", async () => {
    const { catalog, upstream, store, clock } = start({ a: { tools: large() }, b: { tools: large() } });
    const turns = vi.spyOn(clock, "after");
    const pauses = () => turns.mock.calls.filter(([ms]) => ms === 0).length;
    const servers = [server, serverEntry("b")];
    await Promise.all(servers.map((one) => catalog.load(one)));
    expect(pauses()).toBeGreaterThan(20);
    upstream.servers.set("a", { tools: large() });
    const before = pauses();
    const { version } = catalog;
    await catalog.refresh(server);
    expect(pauses()).toBeGreaterThan(before + 20);
    expect(catalog.version).toBe(version);

    const evicted = start({}, store);
    const later = vi.spyOn(evicted.clock, "after");
    await evicted.catalog.readAll(servers);
    expect(later.mock.calls.filter(([ms]) => ms === 0)).toHaveLength(2);
    const read = vi.spyOn(store, "readJson");
    expect(evicted.catalog.cached(server)?.tools).toEqual(catalog.cached(server)?.tools);
    await evicted.catalog.readAll(servers);
    expect(read).not.toHaveBeenCalled();
  });

  test("needs no turn if it is a short one", async () => {
    const { catalog, clock, store } = start({ a: { tools: [tool("t")] } });
    const turns = vi.spyOn(clock, "after");
    await catalog.load(server);
    await start({}, store).catalog.readAll([server]);
    expect(turns.mock.calls.filter(([ms]) => ms === 0)).toEqual([]);
  });
});
