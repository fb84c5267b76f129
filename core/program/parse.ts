import { parse, type Program as SyntaxTree } from "acorn";
import type { Options } from "sucrase";
import { OrchestratorError } from "../errors.ts";
import { errorAt } from "./code-frame.ts";
import { freshSuffix } from "./scope.ts";
import { type Place, placeAt, placeInStretch, stretchAt, stretchesOfSource } from "./source-positions.ts";
import { type Script, transformTraced } from "./source-trace.ts";

export interface UserFile {
  file: string;
  source: string;
  isTypeScript: boolean;
}

/** Removes the types. All other text stays as it is, on its line. */
export function stripTypes(file: UserFile, { keepUnusedImports }: { keepUnusedImports: boolean }): Script {
  if (!file.isTypeScript) return untransformed(file.source);
  const options: Options = {
    transforms: ["typescript"],
    disableESTransforms: true,
    keepUnusedImports,
    filePath: file.file,
  };
  try {
    return transformTraced(file.source, options);
  } catch (cause) {
    throw syntaxError(cause, { ...file, script: untransformed(file.source) });
  }
}

function untransformed(text: string): Script {
  return { text, stretches: () => stretchesOfSource(text) };
}

/** @throws OrchestratorError `syntax_error` */
export function parseScript(script: Script, file: UserFile): SyntaxTree {
  try {
    return parse(script.text, {
      ecmaVersion: "latest",
      sourceType: "module",
      allowReturnOutsideFunction: true,
      allowAwaitOutsideFunction: true,
    });
  } catch (cause) {
    throw syntaxError(cause, { ...file, script });
  }
}

/** The place in the user's file of an offset in the script. */
export function placeIn(script: Script, offset: number): Place {
  const stretch = stretchAt(script.stretches(), offset);
  return (stretch && placeInStretch(stretch, offset)) ?? placeAt(script.text, offset);
}

/** The parsers here cannot read the file, which the TypeScript compiler may still be able to. */
export class UnparsableFile extends OrchestratorError {}

/** Both parsers throw errors with the offset as `pos`, and the position in parentheses in the message. */
function syntaxError(cause: unknown, { file, source, script, isTypeScript }: UserFile & { script: Script }): OrchestratorError {
  if (cause instanceof RangeError) throw cause;
  const jsx = placeOfJsx({ file, source, isTypeScript });
  if (jsx !== undefined) {
    return errorAt("syntax_error", startsWithTag.test(source) ? tagsAround : noJsx, { file, source, ...jsx });
  }
  const text = cause instanceof Error ? cause.message : "the file does not parse";
  const offset = typeof cause === "object" && cause !== null && "pos" in cause ? cause.pos : undefined;
  const place = typeof offset === "number" ? placeIn(script, offset) : { line: 1 };
  const { message, details } = errorAt(
    "syntax_error",
    text.replace(/^Error transforming [^:]*: /, "").replace(/ \(\d+:\d+\)$/, ""),
    {
      ...{ file, source, ...place },
    },
  );
  return new UnparsableFile("syntax_error", message, details);
}

/** No program begins with what it would render. */
const startsWithTag = /^\s*</;
const tagsAround = "Send the program alone, without tags around it.";
const noJsx = "JSX is not supported: nothing here renders it. Build text or JSON instead.";

/** The place of the first JSX if the file parses only as JSX; undefined otherwise. */
function placeOfJsx(file: UserFile): Place | undefined {
  const jsxPragma = `jsx${freshSuffix(file.source)}`;
  const options: Options = {
    transforms: file.isTypeScript ? ["typescript", "jsx"] : ["jsx"],
    ...{ disableESTransforms: true, production: true, filePath: file.file },
    ...{ jsxPragma, jsxFragmentPragma: jsxPragma },
  };
  try {
    const script = transformTraced(file.source, options);
    const first = script.text.indexOf(jsxPragma);
    return first === -1 ? undefined : placeIn(script, first);
  } catch {
    // The file does not parse as JSX either: the error is another one.
    return undefined;
  }
}
