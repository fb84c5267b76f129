import type { Document } from "./document.ts";
import type { SearchIndex } from "./index.ts";
import type { ParsedQuery } from "./query.ts";
import { weights } from "./weights.ts";

/**
 * How well each document matches a query, by its number. A tool scores for its own words and a little for those of its server; one without own
 * words scores nothing: its server represents it.
 */
export function scoreAll(index: SearchIndex, query: ParsedQuery, { withServers }: { withServers: boolean }): Float32Array {
  const { values, wordBits, nameBits } = sumsFor(index, query);
  const worthOf = (bits: number) => query.words.reduce((sum, { worth }, at) => sum + ((bits >> at) & 1) * worth, 0);
  const whole = worthOf(-1);
  for (const { documents } of index.servers) {
    const [server = 0] = documents;
    const [shared, sharedBits] = withServers ? [weights.server * (values[server] ?? 0), wordBits[server] ?? 0] : [0, 0];
    for (const number of documents) {
      const own = values[number] ?? 0;
      if (own === 0) continue;
      const value = number === server ? own : own + shared;
      const covers = worthOf((wordBits[number] ?? 0) | sharedBits) / whole;
      const factor = factorOf(index.document(number), query, nameBits[number] ?? 0);
      values[number] = value * (1 - weights.coverShare + weights.coverShare * covers) * factor;
    }
  }
  return values;
}

/** For each document the sum of its words' values, and which words it has and which words of its name match, one bit each. */
function sumsFor(index: SearchIndex, query: ParsedQuery) {
  const floats = () => new Float32Array(index.size);
  const [values, best, said] = [floats(), floats(), floats()];
  const wordBits = new Int32Array(index.size);
  const nameBits = new Uint8Array(index.size);
  for (const [bit, { ways }] of query.words.entries()) {
    best.fill(0);
    for (const way of ways) {
      // A concept of several words scores for each that a document has.
      if (way.length > 1) said.fill(0);
      for (const { posting, worth } of way) {
        for (let at = 0; at < posting.places.length; at++) {
          const place = posting.places[at] ?? 0;
          const number = place >> 8;
          const value = (way.length > 1 ? (said[number] ?? 0) : 0) + worth * (posting.weights[at] ?? 0);
          said[number] = value;
          if (value > (best[number] ?? 0)) best[number] = value;
          nameBits[number] = (nameBits[number] ?? 0) | (place & 255);
        }
      }
    }
    for (let number = 0; number < best.length; number++) {
      const value = best[number] ?? 0;
      if (value === 0) continue;
      values[number] = (values[number] ?? 0) + value;
      wordBits[number] = (wordBits[number] ?? 0) | (1 << bit);
    }
  }
  return { values, wordBits, nameBits };
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
