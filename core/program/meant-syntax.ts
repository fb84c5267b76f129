/*
 * Text that is no TypeScript: what it is instead, and what to send. A hint is only asked for where a line does not parse.
 */

/** A sentence that begins with a space, or nothing. `before` is the line above the wrong one, `column` counts from 1. */
export function hintOnSyntax({ source, before, wrong, column }: WrongText): string {
  if (isJson(source)) return " This is JSON: send a program, as return await server.tool({ … }).";
  const character = wrong[(column ?? 0) - 1] ?? "";
  if (character === "\\") return " This is escaped twice: send quotes and line breaks as they are.";
  if (/[“”„‘’]/.test(character)) return " Write straight quotes.";
  if (/[–—−]/.test(character)) return " Write a plain hyphen.";
  return isPython(wrong) || isPython(before) ? " This looks like Python: write TypeScript." : "";
}

interface WrongText {
  source: string;
  before: string;
  wrong: string;
  column: number | undefined;
}

function isJson(source: string): boolean {
  if (!/^\s*\{\s*"/.test(source)) return false;
  try {
    JSON.parse(source);
    return true;
  } catch {
    return false;
  }
}

/** Of a line that is no TypeScript: `def`, `from … import`, a block that begins with a colon, a comment with `#`, an f-string. */
function isPython(line: string): boolean {
  return pythonLine.test(line) || pythonWords.test(line.replace(/(["'`]).*?\1/g, '""'));
}

const pythonLine =
  /^\s*(?:def \w+\(|from [\w.]+ import |import \w+(?: as \w+)?\s*$|#(?![!\w])|(?:if|elif|for|while|with|except|try|else|class|finally)\b[^{}]*:\s*(?:#.*)?$|(?:async )?for [\w, ]+ in .*:\s*$)|[\s(=,[{]f["']/;
/** The same inside a line: a comprehension, `a if b else c`, and operators that are words. */
const pythonWords =
  /\bfor \w+(?:, ?\w+)* in [^;]*[\])}]|[\w)\]"] if [^;(][^;]* else |\belif\b|[\w)\]"] (?:and|or)(?: not)? [\w("]|[(=] ?not [\w("]/;
