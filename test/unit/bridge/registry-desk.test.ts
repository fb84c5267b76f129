import { writeFileSync as writeFileNow } from "node:fs";
import { mkdtemp, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createRegistryDesk, type RegistryDeskOptions } from "../../../bridge/console/registry-desk.ts";
import { changeRegistryFile } from "../../../bridge/registry/change-registry-file.ts";
import type { RegistryDesk } from "../../../core/registry/registry-change.ts";
import { registryLimits } from "../../../core/registry/registry-limits.ts";

const notes = { id: "notes", title: "Notes", summary: "Notes.", mcp: { transport: "http", url: "https://notes.example/mcp" } };

describe("the registry file at the console", { tags: ["console.servers"] }, () => {
  let folder: string;
  let path: string;
  let desk: RegistryDesk;
  let options: RegistryDeskOptions;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "registry-desk-"));
    path = join(folder, "registry.json");
    await writeFile(path, '{\n  // Ours.\n  "servers": []\n}\n', { mode: 0o600 });
    const environment = (name: string) => (name === "SET" ? "x" : undefined);
    options = { registryPath: path, environment, isReadOnly: false, projectRoot: folder, url: "http://127.0.0.1:8787" };
    desk = createRegistryDesk(options);
  });

  afterEach(() => rm(folder, { recursive: true }));

  const text = () => readFile(path, "utf8");

  test("is changed in its place, with its mode, and through a link", async () => {
    await rm(path);
    await writeFile(join(folder, "real.json"), '{\n  // Ours.\n  "servers": []\n}\n', { mode: 0o600 });
    await symlink("real.json", path);
    const answer = await desk.change({ kind: "add", entries: [notes] });
    expect(answer).toMatchObject({ kind: "changed", file: path, isWritten: true, envFile: join(folder, ".env") });
    expect(await readFile(join(folder, "real.json"), "utf8")).toMatch(/^\{\n {2}\/\/ Ours\.\n.*"notes"/s);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  test("is only shown what would be written where everyone is let in", async () => {
    const before = await text();
    const open = createRegistryDesk({ ...options, isReadOnly: true });
    expect((await open.view()).isWritten).toBe(false);
    expect(await open.change({ kind: "add", entries: [notes] })).toMatchObject({ kind: "changed", isWritten: false });
    expect(await text()).toBe(before);
  });

  test("takes changes that come at once one after another, and loses none", async () => {
    const ids = Array.from({ length: 8 }, (_, index) => `notes${index}`);
    await Promise.all(ids.map((id) => desk.change({ kind: "add", entries: [{ ...notes, id }] })));
    expect((await desk.view()).entries.map(({ id }) => id)).toEqual(ids);
  });

  test("is read again when another program writes it in the middle of a change", async () => {
    let isFirst = true;
    await changeRegistryFile(path, (before) => {
      // As an editor that saves just then.
      if (isFirst) writeFileNow(path, before.replace("Ours", "Theirs"));
      isFirst = false;
      return before.replace('"servers": []', '"servers": [1]');
    });
    expect(await text()).toBe('{\n  // Theirs.\n  "servers": [1]\n}\n');
  });

  test("is left alone where it cannot be read as a whole", async () => {
    await writeFile(path, "{");
    expect(await desk.change({ kind: "add", entries: [notes] })).toMatchObject({ kind: "refused" });
    expect(await text()).toBe("{");
    expect((await desk.view()).problems).not.toEqual([]);
  });

  test("says which variables are not set, and refuses this orchestrator itself", async () => {
    const mcp = { ...notes.mcp, headers: { A: "${env:SET}", B: "${env:UNSET}", C: "${env:ANY:-x}" } };
    expect(await desk.change({ kind: "add", entries: [{ ...notes, mcp }] })).toMatchObject({
      variables: [
        { name: "SET", side: "worker", isSet: true },
        { name: "UNSET", side: "worker", isSet: false },
      ],
    });
    const self = { ...notes, id: "self", mcp: { transport: "http", url: "http://localhost:8787/mcp" } };
    expect(await desk.change({ kind: "add", entries: [self] })).toMatchObject({
      kind: "invalid",
      problems: [{ path: "mcp", message: expect.stringContaining("own address") }],
    });
  });

  test.each([
    ["Claude", '{"mcpServers":{"hub":{"command":"npx","args":["hub"],"env":{"HUB_TOKEN":"ghp_abcdefghijklmnop0123456789"}}}}'],
    [
      "VS Code",
      '{ // mine\n "servers": {"hub":{"type":"stdio","command":"npx","args":["hub"],"env":{"HUB_TOKEN":"${input:hub-token}"}}}}',
    ],
    [
      "Codex",
      '[mcp_servers.hub]\ncommand = "npx"\nargs = ["hub"]\n[mcp_servers.hub.env]\nHUB_TOKEN = "ghp_abcdefghijklmnop0123456789"',
    ],
    [
      "a README, without the braces around",
      '"hub": {"command":"npx","args":["hub"],"env":{"HUB_TOKEN":"ghp_abcdefghijklmnop0123456789"}}',
    ],
    ["a README, without its name for servers", '{"hub":{"command":"npx","args":["hub"],"env":{"HUB_TOKEN":"${HUB_TOKEN}"}}}'],
  ])("shows what a pasted configuration of %s becomes, without its secrets, and writes nothing", async (_whose, pasted) => {
    const before = await text();
    expect(await desk.readImport?.(pasted)).toMatchObject({
      kind: "found",
      entries: [{ id: "hub", mcp: { command: "npx", args: ["hub"], env: { HUB_TOKEN: "${env:HUB_TOKEN}" } } }],
      variables: [{ name: "HUB_TOKEN", side: "bridge", isSet: false }],
    });
    expect(await text()).toBe(before);
  });

  test.each(["", "hello", "{", "{}", "[a]\nb = 1", '{"mcpServers":3}'])(
    "says what is wrong with the pasted text %j",
    async (pasted) => {
      expect(await desk.readImport?.(pasted)).toMatchObject({ kind: "refused", message: expect.stringContaining("The text") });
    },
  );

  test.each(["\n", " ", "\n\t", '"', "[", "{"])("reads a pasted text of nothing but %j at once, however long", async (part) => {
    const pasted = part.repeat(registryLimits.pastedCharsMax / part.length);
    expect(await desk.readImport?.(pasted)).toMatchObject({ kind: "refused" });
  });
});
