import { limits } from "../limits.ts";
import { readWord, type Word, wordsOf } from "./words.ts";

/** The telling words of a wish, each once, for comparison with other wishes. */
export function wordsOfWish(wish: string): string[] {
  const words = wordsOf(wish.slice(0, limits.queryCharsMax)).filter(
    ({ isStop, text }) => !isStop && text.length <= limits.wordCharsMax,
  );
  return [...new Set(words.map(({ text }) => text))].slice(0, limits.queryWordsMax);
}

/**
 * How similar two wishes are, from 0 to 1: Dice's coefficient of their words, where words of one stem or one meaning are the same.
 * `common` are those of the first.
 */
export function likeness(words: readonly string[], others: readonly string[]): { share: number; common: string[] } {
  const read = others.map(readWord);
  const common = words.filter((word) => read.some((other) => isAlike(readWord(word), other)));
  const back = read.filter((other) => words.some((word) => isAlike(readWord(word), other)));
  const total = words.length + others.length;
  return { share: total === 0 ? 0 : (common.length + back.length) / total, common };
}

function isAlike(a: Word, b: Word): boolean {
  return a.stem === b.stem || a.meanings.some((meaning) => b.meanings.includes(meaning));
}
