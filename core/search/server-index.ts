import { limits } from "../limits.ts";
import type { Tool } from "../mcp/tool.ts";
import type { ServerEntry } from "../registry/registry.ts";
import { actionOfTool } from "./actions.ts";
import type { Action } from "./verbs.ts";
import { weights } from "./weights.ts";
import { readWord, type Word, wordsOf, wordsOfProse } from "./words.ts";

/**
 * The index of one server and its tools. It does not depend on other servers, so that a changed server is the only one to be
 * indexed again. Document 0 is the server, the others are its tools in order.
 */
export interface ServerIndex {
  server: ServerEntry;
  tools: readonly Tool[];
  /**
   * The stems and meanings that occur. Their occurrences are in the three columns below: those of term `n` from `starts[n]` to
   * `starts[n + 1]`.
   */
  terms: readonly string[];
  starts: Uint32Array;
  documents: Uint16Array;
  /** From 0 to 1: how relevant the term is for the document. */
  weights: Float32Array;
  /** The words of the tool's name that the term matches, one bit each. */
  nameBits: Uint8Array;
  /** For each document, the number of words in its name without those of the server's name. */
  nameLengths: Uint8Array;
  /** Which of these words are plural, one bit each. */
  plurals: Uint8Array;
  /** Whether it says that it is not to be called directly. */
  isDiscouraged: readonly boolean[];
  actions: readonly (Action | undefined)[];
  /** Stems of the server's names. */
  names: ReadonlySet<string>;
}

/*
 * BM25F (Robertson, Zaragoza: The Probabilistic Relevance Framework, 2009): fields are weighted before saturation, so that one
 * word in three fields does not count as three. Lengths are compared with those usual among published servers instead of the
 * average of the registered ones, which would change every number with each added server.
 */
/** A word in the names of more than this share of a server's tools is the server's name and says nothing about a single tool. */
const prefixShare = 0.8;
const prefixToolsMin = 3;
/** Words of a name that are recorded separately. */
const nameWordsMax = 8;

const discouraging =
  /\b(?:do not|don't|never|not be|should only be) (?:be )?(?:call|use|invok)\w* (?:this tool )?(?:directly|as part of)|\bsub[- ]tool\b|internal use only|\bdeprecated\b|^stale: /i;

/** @param learn called with every word of the server and its tools */
export function indexServer(server: ServerEntry, tools: readonly Tool[], learn: (word: string) => void): ServerIndex {
  const names = namesOf(server);
  const shared = new Set([...names, ...prefixesOf(tools)]);
  const columns: Columns = new Map();
  const heads = [readServer(server), ...tools.map((tool) => readTool(tool, shared))].map(({ fields, name, action }, document) => {
    for (const field of fields) addField(columns, field, { document, learn });
    for (const [at, word] of name.entries()) markNameWord(columns, word, { document, bit: 1 << at });
    return { length: name.length, plurals: name.reduce((bits, { isPlural }, at) => bits | (isPlural ? 1 << at : 0), 0), action };
  });
  return {
    server,
    tools,
    ...flatten(columns),
    nameLengths: Uint8Array.from(heads, ({ length }) => length),
    plurals: Uint8Array.from(heads, ({ plurals }) => plurals),
    isDiscouraged: [
      false,
      ...tools.map(({ description = "" }) => discouraging.test(description.slice(0, limits.searchedCharsMax))),
    ],
    actions: heads.map(({ action }) => action),
    names,
  };
}

/** The stems of a server's names: of each word, and of all words joined. */
function namesOf({ id, title }: ServerEntry): Set<string> {
  const words = wordsOf(id).filter(isMeaningful);
  const whole = readWord(words.map(({ text }) => text).join(""));
  return new Set([...words, ...wordsOf(title).filter(isMeaningful), whole].map(({ stem }) => stem));
}

/**
 * For each term its occurrences one after the other: document, weighted frequency, nameBits. Flat arrays, because there may be a
 * million occurrences.
 */
type Columns = Map<string, number[]>;

const cellLength = 3;

/** Adds the stems and meanings of a text to a document. Documents are added in order. */
function addField(
  columns: Columns,
  { words, chars, weight, usualChars }: Field,
  { document, learn }: { document: number; learn: (word: string) => void },
): void {
  const frequency = weight / (1 - weights.lengthShare + (weights.lengthShare * chars) / usualChars);
  for (const word of words) {
    if (!isMeaningful(word)) continue;
    learn(word.text);
    addCell(columns, word.stem, { document, frequency });
    for (const meaning of word.meanings) addCell(columns, meaning, { document, frequency: weights.documentMeaning * frequency });
  }
}

function addCell(columns: Columns, term: string, { document, frequency }: { document: number; frequency: number }): void {
  const column = columns.get(term);
  if (column === undefined) columns.set(term, [document, frequency, 0]);
  else if (column[column.length - cellLength] !== document) column.push(document, frequency, 0);
  else column[column.length - 2] = (column[column.length - 2] ?? 0) + frequency;
}

function markNameWord(columns: Columns, { stem, meanings }: Word, { document, bit }: { document: number; bit: number }): void {
  for (const term of [stem, ...meanings]) {
    const column = columns.get(term);
    if (column?.[column.length - cellLength] === document) column[column.length - 1] = (column.at(-1) ?? 0) | bit;
  }
}

function flatten(columns: Columns): Pick<ServerIndex, "terms" | "starts" | "documents" | "weights" | "nameBits"> {
  const starts = new Uint32Array(columns.size + 1);
  let slot = 0;
  for (const column of columns.values()) {
    starts[slot + 1] = (starts[slot] ?? 0) + column.length / cellLength;
    slot += 1;
  }
  const cells = starts[slot] ?? 0;
  const documents = new Uint16Array(cells);
  const worths = new Float32Array(cells);
  const nameBits = new Uint8Array(cells);
  let cell = 0;
  for (const column of columns.values()) {
    for (let at = 0; at < column.length; at += cellLength) {
      const frequency = column[at + 1] ?? 0;
      documents[cell] = column[at] ?? 0;
      worths[cell] = frequency / (weights.saturation + frequency);
      nameBits[cell] = column[at + 2] ?? 0;
      cell += 1;
    }
  }
  return { terms: [...columns.keys()], starts, documents, weights: worths, nameBits };
}

/** The indexed parts of a server or a tool. */
interface Document {
  fields: readonly Field[];
  /** The words of its name that are recorded separately. */
  name: readonly Word[];
  action: Action | undefined;
}

/** A text, its weight, and the usual length of such a text. */
interface Field {
  words: readonly Word[];
  chars: number;
  weight: number;
  usualChars: number;
}

/** The owner's texts: names weigh more than descriptions. */
function readServer({ id, title, tags, domains, examples, summary }: ServerEntry): Document {
  const fields = [
    prose(id, { weight: weights.serverId, usualChars: 12 }),
    prose(title, { weight: weights.serverTitle, usualChars: 12 }),
    prose(tags.join(" "), { weight: weights.tags, usualChars: 60 }),
    prose(domains.join(" "), { weight: weights.domains, usualChars: 20 }),
    prose(examples.join(" "), { weight: weights.examples, usualChars: 90 }),
    prose(summary, { weight: weights.summary, usualChars: 90 }),
  ];
  return { fields, name: [], action: undefined };
}

/** The server's texts. The first sentence of the description says what the tool does. */
function readTool({ name, title = "", description = "", inputSchema }: Tool, shared: ReadonlySet<string>): Document {
  const parameters = parametersOf(inputSchema);
  const text = description.slice(0, limits.searchedCharsMax).replace(/^[^\p{L}]+/u, "");
  const first = text.slice(0, firstSentenceOf(text));
  const named = wordsOf(name);
  const own = named.filter((word) => isMeaningful(word) && !shared.has(word.stem));
  const verbs = named.filter(({ stem, action }) => !shared.has(stem) || action !== undefined);
  const fields = [
    { words: own, chars: own.reduce((sum, word) => sum + word.text.length + 1, -1), weight: weights.name, usualChars: 22 },
    { words: named.filter(({ stem }) => shared.has(stem)), chars: 1, weight: weights.name, usualChars: 1 },
    prose(title.slice(0, limits.namedCharsMax), { weight: weights.title, usualChars: 20 }),
    prose(first, { weight: weights.firstSentence, usualChars: 90 }),
    prose(text.slice(first.length), { weight: weights.otherSentences, usualChars: 300 }),
    prose(parameters.names.slice(0, limits.searchedCharsMax), { weight: weights.parameterNames, usualChars: 40 }),
    prose(parameters.texts.slice(0, limits.searchedCharsMax), { weight: weights.parameterTexts, usualChars: 200 }),
  ];
  return { fields, name: own.slice(0, nameWordsMax), action: actionOfTool(verbs, wordsOf(first.slice(0, 60))) };
}

/** The names of a tool's parameters, and what is said of them: descriptions, and the values of enums. */
function parametersOf({ properties }: Record<string, unknown>): { names: string; texts: string } {
  if (!isRecord(properties)) return { names: "", texts: "" };
  const texts: unknown[] = [];
  for (const name of Object.keys(properties).slice(0, parametersMax)) {
    const schema = properties[name];
    if (!isRecord(schema)) continue;
    texts.push(schema.description, ...valuesOf(schema), ...(isRecord(schema.items) ? valuesOf(schema.items) : []));
  }
  const said = texts.filter((text) => typeof text === "string").map((text) => text.slice(0, parameterCharsMax));
  return { names: Object.keys(properties).slice(0, parametersMax).join(" "), texts: said.join(" ") };
}

function valuesOf({ enum: values }: Record<string, unknown>): unknown[] {
  return Array.isArray(values) ? values.slice(0, parametersMax) : [];
}

const parametersMax = 40;
const parameterCharsMax = 120;

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function prose(text: string, { weight, usualChars }: { weight: number; usualChars: number }): Field {
  return { words: wordsOfProse(text), chars: text.length, weight, usualChars };
}

function isMeaningful({ isStop }: Word): boolean {
  return !isStop;
}

/** Words that most of a server's tools have in their names: `slack_`, `_tool`. */
function prefixesOf(tools: readonly Tool[]): string[] {
  if (tools.length < prefixToolsMin) return [];
  const counts = new Map<string, number>();
  for (const { name } of tools) {
    for (const stem of new Set(wordsOf(name).map((word) => word.stem))) counts.set(stem, (counts.get(stem) ?? 0) + 1);
  }
  return [...counts].filter(([, count]) => count > prefixShare * tools.length).map(([stem]) => stem);
}

/** The end of the first sentence, or of the first characters if there is none. */
function firstSentenceOf(text: string): number {
  const end = text.slice(0, sentenceCharsMax).search(/[.!?](?:\s|$)|\n/);
  return end < sentenceCharsMin ? beginningChars : end + 1;
}

const sentenceCharsMin = 20;
const sentenceCharsMax = 200;
const beginningChars = 160;
