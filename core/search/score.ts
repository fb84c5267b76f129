import type { Document } from "./document.ts";
import type { SearchIndex } from "./index.ts";
import type { ParsedQuery, QueryWord } from "./query.ts";
import { weights } from "./weights.ts";

export interface Scores {
  /** For each document by its number, how well it matches: 0 for a tool of which only the server does, which represents it. */
  values: Float32Array;
  /** What a document would score, before the factors, that has a few of the query's rarest words in every field. */
  whole: number;
}

/** @param withServers whether a word in a server's text counts for its tools */
export function scoreAll(index: SearchIndex, query: ParsedQuery, { withServers }: { withServers: boolean }): Scores {
  const floats = () => new Float32Array(index.size);
  const bytes = () => new Uint8Array(index.size);
  const [values, covered, isOwn, nameBits] = [floats(), floats(), bytes(), bytes()];
  const word = { values: floats(), sums: floats(), nameBits: bytes() };
  for (const asked of query.words) {
    fillWord(asked, word);
    for (const { documents } of index.servers) {
      const shared = withServers ? (word.values[documents[0] ?? 0] ?? 0) : 0;
      for (const number of documents) {
        const own = word.values[number] ?? 0;
        const most = Math.max(own, shared);
        if (most === 0) continue;
        // For a tool, the higher of its own and its server's counts.
        values[number] = (values[number] ?? 0) + most;
        covered[number] = (covered[number] ?? 0) + asked.worth;
        if (own === 0) continue;
        isOwn[number] = 1;
        nameBits[number] = (nameBits[number] ?? 0) | (word.nameBits[number] ?? 0);
      }
    }
  }
  const rarest = [...query.words.map(({ worth }) => worth), ...query.missing.map(() => index.rarity(0))].sort((a, b) => b - a);
  const known = query.words.reduce((sum, { worth }) => sum + worth, 0);
  const mentions = mentionsOf(index, query);
  for (const [at, { documents }] of index.servers.entries()) {
    const named = 1 + weights.mention * (mentions.get(at) ?? 0);
    for (const number of documents) {
      const covers = 1 - weights.coverShare + (weights.coverShare * (covered[number] ?? 0)) / known;
      const value = isOwn[number] === 0 ? 0 : (values[number] ?? 0) * named * covers;
      values[number] = value && value * factorOf(index.document(number), query, nameBits[number] ?? 0);
    }
  }
  return { values, whole: rarest.slice(0, weights.keptWords).reduce((sum, worth) => sum + worth, 0) };
}

interface WordScores {
  values: Float32Array;
  /** Zero, except while a way of saying the word is summed. */
  sums: Float32Array;
  nameBits: Uint8Array;
}

/** Each document's score for one word, the highest of the word itself, its synonyms, spellings and concepts, and the words of its name that match. */
function fillWord({ ways }: QueryWord, { values, sums, nameBits }: WordScores): void {
  values.fill(0);
  nameBits.fill(0);
  for (const way of ways) {
    for (const { posting, worth } of way) {
      for (let at = 0; at < posting.places.length; at++) {
        const place = posting.places[at] ?? 0;
        const number = place >> 8;
        const value = (sums[number] ?? 0) + worth * (posting.weights[at] ?? 0);
        if (way.length > 1) sums[number] = value;
        if (value > (values[number] ?? 0)) values[number] = value;
        nameBits[number] = (nameBits[number] ?? 0) | (place & 255);
      }
    }
    if (way.length > 1) sums.fill(0);
  }
}

/** By how much of its name is in the query, and by what it does. */
function factorOf({ tool, nameLength, action, isDiscouraged }: Document, query: ParsedQuery, nameBits: number): number {
  if (tool === undefined) return 1 - weights.nameShare;
  let found = 0;
  for (let rest = nameBits; rest !== 0; rest &= rest - 1) found += 1;
  const names = 1 - weights.nameShare + (nameLength === 0 ? 0 : (weights.nameShare * found) / nameLength);
  const asked = isDiscouraged ? names * weights.discouraged : names;
  if (query.action === undefined || action === undefined) return asked;
  return asked * (query.action === action ? weights.sameAction : weights.otherAction);
}

/** For each server that the query names, how much the name is its own: its share of the documents that have it, at most 1. */
function mentionsOf(index: SearchIndex, query: ParsedQuery): Map<number, number> {
  const mentions = new Map<number, number>();
  for (const { posting, share } of query.words.flatMap(({ ways }) => ways.flat())) {
    const named = index.named(posting.term);
    if (named.length === 0) continue;
    const counts = new Uint32Array(index.servers.length);
    for (const place of posting.places) {
      const { server } = index.document(place >> 8);
      counts[server] = (counts[server] ?? 0) + 1;
    }
    for (const at of named)
      mentions.set(at, Math.max(mentions.get(at) ?? 0, (share * (counts[at] ?? 0)) / posting.places.length));
  }
  return mentions;
}
