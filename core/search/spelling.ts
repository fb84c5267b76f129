import MiniSearch from "minisearch";
import { limits } from "../limits.ts";

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
/** Another letter in a shorter word makes another word: "smart" is not "start". Letters are left out or doubled in any. */
const replacedCharsMin = 6;

export function createSpeller(): Speller {
  const known = new Set<string>();
  const words = new MiniSearch<{ word: string }>({ idField: "word", fields: ["word"], tokenize: (word) => [word] });

  function search(word: string): string[] {
    const fuzzy = word.length < 4 ? 0 : word.length < 9 ? 1 : 2;
    return words
      .search(word, { prefix: word.length >= 4, fuzzy })
      .map(({ id }) => String(id))
      .filter((other) => other[0] === word[0])
      .filter((other) => other.length !== word.length || word.length >= replacedCharsMin);
  }

  return {
    learn(word) {
      if (known.has(word) || known.size >= limits.searchVocabularyMax) return;
      known.add(word);
      if (word.length >= 3) words.add({ word });
    },
    spellingsOf(word) {
      const swapped = Array.from(
        word,
        (_letter, at) => word.slice(0, at) + word.charAt(at + 1) + word.charAt(at) + word.slice(at + 2),
      );
      const found = swapped.filter((other) => known.has(other));
      return (found.length === 0 ? search(word) : found).slice(0, spellingsMax);
    },
  };
}
