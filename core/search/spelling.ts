import MiniSearch from "minisearch";
import { limits } from "../limits.ts";
import { readWord } from "./words.ts";

/** Suggests known words for an unknown one. */
export interface Speller {
  learn(word: string): void;
  /**
   * The known words nearest to a word, best first: those with two letters swapped; otherwise those it is a prefix or a
   * misspelling of.
   */
  spellingsOf(word: string): string[];
}

const spellingsMax = 3;

export function createSpeller(): Speller {
  const known = new Set<string>();
  const words = new MiniSearch<{ word: string }>({ idField: "word", fields: ["word"], tokenize: (word) => [word] });

  function search(word: string): string[] {
    return words
      .search(word, { prefix: word.length >= 4, fuzzy: word.length < 4 ? false : word.length < 7 ? 1 : 2 })
      .map(({ id }) => String(id))
      .filter((other) => other[0] === word[0]);
  }

  return {
    learn(word) {
      if (known.has(word) || known.size >= limits.searchVocabularyMax) return;
      known.add(word);
      if (word.length >= 3) words.add({ word });
    },
    spellingsOf(word) {
      const swapped = swapsOf(word).filter((other) => known.has(other));
      if (swapped.length > 0) return swapped.slice(0, spellingsMax);
      const found = search(word);
      // The ending may be wrong: "playwrite" is far from "playwright", but its stem is not.
      return (found.length > 0 ? found : search(readWord(word).stem)).slice(0, spellingsMax);
    },
  };
}

function swapsOf(word: string): string[] {
  return Array.from(
    { length: Math.max(0, word.length - 1) },
    (_, at) => word.slice(0, at) + word.charAt(at + 1) + word.charAt(at) + word.slice(at + 2),
  );
}
