import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readScripts, watchScripts } from "../../../bridge/registry/scripts-folder.ts";
import { scriptLimits } from "../../../core/registry/script-limits.ts";
import { scriptsIn } from "../../../core/saved/script-files.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "scripts-"));
});
afterEach(() => rm(folder, { recursive: true }));

test("a link to nowhere and a folder named like a file leave the other scripts as they are", {
  tags: ["saved.scripts"],
}, async () => {
  await symlink(join(folder, "gone.ts"), join(folder, "link.ts"));
  await mkdir(join(folder, "folder.ts"));
  await writeFile(join(folder, "report.ts"), "export default () => 1;");
  expect(await readScripts(folder)).toEqual({ files: { "report.ts": "export default () => 1;" }, leftOut: [] });
});

test("a file for which there is no room is left out with its reason, and the others are not", {
  tags: ["saved.scripts"],
}, async () => {
  const { charsMax, filesMax } = scriptLimits;
  const write = (name: string, text: string) => writeFile(join(folder, name), text);
  await write("a.json", " ".repeat(charsMax + 1));
  await write("b.ts", "1");
  await write("c.json", " ".repeat(charsMax - 1));
  await write("d.ts", "2");
  const { files, leftOut } = await readScripts(folder);
  expect(Object.keys(files)).toEqual(["b.ts", "c.json"]);
  expect(leftOut).toEqual([
    { path: "a.json", reason: expect.stringContaining(`${charsMax + 1} characters: all together may have ${charsMax}`) },
    { path: "d.ts", reason: expect.stringContaining(`1 characters, and those before it ${charsMax}`) },
  ]);
  await Promise.all(["a.json", "c.json"].map((name) => rm(join(folder, name))));
  for (let n = 0; n < filesMax; n++) await write(`e${n}.json`, "");
  const many = await readScripts(folder);
  expect(Object.keys(many.files)).toHaveLength(filesMax);
  expect(many.leftOut).toMatchObject([{ reason: expect.stringContaining(`${filesMax} files`) }, {}]);
});

test("a folder that comes, goes and comes again while it is followed is read each time", {
  tags: ["saved.scripts"],
}, async () => {
  const scripts = join(folder, "scripts");
  let read: Record<string, string> | undefined;
  using _watch = watchScripts(scripts, async () => {
    read = (await readScripts(scripts)).files;
  });
  const seen = (files: Record<string, string>) => expect.poll(() => read, { timeout: 10_000 }).toEqual(files);
  await mkdir(scripts);
  await seen({});
  await writeFile(join(scripts, "one.ts"), "1");
  await seen({ "one.ts": "1" });
  await rm(scripts, { recursive: true });
  await seen({});
  await mkdir(scripts);
  await writeFile(join(scripts, "two.ts"), "2");
  await seen({ "two.ts": "2" });
  await writeFile(join(scripts, "two.ts"), "3");
  await seen({ "two.ts": "3" });
});

test("a file that is replaced by another, as editors save, is followed each time, in folders below too", {
  tags: ["saved.scripts"],
}, async () => {
  let read: Record<string, string> | undefined;
  using _watch = watchScripts(folder, async () => {
    read = (await readScripts(folder)).files;
  });
  const seen = (files: Record<string, string>) => expect.poll(() => read, { timeout: 10_000 }).toEqual(files);
  const save = async (name: string, text: string) => {
    await writeFile(join(folder, "new~"), text);
    await rename(join(folder, "new~"), join(folder, name));
  };
  for (const text of ["1", "2", "3"]) {
    await save("one.ts", text);
    await seen({ "one.ts": text });
  }
  await rm(join(folder, "one.ts"));
  await seen({});
  await save("one.ts", "4");
  await seen({ "one.ts": "4" });
  await mkdir(join(folder, "lib", "deep"), { recursive: true });
  await save("lib/deep/two.ts", "1");
  await seen({ "one.ts": "4", "lib/deep/two.ts": "1" });
  await save("lib/deep/two.ts", "2");
  await seen({ "one.ts": "4", "lib/deep/two.ts": "2" });
  await rename(join(folder, "lib"), join(folder, "parts"));
  await seen({ "one.ts": "4", "parts/deep/two.ts": "2" });
  await save("parts/deep/two.ts", "3");
  await seen({ "one.ts": "4", "parts/deep/two.ts": "3" });
  await rm(join(folder, "parts"), { recursive: true });
  await mkdir(join(folder, "parts"));
  await save("parts/three.ts", "1");
  await seen({ "one.ts": "4", "parts/three.ts": "1" });
  await save("parts/three.ts", "2");
  await seen({ "one.ts": "4", "parts/three.ts": "2" });
});

test("files whose names cannot be those of saved programs are left out, each with its reason", {
  tags: ["saved.scripts"],
}, () => {
  const names = ["a-b.ts", "a_b.ts", "ab.ts", "run_js.ts", "_helper.ts", "types.d.ts", "data.json", "below/other.ts", "fine.js"];
  const { sources, leftOut } = scriptsIn(Object.fromEntries(names.map((name) => [name, ""])));
  expect([...sources.keys()]).toEqual(["a-b", "fine"]);
  expect(leftOut).toEqual([
    { path: "a_b.ts", reason: expect.stringContaining('the same name in code as "a-b"') },
    { path: "ab.ts", reason: expect.stringContaining("3 to 64") },
    { path: "run_js.ts", reason: expect.stringContaining("reserved") },
  ]);
});
