import { type PublicError, toPublicError } from "../errors.ts";
import { errorAt } from "./code-frame.ts";
import type { Draft } from "./draft.ts";
import type { EntrySignature, SignatureWanted } from "./entry-signature.ts";
import type { TypeChecker, TypeCheckInput } from "./type-checker.ts";

interface ToRead {
  input: TypeCheckInput;
  wanted: SignatureWanted;
  signature: TypeChecker["signature"];
}

/** The signature of a program, or what in it JSON cannot say. */
export function readSignature(
  { entry, sources }: Pick<Draft, "entry" | "sources">,
  { input, wanted, signature }: ToRead,
): { signature: EntrySignature } | { error: PublicError } {
  const read = signature(input, { entry, wanted });
  if (read.kind === "read") return { signature: read.signature };
  const { file, line, column, message } = read;
  const at = { file, line, column, source: sources.get(file) ?? "" };
  return { error: { ...toPublicError(errorAt("type_error", message, at)), phase: "typecheck" } };
}
