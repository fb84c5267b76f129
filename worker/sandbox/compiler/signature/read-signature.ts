import type ts from "typescript";
import type { SignatureWanted } from "../../../../core/program/entry-signature.ts";
import type { SignatureReading } from "../../../../core/program/type-checker.ts";
import { sourceFolder } from "../places.ts";
import { entrySignature } from "./entry-signature.ts";
import { NotJson } from "./place.ts";

/** The signature of the file that runs. */
export function readSignature(
  program: ts.Program,
  { entry, wanted }: { entry: string; wanted: SignatureWanted },
): SignatureReading {
  const file = program.getSourceFile(sourceFolder + entry);
  if (file === undefined) throw new Error(`there is no file ${entry}`);
  try {
    return { kind: "read", signature: entrySignature(program.getTypeChecker(), file, wanted) };
  } catch (error) {
    if (!(error instanceof NotJson)) throw error;
    const { node, message } = error;
    const place = node.getSourceFile();
    const { line, character } = place.getLineAndCharacterOfPosition(node.getStart());
    return { kind: "not_json", message, file: place.fileName.slice(sourceFolder.length), line: line + 1, column: character + 1 };
  }
}
