import { describe, expect, test } from "vitest";
import type { Registry, ServerEntry } from "../../../core/registry/registry.ts";
import { AnnouncedRegistry, announce, createSessionRegistry } from "../../../core/registry/session-registry.ts";
import { serverEntry } from "../../support/builders.ts";
import { memoryStore } from "../../support/fakes.ts";

const registry = (...servers: ServerEntry[]): Registry => ({ servers, problems: [], warnings: [] });
const remote = (id: string, url = `https://${id}.dev/mcp`) => serverEntry(id, { mcp: { transport: "http", url, headers: {} } });
const secretive = serverEntry("shell", {
  mcp: { transport: "stdio", command: "/opt/secret-program", args: ["--key=hunter2"], env: { PASSWORD: "hunter3" }, cwd: "/srv" },
});
const markOf = ({ mcp }: ServerEntry) => (mcp.transport === "stdio" ? `mark-${mcp.command.length}` : "");
const told = (servers: ServerEntry[], isWhole = false) => announce(registry(...servers), { isWhole, markOf });
const idsOf = ({ servers }: Registry) => servers.map(({ id }) => id);

function session(own: ServerEntry[], { takesRemote = false, store = memoryStore(), keys = ["a"] } = {}) {
  const view = createSessionRegistry({ own: registry(...own), store, keys, takesRemote });
  return {
    current: view.current,
    /** What bridge `key` says, while only it is known. */
    take: (registry: AnnouncedRegistry, key = "a") => view.take({ keys: [key], told: { key, registry } }),
    arrange: view.take,
  };
}

describe("what a bridge says of its file", () => {
  test("holds nothing of the command, and all that says what a server is for", { tags: ["bridge.no-commands-told"] }, () => {
    const announced = told([secretive, remote("docs")]);
    const text = JSON.stringify(announced);
    for (const word of ["secret-program", "hunter2", "hunter3", "/srv", "docs"]) expect(text).not.toContain(word);
    expect(announced.servers).toMatchObject([{ id: "shell", summary: "The shell server.", sensitivity: "medium" }]);
    expect(AnnouncedRegistry.parse(JSON.parse(text))).toEqual(announced);
  });

  test("cannot bring a command: the Worker refuses to read one", { tags: ["bridge.no-commands-told"] }, () => {
    const forged = { isWhole: false, problems: [], servers: [secretive] };
    expect(AnnouncedRegistry.safeParse(forged).success).toBe(false);
  });

  test("has the remote servers where the file stands for the Worker's own", () => {
    expect(told([secretive, remote("docs")], true).servers.map(({ id }) => id)).toEqual(["shell", "docs"]);
  });
});

describe("a session's registry", () => {
  test("is the Worker's own until a bridge has spoken", () => {
    expect(idsOf(session([serverEntry("time"), remote("docs")]).current())).toEqual(["time", "docs"]);
  });

  test("has the bridge's stdio servers after that, and the Worker's remote ones", () => {
    const view = session([serverEntry("time"), serverEntry("gone"), remote("docs")]);
    view.take(told([serverEntry("time", { title: "Clock" }), serverEntry("extra")]));
    expect(idsOf(view.current())).toEqual(["docs", "time", "extra"]);
    expect(view.current().servers[1]?.title).toBe("Clock");
  });

  test("takes no remote server from a bridge elsewhere, nor the name of one of its own", {
    tags: ["bridge.no-commands-told"],
  }, () => {
    const view = session([remote("docs")]);
    view.take(told([remote("evil"), serverEntry("docs"), serverEntry("time")], true));
    expect(view.current().servers.map(({ id, mcp }) => [id, mcp.transport])).toEqual([
      ["docs", "http"],
      ["time", "stdio"],
    ]);
  });

  test("is the bridge's as a whole on one machine, and only if that is meant", () => {
    const view = session([remote("docs"), serverEntry("time")], { takesRemote: true });
    view.take(told([serverEntry("time")], false));
    expect(idsOf(view.current())).toEqual(["docs", "time"]);
    view.take(told([serverEntry("time"), remote("new")], true));
    expect(idsOf(view.current())).toEqual(["time", "new"]);
  });

  test("says which servers are reached otherwise than before, and that nothing changed when nothing did", () => {
    const view = session([], { takesRemote: true });
    const clock = serverEntry("time");
    expect(view.take(told([clock, serverEntry("grep"), remote("docs")], true))).toEqual([]);
    expect(view.take(told([clock, serverEntry("grep"), remote("docs")], true))).toBeUndefined();
    const moved = serverEntry("time", { mcp: { transport: "stdio", command: "another-program", args: [], env: {} } });
    expect(view.take(told([moved, remote("docs", "https://moved.dev/mcp")], true))).toEqual(["time", "grep", "docs"]);
    expect(view.take(told([{ ...moved, title: "T" }, remote("docs", "https://moved.dev/mcp")], true))).toEqual([]);
  });

  test("outlives the object", () => {
    const store = memoryStore();
    session([serverEntry("time")], { store }).take(told([serverEntry("extra")]));
    expect(idsOf(session([serverEntry("time")], { store }).current())).toEqual(["extra"]);
  });

  test("tells of what is wrong in the bridge's file", () => {
    const view = session([remote("docs")]);
    view.take({ ...told([]), problems: [{ path: "servers[3].title", message: "is missing" }] });
    expect(view.current().problems).toEqual([{ path: "servers[3].title", message: "is missing" }]);
  });
});

describe("the registry of a session with several bridges", () => {
  const entry = (id: string, title: string) => serverEntry(id, { title });
  const titles = ({ servers }: Registry) => servers.map(({ id, title }) => `${id}: ${title}`);

  test("has the servers of all of them, and of one that several declare the first one's entry", {
    tags: ["tunnel.several-bridges"],
  }, () => {
    const view = session([remote("docs")], { keys: [] });
    view.arrange({ keys: ["a"], told: { key: "a", registry: told([entry("files", "A"), entry("notes", "A")]) } });
    view.arrange({ keys: ["b", "a"], told: { key: "b", registry: told([entry("files", "B")]) } });
    expect(titles(view.current())).toEqual(["docs: docs", "files: B", "notes: A"]);
  });

  test("keeps its order, whoever comes and goes, and changes only where another entry counts", {
    tags: ["tunnel.several-bridges"],
  }, () => {
    const view = session([], { keys: [] });
    view.arrange({ keys: ["a"], told: { key: "a", registry: told([entry("files", "A"), entry("notes", "A")]) } });
    view.arrange({ keys: ["b", "a"], told: { key: "b", registry: told([entry("files", "B"), entry("mail", "B")]) } });
    expect(titles(view.current())).toEqual(["files: B", "notes: A", "mail: B"]);
    expect(view.arrange({ keys: ["a", "b"] })).toEqual([]);
    expect(titles(view.current())).toEqual(["files: A", "notes: A", "mail: B"]);

    const apart = session([], { keys: [] });
    apart.arrange({ keys: ["a"], told: { key: "a", registry: told([entry("files", "A")]) } });
    apart.arrange({ keys: ["b", "a"], told: { key: "b", registry: told([entry("mail", "B")]) } });
    expect(apart.arrange({ keys: ["a", "b"] })).toBeUndefined();
  });

  test("lets one identifier stand for one server, the first bridge's", () => {
    const view = session([], { keys: [] });
    view.arrange({ keys: ["a"], told: { key: "a", registry: told([entry("my-files", "A")]) } });
    view.arrange({ keys: ["b", "a"], told: { key: "b", registry: told([entry("my_files", "B")]) } });
    expect(titles(view.current())).toEqual(["my_files: B"]);
    view.arrange({ keys: ["a", "b"] });
    expect(titles(view.current())).toEqual(["my-files: A"]);
  });

  test("forgets what a bridge said that is not known any more, and is the Worker's own again without any", () => {
    const store = memoryStore();
    const view = session([serverEntry("time")], { store, keys: [] });
    view.arrange({ keys: ["a"], told: { key: "a", registry: told([entry("files", "A")]) } });
    view.arrange({ keys: ["b", "a"], told: { key: "b", registry: told([entry("mail", "B")]) } });
    expect(view.arrange({ keys: ["b"] })).toEqual(["files"]);
    expect(idsOf(session([serverEntry("time")], { store, keys: ["a", "b"] }).current())).toEqual(["mail"]);
    view.arrange({ keys: [] });
    expect(idsOf(view.current())).toEqual(["time"]);
    expect(store.keys("")).toEqual([]);
  });

  test("has the remote servers of the one that stands for the Worker's own, and only that one's", () => {
    const view = session([remote("own")], { keys: [], takesRemote: true });
    view.arrange({ keys: ["w"], told: { key: "w", registry: told([serverEntry("time"), remote("docs")], true) } });
    view.arrange({ keys: ["b", "w"], told: { key: "b", registry: told([entry("files", "B"), remote("evil")]) } });
    expect(idsOf(view.current()).sort()).toEqual(["docs", "files", "time"]);
  });
});
