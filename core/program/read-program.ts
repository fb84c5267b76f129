import { OrchestratorError, type PublicError, toPublicError } from "../errors.ts";
import { limits } from "../limits.ts";
import { type Draft, draftProgram } from "./draft.ts";
import { linkProgram } from "./link.ts";
import type { Program } from "./program.ts";
import type { FilePositions, Reading, ReadRequest } from "./reader.ts";
import { readSignature } from "./signature.ts";
import { checkTypes, typeCheckInput } from "./type-check.ts";
import type { TypeChecker } from "./type-checker.ts";

/**
 * Reads a program: compiles its files, resolves their imports, links the clients and checks the types, in this order. Takes any
 * amount of time and memory for some texts, so whoever calls it must be able to end it.
 */
export function readProgram(request: ReadRequest, { check, lower, signature: signatureOf }: TypeChecker): Reading {
  try {
    const draft = draftProgram(request, lower);
    const known = new Map(request.listings.map((server) => [server.id, server]));
    const missing = draft.servers.filter((id) => !known.has(id));
    if (missing.length > 0) return { kind: "needs", servers: missing, optional: [...draft.optional] };
    const program = linkProgram(draft, (id) => known.get(id)?.tools ?? []);
    refuseGrowth(program);
    const { errors, isChecked } = checkTypes(draft, program, { known, check });
    if (errors.length > 0) return { kind: "refused", errors };
    const { signature: wanted } = request;
    const input = wanted && typeCheckInput(draft, program, known);
    const read = input && readSignature(draft, { input, wanted, signature: signatureOf });
    if (read && "error" in read) return { kind: "refused", errors: [read.error] };
    const { servers } = draft;
    const { hasResult = false, idle } = draft.files.get(draft.entry) ?? {};
    return {
      kind: "ready",
      program,
      servers,
      hasResult,
      ...(idle && { idle }),
      positions: positionsOf(draft),
      isChecked,
      ...read,
    };
  } catch (error) {
    return { kind: "refused", errors: [refusalOf(error)] };
  }
}

function refusalOf(error: unknown): PublicError {
  if (!(error instanceof RangeError)) return toPublicError(error);
  return toPublicError(
    new OrchestratorError("syntax_error", "The program nests too deeply to be read. Pass data through `args`.", { cause: error }),
  );
}

/** The modules of a program cross a boundary whose own bound would end the run without a reason. */
function refuseGrowth({ modules }: Program): void {
  const chars = Object.values(modules).reduce((sum, text) => sum + text.length, 0);
  if (chars <= limits.compiledCharsMax) return;
  throw new OrchestratorError(
    "syntax_error",
    `Compiled and with its clients, the program has ${chars} characters; at most ${limits.compiledCharsMax} can run. Import fewer servers, or use shorter names.`,
  );
}

/** Files for which no room is left come without columns. */
function positionsOf({ files }: Draft): Record<string, FilePositions> {
  const found: Record<string, FilePositions> = {};
  let charsLeft: number = limits.positionsCharsMax;
  for (const [file, compiled] of files) {
    const positions = compiled.positions(charsLeft);
    if (positions === undefined) continue;
    found[file] = positions;
    if (positions.kind === "mapped") charsLeft -= positions.mappings.length;
  }
  return found;
}
