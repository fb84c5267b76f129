import { readFileSync } from "node:fs";

export const kinds = ["plain", "conversational", "synonym", "misspelt"] as const;
export type Kind = (typeof kinds)[number];

/**
 * What was done with a query while the search was tuned. Those of `queries.txt` were written before: one half was looked at,
 * of the other only the recall as a whole. "For tuning" were written and looked at meanwhile, without those held out but by
 * chance for some of the same tools, and count for nothing else.
 * "Written last" came after the last change, for tools picked at random among those that no other query wants.
 */
export const parts = ["tuned", "held out", "written last", "for tuning"] as const;
export type Part = (typeof parts)[number];

export interface Query {
  kind: Kind;
  part: Part;
  text: string;
  /**
   * Every tool that is right, `server/tool`, judged by its name and description over all tools before any search was asked:
   * - one call of it does what is asked, or is what doing it has to begin with;
   * - a query that names a product takes that product's tools, one that names none takes every server's;
   * - a query that only names a thing takes the tools that list, read or create it;
   * - what can do anything (a shell, any kubectl command, an agent) is right only where its description names what is asked.
   */
  wanted: readonly string[];
}

/** One query a line: `kind|words|server/tool …`. */
export function readQueries(): Query[] {
  return [
    ...readFile("queries.txt", (text) => halfOf(text)),
    ...readFile("queries-late.txt", () => "written last"),
    ...readFile("queries-tuning.txt", () => "for tuning"),
  ];
}

/** Whether a query is evidence: what was written for tuning is not. */
export function counts({ part }: Query): boolean {
  return part !== "for tuning";
}

function readFile(name: string, partOf: (text: string) => Part): Query[] {
  const lines = readFileSync(new URL(name, import.meta.url), "utf8").split("\n");
  return lines.filter((line) => line !== "").map((line) => readLine(line, partOf));
}

function readLine(line: string, partOf: (text: string) => Part): Query {
  const [kindText, text = "", wanted = ""] = line.split("|");
  const kind = kinds.find((known) => known === kindText);
  if (kind === undefined || text === "" || wanted === "") throw new Error(`no query: ${line}`);
  return { kind, text, part: partOf(text), wanted: wanted.split(" ") };
}

/** Decided by the words alone (FNV-1a), so that nobody chooses. */
function halfOf(text: string): Part {
  let hash = 0x811c9dc5;
  for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return ((hash >>> 16) ^ hash) & 1 ? "held out" : "tuned";
}
