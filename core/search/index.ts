import type { Tool } from "../mcp/tool.ts";
import type { ServerEntry } from "../registry/registry.ts";
import { type Posting, Postings } from "./postings.ts";
import { type ParsedQuery, parseQuery } from "./query.ts";
import { indexServer, type ServerIndex } from "./server-index.ts";
import { createSpeller } from "./spelling.ts";

/** The servers and tools of a registry, as far as they are indexed. */
export class SearchIndex {
  readonly #entries: readonly ServerEntry[];
  readonly #servers: ServerIndex[] = [];
  readonly #postings = new Postings();
  readonly #speller = createSpeller();

  constructor(entries: readonly ServerEntry[]) {
    this.#entries = entries;
  }

  /** In the order of the registry. A server whose tools are unknown is indexed too. */
  get servers(): readonly ServerIndex[] {
    return this.#servers;
  }

  /** The inverse document frequency of a term. */
  rarity(posting: Posting): number {
    return this.#postings.rarity(posting);
  }

  /** That of a term which occurs nowhere. */
  rarityOfUnknown(): number {
    return this.#postings.rarity({ term: "", servers: [], slots: [], count: 0 });
  }

  parse(query: string): ParsedQuery {
    return parseQuery(query, { postings: this.#postings, speller: this.#speller });
  }

  /** Indexes a server with its current tools. Returns false if nothing had to be done because its tools are the same. */
  update(at: number, tools: readonly Tool[]): boolean {
    const server = this.#entries[at];
    const before = this.#servers[at];
    if (server === undefined || (before && isSame(before.tools, tools))) return false;
    if (before) this.#postings.remove(at, before);
    const indexed = indexServer(server, tools, this.#speller.learn);
    this.#servers[at] = indexed;
    this.#postings.add(at, indexed);
    return true;
  }
}

/** A list that was read again is a new array of the same tools. */
function isSame(before: readonly Tool[], after: readonly Tool[]): boolean {
  return before.length === after.length && before.every((tool, at) => tool === after[at]);
}
