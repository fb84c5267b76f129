import type { SearchIndex } from "./index.ts";
import type { Posting } from "./postings.ts";
import type { ParsedQuery, QueryWord } from "./query.ts";
import type { ServerIndex } from "./server-index.ts";

/**
 * The score of each document for a query; 0 if nothing matches. Those of server `n` begin at `starts[n]`, the server itself
 * first.
 */
export interface Scores {
  starts: Uint32Array;
  values: Float32Array;
  /** Whether a tool's own text matches the query, and not only its server's. */
  isOwn: Uint8Array;
}

interface ScoreTable extends Scores {
  /** The maximum scores of the query's words that the document has, added up. */
  covered: Float32Array;
  /** Words of a tool's name that occur in the query, one bit each. */
  nameBits: Uint8Array;
  /** Factor for the agreement of singular and plural, over all words. */
  agreement: Float32Array;
  /** For the current word of the query. */
  word: Float32Array;
  wordNameBits: Uint8Array;
}

/**
 * Share of the score that depends on how much of the tool's name is in the query, and on how much of the query is in the tool.
 */
const nameShare = 0.4;
const coverShare = 0.4;
/** Factors for a tool that performs the requested action, and for one that does something else. */
const sameAction = 1.15;
const otherAction = 0.85;
const pluralShare = 0.08;
/**
 * Maximum bonus for a server that the query mentions by name. It is lower the more documents of other servers have the name too.
 */
const mentionShare = 0.3;

/** @param withServers whether a word in a server's text counts for its tools */
export function scoreAll(index: SearchIndex, query: ParsedQuery, { withServers }: { withServers: boolean }): Scores {
  const { servers } = index;
  const table = createTable(servers);
  const maxScores = query.words.map((queryWord) => maxScoreOf(index, queryWord));
  for (const [at, queryWord] of query.words.entries()) {
    fillWord(index, table, queryWord);
    addWord(servers, table, { queryWord, maxScore: maxScores[at] ?? 0, withServers });
  }
  const maxTotal = maxScores.reduce((sum, maxScore) => sum + maxScore, 0);
  const mentions = mentionsOf(index, query);
  for (const [at, server] of servers.entries()) {
    const factor = 1 + mentionShare * (mentions[at] ?? 0);
    const start = table.starts[at] ?? 0;
    for (let own = 0; own <= server.tools.length; own++) {
      const document = start + own;
      const value = table.values[document] ?? 0;
      // A tool that matches only by its server's text is represented by the server.
      if (table.isOwn[document] === 0) continue;
      const covers = 1 - coverShare + (coverShare * (table.covered[document] ?? 0)) / maxTotal;
      const names = 1 - nameShare + nameShare * namePartFound(server, own, table.nameBits[document] ?? 0);
      const acts = own === 0 ? 1 : actionFactor(query, server, own);
      table.values[document] = value * covers * names * acts * factor * (table.agreement[document] ?? 1);
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
    covered: column(),
    nameBits: new Uint8Array(documents),
    agreement: column().fill(1),
    word: column(),
    wordNameBits: new Uint8Array(documents),
  };
}

function maxScoreOf(index: SearchIndex, { terms, weight }: QueryWord): number {
  return weight * Math.max(...terms.map(({ posting, share }) => share * index.rarity(posting)));
}

/** Each document's score for one word: the highest of the word itself, its synonyms and its spellings. */
function fillWord(index: SearchIndex, { starts, word, wordNameBits }: ScoreTable, { terms, weight }: QueryWord): void {
  word.fill(0);
  wordNameBits.fill(0);
  for (const { posting, share } of terms) {
    const worth = weight * share * index.rarity(posting);
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
  { starts, values, isOwn, covered, nameBits, agreement, word, wordNameBits }: ScoreTable,
  { queryWord, maxScore, withServers }: { queryWord: QueryWord; maxScore: number; withServers: boolean },
): void {
  const isNoun = queryWord.word.action === undefined;
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
      covered[document] = (covered[document] ?? 0) + maxScore;
      if (ours === 0) continue;
      isOwn[document] = 1;
      const found = wordNameBits[document] ?? 0;
      if (found === 0) continue;
      nameBits[document] = (nameBits[document] ?? 0) | found;
      if (!isNoun) continue;
      const isPlural = ((server.plurals[own] ?? 0) & found & -found) !== 0;
      agreement[document] =
        (agreement[document] ?? 1) * (isPlural === queryWord.word.isPlural ? 1 + pluralShare : 1 - pluralShare);
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
  if (action === undefined || does === undefined) return 1;
  return action === does ? sameAction : otherAction;
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
