import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { envFileBeside, withEnvFiles } from "../../../bridge/registry/env-file.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "env-file-"));
});
afterEach(() => rm(folder, { recursive: true }));

test("the environment comes first, then the last file that sets a variable", { tags: ["bridge.environment"] }, async () => {
  const [project, beside] = [join(folder, "project.env"), envFileBeside(join(folder, "my.registry.json"))];
  await writeFile(project, "A=project\nB=project\nC=project\n");
  await writeFile(beside, "A=beside\nB=beside\nD=\n");
  const environment = withEnvFiles((name) => ({ A: "set", D: "" })[name], [project, beside]);
  expect(["A", "B", "C", "D", "E"].map(environment)).toEqual(["set", "beside", "project", undefined, undefined]);
});

test("a variable that is added later is found", async () => {
  const environment = withEnvFiles(() => undefined, [join(folder, ".env")]);
  expect(environment("A")).toBeUndefined();
  await writeFile(join(folder, ".env"), "A='a value'\n");
  expect(environment("A")).toBe("a value");
});
