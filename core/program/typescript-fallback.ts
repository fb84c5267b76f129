import { z } from "zod";
import { type OrchestratorError, reportBug } from "../errors.ts";
import { errorAt } from "./code-frame.ts";
import { type CompiledFile, compileFile, type FileToCompile, type LoweredScript } from "./compile.ts";
import { UnreadableFile } from "./parse.ts";
import { traceByMap } from "./source-positions.ts";

const Place = z.object({ line: z.number(), column: z.number() });

/** What the TypeScript compiler makes of one file. Lines and columns count from 1. */
export const Lowering = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("lowered"),
    /** JavaScript that the runtime understands. */
    javascript: z.string(),
    /** Mappings of a source map, version 3, from that to the file. */
    mappings: z.string(),
    /** Imports as written, those of types alone left out. */
    imports: z.array(Place.extend({ specifier: z.string() })),
  }),
  /** It is no TypeScript, or no JavaScript, in the compiler's words. */
  Place.extend({ kind: z.literal("wrong"), message: z.string() }),
]);
export type Lowering = z.infer<typeof Lowering>;

/** Rejects when the compiler is broken. */
export type Lower = (input: { file: string; source: string }) => Promise<Lowering>;

/**
 * Compiles a file, with the help of the TypeScript compiler where its types cannot simply be taken out: decorators, namespaces,
 * `accessor`. It is also who says what is wrong with a file that does not parse.
 *
 * @throws OrchestratorError `syntax_error`, `import_not_allowed`
 */
export async function compileLowered(input: FileToCompile, lower: Lower): Promise<CompiledFile> {
  let refusal: OrchestratorError | undefined;
  if (!namespace.test(input.source)) {
    try {
      return compileFile(input);
    } catch (error) {
      if (!(error instanceof UnreadableFile)) throw error;
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

/** One that holds values, as far as a text shows; it may also stand in a comment, and then nothing is lost but time. */
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
