import { readFileSync } from "node:fs";

export const kinds = ["plain", "conversational", "synonym", "misspelt"] as const;
export type Kind = (typeof kinds)[number];

/** One half was looked at while the search was tuned, the other was not. */
export const halves = ["tuned", "held out"] as const;
export type Half = (typeof halves)[number];

export interface Query {
  kind: Kind;
  half: Half;
  text: string;
  /** Every tool that answers it, `server/tool`. */
  wanted: readonly string[];
}

/** One query a line: `kind|words|server/tool …`, written before the search was tuned. */
export function readQueries(): Query[] {
  const lines = readFileSync(new URL("queries.txt", import.meta.url), "utf8").split("\n");
  return lines.filter((line) => line !== "").map(readLine);
}

function readLine(line: string): Query {
  const [kindText, text = "", wanted = ""] = line.split("|");
  const kind = kinds.find((known) => known === kindText);
  if (kind === undefined || text === "" || wanted === "") throw new Error(`no query: ${line}`);
  return { kind, text, half: halfOf(text), wanted: wanted.split(" ") };
}

/** Decided by the words alone (FNV-1a), so that nobody chooses. */
function halfOf(text: string): Half {
  let hash = 0x811c9dc5;
  for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return ((hash >>> 16) ^ hash) & 1 ? "held out" : "tuned";
}
