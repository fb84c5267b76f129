import { limits } from "../limits.ts";
import { actionOfQuery } from "./actions.ts";
import { replaceIdioms } from "./idioms.ts";
import type { Posting, SearchIndex } from "./index.ts";
import { translated, withoutHan } from "./translations.ts";
import { weights } from "./weights.ts";
import { type Action, readingsOf, readWord, type Word, wordsOf } from "./words.ts";

/** A word of a query, the terms of the index that match it, and the most that a document can score for it. */
export interface QueryWord {
  word: Word;
  terms: readonly TermMatch[];
  worth: number;
}

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
  /** Words that no server and no tool mentions in any form, and those of them that are no names, which are arguments of calls. */
  unknown: string[];
  missing: string[];
}

/** Only the beginning of a long query is read: a query of random words would hold up every session. */
export function parseQuery(query: string, index: SearchIndex): ParsedQuery {
  const text = query.slice(0, limits.queryCharsMax);
  const plain = replaceIdioms(withoutHan(text));
  const spellingsOf = sparing(index.speller.spellingsOf);
  const words = wordsIn(plain, index).map((word) => ({ word, terms: termsFor(word, index, spellingsOf) }));
  const unknown = words.filter(({ word, terms }) => terms.length === 0 && !isNumber(word.text)).map(({ word }) => word.text);
  const names = new Set([...text.matchAll(capitalised)].map(([name]) => name.toLowerCase()));
  return {
    text,
    words: words
      .filter(({ terms }) => terms.length > 0)
      .map((word) => ({ ...word, worth: Math.max(...word.terms.map(({ worth }) => worth)) })),
    action: actionOfQuery(plain.split(/[,;.:!?]| and | so | then /).map(wordsOf)),
    unknown,
    missing: unknown.filter((word) => !names.has(word)),
  };
}

/** Not at the beginning of a sentence. */
const capitalised = /(?<=[\p{L}\p{N},] )\p{Lu}[\p{L}\p{N}]*/gu;

/** The telling words of a query, each once. */
function wordsIn(query: string, index: SearchIndex): Word[] {
  const isKnown = ({ stem }: Word) => index.posting(stem) !== undefined;
  const read = readingsOf(query).flatMap(({ whole, parts }) => {
    // In a query "GitHub" is neither "git" nor "hub", and "DocuSign" where nobody has heard of "docu" is a name that nobody has heard of.
    const isSplit = !isKnown(whole) && parts.every((part) => part.isStop || part.meanings.length > 0 || isKnown(part));
    return isSplit ? parts : [whole];
  });
  const telling = translated(read, isKnown)
    .filter(({ isStop }) => !isStop)
    .slice(0, limits.queryWordsMax);
  // "Time zone" is "timezone" too, if the index knows that.
  const joined = telling.map(({ text }, at) => readWord(text + (telling[at + 1]?.text ?? ""))).filter(isKnown);
  return [...new Map([...telling, ...joined].map((word) => [word.text, word])).values()];
}

/** Looks up only the first unknown words of a query: each is compared with the whole vocabulary. */
function sparing(spellingsOf: (word: string) => string[]): (word: string) => string[] {
  let left: number = limits.queryCorrectionsMax;
  return (word) => (word.length > limits.wordCharsMax || --left < 0 ? [] : spellingsOf(word));
}

function termsFor(word: Word, index: SearchIndex, spellingsOf: (word: string) => string[]): TermMatch[] {
  // Nouns say more than verbs.
  const weight = word.action === undefined ? 1 : weights.verb;
  const matching = (terms: readonly string[], share: number) =>
    terms.flatMap((term): TermMatch[] => {
      const posting = index.posting(term);
      return posting ? [{ posting, share, worth: weight * share * index.rarity(posting.places.length) }] : [];
    });
  const { spelling, queryMeaning } = weights;
  // A word that hints at many hints at each of them less.
  const hint = weights.hint / Math.sqrt(Math.max(1, word.hints.length / weights.hintWords));
  const known = [...matching([word.stem], 1), ...matching(word.meanings, queryMeaning), ...matching(word.hints, hint)];
  if (known.length > 0 || isNumber(word.text)) return known;
  const spelt = spellingsOf(word.text).map(readWord);
  return spelt.flatMap(({ stem, meanings }) => [...matching([stem], spelling), ...matching(meanings, spelling * queryMeaning)]);
}

function isNumber(text: string): boolean {
  return /^\d+(?:st|nd|rd|th)?$/.test(text);
}
