import { limits } from "../limits.ts";
import { actionOfQuery } from "./actions.ts";
import { replaceIdioms } from "./idioms.ts";
import type { Posting, Postings } from "./postings.ts";
import type { Speller } from "./spelling.ts";
import { withoutHan } from "./translations.ts";
import type { Action } from "./verbs.ts";
import { weights } from "./weights.ts";
import { readWord, type Word, wordsOf, wordsOfQuery } from "./words.ts";

/** A term of the index that matches a word of a query. `share` is its worth relative to the word itself. */
interface TermMatch {
  posting: Posting;
  share: number;
}

/** A word of a query and the terms of the index that match it. */
export interface QueryWord {
  word: Word;
  terms: readonly TermMatch[];
}

export interface ParsedQuery {
  words: readonly QueryWord[];
  action: Action | undefined;
  /** Words that no server and no tool mentions in any form. */
  unknown: string[];
  /** Those of them that name what shall be used. */
  unknownServices: string[];
}

/** The words that the indexed servers and tools are described with. */
interface Vocabulary {
  postings: Postings;
  speller: Pick<Speller, "spellingsOf">;
}

/** Only the beginning of a long query is read: a query of random words would hold up every session. */
export function parseQuery(query: string, { postings, speller }: Vocabulary): ParsedQuery {
  const vocabulary = { postings, speller: sparing(speller) };
  const isKnown = ({ stem }: Word) => postings.has(stem);
  const plain = replaceIdioms(withoutHan(query.slice(0, limits.queryCharsMax)));
  const action = actionOfQuery(plain.split(/[,;.:!?]| and | so | then /).map(wordsOf), (word) => corrected(word, vocabulary));
  const all = withCompounds(meaningfulWords(wordsOfQuery(plain, isKnown)).slice(0, limits.queryWordsMax), isKnown).map(
    (word) => ({ word, terms: termsFor(word, vocabulary) }),
  );
  const unknown = all.filter(({ word, terms }) => terms.length === 0 && !isNumber(word.text)).map(({ word }) => word.text);
  const services = servicesIn(query.slice(0, limits.queryCharsMax));
  return {
    words: all.filter(({ terms }) => terms.length > 0),
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
function sparing({ spellingsOf }: Vocabulary["speller"]): Vocabulary["speller"] {
  let left: number = limits.queryCorrectionsMax;
  return {
    spellingsOf(word) {
      if (left <= 0 || word.length > limits.wordCharsMax) return [];
      left -= 1;
      return spellingsOf(word);
    },
  };
}

/** An unknown word as the known one that it is most likely meant to be. */
function corrected(word: Word, { postings, speller }: Vocabulary): Word {
  const [spelling] = postings.has(word.stem) ? [] : speller.spellingsOf(word.text);
  return spelling === undefined ? word : readWord(spelling);
}

function termsFor(word: Word, { postings, speller }: Vocabulary): TermMatch[] {
  const matching = (terms: readonly string[], share: number): TermMatch[] =>
    terms.flatMap((term) => {
      const posting = postings.get(term);
      return posting ? [{ posting, share }] : [];
    });
  const known = [
    ...matching([word.stem], 1),
    ...matching(word.meanings, weights.queryMeaning),
    ...matching(word.hints, weights.hint),
  ];
  if (known.length > 0 || isNumber(word.text)) return known;
  return speller
    .spellingsOf(word.text)
    .map(readWord)
    .flatMap(({ stem, meanings }) => [
      ...matching([stem], weights.spelling),
      ...matching(meanings, weights.spelling * weights.queryMeaning),
    ]);
}

/** The words without duplicates and without stop words. */
function meaningfulWords(words: readonly Word[]): Word[] {
  return [...new Map(words.filter(({ isStop }) => !isStop).map((word) => [word.text, word])).values()];
}

function isNumber(text: string): boolean {
  return /^\d+(?:st|nd|rd|th)?$/.test(text);
}

/** Adds "timezone" to "time zone" and the other way round, if the index knows those words. */
function withCompounds(words: readonly Word[], isKnown: (word: Word) => boolean): Word[] {
  const all = new Map(words.map((word) => [word.text, word]));
  const add = (word: Word) => void all.set(word.text, word);
  for (const [index, word] of words.entries()) {
    const next = words[index + 1];
    const joined = next && readWord(word.text + next.text);
    if (joined && isKnown(joined)) add(joined);
    if (isKnown(word) || word.meanings.length > 0 || word.text.length > limits.wordCharsMax) continue;
    for (let cut = 4; cut <= word.text.length - 4; cut++) {
      const parts = [readWord(word.text.slice(0, cut)), readWord(word.text.slice(cut))];
      if (parts.every(isKnown)) parts.forEach(add);
    }
  }
  return [...all.values()];
}
