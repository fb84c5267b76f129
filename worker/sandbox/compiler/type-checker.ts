import { z } from "zod";
import { limits } from "../../../core/limits.ts";
import type { TypeChecker } from "../../../core/program/type-checker.ts";
import { Lowering } from "../../../core/program/typescript-fallback.ts";
import type { SandboxHost } from "../host.ts";
import type { Compiler } from "./compiler-entrypoint.ts";

const Problems = z.array(
  z.object({
    file: z.string(),
    line: z.number(),
    column: z.number(),
    message: z.string(),
    suggestions: z.array(z.string()),
    unknownName: z.string().exactOptional(),
    unknownTool: z.object({ specifier: z.string(), name: z.string() }).exactOptional(),
  }),
);

interface TypeCheckerParts {
  binding: Service<typeof Compiler>;
  /** Who replaces the compiler's process when it freezes; the platform itself where this is absent. */
  host: SandboxHost | undefined;
}

/** The type checker port over the service binding: the compiler lives apart from the sessions. */
export function createTypeChecker({ binding, host }: TypeCheckerParts): TypeChecker {
  /** Types can be written that take the compiler minutes. Whoever waits for it then, waits no longer. */
  async function inTime(answer: Promise<unknown>): Promise<unknown> {
    const askedAt = Date.now();
    const answered = new AbortController();
    const silence = scheduler.wait(limits.typeCheckMs, { signal: answered.signal }).then(
      () => "silent" as const,
      () => "answered" as const,
    );
    try {
      const first = await Promise.race([answer.then((value) => ({ value })), silence]);
      if (typeof first === "object") return first.value;
    } finally {
      answered.abort();
    }
    await host?.replace("compiler", askedAt);
    throw new Error(`the compiler did not answer within ${limits.typeCheckMs} ms`);
  }

  return {
    check: async (input) => Problems.parse(await inTime(binding.check(input))),
    lower: async (input) => Lowering.parse(await inTime(binding.lower(input))),
  };
}
