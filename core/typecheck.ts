/** A program and everything it can refer to, for a compiler that sees nothing else. */
export interface TypeCheckInput {
  /** The user's files as written, those the entry reaches. */
  sources: Record<string, string>;
  /** For each file: specifier → what it means, a file or a module of `declarations`. */
  links: Record<string, Record<string, string>>;
  /** Module name → `.d.ts` text. */
  declarations: Record<string, string>;
  /** Declarations of the names that stand for a client without an import. */
  globals: string;
}

/** Something that would fail when run. Lines and columns count from 1. */
export interface TypeProblem {
  file: string;
  line: number;
  column: number;
  message: string;
  suggestions: string[];
}
