import library from "lib?json";
import { WorkerEntrypoint } from "cloudflare:workers";
import type { TypeCheckInput, TypeProblem } from "../../../core/typecheck.ts";
import { createChecker } from "./checker.ts";
import runtimeText from "./runtime.d.ts?text";

/* Runs in an isolate of its own, bundled by build.ts with the compiler and its library. */

const check = createChecker({ library, runtimeText, globalNames: namesOf(globalThis) });

export default class Compiler extends WorkerEntrypoint {
  /** Resolves with what blocks the program; nothing blocks an empty list. */
  check(input: TypeCheckInput): TypeProblem[] {
    return check(input);
  }
}

/** Own and inherited: in a Worker most of the web's names are inherited. */
function namesOf(scope: object): string[] {
  const names = new Set<string>();
  for (let at: object | null = scope; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    for (const name of Object.getOwnPropertyNames(at)) names.add(name);
  }
  return [...names];
}
