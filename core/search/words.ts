import { stemmer } from "stemmer";
import { limits } from "../limits.ts";
import { readGroups } from "./groups.ts";
import { hints } from "./tables/hints.ts";
import { stopWords } from "./tables/stop-words.ts";
import { synonyms } from "./tables/synonyms.ts";
import { verbs } from "./tables/verbs.ts";

/** What a tool does, according to its name, or what a query asks for: "look", "make" and so on. */
export type Action = string;

/** A word with everything the search needs to know about it. */
export interface Word {
  text: string;
  /** The form in the index: "created" and "creating" have the stem of "create". */
  stem: string;
  /** The names of the synonym groups it belongs to. */
  meanings: readonly string[];
  /** What it hints at: of each concept the stems of the words of its tools, with spaces between them. */
  hints: readonly string[];
  /** The action it asks for, if it is a verb of one. */
  action: Action | undefined;
  /** Whether it says nothing about what is wanted. */
  isStop: boolean;
}

/** A token as one word, and its parts: `createIssue` is "create" and "issue". */
interface Reading {
  whole: Word;
  parts: readonly Word[];
}

/** Splits names and sentences alike: `createIssue`, `create_issue` and "create issue" have the same words. */
export function wordsOf(text: string): Word[] {
  return readingsOf(text).flatMap(({ parts }) => parts);
}

/** Like `wordsOf`, plus compound names as a whole: a description with "GitHub" is found by "github". */
export function wordsOfProse(text: string): Word[] {
  return readingsOf(text).flatMap(({ parts, whole }) => (parts.length > 1 ? [...parts, whole] : parts));
}

export function readWord(text: string): Word {
  return read(text).whole;
}

export function readingsOf(text: string): Reading[] {
  const isAscii = !/[\u0080-\uffff]/.test(text);
  const tokens = (isAscii ? text.match(/[a-z0-9]+/gi) : plainOf(text).match(spacedOrNot)) ?? [];
  return (isAscii ? tokens : tokens.flatMap(pairsOf)).map(read);
}

const spacedOrNot = /\p{sc=Han}+|(?:(?!\p{sc=Han})[\p{L}\p{N}])+/gu;

/** Chinese is written without spaces: each two neighbouring characters stand for a word. */
function pairsOf(token: string): string[] {
  const characters = /\p{sc=Han}/u.test(token) ? [...token] : [];
  return characters.length < 2 ? [token] : characters.slice(1).map((character, at) => `${characters[at]}${character}`);
}

/** Without marks and ligatures. A letter of most scripts has four parts at most; the rest of a text is left out whose letters have eighteen. */
function plainOf(text: string): string {
  return text
    .normalize("NFKD")
    .slice(0, 4 * text.length)
    .replace(/\p{M}/gu, "");
}

/** Stemming takes most of the time of indexing, and words repeat across tools. */
const readings = new Map<string, Reading>();
const readingsMax = 50_000;

function read(token: string): Reading {
  const known = readings.get(token);
  if (known !== undefined) return known;
  const whole = makeWord(token.toLowerCase());
  const split = token.replace(/([a-z0-9])([A-Z])/g, "$1 $2").split(" ");
  const reading = { whole, parts: split.length === 1 ? [whole] : split.map((part) => makeWord(part.toLowerCase())) };
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
    isStop: tables.stops.has(text),
  };
}

/** With the first word, not when the Worker starts: stemming all of them takes a few milliseconds. */
let tables: ReturnType<typeof readTables> | undefined;

function readTables() {
  const stemsOf = (words: readonly string[]) => words.map((word) => stemmer(word));
  return {
    meanings: readGroups(synonyms, (names, words) => stemsOf([...names, ...words]).map((stem) => [stem, `~${names[0]}`])),
    hints: readGroups(hints, (names, words) => stemsOf(words).map((stem) => [stem, stemsOf(names).join(" ")])),
    actions: readGroups(verbs, ([action = ""], words) => stemsOf(words).map((stem) => [stem, action])),
    stops: new Set(stopWords.split(/\s/)),
  };
}
