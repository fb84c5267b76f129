import { readFile } from "node:fs/promises";
import type { TypeChecker } from "../../core/program/type-checker.ts";
import { readLibrary } from "../../worker/sandbox/compiler/build.ts";
import { createChecker } from "../../worker/sandbox/compiler/checker.ts";
import { lower } from "../../worker/sandbox/compiler/typescript-fallback.ts";

let checker: Promise<ReturnType<typeof createChecker>> | undefined;

async function createNodeChecker() {
  return createChecker({
    library: await readLibrary(),
    runtimeText: await readFile(new URL("../../worker/sandbox/compiler/runtime.d.ts", import.meta.url), "utf8"),
    scope: globalThis,
  });
}

/** The type checker of the isolate, run in Node: the same code with Node's globals. */
export const nodeTypeChecker: TypeChecker = {
  async check(input) {
    checker ??= createNodeChecker();
    return (await checker)(input);
  },
  lower: async (input) => lower(input),
};
