import { describe, expect, test } from "vitest";
import { AnnouncedRegistry, announce, createSessionRegistry } from "../../../core/announcement.ts";
import type { Registry, ServerEntry } from "../../../core/registry.ts";
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

function session(own: ServerEntry[], { takesRemote = false, store = memoryStore() } = {}) {
  return createSessionRegistry({ own: registry(...own), store, takesRemote });
}

describe("what a bridge says of its file", () => {
  test("holds nothing of the command, and all that says what a server is for", () => {
    const announced = told([secretive, remote("docs")]);
    const text = JSON.stringify(announced);
    for (const word of ["secret-program", "hunter2", "hunter3", "/srv", "docs"]) expect(text).not.toContain(word);
    expect(announced.servers).toMatchObject([{ id: "shell", summary: "The shell server.", sensitivity: "medium" }]);
    expect(AnnouncedRegistry.parse(JSON.parse(text))).toEqual(announced);
  });

  test("cannot bring a command: the Worker refuses to read one", () => {
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

  test("takes no remote server from a bridge elsewhere, nor the name of one of its own", () => {
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
