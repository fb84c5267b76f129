import { parse } from "acorn";
import { guardEdits } from "./cpu-guard.ts";
import { applyEdits } from "./edits.ts";

/**
 * A module in which every iteration of a loop calls `guard` first: code of ours or of a package, which counts its recursions itself. It is read where
 * it is built, and no program may be.
 */
export function guardedScript(text: string, guard: string): string {
  const tree = parse(text, { ecmaVersion: "latest", sourceType: "module" });
  return applyEdits(text, guardEdits(tree, guard, { onlyLoops: true }));
}
