import type ts from "typescript";

/** Why a diagnostic blocks the run. */
export interface Verdict {
  suggestions: string[];
  /** Says more than the compiler's message. */
  message?: string;
  /** The client's file, and the name of a tool that it does not have. */
  unknownTool?: { file: string; name: string };
  /** A name that does not exist. */
  unknownName?: string;
  /** What the compiler's message lacks. */
  hint?: string;
  /** The place of the mistake, if it is not where the compiler reported it. */
  at?: ts.Node;
}

export interface Span {
  start: number;
  length: number;
}
