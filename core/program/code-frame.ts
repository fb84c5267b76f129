import { type ErrorCode, OrchestratorError } from "../errors.ts";
import type { Verdict } from "../policy/rules.ts";

/** Where in a user's file an error is; lines and columns count from 1. */
export interface Position {
  file: string;
  line: number;
  column?: number | undefined;
}

/** The lines around a position with the failing one marked, as compilers print them. Empty if the line does not exist. */
export function codeFrame(source: string, position: Position): string {
  if (position.line < 1) return "";
  const first = Math.max(1, position.line - 1);
  const lines = linesFrom(source, first, position.line - first + 2);
  if (first + lines.length <= position.line) return "";
  const gutter = String(first + lines.length - 1).length;
  const frame: string[] = [];
  for (const [index, line] of lines.entries()) {
    const isFailing = first + index === position.line;
    const { text, column } = isFailing ? around(line, position.column) : { text: line.slice(0, lineCharsMax) };
    frame.push(`${isFailing ? ">" : " "} ${String(first + index).padStart(gutter)} | ${text}`);
    if (column !== undefined && column <= lineCharsMax) {
      frame.push(`  ${" ".repeat(gutter)} | ${" ".repeat(Math.max(0, column - 1))}^`);
    }
  }
  return frame.join("\n");
}

/** The part of a long line in which the column is. Many programs are a single line. */
function around(line: string, column: number | undefined): { text: string; column?: number } {
  if (column === undefined) return { text: line.slice(0, lineCharsMax) };
  if (line.length <= lineCharsMax || column <= lineCharsBefore) return { text: line.slice(0, lineCharsMax), column };
  const start = Math.min(column - 1 - lineCharsBefore, line.length + 1 - lineCharsMax);
  return { text: `…${line.slice(start + 1, start + lineCharsMax)}`.toWellFormed(), column: column - start };
}

/** Up to `count` lines of a text, which is not split: it may have half a million. */
function linesFrom(text: string, first: number, count: number): string[] {
  let start = 0;
  for (let line = 1; line < first; line++) {
    start = text.indexOf("\n", start) + 1;
    if (start === 0) return [];
  }
  const lines: string[] = [];
  while (lines.length < count) {
    const end = text.indexOf("\n", start);
    lines.push(text.slice(start, end === -1 ? text.length : end));
    if (end === -1) break;
    start = end + 1;
  }
  return lines;
}

/** Longest line shown: a minified program must not fill the answer with its own text. */
const lineCharsMax = 160;
/** Of these, before the column. */
const lineCharsBefore = 100;

/** An error at a position in a user's file, with its code frame. */
export function errorAt(
  code: ErrorCode,
  message: string,
  at: Position & { source: string; suggestions?: string[]; verdict?: Verdict; server?: string; tool?: string },
): OrchestratorError {
  return new OrchestratorError(code, message, {
    phase: "compile",
    file: at.file,
    line: at.line,
    ...(at.column === undefined ? {} : { column: at.column }),
    frame: codeFrame(at.source, at),
    ...(at.suggestions && at.suggestions.length > 0 ? { suggestions: at.suggestions } : {}),
    ...(at.tool === undefined ? {} : { server: at.server, tool: at.tool }),
    ...at.verdict,
  });
}
