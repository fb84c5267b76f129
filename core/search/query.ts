import { limits } from "../limits.ts";
import { actionOfQuery } from "./actions.ts";
import type { Posting, SearchIndex } from "./index.ts";
import { inTermsOfTools } from "./phrases.ts";
import { translated, withEnglish } from "./translations.ts";
import { weights } from "./weights.ts";
import { type Action, readingsOf, readWord, type Word } from "./words.ts";

/** A word of a query, the ways in which a document may say it, the best of which counts, and the most that a document can score for it. */
export interface QueryWord {
  word: Word;
  ways: readonly Way[];
  worth: number;
}

/** One term of the index, or those of a concept: a document scores for each of them that it has. */
type Way = readonly TermMatch[];

/** `share` is its worth relative to the word itself, `worth` the most that a document can score for it. */
interface TermMatch {
  posting: Posting;
  share: number;
  worth: number;
}

export interface ParsedQuery {
  /** The part of it that is read. */
  text: string;
  words: readonly QueryWord[];
  action: Action | undefined;
  /** Words that no server and no tool mentions in any form. */
  unknown: string[];
}

/** Only the beginning of a long query is read: a query of random words would hold up every session. */
export function parseQuery(query: string, index: SearchIndex): ParsedQuery {
  const text = query.slice(0, limits.queryCharsMax);
  const plain = inTermsOfTools(withEnglish(text));
  const spellingsOf = sparing(index.speller.spellingsOf);
  const words = wordsIn(plain, index).map((word) => {
    const ways = waysFor(word, index, spellingsOf);
    return { word, ways, worth: Math.max(...ways.map((way) => way.reduce((sum, { worth }) => sum + worth, 0))) };
  });
  return {
    text,
    words: words.filter(({ ways }) => ways.length > 0),
    action: actionOfQuery(plain),
    unknown: words.filter(({ word, ways }) => ways.length === 0 && !/\p{sc=Han}/u.test(word.text)).map(({ word }) => word.text),
  };
}

/** The telling words of a query, each once. */
function wordsIn(query: string, index: SearchIndex): Word[] {
  const isKnown = ({ stem }: Word) => index.posting(stem) !== undefined;
  const read = readingsOf(query).flatMap(({ whole, parts }) => {
    // In a query "GitHub" is neither "git" nor "hub", and "DocuSign" where nobody has heard of "docu" is a name that nobody has heard of.
    const isSplit = !isKnown(whole) && parts.every((part) => part.isStop || part.meanings.length > 0 || isKnown(part));
    return isSplit ? parts : [whole];
  });
  const telling = translated(read, isKnown).filter(({ isStop }) => !isStop);
  return [...new Map(telling.map((word) => [word.text, word])).values()].slice(0, limits.queryWordsMax);
}

/** Looks up only the first unknown words of a query: each is compared with a part of the vocabulary. */
function sparing(spellingsOf: (word: string) => string[]): (word: string) => string[] {
  let left: number = limits.queryCorrectionsMax;
  return (word) => (word.length > limits.wordCharsMax || --left < 0 ? [] : spellingsOf(word));
}

function waysFor(word: Word, index: SearchIndex, spellingsOf: (word: string) => string[]): Way[] {
  const matching = (terms: readonly string[], share: number): Way =>
    terms.flatMap((term) => {
      const posting = index.posting(term);
      return posting ? [{ posting, share, worth: share * index.rarity(posting.places.length) }] : [];
    });
  const each = (terms: readonly string[], share: number) => terms.map((term) => matching([term], share));
  const concepts = word.hints.map((hinted) => hinted.split(" "));
  const known = [
    ...each([word.stem], 1),
    ...each(word.meanings, weights.meaning),
    ...concepts.map((terms) => matching(terms, weights.hint / Math.sqrt(terms.length))),
  ].filter((way) => way.length > 0);
  if (known.length > 0) return known;
  const spelt = spellingsOf(word.text).map((text) => readWord(text).stem);
  return each(spelt, weights.spelling).filter((way) => way.length > 0);
}
