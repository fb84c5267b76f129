import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { keepSecret } from "../../../bridge/local/kept-secret.ts";

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "kept-secret-"));
  path = join(folder, "oauth.env");
});
afterEach(() => rm(folder, { recursive: true }));

test("a secret is generated once, readable by its owner alone, and is the same afterwards", {
  tags: ["login.sealed"],
}, async () => {
  const made = await keepSecret(path, "OAUTH_KEY");
  expect(made).toMatch(/^[\w-]{43}$/);
  expect(await keepSecret(path, "OAUTH_KEY")).toBe(made);
  expect(await readFile(path, "utf8")).toBe(`OAUTH_KEY=${made}\n`);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test("an empty file counts as missing, and an unreadable one is an error", async () => {
  await writeFile(path, "");
  expect(await keepSecret(path, "OAUTH_KEY")).toMatch(/^[\w-]{43}$/);
  await expect(keepSecret(folder, "OAUTH_KEY")).rejects.toMatchObject({ code: "EISDIR" });
});
