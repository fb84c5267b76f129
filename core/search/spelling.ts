import { distance } from "fastest-levenshtein";
import { limits } from "../limits.ts";

/** Suggests known words for an unknown one. */
export interface Speller {
  learn(word: string): void;
  /** The known words nearest to a word, best first: those with two letters swapped, with one wrong letter, and those that it begins. */
  spellingsOf(word: string): string[];
}

const spellingsMax = 3;
/** A shorter word with a wrong letter is another word, and so is one that is not long with two. */
const charsMin = 4;
const longChars = 9;
/** How much longer than its beginning a word may be. */
const restCharsMax = 8;

export function createSpeller(): Speller {
  const known = new Set<string>();
  /** By first letter and length: what is misspelt has both right, or nearly. */
  const alike = new Map<string, string[]>();

  return {
    learn(word) {
      const isFull = known.size >= limits.searchVocabularyMax;
      if (isFull || known.has(word) || word.length < charsMin || word.length > limits.wordCharsMax) return;
      const key = `${word[0]}${word.length}`;
      const words = alike.get(key) ?? [];
      if (words.length >= limits.searchSpellingsMax) return;
      known.add(word);
      alike.set(key, words);
      words.push(word);
    },
    spellingsOf(word) {
      if (word.length < charsMin) return [];
      const errorsMax = word.length < longChars ? 1 : 2;
      const lengths = Array.from({ length: errorsMax + restCharsMax + 1 }, (_, more) => word.length - errorsMax + more);
      return lengths
        .flatMap((length) => alike.get(`${word[0]}${length}`) ?? [])
        .map((other) => ({ other, errors: errorsIn(word, other) }))
        .filter(({ errors }) => errors <= errorsMax)
        .sort((a, b) => a.errors - b.errors || a.other.length - b.other.length)
        .slice(0, spellingsMax)
        .map(({ other }) => other);
    },
  };
}

/** Two letters swapped are less than one wrong, and a rest that is missing is one. */
function errorsIn(word: string, other: string): number {
  if (other.startsWith(word)) return 1;
  if (other.length - word.length > 2) return Infinity;
  return isSwapped(word, other) ? 0.5 : distance(word, other);
}

function isSwapped(word: string, other: string): boolean {
  const at = [...word].findIndex((letter, place) => letter !== other[place]);
  return word.slice(0, at) + word.charAt(at + 1) + word.charAt(at) + word.slice(at + 2) === other;
}
