import type { Tool } from "../mcp/tool.ts";
import type { ServerEntry } from "../registry/registry.ts";
import { type Document, type Read, readServer, readTool } from "./document.ts";
import { createSpeller } from "./spelling.ts";
import { weights } from "./weights.ts";
import { readWord, wordsOf } from "./words.ts";

/** Where a term occurs, and how relevant it is there. */
export interface Posting {
  term: string;
  /** `256 * number of the document + words of its name that the term matches, one bit each`: there may be a million of them. */
  places: number[];
  weights: number[];
}

export interface IndexedServer {
  entry: ServerEntry;
  tools: readonly Tool[];
  /** The numbers of its documents: the server itself first, then its tools in order. */
  documents: Uint32Array;
  /** The terms of its documents. */
  postings: ReadonlySet<Posting>;
}

/** The servers and tools of a registry, as far as they are indexed. */
export class SearchIndex {
  readonly speller = createSpeller();
  /** In the order of the registry. A server whose tools are unknown is indexed too. */
  readonly servers: IndexedServer[] = [];
  readonly #entries: readonly ServerEntry[];
  readonly #documents: Document[] = [];
  readonly #free: number[] = [];
  readonly #postings = new Map<string, Posting>();

  constructor(entries: readonly ServerEntry[]) {
    this.#entries = entries;
  }

  /** Numbers of documents are less than this. */
  get size(): number {
    return this.#documents.length;
  }

  document(number: number): Document {
    const document = this.#documents[number];
    if (document === undefined) throw new Error(`no document ${number}`);
    return document;
  }

  posting(term: string): Posting | undefined {
    return this.#postings.get(term);
  }

  /** The inverse document frequency of a term that occurs in `count` documents. */
  rarity(count: number): number {
    return Math.log(1 + (this.size - this.#free.length - count + 0.5) / (count + 0.5));
  }

  /** Whether a server is indexed with these tools. */
  isCurrent(at: number, tools: readonly Tool[]): boolean {
    const before = this.servers[at];
    return before !== undefined && isSame(before.tools, tools);
  }

  /** Indexes a server with its current tools, and yields the cost of each step (see core/turns.ts). It must be run to its end. */
  *update(at: number, tools: readonly Tool[]): Generator<number, void> {
    const entry = this.#entries[at];
    const before = this.servers[at];
    if (entry === undefined) return;
    if (before) yield* this.#remove(before);
    const shared = namesOf(entry);
    const postings = new Set<Posting>();
    const documents = new Uint32Array(1 + tools.length);
    this.servers[at] = { entry, tools, documents, postings };
    for (const n of documents.keys()) {
      const tool = tools[n - 1];
      const read = tool ? readTool(tool, shared, at) : readServer(entry, at);
      const known = this.#postings.size;
      documents[n] = this.#add(read, postings);
      yield read.count + newWordCost * (this.#postings.size - known);
    }
  }

  /**
   * BM25F (Robertson, Zaragoza: The Probabilistic Relevance Framework, 2009): fields are weighted before saturation, so that one
   * word in three fields does not count as three.
   */
  #add({ document, words, terms }: Read, postings: Set<Posting>): number {
    const number = this.#free.pop() ?? this.size;
    this.#documents[number] = document;
    const isFull = postings.size >= weights.termsPerServer;
    if (!isFull) for (const word of words) this.speller.learn(word);
    for (const [term, { worth, nameBits }] of terms) {
      const known = this.#postings.get(term);
      if (known === undefined && isFull && nameBits === 0) continue;
      const posting = known ?? { term, places: [], weights: [] };
      this.#postings.set(term, posting);
      posting.places.push(256 * number + nameBits);
      posting.weights.push(worth / (weights.saturation + worth));
      postings.add(posting);
    }
    return number;
  }

  /** The documents of a server follow one another wherever a term occurs. */
  *#remove({ documents, postings }: IndexedServer): Generator<number, void> {
    const isGone = new Uint8Array(this.size);
    for (const number of documents) isGone[number] = 1;
    for (const { term, places, weights } of postings) {
      let start = 0;
      while (isGone[(places[start] ?? 0) >> 8] === 0) start += 1;
      let count = 0;
      while (isGone[(places[start + count] ?? -1) >> 8] === 1) count += 1;
      places.splice(start, count);
      weights.splice(start, count);
      if (places.length === 0) this.#postings.delete(term);
      yield 1 + (start + count) / 100;
    }
    this.#free.push(...documents);
  }
}

/** Of a word that no document had before, compared with that of reading one. */
const newWordCost = 10;

/** The stems of a server's names, which say nothing of a single tool: of each word, and of all words joined. */
function namesOf({ id, title }: ServerEntry): Set<string> {
  const words = wordsOf(id);
  const whole = readWord(words.map(({ text }) => text).join(""));
  return new Set([...words, ...wordsOf(title), whole].map(({ stem }) => stem));
}

/** A list that was read again is a new array of the same tools. */
function isSame(before: readonly Tool[], after: readonly Tool[]): boolean {
  return before.length === after.length && before.every((tool, at) => tool === after[at]);
}
