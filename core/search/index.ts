import type { Tool } from "../mcp/tool.ts";
import type { ServerEntry } from "../registry/registry.ts";
import { actionOfQuery } from "./actions.ts";
import { plainly } from "./idioms.ts";
import { type Room, readRoom } from "./server-index.ts";
import { createSpeller } from "./spelling.ts";
import type { Action } from "./verbs.ts";
import { readWord, type Word, wordsOf, wordsOfQuery } from "./words.ts";

/** Where a term stands: for each room that has it, the number of the term there. */
export interface Posting {
  term: string;
  rooms: number[];
  slots: number[];
  /** Documents that have it. */
  count: number;
}

/** A term of the index that stands for a word of a query, and the part of the word that it is worth. */
export interface Term {
  posting: Posting;
  share: number;
}

/** A word of a query, as far as the index knows it. */
export interface Wanted {
  word: Word;
  terms: readonly Term[];
  /** What it is worth among the words: names of things say more than verbs, and "put" or "good" say little. */
  weight: number;
}

export interface Question {
  words: readonly Wanted[];
  action: Action | undefined;
}

export interface SearchIndex {
  /** In the order of the servers, as far as they are read; those without known tools have a room too. */
  rooms: readonly Room[];
  /** How rare a term is. */
  rarity(posting: Posting): number;
  read(query: string): Question;
  /** Takes a server with the tools that it has now, and tells whether it had to be read: not when they are the ones it had. */
  put(at: number, tools: readonly Tool[]): boolean;
}

/** A synonym, or a word that is spelt otherwise, is worth this part of the word itself. */
const meaningShare = 0.85;
const spellingShare = 0.6;
const verbWeight = 0.7;
/** A verb that is not what is to be done: in "which apps are installed" nothing is to be installed. */
const asideWeight = 0.5;
const lightWeight = 0.35;

export function createSearchIndex(servers: readonly ServerEntry[]): SearchIndex {
  const postings = new Map<string, Posting>();
  const speller = createSpeller();
  const rooms: Room[] = [];
  let documents = 0;

  function enter(at: number): void {
    const room = rooms[at];
    for (const [slot, term] of (room?.terms ?? []).entries()) {
      const posting = postings.get(term) ?? { term, rooms: [], slots: [], count: 0 };
      postings.set(term, posting);
      posting.rooms.push(at);
      posting.slots.push(slot);
      posting.count += lengthOf(room, slot);
    }
  }

  function leave(at: number): void {
    const room = rooms[at];
    for (const [slot, term] of (room?.terms ?? []).entries()) {
      const posting = postings.get(term);
      const place = posting?.rooms.indexOf(at) ?? -1;
      if (posting === undefined || place < 0) continue;
      posting.rooms.splice(place, 1);
      posting.slots.splice(place, 1);
      posting.count -= lengthOf(room, slot);
      if (posting.count === 0) postings.delete(term);
    }
  }

  function named(names: readonly string[], share: number): Term[] {
    return names.flatMap((name) => {
      const posting = postings.get(name);
      return posting ? [{ posting, share }] : [];
    });
  }

  function termsFor(word: Word): Term[] {
    const known = [...named([word.stem], 1), ...named(word.meanings, meaningShare)];
    if (known.length > 0 || isNumber(word.text)) return known;
    return speller
      .spellingsOf(word.text)
      .map(readWord)
      .flatMap(({ stem, meanings }) => [...named([stem], spellingShare), ...named(meanings, spellingShare * meaningShare)]);
  }

  const isKnown = ({ stem }: Word) => postings.has(stem);

  function mended(word: Word): Word {
    const [spelling] = isKnown(word) ? [] : speller.spellingsOf(word.text);
    return spelling === undefined ? word : readWord(spelling);
  }

  return {
    rooms,
    rarity: ({ count }) => Math.log(1 + (documents - count + 0.5) / (count + 0.5)),
    read(query) {
      const plain = plainly(query);
      const action = actionOfQuery(plain.split(/[,;.:!?]| and | so | then /).map(wordsOf), mended);
      const words = withCompounds(tellingOf(wordsOfQuery(plain, isKnown)), isKnown)
        .map((word) => ({ word, terms: termsFor(word), weight: weightOf(word, action) }))
        .filter(({ terms }) => terms.length > 0);
      return { words, action };
    },
    put(at, tools) {
      const server = servers[at];
      const before = rooms[at];
      if (server === undefined || (before && isSame(before.tools, tools))) return false;
      if (before) leave(at);
      rooms[at] = readRoom(server, tools, speller.learn);
      enter(at);
      documents += tools.length - (before ? before.tools.length : -1);
      return true;
    },
  };
}

function lengthOf(room: Room | undefined, slot: number): number {
  return (room?.starts[slot + 1] ?? 0) - (room?.starts[slot] ?? 0);
}

/** A list that is read again is another list of the same tools. */
function isSame(before: readonly Tool[], after: readonly Tool[]): boolean {
  return before.length === after.length && before.every((tool, at) => tool === after[at]);
}

/** Each word once, without those that tell nothing. */
function tellingOf(words: readonly Word[]): Word[] {
  return [...new Map(words.filter(({ isStop }) => !isStop).map((word) => [word.text, word])).values()];
}

function weightOf({ text, action }: Word, asked: Action | undefined): number {
  // Numbers are mostly what a call is made with, and now and then part of a name.
  if (lightWords.has(text) || isNumber(text)) return lightWeight;
  if (action === undefined) return 1;
  return asked === undefined || asked === action ? verbWeight : asideWeight;
}

function isNumber(text: string): boolean {
  return /^\d+(?:st|nd|rd|th)?$/.test(text);
}

/** "time zone" also means "timezone", and the other way round, when the index knows those words. */
function withCompounds(words: readonly Word[], isKnown: (word: Word) => boolean): Word[] {
  const all = new Map(words.map((word) => [word.text, word]));
  const add = (word: Word) => void all.set(word.text, word);
  for (const [index, word] of words.entries()) {
    const next = words[index + 1];
    const joined = next && readWord(word.text + next.text);
    if (joined && isKnown(joined)) add(joined);
    if (isKnown(word) || word.meanings.length > 0) continue;
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
