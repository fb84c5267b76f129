import { limits } from "../limits.ts";
import type { Tool } from "../mcp/tool.ts";
import type { ServerEntry } from "../registry/registry.ts";
import { actionOfTool } from "./actions.ts";
import type { Action } from "./verbs.ts";
import { readWord, type Word, wordsOf, wordsOfProse } from "./words.ts";

/**
 * A server with its tools, as a search reads them. Nothing here depends on other servers, so that a change of one costs the
 * reading of one. Document 0 is the server, the others are its tools in their order.
 */
export interface Room {
  server: ServerEntry;
  tools: readonly Tool[];
  /** The stems and meanings in it. What stands where is in the three columns: term `n` from `starts[n]` to `starts[n + 1]`. */
  terms: readonly string[];
  starts: Uint32Array;
  documents: Uint16Array;
  /** From 0 to 1: how much the term is what the document is about. */
  weights: Float32Array;
  /** Which words of the tool's name the term stands for, one bit each. */
  places: Uint8Array;
  /** Of each document the words of its name, without those of its server: how many, and which of them are plural. */
  nameLengths: Uint8Array;
  plurals: Uint8Array;
  actions: readonly (Action | undefined)[];
  /** Stems by which the server is called. */
  names: ReadonlySet<string>;
}

/*
 * BM25F (Robertson, Zaragoza: The Probabilistic Relevance Framework, 2009): fields are weighted before saturation, so that a
 * word in three fields is not three words. Lengths are held against what is usual among published servers, and not against
 * the average of what is registered: one server more would change every number.
 */
const saturation = 1.6;
const lengthShare = 0.5;
/** A synonym of a word in a document is worth this part of the word. */
const meaningShare = 0.6;
/** What more than this part of a server's tools has in its name is the server's name and says nothing of the tool. */
const prefixShare = 0.8;
const prefixToolsMin = 3;
/** Words of a name that are told apart. */
const nameWordsMax = 8;

/** @param learn hears every word of the server and its tools */
export function readRoom(server: ServerEntry, tools: readonly Tool[], learn: (word: string) => void): Room {
  const names = namesOf(server);
  const shared = new Set([...names, ...prefixesOf(tools)]);
  const columns: Columns = new Map();
  const heads = [readServer(server), ...tools.map((tool) => readTool(tool, shared))].map(({ fields, name, action }, document) => {
    for (const field of fields) addField(columns, field, { document, learn });
    for (const [at, word] of name.entries()) markPlace(columns, word, { document, bit: 1 << at });
    return { length: name.length, plurals: name.reduce((bits, { isPlural }, at) => bits | (isPlural ? 1 << at : 0), 0), action };
  });
  return {
    server,
    tools,
    ...flatten(columns),
    nameLengths: Uint8Array.from(heads, ({ length }) => length),
    plurals: Uint8Array.from(heads, ({ plurals }) => plurals),
    actions: heads.map(({ action }) => action),
    names,
  };
}

/** Stems by which a server is called, in several words or in one. */
function namesOf({ id, title }: ServerEntry): Set<string> {
  const words = wordsOf(id).filter(tells);
  const whole = readWord(words.map(({ text }) => text).join(""));
  return new Set([...words, ...wordsOf(title).filter(tells), whole].map(({ stem }) => stem));
}

/** Of each term its cells, one after the other: document, weighted frequency, places. Flat, because there are a million. */
type Columns = Map<string, number[]>;

const cellLength = 3;

/** Adds the stems and meanings of a text to a document, which is the last there is. */
function addField(
  columns: Columns,
  { words, chars, weight, usual }: Field,
  { document, learn }: { document: number; learn: (word: string) => void },
): void {
  const frequency = weight / (1 - lengthShare + (lengthShare * chars) / usual);
  for (const word of words) {
    if (!tells(word)) continue;
    learn(word.text);
    addCell(columns, word.stem, { document, frequency });
    for (const meaning of word.meanings) addCell(columns, meaning, { document, frequency: meaningShare * frequency });
  }
}

function addCell(columns: Columns, term: string, { document, frequency }: { document: number; frequency: number }): void {
  const column = columns.get(term);
  if (column === undefined) columns.set(term, [document, frequency, 0]);
  else if (column[column.length - cellLength] !== document) column.push(document, frequency, 0);
  else column[column.length - 2] = (column[column.length - 2] ?? 0) + frequency;
}

function markPlace(columns: Columns, { stem, meanings }: Word, { document, bit }: { document: number; bit: number }): void {
  for (const term of [stem, ...meanings]) {
    const column = columns.get(term);
    if (column?.[column.length - cellLength] === document) column[column.length - 1] = (column.at(-1) ?? 0) | bit;
  }
}

function flatten(columns: Columns): Pick<Room, "terms" | "starts" | "documents" | "weights" | "places"> {
  const starts = new Uint32Array(columns.size + 1);
  let slot = 0;
  for (const column of columns.values()) {
    starts[slot + 1] = (starts[slot] ?? 0) + column.length / cellLength;
    slot += 1;
  }
  const cells = starts[slot] ?? 0;
  const documents = new Uint16Array(cells);
  const weights = new Float32Array(cells);
  const places = new Uint8Array(cells);
  let cell = 0;
  for (const column of columns.values()) {
    for (let at = 0; at < column.length; at += cellLength) {
      const frequency = column[at + 1] ?? 0;
      documents[cell] = column[at] ?? 0;
      weights[cell] = frequency / (saturation + frequency);
      places[cell] = column[at + 2] ?? 0;
      cell += 1;
    }
  }
  return { terms: [...columns.keys()], starts, documents, weights, places };
}

/** What is read of a server or a tool. */
interface Document {
  fields: readonly Field[];
  /** The words of its name that are told apart. */
  name: readonly Word[];
  action: Action | undefined;
}

/** A text, what a word found in it is worth, and how many letters such a text usually has. */
interface Field {
  words: readonly Word[];
  chars: number;
  weight: number;
  usual: number;
}

/** What the owner wrote: names beat descriptions. */
function readServer({ id, title, tags, domains, examples, summary }: ServerEntry): Document {
  const fields = [
    prose(id, { weight: 5, usual: 12 }),
    prose(title, { weight: 4, usual: 12 }),
    prose(tags.join(" "), { weight: 3, usual: 60 }),
    prose(domains.join(" "), { weight: 2.5, usual: 20 }),
    prose(examples.join(" "), { weight: 2, usual: 90 }),
    prose(summary, { weight: 2, usual: 90 }),
  ];
  return { fields, name: [], action: undefined };
}

/** What a stranger wrote. The first sentence says what the tool does. */
function readTool({ name, title = "", description = "", inputSchema }: Tool, shared: ReadonlySet<string>): Document {
  const { properties } = inputSchema;
  const parameters = typeof properties === "object" && properties !== null ? Object.keys(properties).join(" ") : "";
  const text = description.slice(0, limits.searchedCharsMax).replace(/^[^\p{L}]+/u, "");
  const first = text.slice(0, firstSentenceOf(text));
  const named = wordsOf(name);
  const own = named.filter((word) => tells(word) && !shared.has(word.stem));
  const verbs = named.filter(({ stem, action }) => !shared.has(stem) || action !== undefined);
  const fields = [
    { words: own, chars: own.reduce((sum, word) => sum + word.text.length + 1, -1), weight: 5, usual: 22 },
    { words: named.filter(({ stem }) => shared.has(stem)), chars: 1, weight: 5, usual: 1 },
    prose(title.slice(0, limits.namedCharsMax), { weight: 2, usual: 20 }),
    prose(first, { weight: 1.5, usual: 90 }),
    prose(text.slice(first.length), { weight: 0.5, usual: 300 }),
    prose(parameters.slice(0, limits.searchedCharsMax), { weight: 0.3, usual: 40 }),
  ];
  return { fields, name: own.slice(0, nameWordsMax), action: actionOfTool(verbs, wordsOf(first.slice(0, 60))) };
}

function prose(text: string, { weight, usual }: { weight: number; usual: number }): Field {
  return { words: wordsOfProse(text), chars: text.length, weight, usual };
}

function tells({ isStop }: Word): boolean {
  return !isStop;
}

/** What most of a server's tools begin or end with: `slack_`, `_tool`. */
function prefixesOf(tools: readonly Tool[]): string[] {
  if (tools.length < prefixToolsMin) return [];
  const counts = new Map<string, number>();
  for (const { name } of tools) {
    for (const stem of new Set(wordsOf(name).map((word) => word.stem))) counts.set(stem, (counts.get(stem) ?? 0) + 1);
  }
  return [...counts].filter(([, count]) => count > prefixShare * tools.length).map(([stem]) => stem);
}

/** Where the first sentence ends; of a text without one, the beginning is taken. */
function firstSentenceOf(text: string): number {
  const end = text.slice(0, sentenceCharsMax).search(/[.!?](?:\s|$)|\n/);
  return end < sentenceCharsMin ? beginningChars : end + 1;
}

const sentenceCharsMin = 20;
const sentenceCharsMax = 200;
const beginningChars = 160;
