import { execFile } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { projectRoot } from "../../support/project-root.ts";

const execute = promisify(execFile);
const file = pathToFileURL(join(projectRoot, "bridge/node-20.js")).href;

test("a Node without newer methods gets those that the command line uses", async () => {
  const program = `
    delete Map.groupBy;
    delete Promise.withResolvers;
    await import(${JSON.stringify(file)});
    const groups = Map.groupBy(new Set([3, 1, 2]), (item, index) => (index === 0 ? "first" : item % 2));
    const { promise, resolve } = Promise.withResolvers();
    resolve("resolved");
    console.log(JSON.stringify([[...groups], await promise]));`;
  const { stdout } = await execute(process.execPath, ["--input-type=module", "--eval", program]);
  expect(JSON.parse(stdout)).toEqual([
    [
      ["first", [3]],
      [1, [1]],
      [0, [2]],
    ],
    "resolved",
  ]);
});
