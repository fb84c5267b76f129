import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { buildUnlessFresh } from "../../../worker/build-output.ts";

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "build-"));
  await writeFile(join(root, "index.js"), 'export const load = () => import("./late.js");');
  await writeFile(join(root, "late.js"), "export const late = 1;");
});

afterEach(() => rm(root, { recursive: true, force: true }));

const build = () =>
  buildUnlessFresh({
    root,
    steps: [
      [
        {
          entryPoints: [join(root, "index.js")],
          outdir: join(root, "dist/out"),
          ...{ bundle: true, splitting: true, format: "esm", chunkNames: "[name]-[hash]" },
        },
      ],
    ],
    alsoReads: [],
  });

test("a part of the last build that this one does not have is gone", { tags: ["deploy.start"] }, async () => {
  await build();
  const before = await readdir(join(root, "dist/out"));
  await writeFile(join(root, "dist/out/foreign.js"), "");
  await writeFile(join(root, "late.js"), "export const late = 'changed';");
  await build();
  const after = await readdir(join(root, "dist/out"));

  const part = (files: string[]) => files.filter((file) => file.startsWith("late-"));
  expect(part(before)).toHaveLength(1);
  expect(part(after)).toHaveLength(1);
  expect(part(after)).not.toEqual(part(before));
  // Only what was built is removed.
  expect(after).toContain("foreign.js");
});

test("a build of the same source leaves all as it is", { tags: ["deploy.start"] }, async () => {
  await build();
  const before = await readdir(join(root, "dist/out"));
  await rm(join(root, "dist/build.json"));
  await build();
  expect(await readdir(join(root, "dist/out"))).toEqual(before);
});
