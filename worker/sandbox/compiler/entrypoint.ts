import library from "lib?json";
import { WorkerEntrypoint } from "cloudflare:workers";
import type { TypeCheckInput, TypeProblem } from "../../../core/program/type-checker.ts";
import type { Lowering } from "../../../core/program/typescript-fallback.ts";
import { createChecker } from "./checker.ts";
import runtimeText from "./runtime.d.ts?text";
import { lower } from "./typescript-fallback.ts";

/* Runs in its own isolate. build.ts bundles it with the compiler and the standard library. */

const check = createChecker({ library, runtimeText, scope: globalThis });

export default class Compiler extends WorkerEntrypoint {
  /** @returns the problems that block the program; empty if it may run */
  check(input: TypeCheckInput): TypeProblem[] {
    return check(input);
  }

  lower(input: { file: string; source: string }): Lowering {
    return lower(input);
  }
}
