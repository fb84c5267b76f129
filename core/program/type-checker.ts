import type { Lower } from "./typescript-fallback.ts";

/** The TypeScript compiler, wherever it lives. Rejects only when it is broken: then programs run unchecked. */
export interface TypeChecker {
  /** Makes JavaScript of a file that holds more than types besides it. */
  lower: Lower;
  /** What would fail when the program runs, in the order of its files; empty when nothing is known to. */
  check(input: TypeCheckInput): Promise<TypeProblem[]>;
}

/** A program and everything it can refer to, for a compiler that sees nothing else. */
export interface TypeCheckInput {
  /** The user's files as written, those the entry reaches. */
  sources: Record<string, string>;
  /** For each file: specifier → what it means, a file or a module of `declarations`. */
  links: Record<string, Record<string, string>>;
  /** Module name → `.d.ts` text. */
  declarations: Record<string, string>;
  /** Module name of a client → the wire names of its tools. */
  tools: Record<string, string[]>;
  /** Declarations of the names that stand for a client without an import. */
  globals: string;
}

/** Something that would fail when run. Lines and columns count from 1. */
export interface TypeProblem {
  file: string;
  line: number;
  column: number;
  /** The compiler's words. */
  message: string;
  suggestions: string[];
  /** Set when the problem is a name that stands for nothing. */
  unknownName?: string;
  /** Set when the problem is a tool that a server does not have: the module of its client, and the name that was used. */
  unknownTool?: { specifier: string; name: string };
}
