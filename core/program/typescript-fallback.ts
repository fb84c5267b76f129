import { parseClientSpecifier } from "../codegen/specifiers.ts";
import { type OrchestratorError, reportBug } from "../errors.ts";
import { errorAt } from "./code-frame.ts";
import { type CompiledFile, compileFile, type FileToCompile } from "./compile.ts";
import { hintOnSyntax } from "./meant-syntax.ts";
import { UnparsableFile } from "./parse.ts";
import { type Place, stretchesByMap } from "./source-positions.ts";
import type { Script } from "./source-trace.ts";

/** The result of compiling one file with the TypeScript compiler. Lines and columns count from 1. */
export type Lowering =
  | {
      kind: "lowered";
      /** JavaScript that the runtime understands. */
      javascript: string;
      /** The `mappings` of a version 3 source map, to the user's file. */
      mappings: string;
    }
  /** The file is not valid TypeScript or JavaScript; `message` is the compiler's. */
  | ({ kind: "wrong"; message: string } & Place);

/** Throws if the compiler is broken. */
export type Lower = (input: { file: string; source: string }) => Lowering;

/**
 * Compiles a file. Those whose types cannot simply be removed (decorators, namespaces, `accessor`) go through the TypeScript
 * compiler, which also explains what is wrong with a file that does not parse.
 *
 * @throws OrchestratorError `syntax_error`, `import_not_allowed`
 */
export function compileLowered(input: FileToCompile, lower: Lower): CompiledFile {
  let refusal: OrchestratorError | undefined;
  if (!namespace.test(input.source)) {
    try {
      return compileFile(input);
    } catch (error) {
      if (!(error instanceof UnparsableFile)) throw error;
      refusal = error;
    }
  }
  const lowering = loweringOf(input, lower);
  switch (lowering?.kind) {
    case "lowered":
      return compileFile({ ...input, lowered: scriptOf(input, lowering) });
    case "wrong":
      throw errorAt("syntax_error", `${lowering.message}${hintOn(input, lowering)}`, {
        ...{ file: input.file, source: input.source, ...lowering },
      });
    case undefined:
      if (refusal !== undefined) throw refusal;
      return compileFile(input);
  }
}

/** What is meant by text that neither parser reads: the id of a server as a name, or another language. */
function hintOn({ source, clientNames }: FileToCompile, { line, column }: Place): string {
  const [before = "", wrong = ""] = ["", ...source.split("\n")].slice(line - 1);
  const meant = [...clientNames].find(([name, specifier]) => {
    const id = parseClientSpecifier(specifier);
    return id?.kind === "server" && id.id !== name && wrong.replace(/(["'`]).*?\1/g, "").includes(id.id);
  });
  if (meant !== undefined) return ` A server's id is no name here: write import { ${meant[0]} } from "mcp-clients".`;
  return hintOnSyntax({ source, before, wrong, column });
}

/** A namespace, which may contain values. A match in a comment or string costs only time. */
const namespace = /\b(?:namespace|module)\s+[\w$.]+\s*\{/;

function loweringOf({ file, source }: FileToCompile, lower: Lower): Lowering | undefined {
  try {
    return lower({ file, source });
  } catch (error) {
    reportBug(error);
    return undefined;
  }
}

function scriptOf({ file, source }: FileToCompile, lowered: Extract<Lowering, { kind: "lowered" }>): Script {
  const { javascript, mappings } = lowered;
  const map = { version: 3 as const, names: [], sources: [file], mappings };
  const stretches = stretchesByMap(map, { made: javascript, source });
  return { text: javascript, stretches: () => stretches };
}
