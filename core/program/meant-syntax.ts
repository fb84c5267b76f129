import { noShell } from "./other-platforms.ts";

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
  if (/[（）［］｛｝，；：．＝]/.test(character)) return " Write it as on an English keyboard.";
  if (isPython(wrong) || isPython(before)) return " This looks like Python: write TypeScript.";
  const around = aroundProgram(source);
  const line = withoutTexts(wrong.slice(0, lineCharsMax));
  return around ?? otherTexts.find(([form]) => form.test(line))?.[1] ?? "";
}

/** The rest of a longer line says no more of what it is. */
const lineCharsMax = 500;

/** What a program is in, in place of being sent alone. */
function aroundProgram(source: string): string | undefined {
  const isFenced = /^[^\S\n]*(?:`{3}|~{3})/m.test(source);
  return isFenced ? " Send the program alone, without fences and the text around them." : undefined;
}

/** A first word that no program begins a line with. */
const shellLine =
  /^\s*\$? ?(?:sudo|cd|ls|cat|echo|curl|wget|npm|npx|pnpm|yarn|pip3?|git|grep|rg|find|mkdir|rm|cp|mv|sed|awk|python3?|node|bash|sh|docker|kubectl|export \w+=\S*)(?: |$)(?![=:(])/;

/** Of a line that does not parse: what it is, and what to send. */
const otherTexts: readonly (readonly [RegExp, string])[] = [
  [/&(?:lt|gt|amp|quot|apos|nbsp|#\d{1,6}|#x[\da-f]{1,5});/i, " This has entities of HTML: send <, >, & and quotes as they are."],
  [/%(?:20|7B|28|22|3D)/, " This is URL-encoded: send it as it is."],
  [/^[A-Za-z\d+/]{24,}={0,2}\s*$/, " This is base64: send the text itself."],
  [/^\s*(?:\d+\s*[|:]\s|\d+\t|[-+>] )/, " Send the lines without the numbers or marks before them."],
  [
    /^\s*(?:SELECT\b.*\bFROM|INSERT\s+INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM|CREATE\s+TABLE|WITH\s+\w+\s+AS)\b/i,
    " This is SQL: a tool takes it as text.",
  ],
  [shellLine, ` ${noShell}`],
  [/^\s*(?:package \w+\s*$|func \w|fn \w+\(|<\?php|#include\b|using \w|puts |public (?:class|static)\b)/, " Write TypeScript."],
  [
    /^\s*(?:Here|This|First|Sure|Please|The|Let|I|To|Now|We|You)\b[^=;{}()]*$|^\s*[A-Z][a-z]+(?:,? [A-Za-z']+){2,}[^=;{}()]*$/,
    " This is prose: send the program alone.",
  ],
];

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
  return pythonLine.test(line) || pythonWords.test(withoutTexts(line));
}

function withoutTexts(line: string): string {
  return line.replace(/(["'`]).*?\1/g, '""');
}

const pythonLine =
  /^\s*(?:def \w+\(|from [\w.]+ import |import \w+(?: as \w+)?\s*$|#(?![!\w])|(?:if|elif|for|while|with|except|try|else|class|finally)\b[^{}]*:\s*(?:#.*)?$|(?:async )?for [\w, ]+ in .*:\s*$)|[\s(=,[{]f["']/;
/** The same inside a line: a comprehension, `a if b else c`, and operators that are words. */
const pythonWords =
  /\bfor \w+(?:, ?\w+)* in [^;]*[\])}]|[\w)\]"] if [^;(][^;]* else |\belif\b|\blambda \w+(?:, ?\w+)*:|[\w)\]"] (?:and|or)(?: not)? [\w("]|[(=] ?not [\w("]/;
