import { asides, idioms } from "./tables/phrases.ts";

/** A query with single words in place of idioms, without data and without what says how, when or how politely it asks. */
export function inTermsOfTools(query: string): string {
  const said = replacements.reduce((text, { pattern, words }) => text.replace(pattern, words), withoutData(query));
  const plain = said.replace(asidePattern, " ");
  return /[\p{L}\p{N}]/u.test(plain) ? plain : said;
}

/** Quoted text, addresses and file names are arguments of a call and say nothing about the tool: only their kind is kept. */
function withoutData(query: string): string {
  return query
    .replace(/["“]([^"“”]*)["”]/g, (_all, quoted: string) => (quoted.trim().includes(" ") ? " " : ` ${quoted} `))
    .replace(/\bhttps?:\/\/\S+/g, " url ")
    .replace(/[\w.+-]+@[\w-]+\.\w+/g, " email ")
    .replace(/\b[\w-]+\.(?!(?:js|ai|com|org|net|io|dev|gov)\b)([a-z]{1,4})\b/g, " file $1 ");
}

const asidePattern = new RegExp(`\\b(?:${asides.trim().replaceAll("\n", "|")})(?![\\p{L}\\p{N}-])`, "giu");

const replacements = idioms.split(",").map((line) => {
  const [said = "", meant = ""] = line.trim().split(" = ");
  const pattern = said.replace(" … ", "((?: [\\w'’-]+){0,4}) ");
  return { pattern: new RegExp(`\\b${pattern}\\b`, "gi"), words: ` ${meant} ${said.includes("…") ? "$1 " : ""}` };
});
