import type { TypeCheckInput, TypeProblem } from "./type-check.ts";
import type { Lower } from "./typescript-fallback.ts";

/** The TypeScript compiler, wherever it lives. Rejects only when it is broken: then programs run unchecked. */
export interface TypeChecker {
  /** Makes JavaScript of a file that holds more than types besides it. */
  lower: Lower;
  /** What would fail when the program runs, in the order of its files; empty when nothing is known to. */
  check(input: TypeCheckInput): Promise<TypeProblem[]>;
}
