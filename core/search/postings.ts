import type { ServerIndex } from "./server-index.ts";

/** Where a term occurs: the numbers of the servers, and for each of them the number of the term in its index. */
export interface Posting {
  term: string;
  servers: number[];
  slots: number[];
  /** Number of documents with the term. */
  count: number;
}

/** The terms of all indexed servers. */
export class Postings {
  readonly #byTerm = new Map<string, Posting>();
  #documents = 0;

  has(term: string): boolean {
    return this.#byTerm.has(term);
  }

  get(term: string): Posting | undefined {
    return this.#byTerm.get(term);
  }

  /** The inverse document frequency of a term. */
  rarity({ count }: Posting): number {
    return Math.log(1 + (this.#documents - count + 0.5) / (count + 0.5));
  }

  add(at: number, server: ServerIndex): void {
    for (const [slot, term] of server.terms.entries()) {
      const posting = this.#byTerm.get(term) ?? { term, servers: [], slots: [], count: 0 };
      this.#byTerm.set(term, posting);
      posting.servers.push(at);
      posting.slots.push(slot);
      posting.count += lengthOf(server, slot);
    }
    this.#documents += documentsOf(server);
  }

  /** @param server as it was added */
  remove(at: number, server: ServerIndex): void {
    for (const [slot, term] of server.terms.entries()) {
      const posting = this.#byTerm.get(term);
      const entry = posting?.servers.indexOf(at) ?? -1;
      if (posting === undefined || entry < 0) continue;
      posting.servers.splice(entry, 1);
      posting.slots.splice(entry, 1);
      posting.count -= lengthOf(server, slot);
      if (posting.count === 0) this.#byTerm.delete(term);
    }
    this.#documents -= documentsOf(server);
  }
}

/** The server itself and its tools. */
function documentsOf({ tools }: ServerIndex): number {
  return 1 + tools.length;
}

function lengthOf({ starts }: ServerIndex, slot: number): number {
  return (starts[slot + 1] ?? 0) - (starts[slot] ?? 0);
}
