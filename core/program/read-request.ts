import type { Tool } from "../mcp/tool.ts";
import { type NamedTool, toIdentifier } from "../registry/identifiers.ts";
import type { KnownServer } from "./reader.ts";

/**
 * Tells which names a program's text may mention. In linear time, because the session asks this; so a name counts as mentioned if
 * each of its words is in the text, wherever.
 */
export class Mentions {
  readonly #words = new Set<string>();

  constructor(sources: Iterable<string>) {
    for (const source of sources) {
      for (const word of source.match(words) ?? []) this.#words.add(word);
    }
  }

  /** Whether the text may have a server's id or a tool's wire name, or its identifier in code. */
  has(name: string, identifier = toIdentifier(name)): boolean {
    return this.#hasWords(name) || (identifier !== name && this.#hasWords(identifier));
  }

  #hasWords(name: string): boolean {
    // Characters of other scripts are part of identifiers too.
    if (!ascii.test(name)) return true;
    return (name.match(words) ?? []).every((word) => this.#words.has(word));
  }
}

const words = /[A-Za-z0-9_$]+/g;
const ascii = /^[\x20-\x7e]*$/;

/** What the reader needs to know of a server: the names of all tools, and the whole of those that the program mentions. */
export function knownServer(id: string, tools: readonly Tool[] | undefined, mentions: Mentions): KnownServer {
  return {
    id,
    tools: tools?.map(namedTool),
    mentioned: tools?.filter(({ name, identifier }) => mentions.has(name, identifier)) ?? [],
  };
}

function namedTool({ name, identifier }: Tool): NamedTool {
  return identifier === undefined ? { name } : { name, identifier };
}
