import type { EntrySignature, SignatureWanted } from "./entry-signature.ts";
import type { Lower } from "./typescript-fallback.ts";

/** The TypeScript compiler. */
export interface TypeChecker {
  /** Compiles a file with syntax that type stripping cannot remove. */
  lower: Lower;
  /** The problems that would make the program fail, in the order of its files; empty if none is known. */
  check(input: TypeCheckInput): TypeProblem[];
  /** What a program takes and returns. */
  signature(input: TypeCheckInput, options: { entry: string; wanted: SignatureWanted }): SignatureReading;
}

/** `not_json`: the types say something that JSON cannot. */
export type SignatureReading =
  | { kind: "read"; signature: EntrySignature }
  | ({ kind: "not_json" } & Pick<TypeProblem, "file" | "line" | "column" | "message">);

/** A program and everything it can refer to. The compiler sees nothing else. */
export interface TypeCheckInput {
  /** The user's files reachable from the entrypoint, as written. */
  sources: Record<string, string>;
  /** The user's files of which only types are imported. They are in no module, and nothing in them is checked. */
  types: Record<string, string>;
  /** For each file: specifier → a file or a module of `declarations`. */
  links: Record<string, Record<string, string>>;
  /** Module name → `.d.ts` text. */
  declarations: Record<string, string>;
  /** Module name of a client → the wire names of its tools. */
  tools: Record<string, string[]>;
  /** Declarations of the names that mean a client without an import. */
  globals: string;
}

/** Code that would fail when it runs. Lines and columns count from 1. */
export interface TypeProblem {
  file: string;
  line: number;
  column: number;
  /** The compiler's message. */
  message: string;
  suggestions: string[];
  /** Set if the problem is a name that is not declared. */
  unknownName?: string;
  /** Set if the problem is a name that a client's module or `runtime` does not export: the module, and the name used. */
  unknownTool?: { specifier: string; name: string };
}
