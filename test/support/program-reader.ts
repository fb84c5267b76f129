import { readFile } from "node:fs/promises";
import { readProgram } from "../../core/program/read-program.ts";
import { type ProgramReader, Reading } from "../../core/program/reader.ts";
import type { TypeChecker, TypeCheckInput, TypeProblem } from "../../core/program/type-checker.ts";
import { readLibrary } from "../../worker/sandbox/compiler/build.ts";
import { createChecker } from "../../worker/sandbox/compiler/checker.ts";
import { lower } from "../../worker/sandbox/compiler/typescript-fallback.ts";

let checker: Promise<TypeChecker> | undefined;

async function createNodeChecker(): Promise<TypeChecker> {
  const checker = createChecker({
    library: await readLibrary(),
    runtimeText: await readFile(new URL("../../worker/sandbox/compiler/runtime.d.ts", import.meta.url), "utf8"),
    scope: globalThis,
  });
  return { ...checker, lower };
}

/** The type checker of the compiler's isolate, in Node: the same code with Node's globals. */
export function nodeTypeChecker(): Promise<TypeChecker> {
  checker ??= createNodeChecker();
  return checker;
}

export async function checkInNode(input: TypeCheckInput): Promise<TypeProblem[]> {
  return (await nodeTypeChecker()).check(input);
}

/** Reads programs as the compiler's isolate does, in this process. Both ways only data passes, as between processes. */
export const nodeReader: ProgramReader = {
  async read(request) {
    const typeChecker = await nodeTypeChecker();
    return Reading.parse(structuredClone(readProgram(structuredClone(request), typeChecker)));
  },
};
