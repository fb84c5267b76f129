import { limits } from "../limits.ts";
import { actionOfQuery } from "./actions.ts";
import { replaceIdioms } from "./idioms.ts";
import type { Posting, SearchIndex } from "./index.ts";
import { withoutHan } from "./translations.ts";
import type { Action } from "./verbs.ts";
import { weights } from "./weights.ts";
import { readWord, type Word, wordsOf, wordsOfQuery } from "./words.ts";

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
  words: readonly QueryWord[];
  action: Action | undefined;
  /** Words that no server and no tool mentions in any form. */
  unknown: string[];
  /** Those of them that name what shall be used. */
  unknownServices: string[];
}

/** Only the beginning of a long query is read: a query of random words would hold up every session. */
export function parseQuery(query: string, index: SearchIndex): ParsedQuery {
  const read = query.slice(0, limits.queryCharsMax);
  const spellingsOf = sparing(index.speller.spellingsOf);
  const isKnown = ({ stem }: Word) => index.posting(stem) !== undefined;
  /** An unknown verb as the known one that it is most likely meant to be. */
  const corrected = (word: Word) => (isKnown(word) ? word : readWord(spellingsOf(word.text)[0] ?? word.text));
  const plain = replaceIdioms(withoutHan(read));
  const action = actionOfQuery(plain.split(/[,;.:!?]| and | so | then /).map(wordsOf), corrected);
  const meaningful = wordsOfQuery(plain, isKnown).filter(({ isStop }) => !isStop);
  // "Time zone" is "timezone" too, if the index knows that.
  const joined = meaningful.map(({ text }, at) => readWord(text + (meaningful[at + 1]?.text ?? "")));
  const words = [...meaningful.slice(0, limits.queryWordsMax), ...joined.slice(0, limits.queryWordsMax).filter(isKnown)];
  const all = [...new Map(words.map((word) => [word.text, word])).values()].map((word) => ({
    word,
    terms: termsFor(word, index, spellingsOf),
  }));
  const unknown = all.filter(({ word, terms }) => terms.length === 0 && !isNumber(word.text)).map(({ word }) => word.text);
  const services = servicesIn(read);
  return {
    words: all.flatMap(({ word, terms }) =>
      terms.length === 0 ? [] : [{ word, terms, worth: Math.max(...terms.map(({ worth }) => worth)) }],
    ),
    action,
    unknown,
    unknownServices: unknown.filter((word) => services.has(word)),
  };
}

/** The names of what a request shall be done with: "Sign it with DocuSign". Other names in it are arguments of the calls. */
function servicesIn(query: string): Set<string> {
  const names = [...query.matchAll(/\b(?:with|using|via|through|on)\s+(?:the\s+)?(\p{Lu}[\p{L}\p{N}]*)/gu)];
  return new Set(names.map(([, name = ""]) => name.toLowerCase()).filter((name) => !dates.test(name)));
}

const dates = /day$|^(?:january|february|march|april|may|june|july|august|september|october|november|december)$/;

/** Looks up only the first unknown words of a query: each is compared with the whole vocabulary. */
function sparing(spellingsOf: (word: string) => string[]): (word: string) => string[] {
  let left: number = limits.queryCorrectionsMax;
  return (word) => {
    if (left <= 0 || word.length > limits.wordCharsMax) return [];
    left -= 1;
    return spellingsOf(word);
  };
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
