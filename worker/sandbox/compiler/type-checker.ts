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
  /** Replaces a frozen compiler process. Undefined in a deployment, where the platform does that. */
  host: SandboxHost | undefined;
}

/** Implements the type checker port with the service binding of the compiler. */
export function createTypeChecker({ binding, host }: TypeCheckerParts): TypeChecker {
  /** Limits the wait, because some types take the compiler minutes. A compiler that exceeds the limit is replaced. */
  async function withinLimit(ask: () => Promise<unknown>): Promise<unknown> {
    await host?.ensure("compiler");
    const askedAt = Date.now();
    const answer = ask();
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
    check: async (input) => Problems.parse(await withinLimit(() => binding.check(input))),
    lower: async (input) => Lowering.parse(await withinLimit(() => binding.lower(input))),
  };
}
