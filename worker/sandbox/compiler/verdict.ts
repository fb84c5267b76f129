import type ts from "typescript";

export interface Verdict {
  suggestions: string[];
  /** A tool that the client in this file does not have. */
  unknownTool?: { file: string; name: string };
  /** A name that stands for nothing. */
  unknownName?: string;
  /** Where the mistake is, if not where the compiler noticed it. */
  at?: ts.Node;
}

export interface Span {
  start: number;
  length: number;
}
