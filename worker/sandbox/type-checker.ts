import { z } from "zod";
import type { TypeChecker } from "../../core/ports.ts";
import type { Sandbox } from "./entrypoint.ts";

const Problems = z.array(
  z.object({
    file: z.string(),
    line: z.number(),
    column: z.number(),
    message: z.string(),
    suggestions: z.array(z.string()),
    unknownTool: z.object({ specifier: z.string(), name: z.string() }).exactOptional(),
  }),
);

/** The type checker port over the service binding: the compiler lives where programs run, apart from the sessions. */
export function createTypeChecker(binding: Service<typeof Sandbox>): TypeChecker {
  return { check: async (input) => Problems.parse(await binding.check(input)) };
}
