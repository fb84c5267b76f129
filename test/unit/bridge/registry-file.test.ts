import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readRegistryFile, rereadRegistryFile } from "../../../bridge/registry/registry-file.ts";
import { projectRoot } from "../../support/project-root.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "registry-"));
});
afterEach(() => rm(folder, { recursive: true }));

async function read(text: string, only?: string[]) {
  await writeFile(join(folder, "registry.json"), text);
  return await readRegistryFile({ url, projectRoot, workingDirectory: folder, file: "registry.json", only });
}

const url = "http://127.0.0.1:8787";
const server = (id: string) => ({ id, title: id, summary: id, mcp: { transport: "stdio", command: "x" } });
const two = JSON.stringify({ servers: [server("one"), server("two")] });

describe("the registry file", () => {
  test("is the project's own by default", async () => {
    const registry = await readRegistryFile({ url, projectRoot, workingDirectory: folder });
    expect(registry.path).toBe("skills/mcp-dynamic-orchestrator/mcp.registry.json");
    expect(registry.servers.map((entry) => entry.id)).toContain("time");
  });

  test("keeps only the servers that --only names", async () => {
    expect((await read(two, ["two"])).servers.map((entry) => entry.id)).toEqual(["two"]);
  });

  test("refuses an unknown id in --only and names the known ones", async () => {
    await expect(read(two, ["two", "three"])).rejects.toThrow(
      "--only names three, which the registry does not have. It has: one, two.",
    );
  });

  test("is reported with its absolute path when it is missing", async () => {
    const reading = readRegistryFile({ url, projectRoot, workingDirectory: folder, file: "nowhere.json" });
    await expect(reading).rejects.toThrow(`Cannot read the registry ${join(folder, "nowhere.json")}`);
  });

  test("gives the valid entries, and the problems of the others", async () => {
    const registry = await read(JSON.stringify({ servers: [server("one"), { id: "bad" }] }));
    expect(registry.servers).toHaveLength(1);
    expect(registry.problems.length).toBeGreaterThan(0);
  });

  test("leaves out an entry that is the orchestrator itself and reports it", { tags: ["bridge.itself"] }, async () => {
    const loop = { ...server("loop"), mcp: { transport: "http", url: "http://localhost:8787/mcp" } };
    const registry = await read(JSON.stringify({ servers: [server("one"), loop] }));
    expect(registry.servers.map((entry) => entry.id)).toEqual(["one"]);
    expect(registry.problems).toEqual([
      {
        path: "servers[loop]",
        message: "is left out: http://localhost:8787/mcp is this orchestrator's own address. Remove the entry.",
      },
    ]);
  });
});

describe("a registry file that is read again", () => {
  async function reread(text: string, only?: string[]) {
    await writeFile(join(folder, "registry.json"), text);
    const problems: string[] = [];
    const options = { url, projectRoot, workingDirectory: folder, file: "registry.json", only };
    const registry = await rereadRegistryFile(options, ({ path }) => problems.push(path));
    return { ids: registry?.servers.map((entry) => entry.id), problems };
  }

  test.each(["", '{ "servers": [', '{ "servers": [ { "id": "one" } ', "[]"])("is ignored while its text is %j", async (text) => {
    const { ids, problems } = await reread(text);
    expect(ids).toBeUndefined();
    expect(problems.length).toBeGreaterThan(0);
  });

  test("with a comment is taken over all the same, and the comment is reported", async () => {
    const { ids, problems } = await reread(`// Ours.\n${JSON.stringify({ servers: [server("one")] })}`);
    expect(ids).toEqual(["one"]);
    expect(problems).toEqual(["1:1"]);
  });

  test("is used without its broken entries", async () => {
    const { ids, problems } = await reread(JSON.stringify({ servers: [server("one"), { id: "bad" }] }));
    expect(ids).toEqual(["one"]);
    expect(problems).toContain("servers[1].mcp");
  });

  test("may lack an id that --only names", async () => {
    expect((await reread(two, ["two", "three"])).ids).toEqual(["two"]);
  });

  test("may be missing for a moment", async () => {
    const options = { url, projectRoot, workingDirectory: folder, file: "gone.json" };
    expect(await rereadRegistryFile(options, () => {})).toBeUndefined();
  });
});
