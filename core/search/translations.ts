import { readGroups } from "./groups.ts";
import { foreignStopWords } from "./tables/stop-words.ts";
import { translations } from "./tables/translations.ts";
import { readWord, type Word } from "./words.ts";

/** Beginning of a word → the English word. */
const english = readGroups(translations, ([word = ""], starts) => starts.map((start) => [start, word]));
const foreignStops = new Set(foreignStopWords.split(/\s/));
const startChars = { min: 3, max: 16 };
const foreignMin = 2;

/**
 * A query in another language in English, but for the words that are known here. One foreign word alone may be a name: "Paris" begins like
 * another one's "parar".
 */
export function translated(words: readonly Word[], isKnown: (word: Word) => boolean): readonly Word[] {
  const english = words.map((word) => (isKnown(word) || word.meanings.length > 0 ? undefined : translationOf(word.text)));
  const isForeign = ({ text, isStop }: Word, at: number) => english[at] !== undefined || (foreignStops.has(text) && !isStop);
  if (words.filter(isForeign).length < foreignMin) return words;
  return words.map((word, at) => readWord(english[at] ?? word.text)).filter(({ text }) => !foreignStops.has(text));
}

/** The English word for a word of another language, without accents and in lower case. */
function translationOf(text: string): string | undefined {
  for (let end = Math.min(text.length, startChars.max); end >= startChars.min; end--) {
    const word = english.get(text.slice(0, end))?.at(-1);
    if (word !== undefined) return word;
  }
  return undefined;
}

/** The longest first. */
const hanWords = [...english.keys()].filter((word) => /\p{Script=Han}/u.test(word)).sort((a, b) => b.length - a.length);
const han = new RegExp(hanWords.join("|"), "gu");

/** A text with the English for the Chinese words in it that are known, in order, behind it. */
export function withEnglish(text: string): string {
  const known = text.match(han)?.map((word) => english.get(word)?.at(-1) ?? "") ?? [];
  return known.length === 0 ? text : `${text}, ${known.join(" ")}`;
}
