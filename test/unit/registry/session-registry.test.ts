import { describe, expect, test } from "vitest";
import { type AdvertisedRegistry, advertise } from "../../../core/registry/advertised-registry.ts";
import type { FileEntry, Registry } from "../../../core/registry/registry.ts";
import { createSessionRegistry } from "../../../core/registry/session-registry.ts";
import type { StdioTransport } from "../../../core/registry/transports.ts";
import { serverEntry } from "../../support/builders.ts";
import { memoryStore } from "../../support/fakes.ts";

const registry = (...servers: FileEntry[]): Registry<FileEntry> => ({ servers, problems: [], warnings: [] });
const remote = (id: string, url = `https://${id}.dev/mcp`) => serverEntry(id, { mcp: { transport: "http", url, headers: {} } });
const markOf = ({ command }: StdioTransport) => `mark-${command.length}`;
const advertisedBy = (servers: FileEntry[], isWhole = false) => advertise(registry(...servers), { isWhole, markOf });
const idsOf = ({ servers }: Registry) => servers.map(({ id }) => id);

function session(own: FileEntry[], { takesRemote = false, store = memoryStore(), keys = ["a"] } = {}) {
  const view = createSessionRegistry({
    ...{ own: registry(...own), builtIn: [], store, keys, takesRemote },
    isCalled: (name) => name === "owner",
  });
  return {
    current: view.current,
    /** Bridge `key` advertises `registry` and is the only known bridge. */
    take: (registry: AdvertisedRegistry, key = "a") => view.update({ keys: [key], advertised: { key, registry } }),
    update: view.update,
  };
}

describe("a session's registry", () => {
  test("is the Worker's own until a bridge has advertised one", () => {
    expect(idsOf(session([serverEntry("time"), remote("docs")]).current())).toEqual(["time", "docs"]);
  });

  test("then has the bridge's stdio servers and the Worker's remote ones", () => {
    const view = session([serverEntry("time"), serverEntry("gone"), remote("docs")]);
    view.take(advertisedBy([serverEntry("time", { title: "Clock" }), serverEntry("extra")]));
    expect(idsOf(view.current())).toEqual(["docs", "time", "extra"]);
    expect(view.current().servers[1]?.title).toBe("Clock");
  });

  test("takes no remote server from a bridge on another machine, nor a server with the id of one of its own", {
    tags: ["bridge.no-commands-told"],
  }, () => {
    const view = session([remote("docs")]);
    view.take(advertisedBy([remote("evil"), serverEntry("docs"), serverEntry("time")], true));
    expect(view.current().servers.map(({ id, mcp }) => [id, mcp.transport])).toEqual([
      ["docs", "http"],
      ["time", "bridge"],
    ]);
  });

  test("is the bridge's whole registry if both run on one machine and the bridge's file replaces the Worker's", () => {
    const view = session([remote("docs"), serverEntry("time")], { takesRemote: true });
    view.take(advertisedBy([serverEntry("time")], false));
    expect(idsOf(view.current())).toEqual(["docs", "time"]);
    view.take(advertisedBy([serverEntry("time"), remote("new")], true));
    expect(idsOf(view.current())).toEqual(["time", "new"]);
  });

  test("returns the servers with a new address, or undefined if nothing changed", () => {
    const view = session([], { takesRemote: true });
    const clock = serverEntry("time");
    expect(view.take(advertisedBy([clock, serverEntry("grep"), remote("docs")], true))).toEqual([]);
    expect(view.take(advertisedBy([clock, serverEntry("grep"), remote("docs")], true))).toBeUndefined();
    const moved = serverEntry("time", { mcp: { transport: "stdio", command: "another-program", args: [], env: {} } });
    expect(view.take(advertisedBy([moved, remote("docs", "https://moved.dev/mcp")], true))).toEqual(["time", "grep", "docs"]);
    expect(view.take(advertisedBy([{ ...moved, title: "T" }, remote("docs", "https://moved.dev/mcp")], true))).toEqual([]);
  });

  test("is restored from the store", () => {
    const store = memoryStore();
    session([serverEntry("time")], { store }).take(advertisedBy([serverEntry("extra")]));
    expect(idsOf(session([serverEntry("time")], { store }).current())).toEqual(["extra"]);
  });

  test("has a bridge's server with its mark in place of the command", () => {
    const view = session([serverEntry("time")]);
    view.take(advertisedBy([serverEntry("time")]));
    expect(view.current().servers[0]?.mcp).toEqual({ transport: "bridge", mark: "mark-8" });
  });

  test("drops a malformed stored registry, and has its servers again when the bridge connects", () => {
    const store = memoryStore();
    store.write("registry/announced/a", { servers: "in another shape" });
    const view = session([serverEntry("time")], { store });
    expect(idsOf(view.current())).toEqual(["time"]);
    expect(store.keys("")).toEqual([]);
    view.take(advertisedBy([serverEntry("extra")]));
    expect(idsOf(view.current())).toEqual(["extra"]);
  });

  test("contains the problems of the bridge's file", () => {
    const view = session([remote("docs")]);
    view.take({ ...advertisedBy([]), problems: [{ path: "servers[3].title", message: "is missing" }] });
    expect(view.current().problems).toEqual([{ path: "servers[3].title", message: "is missing" }]);
  });
});

describe("the registry of a session with several bridges", () => {
  const entry = (id: string, title: string) => serverEntry(id, { title });
  const titles = ({ servers }: Registry) => servers.map(({ id, title }) => `${id}: ${title}`);

  test("has the servers of all bridges, and the first bridge's entry for a server that several declare", {
    tags: ["tunnel.several-bridges"],
  }, () => {
    const view = session([remote("docs")], { keys: [] });
    view.update({ keys: ["a"], advertised: { key: "a", registry: advertisedBy([entry("files", "A"), entry("notes", "A")]) } });
    view.update({ keys: ["b", "a"], advertised: { key: "b", registry: advertisedBy([entry("files", "B")]) } });
    expect(titles(view.current())).toEqual(["docs: docs", "files: B", "notes: A"]);
  });

  test("keeps its order when the order of bridges changes, and reports a change only if an entry is replaced", {
    tags: ["tunnel.several-bridges"],
  }, () => {
    const view = session([], { keys: [] });
    view.update({ keys: ["a"], advertised: { key: "a", registry: advertisedBy([entry("files", "A"), entry("notes", "A")]) } });
    view.update({
      keys: ["b", "a"],
      advertised: { key: "b", registry: advertisedBy([entry("files", "B"), entry("mail", "B")]) },
    });
    expect(titles(view.current())).toEqual(["files: B", "notes: A", "mail: B"]);
    expect(view.update({ keys: ["a", "b"] })).toEqual([]);
    expect(titles(view.current())).toEqual(["files: A", "notes: A", "mail: B"]);

    const apart = session([], { keys: [] });
    apart.update({ keys: ["a"], advertised: { key: "a", registry: advertisedBy([entry("files", "A")]) } });
    apart.update({ keys: ["b", "a"], advertised: { key: "b", registry: advertisedBy([entry("mail", "B")]) } });
    expect(apart.update({ keys: ["a", "b"] })).toBeUndefined();
  });

  test("has one server per identifier, which is the first bridge's", () => {
    const view = session([], { keys: [] });
    view.update({ keys: ["a"], advertised: { key: "a", registry: advertisedBy([entry("my-files", "A")]) } });
    view.update({ keys: ["b", "a"], advertised: { key: "b", registry: advertisedBy([entry("my_files", "B")]) } });
    expect(titles(view.current())).toEqual(["my_files: B"]);
    view.update({ keys: ["a", "b"] });
    expect(titles(view.current())).toEqual(["my-files: A"]);
  });

  test("drops the servers of a bridge that is no longer known, and is the Worker's own after the last one", () => {
    const store = memoryStore();
    const view = session([serverEntry("time")], { store, keys: [] });
    view.update({ keys: ["a"], advertised: { key: "a", registry: advertisedBy([entry("files", "A")]) } });
    view.update({ keys: ["b", "a"], advertised: { key: "b", registry: advertisedBy([entry("mail", "B")]) } });
    expect(view.update({ keys: ["b"] })).toEqual(["files"]);
    expect(idsOf(session([serverEntry("time")], { store, keys: ["a", "b"] }).current())).toEqual(["mail"]);
    view.update({ keys: [] });
    expect(idsOf(view.current())).toEqual(["time"]);
    expect(store.keys("")).toEqual([]);
  });

  test("has remote servers only from the bridge whose file replaces the Worker's registry", () => {
    const view = session([remote("own")], { keys: [], takesRemote: true });
    view.update({ keys: ["w"], advertised: { key: "w", registry: advertisedBy([serverEntry("time"), remote("docs")], true) } });
    view.update({ keys: ["b", "w"], advertised: { key: "b", registry: advertisedBy([entry("files", "B"), remote("evil")]) } });
    expect(idsOf(view.current()).sort()).toEqual(["docs", "files", "time"]);
  });
});

describe("what the Worker's registry says of a server", () => {
  const strict: Parameters<typeof serverEntry>[1] = {
    sensitivity: "high",
    visibility: "opt_in",
    limits: { callsPerRun: 3, startTimeoutMs: 9_000 },
    tools: { allow: ["read", "write"], deny: ["drop"], alwaysAllow: ["read"] },
  };
  const lax: Parameters<typeof serverEntry>[1] = {
    title: "Its own words",
    sensitivity: "low",
    visibility: "default",
    limits: { callsPerRun: 1_000, timeoutMs: 100_000, callsPerMinute: 9, startTimeoutMs: 60_000 },
    tools: { allow: ["read", "drop"], deny: ["other"], alwaysAllow: ["drop"] },
  };
  const merged = {
    title: "Its own words",
    sensitivity: "high",
    visibility: "opt_in",
    limits: { callsPerRun: 3, timeoutMs: 5_000, callsPerMinute: 9, concurrency: 4, startTimeoutMs: 60_000 },
    tools: { allow: ["read"], deny: ["drop", "other"], alwaysAllow: ["read"] },
  };

  test("cannot be made less strict by a bridge", { tags: ["policy.bridge"] }, () => {
    const view = session([serverEntry("vault", strict)]);
    view.take(advertisedBy([serverEntry("vault", lax), serverEntry("extra", lax)]));
    expect(view.current().servers).toMatchObject([merged, lax]);
  });

  test("asks whom the bridge wants asked, and exempts only whom the Worker exempts", {
    tags: ["policy.bridge", "approvals.principal"],
  }, () => {
    const owner = (rules: object) => ({ principals: { owner: rules } });
    const merged = (ours: object, its: object) => {
      const view = session([serverEntry("vault", { tools: ours })]);
      view.take(advertisedBy([serverEntry("vault", { tools: its })]));
      return view.current().servers[0]?.tools;
    };
    expect(merged({ ask: ["drop"] }, owner({ alwaysAllow: ["*"] }))).toEqual({ ask: ["drop"], ...owner({}) });
    expect(merged(owner({ alwaysAllow: ["drop"], ask: ["pay"] }), { ask: ["drop"], ...owner({ ask: ["read"] }) })).toEqual({
      ask: ["drop"],
      ...owner({ ask: ["pay", "read", "drop"], alwaysAllow: ["drop"] }),
    });
    expect(merged({ principals: { "token:a": { ask: ["x"] }, owner: { ask: ["y"] } } }, {})).toEqual(owner({ ask: ["y"] }));
  });

  test("nor under another spelling of its name in code", { tags: ["policy.bridge"] }, () => {
    const view = session([serverEntry("the-vault", strict)]);
    view.take(advertisedBy([serverEntry("the_vault", lax)]));
    expect(view.current().servers).toMatchObject([merged]);
  });

  test("is what the file says that stands for it, for all other bridges too", { tags: ["policy.bridge"] }, () => {
    const view = session([serverEntry("vault", strict)], { takesRemote: true });
    view.take(advertisedBy([serverEntry("vault", lax)], true));
    expect(view.current().servers).toMatchObject([lax]);
    view.update({ keys: ["b", "a"], advertised: { key: "a", registry: advertisedBy([serverEntry("vault", strict)], true) } });
    view.update({ keys: ["b", "a"], advertised: { key: "b", registry: advertisedBy([serverEntry("vault", lax)]) } });
    expect(view.current().servers).toMatchObject([merged]);
  });
});
