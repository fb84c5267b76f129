import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { makeRunFolder } from "../../../bridge/local/run-folder.ts";

describe("the folder of one start", () => {
  let parent: string;

  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), "r-"));
  });

  afterEach(async () => {
    await rm(parent, { recursive: true, force: true });
  });

  test("is empty, and only its user can enter it", async () => {
    const path = join(parent, "run");
    const first = await makeRunFolder(path);
    await writeFile(join(path, "left.sock"), "");
    await using second = await makeRunFolder(path);

    expect([first.path, second.path]).toEqual([path, path]);
    expect((await stat(path)).mode & 0o777).toBe(0o700);
    await expect(stat(join(path, "left.sock"))).rejects.toThrow("ENOENT");
  });

  test("lies among the temporary files where a socket's path would be too long, and goes with the start", async () => {
    const folder = await makeRunFolder(join(parent, "x".repeat(100), "run"));

    expect(folder.path.startsWith(tmpdir())).toBe(true);
    expect((await stat(folder.path)).mode & 0o777).toBe(0o700);
    await folder[Symbol.asyncDispose]();
    await expect(stat(folder.path)).rejects.toThrow("ENOENT");
  });
});
