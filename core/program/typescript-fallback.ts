import { z } from "zod";
import { type OrchestratorError, reportBug } from "../errors.ts";
import { errorAt } from "./code-frame.ts";
import { type CompiledFile, compileFile, type FileToCompile, type LoweredScript } from "./compile.ts";
import { UnparsableFile } from "./parse.ts";
import { traceByMap } from "./source-positions.ts";

const Place = z.object({ line: z.number(), column: z.number() });

/** The result of compiling one file with the TypeScript compiler. Lines and columns count from 1. */
export const Lowering = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("lowered"),
    /** JavaScript that the runtime understands. */
    javascript: z.string(),
    /** The `mappings` of a version 3 source map, to the user's file. */
    mappings: z.string(),
    /** Imports as written, without those of types. */
    imports: z.array(Place.extend({ specifier: z.string() })),
  }),
  /** The file is not valid TypeScript or JavaScript; `message` is the compiler's. */
  Place.extend({ kind: z.literal("wrong"), message: z.string() }),
]);
export type Lowering = z.infer<typeof Lowering>;

/** Rejects if the compiler is broken. */
export type Lower = (input: { file: string; source: string }) => Promise<Lowering>;

/**
 * Compiles a file. Those whose types cannot simply be removed (decorators, namespaces, `accessor`) go through the TypeScript
 * compiler, which also explains what is wrong with a file that does not parse.
 *
 * @throws OrchestratorError `syntax_error`, `import_not_allowed`
 */
export async function compileLowered(input: FileToCompile, lower: Lower): Promise<CompiledFile> {
  let refusal: OrchestratorError | undefined;
  if (!namespace.test(input.source)) {
    try {
      return compileFile(input);
    } catch (error) {
      if (!(error instanceof UnparsableFile)) throw error;
      refusal = error;
    }
  }
  const lowering = await loweringOf(input, lower);
  switch (lowering?.kind) {
    case "lowered":
      return compileFile({ ...input, lowered: scriptOf(input, lowering) });
    case "wrong":
      throw errorAt("syntax_error", lowering.message, { file: input.file, source: input.source, ...lowering });
    case undefined:
      if (refusal !== undefined) throw refusal;
      return compileFile(input);
  }
}

/** A namespace, which may contain values. A match in a comment or string costs only time. */
const namespace = /\b(?:namespace|module)\s+[\w$.]+\s*\{/;

async function loweringOf({ file, source }: FileToCompile, lower: Lower): Promise<Lowering | undefined> {
  try {
    return await lower({ file, source });
  } catch (error) {
    reportBug(error);
    return undefined;
  }
}

function scriptOf({ file, source }: FileToCompile, lowered: Extract<Lowering, { kind: "lowered" }>): LoweredScript {
  const { javascript, mappings, imports } = lowered;
  const map = () => ({ version: 3 as const, names: [], sources: [file], mappings });
  return { text: javascript, sourceOf: traceByMap(map, { made: javascript, source }), imports };
}
