import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { projectRoot } from "../../support/project-root.ts";

const execute = promisify(execFile);
const hook = pathToFileURL(join(projectRoot, "worker/strip-types.mjs")).href;

test("a Node that cannot read TypeScript can with the hook", async () => {
  const folder = await mkdtemp(join(tmpdir(), "strip-types-"));
  try {
    await writeFile(join(folder, "part.ts"), "export const part: string = `types are ${'gone' satisfies string}`;\n");
    await writeFile(join(folder, "main.ts"), 'import { part } from "./part.ts";\nconsole.log(part as unknown);\n');
    const run = (...options: string[]) =>
      execute(process.execPath, ["--no-experimental-strip-types", ...options, join(folder, "main.ts")]);
    await expect(run()).rejects.toThrow();
    const register = `data:text/javascript,import { register } from "node:module"; register("${hook}");`;
    expect((await run("--import", register)).stdout).toBe("types are gone\n");
  } finally {
    await rm(folder, { recursive: true });
  }
});
