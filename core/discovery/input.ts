import type { z } from "zod";
import { OrchestratorError } from "../errors.ts";
import { limits } from "../limits.ts";

/** @throws OrchestratorError `invalid_input` that names every wrong field */
export function readInput<T>(schema: z.ZodType<T>, input: unknown): T {
  const parsed = schema.safeParse(input ?? {});
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues
    .slice(0, limits.inputProblemsMax)
    .map((issue) => (issue.path.length === 0 ? issue.message : `${issue.path.join(".")}: ${issue.message}`));
  throw new OrchestratorError("invalid_input", `${problems.join("; ")}.`);
}
