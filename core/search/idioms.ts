import { idioms } from "./tables/idioms.ts";

/** The query with single words in place of idioms, and without the data of calls. */
export function replaceIdioms(query: string, isServer: (name: string) => boolean): string {
  return replacements.reduce((text, { pattern, words }) => text.replace(pattern, words), withoutData(query, isServer));
}

/** Quoted text, addresses and file names are arguments of a call and say nothing about the tool: only their kind is kept. */
function withoutData(query: string, isServer: (name: string) => boolean): string {
  return (
    query
      .replace(/["“]([^"“”]*)["”]/g, (_all, quoted: string) => (quoted.trim().includes(" ") ? " " : ` ${quoted} `))
      .replace(/\bhttps?:\/\/\S+/g, " url ")
      .replace(/[\w.+-]+@[\w-]+\.\w+/g, " email ")
      // "On monday.com" names the service, not a page.
      .replace(/\b([\w-]+)\.(?:com|org|net|io|dev)\b/g, (_all, name: string) => (isServer(name) ? name : " website "))
      .replace(/\b[\w-]+\.(?!js\b|ai\b)[a-z]{1,4}\b/g, " file ")
  );
}

const replacements = idioms.split(",").map((line) => {
  const [said = "", meant = ""] = line.trim().split(" = ");
  const pattern = said.replace(" … ", "((?: [\\w'’-]+){0,4}) ");
  return { pattern: new RegExp(`\\b${pattern}\\b`, "gi"), words: ` ${meant} ${said.includes("…") ? "$1 " : ""}` };
});
