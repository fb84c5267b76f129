import { limits } from "../limits.ts";
import { actionOfQuery } from "./actions.ts";
import { replaceIdioms } from "./idioms.ts";
import type { Posting, Postings } from "./postings.ts";
import type { Speller } from "./spelling.ts";
import type { Action } from "./verbs.ts";
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
  /** Its weight within the query: nouns say more than verbs, and words like "put" or "good" say little. */
  weight: number;
}

export interface ParsedQuery {
  words: readonly QueryWord[];
  action: Action | undefined;
}

/** Worth of a synonym, and of a word with another spelling, relative to the word itself. */
const meaningShare = 0.85;
const spellingShare = 0.6;
const verbWeight = 0.7;
/** Weight of a verb that is not the requested action: "which apps are installed" asks to install nothing. */
const otherVerbWeight = 0.5;
const lightWeight = 0.35;

/** The words that the indexed servers and tools are described with. */
interface Vocabulary {
  postings: Postings;
  speller: Pick<Speller, "spellingsOf">;
}

/** Only the beginning of a long query is read: a query of random words would hold up every session. */
export function parseQuery(query: string, { postings, speller }: Vocabulary): ParsedQuery {
  const vocabulary = { postings, speller: sparing(speller) };
  const isKnown = ({ stem }: Word) => postings.has(stem);
  const plain = replaceIdioms(query.slice(0, limits.queryCharsMax));
  const action = actionOfQuery(plain.split(/[,;.:!?]| and | so | then /).map(wordsOf), (word) => corrected(word, vocabulary));
  const words = withCompounds(meaningfulWords(wordsOfQuery(plain, isKnown)).slice(0, limits.queryWordsMax), isKnown)
    .map((word) => ({ word, terms: termsFor(word, vocabulary), weight: weightOf(word, action) }))
    .filter(({ terms }) => terms.length > 0);
  return { words, action };
}

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
  const known = [...matching([word.stem], 1), ...matching(word.meanings, meaningShare)];
  if (known.length > 0 || isNumber(word.text)) return known;
  return speller
    .spellingsOf(word.text)
    .map(readWord)
    .flatMap(({ stem, meanings }) => [...matching([stem], spellingShare), ...matching(meanings, spellingShare * meaningShare)]);
}

/** The words without duplicates and without stop words. */
function meaningfulWords(words: readonly Word[]): Word[] {
  return [...new Map(words.filter(({ isStop }) => !isStop).map((word) => [word.text, word])).values()];
}

function weightOf({ text, action }: Word, asked: Action | undefined): number {
  // Numbers are mostly arguments of a call, and only sometimes part of a name.
  if (lightWords.has(text) || isNumber(text)) return lightWeight;
  if (action === undefined) return 1;
  return asked === undefined || asked === action ? verbWeight : otherVerbWeight;
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

const lightWords = new Set(
  (
    "get put take give make makes made say says said use used using work works working look looks right left once first last new old good better " +
    "best long big small able see seem try come comes came bring happen happens done doing stuff lot kind sort way ways moment today"
  ).split(" "),
);
