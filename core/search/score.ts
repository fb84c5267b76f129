import type { SearchIndex } from "./index.ts";
import type { Posting } from "./postings.ts";
import type { ParsedQuery, QueryWord } from "./query.ts";
import type { ServerIndex } from "./server-index.ts";
import { weights } from "./weights.ts";
import type { Word } from "./words.ts";

/**
 * The score of each document for a query; 0 if nothing matches. Those of server `n` begin at `starts[n]`, the server itself
 * first.
 */
export interface Scores {
  starts: Uint32Array;
  values: Float32Array;
  /** Whether a tool's own text matches the query, and not only its server's. */
  isOwn: Uint8Array;
  /** What the words that a document has anywhere are worth, as a share of the query's rarest. Words that nothing mentions are as rare as any. */
  fits: Float32Array;
  /** What a document would score, before the factors, that has a few of the query's rarest words in every field. */
  whole: number;
}

interface ScoreTable extends Scores {
  /** Words of a tool's name that occur in the query, one bit each. */
  nameBits: Uint8Array;
  /** Whether a noun of its name is singular or plural as in the query. */
  agrees: Uint8Array;
  /** For the current word of the query. */
  word: Float32Array;
  wordNameBits: Uint8Array;
}

/** @param withServers whether a word in a server's text counts for its tools */
export function scoreAll(index: SearchIndex, query: ParsedQuery, { withServers }: { withServers: boolean }): Scores {
  const { servers } = index;
  const table = createTable(servers);
  for (const queryWord of query.words) {
    fillWord(index, table, queryWord);
    addWord(servers, table, { word: queryWord.word, worth: worthOf(index, queryWord), withServers });
  }
  table.whole = wholeOf(index, query, weights.keptWords);
  const most = wholeOf(index, query, weights.fitWords);
  const known = query.words.reduce((sum, queryWord) => sum + worthOf(index, queryWord), 0);
  const mentions = mentionsOf(index, query);
  for (const [at, server] of servers.entries()) {
    const factor = 1 + weights.mention * (mentions[at] ?? 0);
    const start = table.starts[at] ?? 0;
    for (let own = 0; own <= server.tools.length; own++) {
      const document = start + own;
      const value = table.values[document] ?? 0;
      // A tool that matches only by its server's text is represented by the server.
      if (table.isOwn[document] === 0) continue;
      const covered = table.fits[document] ?? 0;
      table.fits[document] = covered / most;
      const covers = 1 - weights.coverShare + (weights.coverShare * covered) / known;
      const names = 1 - weights.nameShare + weights.nameShare * namePartFound(server, own, table.nameBits[document] ?? 0);
      const acts = own === 0 ? 1 : actionFactor(query, server, own);
      table.values[document] = value * covers * names * acts * factor * (table.agrees[document] === 1 ? weights.agreement : 1);
    }
  }
  return table;
}

function createTable(servers: readonly ServerIndex[]): ScoreTable {
  const starts = new Uint32Array(servers.length + 1);
  for (const [at, { tools }] of servers.entries()) starts[at + 1] = (starts[at] ?? 0) + tools.length + 1;
  const documents = starts[servers.length] ?? 0;
  const column = () => new Float32Array(documents);
  return {
    starts,
    values: column(),
    isOwn: new Uint8Array(documents),
    fits: column(),
    whole: 0,
    nameBits: new Uint8Array(documents),
    agrees: new Uint8Array(documents),
    word: column(),
    wordNameBits: new Uint8Array(documents),
  };
}

/** The most that a document can score for a word. */
function worthOf(index: SearchIndex, { word, terms }: QueryWord): number {
  return weightOf(word) * Math.max(...terms.map(({ posting, share }) => share * index.rarity(posting)));
}

/** Nouns say more than verbs. */
function weightOf({ action }: Word): number {
  return action === undefined ? 1 : weights.verb;
}

/** What so many of the query's rarest words are worth. Those that nothing mentions are as rare as any. */
function wholeOf(index: SearchIndex, { words, unknown }: ParsedQuery, rarest: number): number {
  const known = words.map((queryWord) => worthOf(index, queryWord));
  const worths = [...known, ...unknown.map(() => index.rarityOfUnknown())].sort((a, b) => b - a);
  return worths.slice(0, rarest).reduce((sum, worth) => sum + worth, 0);
}

/** Each document's score for one word: the highest of the word itself, its synonyms and its spellings. */
function fillWord(index: SearchIndex, { starts, word, wordNameBits }: ScoreTable, { word: asked, terms }: QueryWord): void {
  word.fill(0);
  wordNameBits.fill(0);
  for (const { posting, share } of terms) {
    const worth = weightOf(asked) * share * index.rarity(posting);
    for (let entry = 0; entry < posting.servers.length; entry++) {
      const at = posting.servers[entry] ?? 0;
      const server = index.servers[at];
      if (server === undefined) continue;
      const slot = posting.slots[entry] ?? 0;
      const start = starts[at] ?? 0;
      const end = server.starts[slot + 1] ?? 0;
      for (let cell = server.starts[slot] ?? 0; cell < end; cell++) {
        const document = start + (server.documents[cell] ?? 0);
        const value = worth * (server.weights[cell] ?? 0);
        if (value > (word[document] ?? 0)) word[document] = value;
        wordNameBits[document] = (wordNameBits[document] ?? 0) | (server.nameBits[cell] ?? 0);
      }
    }
  }
}

/** Adds the scores for one word. For a tool, the higher of its own and its server's counts. */
function addWord(
  servers: readonly ServerIndex[],
  { starts, values, fits, isOwn, nameBits, agrees, word, wordNameBits }: ScoreTable,
  { word: { action, isPlural }, worth, withServers }: { word: Word; worth: number; withServers: boolean },
): void {
  const isNoun = action === undefined;
  for (const [at, server] of servers.entries()) {
    const start = starts[at] ?? 0;
    const theirs = word[start] ?? 0;
    const shared = withServers ? theirs : 0;
    for (let own = 0; own <= server.tools.length; own++) {
      const document = start + own;
      const ours = word[document] ?? 0;
      const most = Math.max(ours, shared);
      if (most === 0) continue;
      values[document] = (values[document] ?? 0) + most;
      fits[document] = (fits[document] ?? 0) + worth;
      if (ours === 0) continue;
      isOwn[document] = 1;
      const found = wordNameBits[document] ?? 0;
      nameBits[document] = (nameBits[document] ?? 0) | found;
      // "Show the issues" means list_issues, and "show the issue" get_issue.
      if (found !== 0 && isNoun && (((server.plurals[own] ?? 0) & found & -found) !== 0) === isPlural) agrees[document] = 1;
    }
  }
}

/** The share of the words of a tool's name that occur in the query. A server has no such words. */
function namePartFound(server: ServerIndex, own: number, nameBits: number): number {
  const length = server.nameLengths[own] ?? 0;
  return length === 0 ? 0 : bitsOf(nameBits) / length;
}

function bitsOf(nameBits: number): number {
  let bits = 0;
  for (let rest = nameBits; rest !== 0; rest &= rest - 1) bits += 1;
  return bits;
}

function actionFactor({ action }: ParsedQuery, server: ServerIndex, own: number): number {
  const does = server.actions[own];
  const asked = server.isDiscouraged[own] === true ? weights.discouraged : 1;
  if (action === undefined || does === undefined) return asked;
  return asked * (action === does ? weights.sameAction : weights.otherAction);
}

/** For each server, from 0 to 1: whether the query mentions its name, and how much the name is its own. */
function mentionsOf(index: SearchIndex, query: ParsedQuery): Float32Array {
  const mentions = new Float32Array(index.servers.length);
  for (const { terms } of query.words) {
    for (const { posting, share } of terms) {
      if (posting.term.startsWith("~")) continue;
      for (const [entry, at] of posting.servers.entries()) {
        const server = index.servers[at];
        if (server === undefined || !server.names.has(posting.term)) continue;
        mentions[at] = Math.max(mentions[at] ?? 0, share * partIn(server, posting, entry));
      }
    }
  }
  return mentions;
}

/** The share of one server among the documents that have a term. */
function partIn(server: ServerIndex, { slots, count }: Posting, entry: number): number {
  const slot = slots[entry] ?? 0;
  return ((server.starts[slot + 1] ?? 0) - (server.starts[slot] ?? 0)) / count;
}
