import { asides, noAdverbs } from "./tables/asides.ts";

/** A query without what says how, when or how politely it asks. One that says nothing else stays as it is. */
export function withoutAsides(query: string, isServer: (name: string) => boolean): string {
  let text = query.replace(adverbs, (word) => (isServer(word.trim()) ? word : ""));
  for (const aside of asidePatterns) text = text.replace(aside, " ");
  return /[\p{L}\p{N}]/u.test(text) ? text : query;
}

const asidePatterns = asides
  .trim()
  .split("\n")
  .map((line) => new RegExp(`\\b(?:${line})(?![\\p{L}\\p{N}-])`, "giu"));

/** "Quickly" and "very easily". */
const adverbs = new RegExp(
  `(?:\\b(?:very|really|so|too|quite|pretty|more) )?\\b(?!(?:${noAdverbs.trim().split(/\s+/).join("|")})\\b)(?:^\\p{Lu})?\\p{Ll}{3,}ly\\b(?![-_])\\s*`,
  "gu",
);
