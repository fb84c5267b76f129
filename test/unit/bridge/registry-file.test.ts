import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readRegistryFile } from "../../../bridge/registry-file.ts";
import { projectRoot } from "./entries.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "registry-"));
});
afterEach(() => rm(folder, { recursive: true }));

async function read(text: string, only?: string[]) {
  await writeFile(join(folder, "registry.json"), text);
  return await readRegistryFile({ projectRoot, workingDirectory: folder, file: "registry.json", only });
}

const server = (id: string) => ({ id, title: id, summary: id, mcp: { transport: "stdio", command: "x" } });
const two = JSON.stringify({ servers: [server("one"), server("two")] });

describe("the registry file", () => {
  test("is the project's own when none is named", async () => {
    const registry = await readRegistryFile({ projectRoot, workingDirectory: folder });
    expect(registry.path).toBe("skills/mcp-dynamic-orchestrator/mcp.registry.json");
    expect(registry.servers.map((entry) => entry.id)).toContain("time");
  });

  test("keeps the servers that --only names", async () => {
    expect((await read(two, ["two"])).servers.map((entry) => entry.id)).toEqual(["two"]);
  });

  test("refuses an id in --only that it does not have, naming those it has", async () => {
    await expect(read(two, ["two", "three"])).rejects.toThrow(
      "--only names three, which the registry does not have. It has: one, two.",
    );
  });

  test("that is missing is named with its whole path", async () => {
    const reading = readRegistryFile({ projectRoot, workingDirectory: folder, file: "nowhere.json" });
    await expect(reading).rejects.toThrow(`Cannot read the registry ${join(folder, "nowhere.json")}`);
  });

  test("gives the good entries beside the problems of the bad", async () => {
    const registry = await read(JSON.stringify({ servers: [server("one"), { id: "bad" }] }));
    expect(registry.servers).toHaveLength(1);
    expect(registry.problems.length).toBeGreaterThan(0);
  });
});
