import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { AuditFile } from "../../../bridge/local/audit-file.ts";

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "audit-"));
  try {
    await use(join(folder, "audit"));
  } finally {
    await rm(folder, { recursive: true });
  }
}

const contentsOf = async (folder: string) =>
  Object.fromEntries(
    await Promise.all((await readdir(folder)).sort().map(async (name) => [name, await readFile(join(folder, name), "utf8")])),
  );

test("keeps lines in order, and nobody else can read them", { tags: ["audit.handed-on"] }, () =>
  inFolder(async (folder) => {
    const file = new AuditFile(folder);
    await Promise.all(["a\n", "b\n", "c\n"].map((line) => file.append(line)));
    expect(await contentsOf(folder)).toEqual({ "audit.jsonl": "a\nb\nc\n" });
    expect(((await stat(join(folder, "audit.jsonl"))).mode & 0o077).toString(8)).toBe("0");
  }),
);

test("begins a new file at the bound, and keeps so many", { tags: ["audit.handed-on"] }, () =>
  inFolder(async (folder) => {
    const file = new AuditFile(folder, { bytesMax: 4, filesMax: 3 });
    for (const line of ["a\n", "b\n", "c\n", "d\n", "e\n", "f\n", "g\n"]) await file.append(line);
    expect(await contentsOf(folder)).toEqual({ "audit.jsonl": "g\n", "audit.1.jsonl": "e\nf\n", "audit.2.jsonl": "c\nd\n" });
    await file.append("longer than a file\n");
    expect((await contentsOf(folder))["audit.jsonl"]).toBe("longer than a file\n");
  }),
);
