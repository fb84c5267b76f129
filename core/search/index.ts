import type { Tool } from "../mcp/tool.ts";
import type { ServerEntry } from "../registry/registry.ts";
import { actionOfQuery } from "./actions.ts";
import { replaceIdioms } from "./idioms.ts";
import { indexServer, type ServerIndex } from "./server-index.ts";
import { createSpeller } from "./spelling.ts";
import type { Action } from "./verbs.ts";
import { readWord, type Word, wordsOf, wordsOfQuery } from "./words.ts";

/** Where a term occurs: the numbers of the servers, and for each of them the number of the term in its index. */
export interface Posting {
  term: string;
  servers: number[];
  slots: number[];
  /** Number of documents with the term. */
  count: number;
}

/** A term of the index that matches a word of a query. `share` is its worth relative to the word itself. */
export interface TermMatch {
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

export interface SearchIndex {
  /** In the order of the registry, as far as they are indexed. A server whose tools are unknown is indexed too. */
  servers: readonly ServerIndex[];
  /** The inverse document frequency of a term. */
  rarity(posting: Posting): number;
  parse(query: string): ParsedQuery;
  /** Indexes a server with its current tools. Returns false if nothing had to be done because its tools are the same. */
  update(at: number, tools: readonly Tool[]): boolean;
}

/** Worth of a synonym, and of a word with another spelling, relative to the word itself. */
const meaningShare = 0.85;
const spellingShare = 0.6;
const verbWeight = 0.7;
/** Weight of a verb that is not the requested action: "which apps are installed" asks to install nothing. */
const otherVerbWeight = 0.5;
const lightWeight = 0.35;

export function createSearchIndex(entries: readonly ServerEntry[]): SearchIndex {
  const postings = new Map<string, Posting>();
  const speller = createSpeller();
  const servers: ServerIndex[] = [];
  let documents = 0;

  function addPostings(at: number): void {
    const indexed = servers[at];
    for (const [slot, term] of (indexed?.terms ?? []).entries()) {
      const posting = postings.get(term) ?? { term, servers: [], slots: [], count: 0 };
      postings.set(term, posting);
      posting.servers.push(at);
      posting.slots.push(slot);
      posting.count += lengthOf(indexed, slot);
    }
  }

  function removePostings(at: number): void {
    const indexed = servers[at];
    for (const [slot, term] of (indexed?.terms ?? []).entries()) {
      const posting = postings.get(term);
      const entry = posting?.servers.indexOf(at) ?? -1;
      if (posting === undefined || entry < 0) continue;
      posting.servers.splice(entry, 1);
      posting.slots.splice(entry, 1);
      posting.count -= lengthOf(indexed, slot);
      if (posting.count === 0) postings.delete(term);
    }
  }

  function matching(names: readonly string[], share: number): TermMatch[] {
    return names.flatMap((name) => {
      const posting = postings.get(name);
      return posting ? [{ posting, share }] : [];
    });
  }

  function termsFor(word: Word): TermMatch[] {
    const known = [...matching([word.stem], 1), ...matching(word.meanings, meaningShare)];
    if (known.length > 0 || isNumber(word.text)) return known;
    return speller
      .spellingsOf(word.text)
      .map(readWord)
      .flatMap(({ stem, meanings }) => [...matching([stem], spellingShare), ...matching(meanings, spellingShare * meaningShare)]);
  }

  const isKnown = ({ stem }: Word) => postings.has(stem);

  function corrected(word: Word): Word {
    const [spelling] = isKnown(word) ? [] : speller.spellingsOf(word.text);
    return spelling === undefined ? word : readWord(spelling);
  }

  return {
    servers,
    rarity: ({ count }) => Math.log(1 + (documents - count + 0.5) / (count + 0.5)),
    parse(query) {
      const plain = replaceIdioms(query);
      const action = actionOfQuery(plain.split(/[,;.:!?]| and | so | then /).map(wordsOf), corrected);
      const words = withCompounds(meaningfulWords(wordsOfQuery(plain, isKnown)), isKnown)
        .map((word) => ({ word, terms: termsFor(word), weight: weightOf(word, action) }))
        .filter(({ terms }) => terms.length > 0);
      return { words, action };
    },
    update(at, tools) {
      const server = entries[at];
      const before = servers[at];
      if (server === undefined || (before && isSame(before.tools, tools))) return false;
      if (before) removePostings(at);
      servers[at] = indexServer(server, tools, speller.learn);
      addPostings(at);
      documents += tools.length - (before ? before.tools.length : -1);
      return true;
    },
  };
}

function lengthOf(indexed: ServerIndex | undefined, slot: number): number {
  return (indexed?.starts[slot + 1] ?? 0) - (indexed?.starts[slot] ?? 0);
}

/** A list that was read again is a new array of the same tools. */
function isSame(before: readonly Tool[], after: readonly Tool[]): boolean {
  return before.length === after.length && before.every((tool, at) => tool === after[at]);
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
