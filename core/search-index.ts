import MiniSearch from "minisearch";
import { meaningsOf, stemOf, wordsOf } from "./search-words.ts";

/** One text of a document, and what a word found there is worth. Lengths are compared among fields of one name. */
export interface Field {
  name: string;
  text: string;
  weight: number;
  /** From 0 to 1: how much a text longer than usual is held against its words. */
  lengthShare: number;
}

/** Where a term stands, and how much it tells. */
export interface Posting {
  documents: number[];
  /** For each document from 0 to 1: how much the term is what the document is about. */
  scores: number[];
  /** How rare the term is among documents, and among groups of documents. */
  rarity: number;
  groupRarity: number;
}

/** A term of the index that stands for a word of a query, and the part of the word that it is worth. */
export interface Term {
  posting: Posting;
  share: number;
}

export interface SearchIndex {
  /** For each word of the query, the terms that stand for it. */
  termsOf(query: string): Term[][];
}

interface IndexOptions {
  documents: readonly (readonly Field[])[];
  /** The group of each document. */
  groupOf: (document: number) => number;
  groups: number;
}

/*
 * BM25F (Robertson, Zaragoza: The Probabilistic Relevance Framework, 2009): fields are weighted before saturation, so that a
 * word in three fields is not three words. All but the query is known when the index is built, so a posting is one number; a
 * search through 20,000 tools then takes a millisecond, where MiniSearch's own scoring takes tens. MiniSearch resolves what
 * is not a word of the index: typing errors and beginnings of words.
 */
const saturation = 2;
/** A synonym, or a word that is spelt otherwise, is worth this part of the word itself. */
const meaningShare = 0.7;
const spellingShare = 0.8;
/** Words that are tried for one that the index does not have. */
const spellingsMax = 3;

export function createSearchIndex({ documents, groupOf, groups }: IndexOptions): SearchIndex {
  const postings = new Map<string, Posting>();
  const lengths = averageLengths(documents);
  for (const [document, fields] of documents.entries()) {
    for (const [term, frequency] of frequenciesOf(fields, lengths)) {
      const posting = postings.get(term) ?? { documents: [], scores: [], rarity: 0, groupRarity: 0 };
      postings.set(term, posting);
      posting.documents.push(document);
      posting.scores.push(frequency / (saturation + frequency));
    }
  }
  for (const posting of postings.values()) {
    posting.rarity = rarityOf(posting.documents.length, documents.length);
    posting.groupRarity = rarityOf(new Set(posting.documents.map(groupOf)).size, groups);
  }
  const speller = createSpeller(postings.keys());

  function named(names: readonly string[], share: number): Term[] {
    return names.flatMap((name) => {
      const posting = postings.get(name);
      return posting ? [{ posting, share }] : [];
    });
  }

  function termsFor(word: string): Term[] {
    const stem = stemOf(word);
    const known = [...named([stem], 1), ...named(meaningsOf(stem), meaningShare)];
    if (known.length > 0) return known;
    return speller(word).flatMap((spelling) => [
      ...named([spelling], spellingShare),
      ...named(meaningsOf(spelling), spellingShare * meaningShare),
    ]);
  }

  const isKnown = (word: string) => postings.has(stemOf(word));
  return { termsOf: (query) => withCompounds(wordsOf(query), isKnown).map(termsFor) };
}

function rarityOf(having: number, all: number): number {
  return Math.log(1 + (all - having + 0.5) / (having + 0.5));
}

/** "time zone" also means "timezone", and the other way round, when the index knows those words. */
function withCompounds(words: readonly string[], isKnown: (word: string) => boolean): string[] {
  const all = new Set(words);
  for (const [index, word] of words.entries()) {
    const next = words[index + 1];
    if (next !== undefined && isKnown(word + next)) all.add(word + next);
    if (isKnown(word) || meaningsOf(stemOf(word)).length > 0) continue;
    for (let cut = 4; cut <= word.length - 4; cut++) {
      const parts = [word.slice(0, cut), word.slice(cut)];
      if (parts.every(isKnown)) for (const part of parts) all.add(part);
    }
  }
  return [...all];
}

function averageLengths(documents: readonly (readonly Field[])[]): Map<string, number> {
  const totals = new Map<string, { chars: number; count: number }>();
  for (const { name, text } of documents.flat()) {
    if (text === "") continue;
    const { chars, count } = totals.get(name) ?? { chars: 0, count: 0 };
    totals.set(name, { chars: chars + text.length, count: count + 1 });
  }
  return new Map([...totals].map(([name, { chars, count }]) => [name, chars / count]));
}

/** Each term of a document, stems and meanings, with its weighted frequency. */
function frequenciesOf(fields: readonly Field[], lengths: ReadonlyMap<string, number>): Map<string, number> {
  const frequencies = new Map<string, number>();
  const add = (term: string, frequency: number) => frequencies.set(term, (frequencies.get(term) ?? 0) + frequency);
  for (const { name, text, weight, lengthShare } of fields) {
    const frequency = weight / (1 - lengthShare + (lengthShare * text.length) / (lengths.get(name) ?? text.length));
    for (const word of wordsOf(text)) {
      const stem = stemOf(word);
      add(stem, frequency);
      for (const meaning of meaningsOf(stem)) add(meaning, frequency);
    }
  }
  return frequencies;
}

/** The nearest words of the index for one it does not have: two letters swapped, else begun or misspelt. */
function createSpeller(terms: Iterable<string>): (word: string) => string[] {
  const speller = new MiniSearch<{ term: string }>({ idField: "term", fields: ["term"], tokenize: (term) => [term] });
  for (const term of terms) if (!term.startsWith("~") && term.length >= 3) speller.add({ term });
  return (word) => {
    const stem = stemOf(word);
    const swapped = swapsOf(word)
      .map(stemOf)
      .filter((other) => speller.has(other));
    if (swapped.length > 0) return swapped.slice(0, spellingsMax);
    return speller
      .search(stem, { prefix: stem.length >= 4, fuzzy: stem.length < 4 ? false : stem.length < 7 ? 1 : 2 })
      .map(({ id }) => String(id))
      .filter((other) => other[0] === stem[0])
      .slice(0, spellingsMax);
  };
}

function swapsOf(word: string): string[] {
  return Array.from(
    { length: word.length - 1 },
    (_, at) => word.slice(0, at) + word.charAt(at + 1) + word.charAt(at) + word.slice(at + 2),
  );
}
