import { named } from "../closest.ts";
import { OrchestratorError } from "../errors.ts";
import { fileLimits } from "./file-limits.ts";

/**
 * A path within a workspace, without "." and "..": "a/b.txt". A leading slash means the same as none. The workspace itself is "".
 * @throws OrchestratorError `invalid_arguments`
 */
export function readPath(value: unknown): string {
  if (typeof value !== "string") throw invalid('A path is a string, such as "reports/november.csv".');
  if (value.length > fileLimits.pathCharsMax) throw invalid(`A path has at most ${fileLimits.pathCharsMax} characters.`);
  if (hasControlCharacter(value) || !value.isWellFormed()) throw invalid("A path has no control characters.");
  const names: string[] = [];
  for (const name of value.split("/")) {
    if (name === "" || name === ".") continue;
    if (name === "..") {
      if (names.pop() === undefined) throw invalid(`The path "${named(value)}" leads out of the workspace.`);
    } else if (name.length > fileLimits.nameCharsMax) {
      throw invalid(`A name in a path has at most ${fileLimits.nameCharsMax} characters.`);
    } else names.push(name);
  }
  return names.join("/");
}

function hasControlCharacter(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit < 0x20 || unit === 0x7f) return true;
  }
  return false;
}

function invalid(message: string): OrchestratorError {
  return new OrchestratorError("invalid_arguments", message);
}
