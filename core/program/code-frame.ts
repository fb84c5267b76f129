import { type ErrorCode, OrchestratorError } from "../errors.ts";

/** Where in a user's file an error is; lines and columns count from 1. */
export interface Position {
  file: string;
  line: number;
  column?: number | undefined;
}

/** The lines around a position with the failing one marked, as compilers print them. Empty if the line does not exist. */
export function codeFrame(source: string, position: Position): string {
  const lines = source.split("\n");
  if (position.line < 1 || position.line > lines.length) return "";
  const first = Math.max(1, position.line - 1);
  const last = Math.min(lines.length, position.line + 1);
  const gutter = String(last).length;
  const frame: string[] = [];
  for (let number = first; number <= last; number++) {
    const isFailing = number === position.line;
    const text = (lines[number - 1] ?? "").slice(0, lineCharsMax);
    frame.push(`${isFailing ? ">" : " "} ${String(number).padStart(gutter)} | ${text}`);
    if (isFailing && position.column !== undefined && position.column <= lineCharsMax) {
      frame.push(`  ${" ".repeat(gutter)} | ${" ".repeat(Math.max(0, position.column - 1))}^`);
    }
  }
  return frame.join("\n");
}

/** Longest line shown: a minified program must not fill the answer with its own text. */
const lineCharsMax = 160;

/** An error at a position in a user's file, with its code frame. */
export function errorAt(
  code: ErrorCode,
  message: string,
  at: Position & { source: string; suggestions?: string[] },
): OrchestratorError {
  return new OrchestratorError(code, message, {
    phase: "compile",
    file: at.file,
    line: at.line,
    ...(at.column === undefined ? {} : { column: at.column }),
    frame: codeFrame(at.source, at),
    ...(at.suggestions && at.suggestions.length > 0 ? { suggestions: at.suggestions } : {}),
  });
}
