import { describe, expect, test } from "vitest";
import { AdvertisedRegistry, advertise } from "../../../core/registry/advertised-registry.ts";
import type { FileEntry } from "../../../core/registry/registry.ts";
import { serverEntry } from "../../support/builders.ts";

const remote = (id: string) => serverEntry(id, { mcp: { transport: "http", url: `https://${id}.dev/mcp`, headers: {} } });
const secretive = serverEntry("shell", {
  mcp: { transport: "stdio", command: "/opt/secret-program", args: ["--key=hunter2"], env: { PASSWORD: "hunter3" }, cwd: "/srv" },
});
const advertisedBy = (servers: FileEntry[], isWhole = false) =>
  advertise({ servers, problems: [], warnings: [] }, { isWhole, markOf: () => "1" });

describe("what a bridge advertises of its file", () => {
  test("holds nothing of the command, and all that says what a server is for", { tags: ["bridge.no-commands-told"] }, () => {
    const advertised = advertisedBy([secretive, remote("docs")]);
    const text = JSON.stringify(advertised);
    for (const word of ["secret-program", "hunter2", "hunter3", "/srv", "docs"]) expect(text).not.toContain(word);
    expect(advertised.servers).toMatchObject([{ id: "shell", summary: "The shell server.", sensitivity: "medium" }]);
    expect(AdvertisedRegistry.parse(JSON.parse(text))).toEqual(advertised);
  });

  test("cannot bring a command: the Worker refuses to read one", { tags: ["bridge.no-commands-told"] }, () => {
    const forged = { isWhole: false, problems: [], servers: [secretive] };
    expect(AdvertisedRegistry.safeParse(forged).success).toBe(false);
  });

  test("cannot bring what only a session says of it", () => {
    const served = { ...serverEntry("time"), mcp: { transport: "bridge", mark: "1" } };
    expect(AdvertisedRegistry.safeParse({ isWhole: false, problems: [], servers: [served] }).success).toBe(false);
  });

  test("has the remote servers where the file stands for the Worker's own", () => {
    expect(advertisedBy([secretive, remote("docs")], true).servers.map(({ id }) => id)).toEqual(["shell", "docs"]);
  });
});
