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

describe("the registry that a bridge advertises", () => {
  test("contains no command, and all fields that describe a server", { tags: ["bridge.no-commands-told"] }, () => {
    const advertised = advertisedBy([secretive, remote("docs")]);
    const text = JSON.stringify(advertised);
    for (const word of ["secret-program", "hunter2", "hunter3", "/srv", "docs"]) expect(text).not.toContain(word);
    expect(advertised.servers).toMatchObject([{ id: "shell", summary: "The shell server.", sensitivity: "medium" }]);
    expect(AdvertisedRegistry.parse(JSON.parse(text))).toEqual(advertised);
  });

  test("is refused by the Worker if it contains a command", { tags: ["bridge.no-commands-told"] }, () => {
    const forged = { isWhole: false, problems: [], servers: [secretive] };
    expect(AdvertisedRegistry.safeParse(forged).success).toBe(false);
  });

  test("is refused by the Worker if it contains fields that only a session sets", () => {
    const served = { ...serverEntry("time"), mcp: { transport: "bridge", mark: "1" } };
    expect(AdvertisedRegistry.safeParse({ isWhole: false, problems: [], servers: [served] }).success).toBe(false);
  });

  test("contains the remote servers if the file replaces the Worker's own registry", () => {
    expect(advertisedBy([secretive, remote("docs")], true).servers.map(({ id }) => id)).toEqual(["shell", "docs"]);
  });
});
