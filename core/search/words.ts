import { stemmer } from "stemmer";
import { limits } from "../limits.ts";
import { readHints } from "./hints.ts";
import { readSynonyms } from "./synonyms.ts";
import { foreignStopWords, translationOf } from "./translations.ts";
import { type Action, readActions } from "./verbs.ts";

/** A word with everything the search needs to know about it. */
export interface Word {
  text: string;
  /** The form in the index: "created" and "creating" have the stem of "create". */
  stem: string;
  /** The names of the synonym groups it belongs to, and the stems of the words of tools that it hints at. */
  meanings: readonly string[];
  hints: readonly string[];
  /** The action it asks for, if it is a verb of one. */
  action: Action | undefined;
  isPlural: boolean;
  /** Whether it is a stop word, which says nothing about what is wanted. */
  isStop: boolean;
}

/** Splits names and sentences alike: `createIssue`, `create_issue` and "create issue" have the same words. */
export function wordsOf(text: string): Word[] {
  return tokensOf(text).flatMap((token) => readToken(token).parts);
}

/** Like `wordsOf`, plus compound names as a whole: a description with "GitHub" is found by "github". */
export function wordsOfProse(text: string): Word[] {
  return tokensOf(text).flatMap((token) => readToken(token).all);
}

/** Like `wordsOf`, but a compound name that is known is not split: in a query "GitHub" is neither "git" nor "hub". */
export function wordsOfQuery(text: string, isKnown: (word: Word) => boolean): Word[] {
  const words = tokensOf(text).flatMap((token) => {
    const { whole, parts } = readToken(token);
    // "DocuSign" where nobody has heard of "docu" is a name that nobody has heard of.
    const isSplit = !isKnown(whole) && parts.every((part) => part.isStop || part.meanings.length > 0 || isKnown(part));
    return isSplit ? parts : [whole];
  });
  const english = words.map((word) => (isKnown(word) || word.meanings.length > 0 ? undefined : translationOf(word.text)));
  // One word alone may be a name: "Paris" begins like another one's "parar".
  const foreign = words.filter((word, at) => english[at] !== undefined || (foreignStopWords.has(word.text) && !word.isStop));
  if (foreign.length < foreignMin) return words;
  return words
    .map((word, at) => (english[at] === undefined ? word : readWord(english[at])))
    .filter(({ text }) => !foreignStopWords.has(text));
}

const foreignMin = 2;

export function readWord(text: string): Word {
  return readToken(text).whole;
}

function tokensOf(text: string): string[] {
  const plain = /[\u0080-\uffff]/.test(text) ? text.normalize("NFKD").replace(/\p{M}/gu, "") : text;
  return plain.match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** A token as one word, its parts, and the parts followed by the whole if there are several. */
interface Reading {
  whole: Word;
  parts: readonly Word[];
  all: readonly Word[];
}

/** Stemming takes most of the time of indexing, and words repeat across tools. */
const readings = new Map<string, Reading>();
const readingsMax = 50_000;

function readToken(token: string): Reading {
  const known = readings.get(token);
  if (known !== undefined) return known;
  const whole = makeWord(token.toLowerCase());
  const split = token.replace(/([a-z0-9])([A-Z])/g, "$1 $2").split(" ");
  const parts = split.length === 1 ? [whole] : split.map((part) => makeWord(part.toLowerCase()));
  const reading = { whole, parts, all: split.length === 1 ? parts : [...parts, whole] };
  // Queries hold words that never come back, and data that is no word at all.
  if (readings.size >= readingsMax) readings.clear();
  if (token.length <= limits.wordCharsMax) readings.set(token, reading);
  return reading;
}

function makeWord(text: string): Word {
  tables ??= readTables();
  const stem = stemmer(text);
  return {
    text,
    stem,
    meanings: tables.meanings.get(stem) ?? [],
    hints: tables.hints.get(stem) ?? [],
    action: tables.actions.get(stem)?.[0],
    isPlural: /^(?:people|children|.{3,}s)$/.test(text) && !/(?:ss|us|is|https|aws|dns|news|logs)$/.test(text),
    isStop: stopWords.has(text),
  };
}

/** With the first word, not when the Worker starts: stemming all of them takes a few milliseconds. */
let tables: ReturnType<typeof readTables> | undefined;

function readTables() {
  const stems = new Map<string, string>();
  const stemOf = (word: string) => {
    const stem = stems.get(word) ?? stemmer(word);
    stems.set(word, stem);
    return stem;
  };
  /** A table with the stems of its words, each of which has what all words of that stem have. */
  const byStem = (table: ReadonlyMap<string, readonly string[]>, read = (name: string) => name) => {
    const found = new Map<string, string[]>();
    for (const [word, names] of table) {
      const stem = stemOf(word);
      found.set(
        stem,
        [...new Set([...(found.get(stem) ?? []), ...names.map(read)])].filter((name) => name !== stem),
      );
    }
    return found;
  };
  return { meanings: byStem(readSynonyms()), hints: byStem(readHints(), stemOf), actions: byStem(readActions()) };
}

const stopWords = new Set(
  (
    "a about again all also always am an and another any anything are as at back be been being both by can could d did do does doing each ever " +
    "every everything few for from gets getting go goes going got had has have having hello help here hey hi how i if im in into is it its just " +
    "keep keeps know let lets like ll m many may maybe me might mine more most much must my need needs never now of off ok okay on one only or " +
    "other our ours out over own please re really s shall should so some somebody someone something still such t than thank thanks that the their " +
    "theirs them then there these they thing things this those to too until us ve very via want wants was we were what when where which while who " +
    "whom whose why will with would yet you your yours actually per"
  ).split(" "),
);
