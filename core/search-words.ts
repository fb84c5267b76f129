import { stemmer } from "stemmer";
import { synonymsOf } from "./synonyms.ts";

/** Splits names as well as sentences: `createIssue`, `create_issue` and "create issue" are the same words. */
export function wordsOf(text: string): string[] {
  return text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "" && !stopWords.has(word));
}

/** What the index holds of a word: its stem. "created" and "creating" are found by "create". */
export function stemOf(word: string): string {
  const known = stems.get(word);
  if (known !== undefined) return known;
  const stem = stemmer(word);
  if (stems.size < stemsMax) stems.set(word, stem);
  return stem;
}

/** What the stem's synonyms share: one name for each group of words it belongs to. */
export function meaningsOf(stem: string): readonly string[] {
  return meanings.get(stem) ?? [];
}

/** Stemming is most of the work of building an index, and the words of tools repeat. */
const stems = new Map<string, string>();
const stemsMax = 50_000;

const meanings = new Map<string, string[]>();
for (const [word, groups] of synonymsOf) {
  const stem = stemmer(word);
  meanings.set(stem, [...new Set([...(meanings.get(stem) ?? []), ...groups])]);
}

const stopWords = new Set(
  (
    "a about an and any are as at be been by can could did do does for from had has have help how i if in into is it its just let like " +
    "me my need of on one or our out please s so some t tell that the their them there these they this those to too us want was we were " +
    "what when where who why will with would you your"
  ).split(" "),
);
