import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { fileRefusal } from "../../core/file-refusal.ts";
import { runBridge } from "../support/command-line.ts";

/* Refusals that an administrator meets too: tests may run as one, who may read and write every file. */

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "refusal-"));
  await writeFile(join(folder, "file"), "");
});
afterEach(() => rm(folder, { recursive: true }));

const errorOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

test("a file that the system refuses is named, with the reason and what helps", async () => {
  const below = join(folder, "file", "below");
  expect(fileRefusal(await errorOf(mkdir(below)))).toBe(
    `Cannot use ${below}: a part of its path is no folder (mkdir ENOTDIR). Correct the path.`,
  );
  expect(fileRefusal(await errorOf(readFile(folder)), folder)).toBe(
    `Cannot use ${folder}: it is a folder (read EISDIR). Name a file.`,
  );
  expect(fileRefusal(await errorOf(mkdir(join(folder, "x".repeat(300)))))).toContain("its path is too long");
});

test("other errors of the system are not about a file, and one that is missing is left to whoever looks for it", async () => {
  const first = createServer().listen(0, "127.0.0.1");
  await once(first, "listening");
  const second = createServer().listen(first.address());
  const [taken] = await once(second, "error");
  first.close();
  const [missing] = await once(spawn(join(folder, "file")), "error");
  for (const error of [taken, missing, await errorOf(readFile(join(folder, "none"))), new Error("EACCES"), undefined])
    expect(fileRefusal(error)).toBeUndefined();
});

test("a command that may not write ends with one line and exit code 1", async () => {
  const out = join(folder, "file", "clients");
  const { code, err } = await runBridge(["generate", "time", "--out", out], { folder });
  expect(code).toBe(1);
  expect(err).toBe(`error: Cannot use ${out}: a part of its path is no folder (mkdir ENOTDIR). Correct the path.\n`);
});

test("a registry that is a folder is not asked to be created", async () => {
  const { code, err } = await runBridge(["list", "--registry", folder], { folder });
  expect(code).toBe(1);
  expect(err).toBe(`error: Cannot use ${folder}: it is a folder (read EISDIR). Name a file.\n`);
});
